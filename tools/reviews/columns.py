"""Which of a file's columns is the user, the item, the rating, the text, the time.

Guessed by name, from the data sets of Yelp, Amazon, MovieLens, TripAdvisor, Google Play, Airbnb,
Goodreads and Steam and from what spreadsheets say, then checked against the values; a mapping
given by the caller goes before both.
"""

import re
from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from tools.errors import InputError, ReadError
from tools.reviews.ratings import describe_scale, parse_ratings
from tools.reviews.times import parse_times

_ITEM_IDS = """item_id business_id asin parent_asin product_id movie_id book_id hotel_id listing_id
    restaurant_id place_id location_id offering_id app_id game_id track_id song_id recipe_id beer_id
    anime_id course_id venue_id ticker symbol"""
# The first name that a file has counts. Case, blanks and punctuation do not.
REVIEW_NAMES = {
    "review_id": "review_id tweet_id comment_id post_id message_id id",
    "user_id": """user_id user reviewer_id reviewer author_id author customer_id customer member_id
        steamid account_id uid username reviewer_name author_name profile_name customer_name
        screen_name nickname handle reviews_username 用户""",
    "item_id": f"""{_ITEM_IDS} item product movie book hotel hotel_name restaurant restaurant_name
        app app_name game product_name item_name business_name branch listing""",
    "rating": """rating stars overall star_rating review_rating review_score review_stars
        overall_rating user_rating score reviews_rating 评分""",
    "text": """text review_text review_body review_content review content body comment comments
        tweet message description opinion feedback reviews reviews_text 评论 内容""",
    "time": """time unix_review_time timestamp timestamp_created created_at created_utc datetime
        date review_date review_time reviewed_at posted_at published_at date_posted date_added
        date_of_review submission_date year_month at created reviews_date 时间 日期""",
}
ITEM_NAMES = {
    "item_id": f"{_ITEM_IDS} id item product movie book hotel restaurant app game",
    "title": """title name movie_title item_title product_title book_title item_name product_name
        business_name hotel_name app_name""",
    "category": "category categories genre genres main_category main_cat class type tags",
    "price": "price price_usd list_price",
}
# Labels of sentiment are no ratings, however much they look like them.
_LABELS = frozenset(["label", "sentiment", "polarity", "class", "target"])
_SAMPLE = 2000


def map_columns(
    table: pa.Table, names: Mapping[str, str], mapping: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Find the file's column for each of ours.

    Args:
        table: string columns, as the file names them.
        names: our column -> common names for it, best first.
        mapping: our column -> the file's, "" for none; entries for columns not in `table` are
            not followed.

    Returns:
        our column -> the file's, and sentences about columns that look usable but are not used.
    """
    chosen = {ours: theirs for ours, theirs in mapping.items() if theirs in table.column_names}
    notes: list[str] = []
    by_name: dict[str, str] = {}
    for column in table.column_names:
        by_name.setdefault(_fold(column), column)
    for ours, common in names.items():
        if ours in chosen or mapping.get(ours) == "":
            continue
        candidates = [by_name[name] for name in map(_fold, common.split()) if name in by_name]
        for column in candidates:
            if column in chosen.values():
                continue
            objection = _CHECKS.get(ours, _accept)(_sample(table, column))
            if not objection:
                chosen[ours] = column
                break
            notes.append(f"Column {column} is kept as an attribute: {objection}.")
    if "rating" in names and "rating" not in chosen:
        notes += [
            f"Column {column} looks like labels, not like ratings, and is kept as an attribute; "
            f"map rating={column} if they are ratings."
            for column in table.column_names
            if _fold(column) in _LABELS and column not in chosen.values()
        ]
    return {ours: chosen[ours] for ours in names if ours in chosen}, notes


def check_mapping(
    mapping: Mapping[str, str], names: Mapping[str, str], columns: Sequence[str]
) -> None:
    """Refuse a mapping that names a column that is not ours or in none of the files.

    Raises:
        InputError: says which columns there are.
    """
    for ours, theirs in mapping.items():
        if ours not in names:
            raise InputError(f"There is no column {ours} to map to. Map one of {_listed(names)}.")
        if theirs and theirs not in columns:
            raise InputError(
                f"No column is named {theirs} (mapped to {ours}). "
                f"The columns are {_listed(columns)}."
            )


def require_column(ours: str, chosen: Mapping[str, str], file: str, columns: Sequence[str]) -> None:
    """Refuse a file without the one column that must exist.

    Raises:
        ReadError: lists the file's columns and says how to map.
    """
    if ours not in chosen:
        raise ReadError(
            f"{file} has no column that looks like {ours}: its columns are {_listed(columns)}. "
            f"Say which one it is: --map {ours}=COLUMN."
        )


def _listed(names: Sequence[str] | Mapping[str, str]) -> str:
    shown = [name if len(name) <= 40 else name[:39] + "…" for name in names]
    return ", ".join(shown[:30]) + (f" and {len(shown) - 30} more" if len(shown) > 30 else "")


def _fold(name: str) -> str:
    """`Review Text` -> reviewtext; the type in RecBole's `user_id:token` is dropped."""
    return re.sub(r"[\W_]+", "", re.sub(r":(token|float)(_seq)?$", "", name.strip().lower()))


def _sample(table: pa.Table, column: str) -> list[str]:
    values: list[str] = table[column].drop_null().slice(0, _SAMPLE).to_pylist()
    return values


def _accept(values: list[str]) -> str:
    return ""


def _check_review_id(values: list[str]) -> str:
    return "" if len(set(values)) * 2 >= len(values) else "it repeats too often to name reviews"


def _check_rating(values: list[str]) -> str:
    numbers = [number for number in parse_ratings(values).numbers if number is not None]
    if len(numbers) * 2 < len(values):
        return "most of its values are no ratings"
    if numbers and describe_scale(numbers) is None:
        return "its values (only 0 and 1, or below 0 or above 100) do not look like ratings"
    return ""


def _check_text(values: list[str]) -> str:
    numeric = sum(number is not None for number in parse_ratings(values).numbers)
    return "it holds numbers, not text" if numeric * 2 > len(values) else ""


def _check_time(values: list[str]) -> str:
    readable = sum(time is not None for time in parse_times(values).times)
    return "" if readable * 2 >= len(values) else "most of its values are no times"


_CHECKS: dict[str, Callable[[list[str]], str]] = {
    "review_id": _check_review_id,
    "rating": _check_rating,
    "text": _check_text,
    "time": _check_time,
}
