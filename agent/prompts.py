"""What the language model is told. Prompts are data; review text never reaches the planner."""

from __future__ import annotations

REWORD = (
    "Reword each fact as one plain sentence, in the same order. Keep every mark (#a, @a) as it is."
)

# Facts of a made-up world and how they may be said.
REWORDED = (
    (
        ["#a users speak warmly of sea views, out of #b who mention it in #c sentences."],
        ["Of the #b users who mention sea views in #c sentences, #a speak warmly of it."],
    ),
    (
        [
            "#a of them (#b) are in group #c, @a, #d times what that group's size would give "
            "(p < #e).",
            "#f of its users talk about late bars, against #g of the others.",
        ],
        [
            "Group #c, @a, has #a of them (#b), #d times what its size would give (p < #e).",
            "Late bars are what #f of its users talk about, against #g of the others.",
        ],
    ),
    (
        [
            "Group #a, @a, has #b users (#c of all), #d reviews, #e stars on average.",
            "There are #f dated sentences about parking, from #g to #h.",
        ],
        [
            "Group #a, @a, counts #b users (#c of all) with #d reviews and #e stars on average.",
            "From #g to #h, there are #f dated sentences about parking.",
        ],
    ),
)

# What the tuned model is told: its tuning says the rest, and every token costs time.
REWORD_TUNED = "Reword."

CHOOSE = "Choose the tool that answers the question; fill it in with the user's own words."

# Told to a planning model whose call could not be made.
AGAIN = "(Your call could not be made: {fault} Choose again.)"
