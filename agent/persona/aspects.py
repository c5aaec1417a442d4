"""How a group feels about topics beside the others, as its report says it."""

from __future__ import annotations

import pandas as pd

from agent.persona.group import Group
from agent.persona.parts import Block, Heading, Note, Statement, tell_chance, tell_count
from agent.phrases import compare_tones
from tools.profiling.aspects import PRIOR_USERS, stands_out

SHOWN = 6


def tell_aspects(g: Group) -> tuple[Block, ...]:
    """The topics that the group feels surely otherwise about; none where there are none."""
    held = g.aspects[stands_out(g.aspects)]
    if held.empty:
        return ()
    more = f" {len(held) - SHOWN} more are not shown." if len(held) > SHOWN else ""
    return (
        Heading("How they feel about things, beside the others"),
        *(_tell_aspect(g, row) for _, row in held.head(SHOWN).iterrows()),
        Note(
            "Warmth from −1 to 1, the mean over users of their own means, with its 95% interval. A "
            f"group counts as if {PRIOR_USERS} more of its users felt as all speakers do on "
            "average, so that a few voices do not make an extreme. Tested with Welch's t-test over "
            f"users, q as everywhere.{more}"
        ),
    )


def _tell_aspect(g: Group, row: pd.Series) -> Statement:
    topic = g.tribune.topic_names[int(row["topic_id"])]
    cites = tuple(g.cite(sentence) for sentence in row["evidence"][:1])
    tone = compare_tones(row["polarity"], row["others"])
    return Statement(
        f"They speak {tone} of {topic}: {row['polarity']:+.2f} ({row['low']:+.2f} to "
        f"{row['high']:+.2f}) over {tell_count(row['n_users'], 'user')}, against "
        f"{row['others']:+.2f} over {tell_count(row['n_others'], 'user')} of the others "
        f"({tell_chance(row['q'])}).",
        cites,
    )
