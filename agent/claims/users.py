"""Users as sentences: who was found, and who someone is."""

from __future__ import annotations

from agent import facts
from agent.facts import Stance
from agent.phrases import (
    SPEAK,
    count,
    name_group,
    name_tone,
    percent,
    quote_source,
    tell_lift,
    tell_p,
    tell_span,
    use_singular,
)
from tools.clustering.groups import MIN_SENTENCES
from tools.embedding.sentiment import COLD, WARM
from tools.profiling.traits import MIN_LIFT, SIGNIFICANT

USERS_SHOWN = 5
GROUPS_SHOWN = 3


def tell_users(f: facts.UsersFound) -> list[str]:
    """Who holds the stance, which groups they come from, and the first of them."""
    verb = SPEAK[f.stance]
    where = f" in {name_group(f.group)}," if f.group else ""
    if not f.users:
        if not f.n_speakers:
            nearest = f" The topic nearest to it is {f.nearest_topic}." if f.nearest_topic else ""
            return [f"Nobody{where} speaks of {f.topic} in these reviews.{nearest}"]
        speakers = count(f.n_speakers, "user")
        if f.n_speakers == 1:
            return [f"{speakers}{where} mentions {f.topic}, but does not {verb} it."]
        return [f"{speakers}{where} mention {f.topic}, but none of them {use_singular(verb)} it."]
    does = verb if f.n_users > 1 else use_singular(verb)
    found, told = count(f.n_users, "user"), count(f.n_sentences, "sentence")
    if f.stance == "any":
        lines = [f"{found}{where} {does} {f.topic}, in {told}."]
    else:
        mention = f"{f.n_speakers} who mention it in {told}"
        lines = [f"{found}{where} {does} {f.topic}, out of {mention}."]
    for g in f.groups[:GROUPS_SHOWN]:
        if g.lift > MIN_LIFT and g.p < SIGNIFICANT:
            lines.append(
                f"{g.n_users} of them ({percent(g.share)}) are in {name_group(g)}, "
                f"{tell_lift(g.lift)} what that group's size would give ({tell_p(g.p)})."
            )
    if f.groups and len(lines) == 1:
        g = max(f.groups, key=lambda g: g.n_users)
        lines.append(
            f"No group stands out: the most of them, {g.n_users}, are in {name_group(g)}, "
            "and the difference may be chance."
        )
    lines += [_user_line(f, u, first=not i) for i, u in enumerate(f.users[:USERS_SHOWN])]
    return lines


def _user_line(f: facts.UsersFound, u: facts.UserHit, *, first: bool) -> str:
    of = f", of {name_group(u.group)}," if u.group and not f.group else ""
    if f.stance == "any":
        said = f"with {count(u.mentions, 'sentence')} on it"
    else:
        n = u.warm if f.stance == "likes" else u.cold
        tone = "warm" if f.stance == "likes" else "cold"
        said = f"with {count(u.mentions, 'sentence')} on it, {n or 'none'} clearly {tone}"
    return f"{u.user_id}{of} {'leads' if first else 'follows'} {said}{quote_source(f, u.cites)}."


def tell_user(f: facts.UserProfile) -> list[str]:
    """Who a user is, their group and why, and what they speak of."""
    span = tell_span(f.first_time, f.last_time)
    mean = (
        f", with {f.rating:.1f} stars on average against {f.rating_all:.1f} for all users"
        if f.rating is not None and f.rating_all is not None
        else ""
    )
    lines = [f"{f.user_id} wrote {count(f.n_reviews, 'review')}{span}{mean}."]
    if f.group:
        second = (
            f"; the next nearest is {name_group(f.runner_up)}, at {f.runner_up_strength:.2f}"
            if f.runner_up and f.runner_up_strength is not None
            else ""
        )
        lines.append(
            f"{f.user_id} is in {name_group(f.group)}, with a membership of "
            f"{f.strength:.2f}{second}."
        )
        lines += [_reason_line(f, r) for r in f.reasons]
        if f.tip and f.runner_up:
            lines.append(
                f"About {count(f.tip.n_sentences, 'sentence')} more on {f.tip.topic} would move "
                f"{f.user_id} to {name_group(f.runner_up)}."
            )
        if f.trusted is False:
            lines.append(f"{name_group(f.group, capital=True)}, is not stable enough to act on.")
    else:
        why = (
            "wrote too little to be placed in a group"
            if f.n_sentences < MIN_SENTENCES
            else "is in no group: none is clearly nearest, or too few users wrote enough for any"
        )
        lines.append(f"{f.user_id} {why}.")
    return lines + [_topic_line(f, t) for t in f.topics[:3]]


def tell_user_feelings(f: facts.UserProfile, asked: Stance) -> list[str]:
    """What a user likes or dislikes, of the topics that they speak of most."""
    felt = [t for t in f.topics if (t.polarity >= WARM if asked == "likes" else t.polarity <= COLD)]
    if felt:
        return [_topic_line(f, t) for t in felt]
    tone = "warm" if asked == "likes" else "cold"
    return [f"Of no topic that {f.user_id} speaks of most is the tone {tone} on the whole."]


def _topic_line(f: facts.UserProfile, t: facts.UserTopic) -> str:
    mood = f"{name_tone(t.polarity)} on the whole"
    if t.n_sentences == 1:  # one sentence is not mixed, and no whole
        mood = "neither warm nor cold" if COLD < t.polarity < WARM else name_tone(t.polarity)
    said = count(t.n_sentences, "sentence")
    return f"{f.user_id} speaks of {t.name} in {said}, {mood}{quote_source(f, t.cites)}."


def _reason_line(f: facts.UserProfile, r: facts.Reason) -> str:
    if r.kind == "sentence":
        on = f"A sentence on {r.what}" if r.what else "A sentence"
        return f"{on} weighs for that group{quote_source(f, r.cites)}."
    if r.kind == "item":
        return f"Having reviewed {r.what} weighs for that group."
    return f"The {r.stars:g} stars given to {r.what} weigh for that group."
