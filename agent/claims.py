"""Plain, true sentences made from a tool's facts: what every answer is built and checked from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """One sentence that code wrote from a tool's result.

    text: ends in its citations, "… 14 of the 20 come from Budget Hostels [1][2]."
    Quotes stand between typographic quotation marks “…” and are runs of words of the cited review.
    """

    text: str
