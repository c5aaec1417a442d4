"""How sure a report is, what to be careful with, and what it was made from and how."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

import pandas as pd

from agent.persona.group import Group
from agent.persona.parts import (
    Block,
    Heading,
    Note,
    Section,
    Statement,
    Table,
    tell_count,
    tell_moment,
    tell_part,
    tell_share,
)
from agent.phrases import tell_trust
from agent.use_cases import Tribune
from tools.clustering.group_count import (
    CLEAR_SEPARATION,
    MIN_GROUPS_OF_CONTINUUM,
    Trial,
    is_clear_cut,
)
from tools.clustering.groups import BEYOND_CHANCE, MIN_SENTENCES
from tools.clustering.trust import RESAMPLES, TRUSTED
from tools.embedding.sentiment import COLD, WARM
from tools.profiling.profiles import LOUD
from tools.profiling.traits import MIN_LIFT, MIN_USERS, SIGNIFICANT, is_trait

# Below this many users: read with care.
FEW_USERS = 20
# Bands of the mean silhouette (Kaufman and Rousseeuw 1990) and of the adjusted information.
SOFT, CLEAR = 0.25, 0.5
SHAKY, FIRM = 0.6, 0.85
# A member is near the border whose strength is under this many times the next group's.
BORDER = 1.2
COUNTS_SHOWN = 5


def tell_cautions(g: Group) -> list[str]:
    """What a reader must know before using the report; empty if nothing."""
    cautions = []
    if g.n_inside < FEW_USERS:
        cautions.append(
            f"The group has only {tell_count(g.n_inside, 'user')}: one more or less moves every "
            f"share by {tell_share(1 / g.n_inside)}."
        )
    if g.card.top_user_share > LOUD:
        cautions.append(
            f"One user wrote {tell_share(g.card.top_user_share)} of the group's sentences: what is "
            "counted in sentences or reviews is largely that user's."
        )
    curve = _curve(g)
    if not g.card.trusted:
        cautions.append(f"This group is {tell_trust(g.card)}.")
    if curve and not is_clear_cut(curve):
        cautions.append(
            "The users form no clear-cut groups (separation is under "
            f"{CLEAR_SEPARATION} for every number of groups): the groups divide a continuum, so "
            "read this one as a tendency."
        )
    if not g.tribune.manifest["polarity"]["learned"]:
        cautions.append(
            "Warm and cold come from a word list (VADER), which knows English only: there were too "
            "few ratings to learn them from."
        )
    return cautions


def tell_certainty(g: Group) -> tuple[Block, ...]:
    """How much the group rests on, how closely its members belong, what the tests mean."""
    n_sentences = int(g.members["n_sentences"].sum())
    held, less = is_trait(g.traits), (g.traits["lift"] < 1) & (g.traits["q"] < SIGNIFICANT)
    return (
        Heading("What it rests on"),
        Statement(
            f"The profile rests on {tell_count(g.n_inside, 'user')}, "
            f"{tell_count(g.card.n_reviews, 'review')} and {tell_count(n_sentences, 'sentence')}."
        ),
        Heading("How closely they belong"),
        *_tell_membership(g),
        Heading("Whether the group is found again"),
        *_tell_trust(g),
        Heading("How many groups there are"),
        *_tell_group_count(g),
        Heading("What the tests mean"),
        Statement(
            f"{tell_count(len(g.traits), 'thing')} that at least {MIN_USERS} members do were "
            f"compared with the others: {int(held.sum()) or 'none'} are clearly more common here "
            f"(lift above {MIN_LIFT}, q < {SIGNIFICANT}), {int(less.sum()) or 'none'} clearly less."
        ),
        Note(
            "Lift is the share inside over the share among the others; where no other user does "
            "it, half a user is counted. The test (two-sided hypergeometric) asks how often as "
            "many users drawn at random from all groups would differ as much."
        ),
        Note(
            "Many things are compared, so some differ by luck. q allows for that (false discovery "
            f"rate, Benjamini and Hochberg 1995): of the differences with q < {SIGNIFICANT}, at "
            "most about 1 in 20 is expected to be chance."
        ),
        Note(
            "The groups were formed from these same reviews, by what users talk about and how. The "
            "tests show that a difference does not hang on a few users; they cannot show that it "
            "holds for users elsewhere."
        ),
    )


def _tell_membership(g: Group) -> list[Block]:
    k = len(g.tribune.groups)
    if k < 2:
        return [Note("There is one group only, so membership is not a matter of degree.")]
    members = g.members
    strength = members["strength"]
    near = int((strength < BORDER * members["runner_up_strength"]).sum())
    blocks: list[Block] = [
        Statement(
            f"Mean membership is {strength.mean():.2f}, from {strength.min():.2f} to "
            f"{strength.max():.2f}. Split evenly over {k} groups it would be {1 / k:.2f}; 1 is "
            "certain."
        ),
        Statement(
            "No member is near the border: the membership of each is at least "
            f"{BORDER} times that in the next group."
            if not near
            else f"Near the border: {tell_part(near, g.n_inside, 'users')}, whose membership is "
            f"under {BORDER} times that in the next group."
        ),
    ]
    second = members.dropna(subset=["runner_up"]).groupby("runner_up")["runner_up_strength"]
    rivals = second.agg(["size", "mean"]).sort_values("size", ascending=False, kind="stable")
    names = {ref.id: ref.name for ref in g.tribune.groups}
    rows = [
        (f"{key} {names[int(key)]}", tell_part(int(r["size"]), g.n_inside), f"{r['mean']:.2f}")
        for key, r in rivals.head(COUNTS_SHOWN).iterrows()
    ]
    table = Table("Next nearest groups", ("Group", "Second choice of", "Membership"), tuple(rows))
    return [*blocks, table]


def _tell_group_count(g: Group) -> list[Block]:
    k, curve = len(g.tribune.groups), _curve(g)
    if g.tribune.manifest["settings"]["n_groups"] is not None:
        return [Statement(f"The number of groups, {k}, was set by hand.")]
    if k not in curve:
        return [Note("There were too few users to compare several numbers of groups.")]
    lowest = min(curve) if is_clear_cut(curve) else min(k, MIN_GROUPS_OF_CONTINUUM)
    tried = [n for n in curve if n >= lowest]
    best = sorted(tried, key=lambda n: (n != k, -curve[n].stability))[:COUNTS_SHOWN]
    separation, stability = curve[k].separation, curve[k].stability
    return [
        Statement(
            f"{k} groups were chosen out of {lowest} to {max(tried)}: stability is "
            f"{stability:.3f}, separation {separation:.3f}."
        ),
        Note(
            "The largest number is taken that is as stable as the most stable one, up to a "
            "standard error, and at least half as well separated as the best; on a rebuild the "
            "number in use stays unless another is clearly more stable. "
            "Stability (adjusted mutual information between the groups of one half of the users "
            "and those that the other half predicts, 1 is best) is "
            f"{_judge_stability(stability)} Separation (mean silhouette, 1 is best) is "
            f"{_judge_separation(separation)}"
        ),
        *_explain_lowest(lowest, curve),
        Table(
            f"The best {len(best)} of {len(tried)} numbers of groups",
            ("Groups", "Stability", "Separation"),
            tuple(
                (
                    f"{n}{' (chosen)' if n == k else ''}",
                    f"{curve[n].stability:.3f}",
                    f"{curve[n].separation:.3f}",
                )
                for n in best
            ),
        ),
    ]


def _tell_trust(g: Group) -> list[Block]:
    grouping = g.tribune.manifest["grouping"]
    return [
        Statement(
            f"Trust is {g.card.trust:.2f} of 1: "
            f"{'it can be acted on' if g.card.trusted else 'it should not be acted on'}."
        ),
        Note(
            f"Users were drawn anew, with replacement, {RESAMPLES} times and grouped afresh; trust "
            "is how much of the group the nearest new one shares with it (mean Jaccard similarity, "
            f"Hennig 2007). Under {TRUSTED} a group should not be acted on, nor where the whole "
            f"grouping is not at least {BEYOND_CHANCE} more stable than groups of shuffled users "
            f"are: here {grouping['stability']:.3f} against {grouping['chance']:.3f}."
        ),
    ]


def _explain_lowest(lowest: int, curve: Mapping[int, Trial]) -> list[Note]:
    if lowest == min(curve):
        return []
    return [
        Note(
            f"Fewer than {lowest} groups were not considered: no number of groups reaches a "
            f"separation of {CLEAR_SEPARATION}, and a few large groups of a continuum tell little."
        )
    ]


def _judge_separation(value: float) -> str:
    if value < SOFT:
        return "low: the groups shade into one another."
    return "fair: the groups overlap somewhat." if value < CLEAR else "high: the groups lie apart."


def _judge_stability(value: float) -> str:
    if value < SHAKY:
        return "low: other users would give other groups."
    return "fair: most users keep their group." if value < FIRM else "high: nearly all keep theirs."


def _curve(g: Group) -> dict[int, Trial]:
    """Number of groups → how it turned out."""
    return {int(k): Trial(**trial) for k, trial in g.tribune.manifest["group_counts"].items()}


def tell_method(tribune: Tribune) -> Section:
    """The files, the record and the settings that the report was made from, and its measures."""
    manifest = tribune.manifest
    counts, settings = manifest["counts"], manifest["settings"]
    polarity = manifest["polarity"]
    learned = (
        f"learned from {tell_count(polarity['reviews'], 'rated review')} of this data, with a word "
        "list (VADER) beside it"
        if polarity["learned"]
        else "taken from a word list (VADER)"
    )
    files = tuple(
        (
            f["name"],
            *(f"{f[n]:,}" for n in ("read", "loaded", "duplicates", "rejected")),
            f["sha256"],
        )
        for f in manifest["sources"]
    )
    facts = (
        (
            "Data built",
            f"{tell_moment(pd.Timestamp(manifest['built']))} ({tribune.version.name})",
        ),
        ("Tribune", version("tribune")),
        ("Encoder", str(settings["encoder"])),
        ("Grouping", f"{settings['algorithm']}, seed {settings['seed']}"),
        (
            "Columns",
            ", ".join(f"{ours} = {theirs}" for ours, theirs in manifest["mapping"].items()),
        ),
    )
    return Section(
        "Method and data",
        (
            Note(
                f"{tell_count(counts['reviews'], 'review')} were cut into "
                f"{tell_count(counts['sentences'], 'sentence')}. Each got a vector, a polarity and "
                f"at most one of {tell_count(counts['topics'], 'topic')}. Users with at least "
                f"{MIN_SENTENCES} sentences were grouped by what they talk about, how warmly, and "
                "how they rate and choose."
            ),
            Note(
                f"Polarity runs from −1 to 1 and is {learned}. Warm is {WARM} or more, cold "
                f"−{-COLD} or less."
            ),
            Note(
                "Membership is that of fuzzy c-means (Bezdek 1981). Differences of means are "
                "tested over users' own values (Mann–Whitney). Price is the mean of "
                "the items a user reviewed, as given with them. Names of groups and topics are "
                "their strongest words. No sentence of this report was written by a language model."
            ),
            Table(
                "Files",
                ("File", "Records", "Loaded", "Duplicates", "Rejected", "SHA-256"),
                files,
                claims=False,
            ),
            Table("Settings", ("", ""), facts, claims=False),
            *(Note(note) for note in manifest["notes"]),
        ),
    )
