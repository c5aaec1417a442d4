"""One colour and one shape a group, the same on every page, and the tones of warmth.

The twelve colours were spread by search over OKLab so that no two come close for people with
normal, red-, green- or blue-blind sight (Machado et al. 2009), at a lightness that reads on white
and on near-black. Groups past the twelfth take the colours again with another shape.
"""

from __future__ import annotations

COLOURS = (
    "#bf7400",
    "#4fb0ff",
    "#cc003e",
    "#42a377",
    "#a060ff",
    "#ef86ba",
    "#00690a",
    "#3545da",
    "#acaf3b",
    "#9d0ca3",
    "#707ac2",
    "#8b5875",
)
SHAPES = ("circle", "diamond", "square", "triangle-up")
NO_GROUP = "#9aa1ab"
WARM, COLD, NEUTRAL = "#c8692b", "#3a7fb5", "#9aa1ab"


def colour_of(group_id: int | None) -> str:
    """Hex colour of group 1, 2, …; grey for no group."""
    return NO_GROUP if group_id is None else COLOURS[(group_id - 1) % len(COLOURS)]


def shape_of(group_id: int | None) -> str:
    """Plotly marker symbol of group 1, 2, …"""
    return "circle" if group_id is None else SHAPES[(group_id - 1) // len(COLOURS) % len(SHAPES)]


def tone_of(polarity: float | None) -> str:
    """Warm, cold or neutral colour of a polarity in [-1, 1]; None is neutral."""
    if polarity is None or abs(polarity) < 0.05:
        return NEUTRAL
    return WARM if polarity > 0 else COLD
