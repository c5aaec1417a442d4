"""How groups feel about things: a topic's warmth in one group beside that among all others."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from tools.embedding.sentiment import COLD, WARM
from tools.profiling.evidence import choose_evidence
from tools.profiling.traits import MIN_USERS, SIGNIFICANT, adjust

# A group's opinion is taken as if this many more of its users held the topic's mean opinion. On
# the sample world and on reviews of Yelp and Amazon, half of a group's speakers foretell the other
# half best with 20 (squared error 19% to 35% under that without); 10 is within 3% of that and
# draws in less what truly stands out.
PRIOR_USERS = 10
CONFIDENCE = 0.95
# A difference in warmth below this is none to act on, however sure.
MIN_DIFFERENCE = 0.1


def find_aspects(sentences: pd.DataFrame) -> pd.DataFrame:
    """One row a topic and group of which at least 3 users speak of it.

    sentences: group_id (null for none), topic_id (−1 for none), and what `choose_evidence` reads.
    Columns: those of `weigh_opinions`, and evidence: up to 3 sentence ids, each of another user, on
    the opinion's side: warm where the group is warm, cold where it is cold, and in between on the
    side on which it differs from the others.
    """
    said = sentences[sentences["topic_id"] >= 0].dropna(subset=["group_id", "user_id"])
    aspects = weigh_opinions(said)
    polarity = aspects["polarity"]
    clear = (polarity >= WARM) | (polarity <= COLD)
    side = polarity.where(clear, aspects["difference"].fillna(polarity))
    sided = said.merge(aspects[["topic_id", "group_id"]].assign(side=side))
    evidence = choose_evidence(sided[sided["polarity"] * sided["side"] > 0], "topic_id")
    places = zip(aspects["group_id"], aspects["topic_id"], strict=True)
    return aspects.assign(evidence=[evidence.get(place, []) for place in places])


def weigh_opinions(said: pd.DataFrame) -> pd.DataFrame:
    """Each group's opinion of each topic beside that of all other groups' speakers.

    said: sentences that speak of a topic: topic_id, group_id, user_id, polarity; those of no group
    count nowhere.
    Columns: topic_id, group_id, n_users (at least 3), n_sentences; polarity in [-1, 1], low, high:
    the group's opinion and its 95% interval; n_others, others: the other groups' speakers and their
    opinion (NaN where there are none); difference: polarity − others; p, and q: p after Benjamini
    and Hochberg (1995) over all rows.

    A user's opinion is the mean polarity of their sentences on the topic, so that nobody speaks for
    many. A group's is the mean of its n users' and of 10 more who hold M, the mean opinion of all
    the topic's speakers: (n·m + 10·M) / (n + 10), the posterior mean under a normal prior around M.
    Spreads are moderated alike (Smyth 2004, the moderated t): s² = (S + 10·V) / (n + 9), with S the
    sum of squares around m and V the variance among all speakers. They give the interval, t with
    n + 9 degrees of freedom times s / √(n + 10), and p, Welch's t-test of the plain means m.
    """
    users = (
        said.dropna(subset=["group_id", "user_id"])
        .groupby(["topic_id", "group_id", "user_id"])["polarity"]
        .agg(n_sentences="size", total="mean")
        .assign(n_users=1, squares=lambda u: u["total"] ** 2)
    )
    own = users.groupby(level=["topic_id", "group_id"]).sum()
    all_speakers = own.groupby(level="topic_id").transform("sum")
    mean, variance = _describe(all_speakers)
    inside = _moderate(own, mean, variance)
    outside = _moderate(all_speakers - own, mean, variance)
    reach = stats.t.ppf((1 + CONFIDENCE) / 2, inside["freedom"]) * np.sqrt(
        inside["variance"] / (inside["n"] + PRIOR_USERS)
    )
    table = pd.DataFrame(
        {
            "n_users": own["n_users"].astype("int64"),
            "n_sentences": own["n_sentences"].astype("int64"),
            "polarity": inside["shrunk"],
            "low": np.maximum(inside["shrunk"] - reach, -1),
            "high": np.minimum(inside["shrunk"] + reach, 1),
            "n_others": (all_speakers["n_users"] - own["n_users"]).astype("int64"),
            "others": outside["shrunk"],
            "difference": inside["shrunk"] - outside["shrunk"],
            "p": _test(inside, outside),
        }
    )
    table = table[table["n_users"] >= MIN_USERS].reset_index()
    table["group_id"] = table["group_id"].astype("int64")
    return table.assign(q=adjust(table["p"].to_numpy(np.float64)))


def stands_out(aspects: pd.DataFrame) -> pd.Series[bool]:
    """Rows whose group surely and noticeably feels otherwise than the others."""
    return (aspects["q"] < SIGNIFICANT) & (aspects["difference"].abs() >= MIN_DIFFERENCE)


def _describe(sums: pd.DataFrame) -> tuple[pd.Series[float], pd.Series[float]]:
    """Mean and variance of opinions from their number, sum and sum of squares."""
    n, mean = sums["n_users"], sums["total"] / sums["n_users"]
    return mean, (sums["squares"] - n * mean**2).clip(lower=0) / (n - 1).clip(lower=1)


def _moderate(
    sums: pd.DataFrame, prior: pd.Series[float], variance: pd.Series[float]
) -> pd.DataFrame:
    """Speakers' number n, mean, shrunk mean, moderated variance and its degrees of freedom; NaN
    where nobody speaks.
    """
    n = sums["n_users"].where(sums["n_users"] > 0)
    mean, own = _describe(sums)
    freedom = n - 1 + PRIOR_USERS
    return pd.DataFrame(
        {
            "n": n,
            "mean": mean,
            "shrunk": (sums["total"] + PRIOR_USERS * prior) / (n + PRIOR_USERS),
            "variance": ((n - 1) * own + PRIOR_USERS * variance) / freedom,
            "freedom": freedom,
        }
    )


def _test(inside: pd.DataFrame, outside: pd.DataFrame) -> pd.Series[float]:
    """Two-sided p of Welch's t-test; 1 where there is nobody else, or all say the same."""
    a, b = inside["variance"] / inside["n"], outside["variance"] / outside["n"]
    t = (inside["mean"] - outside["mean"]) / np.sqrt(a + b)
    freedom = (a + b) ** 2 / (a**2 / inside["freedom"] + b**2 / outside["freedom"])
    p = 2 * stats.t.sf(t.abs(), freedom)
    return pd.Series(p, index=inside.index).fillna(1.0)
