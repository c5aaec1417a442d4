"""What the language model is told. Prompts are data; review text never reaches the planner."""

from __future__ import annotations

REWORD = "Reword each fact as one plain sentence. Keep every number and every name as it is."

# Facts of a made-up world and how they may be said.
REWORDED = (
    (
        "12 users speak warmly of sea views, out of 30 who mention it in 55 sentences.",
        "Of the 30 users who mention sea views in 55 sentences, 12 speak warmly of it.",
    ),
    (
        "9 of them (64%) are in group 2, Thrifty Backpackers, 5.1 times what that group's size "
        "would give (p < 0.001).",
        "Group 2, Thrifty Backpackers, has 9 of them (64%), 5.1 times what its size would give "
        "(p < 0.001).",
    ),
    (
        "Group 7, Night Owls, has 38 users (9% of all), 410 reviews, 3.9 stars on average.",
        "Group 7, Night Owls, counts 38 users (9% of all) with 410 reviews and 3.9 stars on "
        "average.",
    ),
    (
        "72% of its users talk about late bars, against 14% of the others.",
        "Late bars are what 72% of its users talk about, against 14% of the others.",
    ),
    (
        "There are 120 dated sentences about parking, from Q1 2024 to Q2 2025.",
        "From Q1 2024 to Q2 2025, there are 120 dated sentences about parking.",
    ),
)

CHOOSE = (
    "You choose the tool that answers the user's question about customer groups and their reviews, "
    "and fill in its arguments with the user's own words."
)
