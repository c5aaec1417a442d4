"""How volume, sentiment, topics and groups moved over time, and whether by more than chance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from agent import facts
from agent.citations import Citations
from agent.opened import Opened, number
from agent.phrases import tell_day
from tools.errors import InputError
from tools.profiling.intervals import CONFIDENCE
from tools.profiling.trends import (
    CODES,
    MIN_SENTENCES,
    RECENT,
    Length,
    choose_length,
    compare_polarity,
    find_moves,
    find_unfinished,
    split_time,
    trace_polarity,
    trace_sizes,
)

# A period with fewer sentences is not called the best, the worst or the last.
SOLID = 10
MOVES_OF_A_KIND = 5


def sentiment_trend(
    tribune: Opened, topic: str | None = None, group: str | None = None, period: Length = "month"
) -> facts.SentimentTrend:
    """How volume and sentiment moved; without a topic also which topics are new, rising, fading."""
    chosen = tribune.resolve_group(group)
    _need_dates(tribune)
    sentences = tribune.sentences
    spoken = np.ones(len(sentences), dtype=np.bool_)
    if topic is not None:
        spoken = np.isin(np.arange(len(sentences)), tribune.find_sentences(topic)[1])
    within = sentences["time"].notna()
    if chosen:
        within &= sentences["group_id"].eq(chosen.id).fillna(False)
    scope, spoken = sentences[within], spoken[within.to_numpy(dtype=np.bool_)]
    said = scope[spoken]
    unfinished = _find_unfinished(tribune, period)
    half, recent = (split_time(scope["time"], period, part) for part in (0.5, RECENT))
    change = _compare(said, period, half)
    citations = Citations(sentences, tribune.item_titles)
    moves = _find_moves(tribune, scope, period, recent, citations) if topic is None else None
    return facts.SentimentTrend(
        topic=topic,
        group=chosen,
        period=period,
        periods=_list_periods(said, scope if topic else None, period),
        change=change,
        step=_compare_last(said, period, unfinished),
        volume=_compare_volume(scope, spoken, period, half) if topic else None,
        recent=label_period(recent, period) if recent is not None and moves is not None else None,
        moves=moves or [],
        unfinished=label_period(unfinished, period) if unfinished is not None else None,
        evidence=citations.evidence(),
        notes=[
            *_tell_history(said, period, half, change),
            *_tell_unfinished(tribune, period, unfinished),
            *(tribune.tell_unsaid(topic) if topic else []),
            *tribune.tell_polarity(),
        ],
    )


def trace_groups(tribune: Opened) -> facts.GroupSizes:
    """How many users of each group wrote in each period, of a length that fits the data."""
    tribune.need_groups()
    _need_dates(tribune)
    reviews = tribune.table.query(
        "SELECT r.time, r.user_id, u.group_id FROM reviews r LEFT JOIN users u USING (user_id)"
    )
    length = choose_length(reviews["time"])
    rows = trace_sizes(reviews, length)
    spans = {int(str(group)): own for group, own in rows.groupby("group_id")}
    first = spans[tribune.groups[0].id]
    unfinished = _find_unfinished(tribune, length)
    return facts.GroupSizes(
        period=length,
        starts=[p.start_time.to_pydatetime() for p in first["period"]],
        labels=[label_period(p, length) for p in first["period"]],
        n_active=first["n_active"].tolist(),
        groups=[
            facts.GroupActivity(
                id=group.id,
                name=group.name,
                n_users=spans[group.id]["n_users"].tolist(),
                n_reviews=spans[group.id]["n_reviews"].tolist(),
                share=[number(v) for v in spans[group.id]["share"]],
                low=[number(v) for v in spans[group.id]["low"]],
                high=[number(v) for v in spans[group.id]["high"]],
            )
            for group in tribune.groups
        ],
        unfinished=label_period(unfinished, length) if unfinished is not None else None,
        notes=_tell_unfinished(tribune, length, unfinished),
    )


def label_period(start: pd.Period, period: Length) -> str:
    """ "Q2 2026", "June 2026", "week of 29 June 2026", "30 June 2026"."""
    if period == "quarter":
        return f"Q{start.quarter} {start.year}"
    if period == "month":
        return f"{start.start_time:%B %Y}"
    if period == "week":
        return f"week of {start.start_time:%d %B %Y}"
    return f"{start.start_time:%d %B %Y}"


def _need_dates(tribune: Opened) -> None:
    if tribune.sentences["time"].isna().all():
        raise InputError(
            "The reviews have no dates, so there is no trend. Map a time column and build again."
        )


def _find_unfinished(tribune: Opened, period: Length) -> pd.Period | None:
    return find_unfinished(tribune.sentences.drop_duplicates("review_id")["time"], period)


def _list_periods(
    said: pd.DataFrame, everything: pd.DataFrame | None, period: Length
) -> list[facts.Period]:
    traced = trace_polarity(said, period)
    counts: pd.Series[int] = pd.Series(dtype="int64")
    if everything is not None:
        counts = everything["time"].dt.to_period(CODES[period]).value_counts()
    return [
        facts.Period(
            start=start.start_time.to_pydatetime(),
            label=label_period(start, period),
            n_sentences=int(row["n_sentences"]),
            n_users=int(row["n_users"]),
            share=row["n_sentences"] / counts[start] if start in counts else None,
            polarity=number(row["polarity"]),
            polarity_low=number(row["polarity_low"]),
            polarity_high=number(row["polarity_high"]),
            negative_share=number(row["negative_share"]),
            negative_low=number(row["negative_low"]),
            negative_high=number(row["negative_high"]),
            others=number(row["others"]),
            q=number(row["q"]),
        )
        for start, row in traced.iterrows()
    ]


def _find_later(said: pd.DataFrame, since: pd.Period) -> npt.NDArray[np.bool_]:
    return np.asarray(said["time"] >= since.start_time, dtype=np.bool_)


def _compare(
    said: pd.DataFrame,
    period: Length,
    since: pd.Period | None,
    versus: pd.Period | None = None,
) -> facts.MoodChange | None:
    """The change from what was said before a period to what was said from then on."""
    if since is None or said.empty:
        return None
    change = compare_polarity(said, _find_later(said, since))
    if change is None:
        return None
    return facts.MoodChange(
        since=label_period(since, period),
        versus=label_period(versus, period) if versus is not None else None,
        n_before=change.n_before,
        n_after=change.n_after,
        before=change.before,
        after=change.after,
        low=change.low,
        high=change.high,
        confidence=CONFIDENCE,
        p=change.p,
    )


def _compare_last(
    said: pd.DataFrame, period: Length, unfinished: pd.Period | None
) -> facts.MoodChange | None:
    periods = said["time"].dt.to_period(CODES[period])
    counts = periods[periods != unfinished].value_counts().sort_index()
    solid = counts.index[counts >= SOLID]
    if len(solid) < 2:
        return None
    before, last = solid[-2:]
    return _compare(said[periods.isin([before, last])], period, last, before)


def _compare_volume(
    scope: pd.DataFrame, spoken: npt.NDArray[np.bool_], period: Length, since: pd.Period | None
) -> facts.ShareChange | None:
    if since is None:
        return None
    moves = find_moves(scope.assign(topic_id=np.where(spoken, 0, -1)), _find_later(scope, since))
    if moves.empty:
        return None
    row = moves.iloc[0]
    return facts.ShareChange(
        since=label_period(since, period),
        n_before=int(row["n_before"]),
        n_after=int(row["n_after"]),
        share_before=float(row["share_before"]),
        share_after=float(row["share_after"]),
        p=float(row["p"]),
    )


def _find_moves(
    tribune: Opened,
    scope: pd.DataFrame,
    period: Length,
    since: pd.Period | None,
    citations: Citations,
) -> list[facts.TopicMove] | None:
    """The clearest moves of each kind; None where there is too little to tell any from."""
    if since is None:
        return None
    later = _find_later(scope, since)
    if min(later.sum(), (~later).sum()) < MIN_SENTENCES:
        return None
    moves = find_moves(scope, later)
    moved = moves[moves["move"] != "steady"].sort_values("p")
    return [
        facts.TopicMove(
            id=int(row["topic_id"]),
            name=tribune.topic_names[int(row["topic_id"])],
            move=row["move"],
            n_before=int(row["n_before"]),
            n_after=int(row["n_after"]),
            share_before=float(row["share_before"]),
            share_after=float(row["share_after"]),
            n_users=int(row["n_users"]),
            q=float(row["q"]),
            cites=[citations.cite_id(i) for i in row["evidence"][:1]],
        )
        for kind in ("new", "rising", "fading")
        for _, row in moved[moved["move"] == kind].head(MOVES_OF_A_KIND).iterrows()
    ]


def _tell_history(
    said: pd.DataFrame,
    period: Length,
    half: pd.Period | None,
    change: facts.MoodChange | None,
) -> list[str]:
    if change or said.empty:
        return []
    if half is None:
        return [f"All dated sentences are of one {period}, so no change can be told."]
    since = label_period(half, period)
    return [
        f"Before {since}, or since then, fewer than three users spoke: no change can be told from "
        "chance."
    ]


def _tell_unfinished(tribune: Opened, period: Length, unfinished: pd.Period | None) -> list[str]:
    if unfinished is None:
        return []
    last = tell_day(tribune.sentences["time"].max())
    return [
        f"{label_period(unfinished, period)} looks unfinished, for the reviews end on {last}: that "
        f"it holds fewer is no fall."
    ]
