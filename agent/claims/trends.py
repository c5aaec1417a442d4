"""How things moved over time, as sentences."""

from __future__ import annotations

from agent import facts
from agent.phrases import count, name_group, percent, quote_source, tell_p, tell_shares
from tools.profiling.traits import SIGNIFICANT

OUTLIERS_SHOWN = 2
MOVES_SHOWN = 2


def tell_trend(f: facts.SentimentTrend) -> list[str]:
    """How volume, mood and topics moved, and whether by more than chance."""
    about = f"about {f.topic}" if f.topic else "in all"
    who = f" from {name_group(f.group)}" if f.group else ""
    told = [p for p in f.periods if p.n_sentences]
    if not told:
        return [f"There are no dated sentences {about}{who}."]
    total = sum(p.n_sentences for p in told)
    lines = [
        f"There are {total} dated sentences {about}{who}, from {told[0].label} to {told[-1].label}."
    ]
    if f.change:
        lines.append(_tell_mood_change(f.change))
    lines += _tell_volume(f)
    solid = [p for p in told if p.n_sentences >= 10] or told
    most = max(told, key=lambda p: p.n_sentences)
    lines.append(f"Most were written in {most.label}: {count(most.n_sentences, 'sentence')}.")
    best = max(solid, key=lambda p: p.polarity or 0)
    worst = min(solid, key=lambda p: p.polarity or 0)
    if best is not worst:
        lines.append(
            f"The mood was best in {best.label} ({best.polarity:+.2f}) and worst in {worst.label} "
            f"({worst.polarity:+.2f}, {percent(worst.negative_share or 0)} clearly cold)."
        )
    lines += _tell_outliers(f)
    if f.step:
        lines.append(_tell_step(f.step))
    return lines + _tell_moves(f)


def _tell_mood_change(c: facts.MoodChange) -> str:
    told = f"Since {c.since} the mood is {c.after:+.2f}, against {c.before:+.2f} before"
    if c.p >= SIGNIFICANT:
        return f"{told}, which may be chance ({tell_p(c.p)})."
    verb = "rose" if c.after > c.before else "fell"
    return (
        f"{told}: it {verb} by more than chance ({tell_p(c.p)}), a change that lies between "
        f"{c.low:+.2f} and {c.high:+.2f} with {percent(c.confidence)} confidence."
    )


def _tell_volume(f: facts.SentimentTrend) -> list[str]:
    v = f.volume
    if not v:
        return []
    sure = "by more than chance" if v.p < SIGNIFICANT else "which may be chance"
    after, before = tell_shares(v.share_after, v.share_before)
    return [
        f"Since {v.since}, {after} of all sentences are about {f.topic}, against {before} before, "
        f"{sure} ({tell_p(v.p)})."
    ]


def _tell_outliers(f: facts.SentimentTrend) -> list[str]:
    tested = [p for p in f.periods if p.q is not None]
    out = sorted((p for p in tested if (p.q or 0) < SIGNIFICANT), key=lambda p: p.q or 0)
    if len(tested) > 1 and not out:
        return [f"No {f.period} stands out from the others by more than chance."]
    lines = []
    for p in out[:OUTLIERS_SHOWN]:
        if p.polarity is not None and p.others is not None:
            tone = "warmer" if p.polarity > p.others else "colder"
            lines.append(
                f"The mood of {p.label} stands out as {tone} by more than chance, at "
                f"{p.polarity:+.2f} against {p.others:+.2f} at all other times."
            )
    return lines


def _tell_step(c: facts.MoodChange) -> str:
    moved = f"from {c.before:+.2f} to {c.after:+.2f}"
    if c.p >= SIGNIFICANT:
        return f"From {c.versus} to {c.since} it went {moved}, which may be chance."
    verb = "rose" if c.after > c.before else "fell"
    return f"From {c.versus} to {c.since} it {verb}, {moved}, by more than chance."


def _tell_moves(f: facts.SentimentTrend) -> list[str]:
    if f.recent and not f.moves:
        return [f"Since {f.recent} no topic is new, rising or fading by more than chance."]
    verbs = {"new": "is new", "rising": "rose", "fading": "faded"}
    lines = []
    for kind, verb in verbs.items():
        for m in [m for m in f.moves if m.move == kind][:MOVES_SHOWN]:
            after, before = tell_shares(m.share_after, m.share_before)
            lines.append(
                f"Talk of {m.name} {verb} since {f.recent}, with {after} of sentences against "
                f"{before} before{quote_source(f, m.cites)}."
            )
    return lines
