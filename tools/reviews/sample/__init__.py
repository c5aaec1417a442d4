"""The sample world: 2,635 travel reviews by 430 users, written for Tribune.

Ten planted groups of users share an interest (budget, luxury, families, business, food, nature,
nightlife, accessibility, remote work, culture); 70 users belong to none. `TRUTH` says who belongs
where; the build never reads it. `ANSWERS`: past questions to the service desk of the site where all
of it is booked, with answers and tags.
"""

from pathlib import Path

REVIEWS = Path(__file__).parent / "reviews.csv"
ITEMS = Path(__file__).parent / "items.csv"
ANSWERS = Path(__file__).parent / "answers.csv"
TRUTH = Path(__file__).parent / "truth.csv"
