"""What the tools answer: typed results, the only source of numbers, names and quotes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

AnyFacts = TypeVar("AnyFacts", bound="Facts")
Stance = Literal["likes", "dislikes", "any"]


class Fact(BaseModel):
    """Immutable; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(Fact):
    """One cited review sentence, or a past answer. `n` is the number that [n] in an answer refers
    to. Of a past answer review_id is its question's id, item the question, and polarity 0.
    """

    n: int
    source: Literal["review", "answer"] = "review"
    review_id: str
    user_id: str | None
    item_id: str | None
    item: str | None
    quote: str
    rating: float | None
    time: datetime | None
    polarity: float


class GroupRef(Fact):
    id: int
    name: str


class TopicRef(Fact):
    id: int
    name: str


class Trait(Fact):
    """Something more (or less) common in a group than among all other groups' users.

    share_in, share_out in [0, 1]; lift is their ratio; q the false discovery rate of the test;
    cites: numbers of the evidence.
    """

    kind: Literal["topic", "like", "dislike", "item", "category"]
    name: str
    n_users: int
    share_in: float
    share_out: float
    lift: float
    q: float
    cites: list[int] = Field(default_factory=list)


class Aspect(Fact):
    """How a group feels about a topic beside the other groups' speakers: polarity and others in
    [-1, 1], means over users; low, high: the 95% interval of polarity; n_users speak of it in the
    group, n_others in the others; q the false discovery rate of the test.
    """

    topic: str
    n_users: int
    n_others: int
    polarity: float
    low: float
    high: float
    others: float
    q: float
    cites: list[int] = Field(default_factory=list)


class GroupCard(GroupRef):
    """share: of all users; rating: mean stars or None; polarity in [-1, 1]; top_user_share: of the
    group's sentences, those of its most talkative user; voices: how many equally talkative users
    would make the group as one-sided; trust in [0, 1]: how well it is found again among users drawn
    anew; trusted: whether it can be acted on; growth: reviews in the last 90 days of the
    data over those of the 90 days before, minus 1, None where the latter are under 5.
    """

    headline: str
    terms: list[str]
    n_users: int
    share: float
    n_reviews: int
    reviews_per_user: float
    rating: float | None
    polarity: float
    price: float | None
    top_user_share: float
    voices: float
    trust: float
    trusted: bool
    growth: float | None


class UserHit(Fact):
    """score in [-1, 1]; mentions: relevant sentences, warm and cold ones among them."""

    user_id: str
    group: GroupRef | None
    score: float
    mentions: int
    warm: int
    cold: int
    cites: list[int] = Field(default_factory=list)


class GroupLift(GroupRef):
    """n_users of the group among those found; share of all found; lift over the group's share of
    all users; p: two-sided hypergeometric."""

    n_users: int
    share: float
    lift: float
    p: float


class Facts(Fact):
    """Base of every tool's result. notes: sentences the user must also be told."""

    evidence: list[Evidence] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)


class UsersFound(Facts):
    kind: Literal["find_users"] = "find_users"
    topic: str
    stance: Stance
    group: GroupRef | None
    n_sentences: int
    n_speakers: int
    n_users: int
    nearest_topic: str | None
    users: list[UserHit]
    groups: list[GroupLift]


class GroupList(Facts):
    kind: Literal["list_groups"] = "list_groups"
    sort: Literal["size", "rating", "growth"]
    n_users: int
    n_without_group: int
    groups: list[GroupCard]


class Subgroup(Fact):
    """A part of a group: share of the group's users; traits beside the rest of the group."""

    name: str
    n_users: int
    share: float
    headline: str
    traits: list[Trait]


class GroupProfile(Facts):
    kind: Literal["describe_group"] = "describe_group"
    group: GroupCard
    traits: list[Trait]
    aspects: list[Aspect]
    subgroups: list[Subgroup]
    quotes: list[int]


class TraitPair(Fact):
    """One thing two groups differ in: the share of each group's users that do it."""

    kind: Literal["topic", "like", "dislike", "item", "category"]
    name: str
    share_first: float
    share_second: float
    n_first: int
    n_second: int
    p: float
    cites: list[int] = Field(default_factory=list)


class Bridge(Fact):
    """An item that clearly more users of both groups like than of everyone, or a topic that they
    speak warmly of: how many of each group do.
    """

    kind: Literal["item", "topic"]
    name: str
    n_first: int
    n_second: int


class GroupPair(Fact):
    """items_alike, topics_alike: cosine in [-1, 1] of how much more than the other groups both like
    each item, and speak warmly of each topic; 0 is chance, None where one of them likes nothing.
    """

    first: GroupRef
    second: GroupRef
    items_alike: float | None
    topics_alike: float | None
    bridges: list[Bridge]


class GroupRelations(Facts):
    """Every pair of groups, the most alike first."""

    kind: Literal["group_relations"] = "group_relations"
    groups: list[GroupRef]
    pairs: list[GroupPair]


class GroupComparison(Facts):
    """likeness: what the two have in common, beside how they differ."""

    kind: Literal["compare_groups"] = "compare_groups"
    first: GroupCard
    second: GroupCard
    differences: list[TraitPair]
    likeness: GroupPair


class UserTopic(TopicRef):
    n_sentences: int
    polarity: float
    cites: list[int] = Field(default_factory=list)


class Reason(Fact):
    """What holds a user in their group: leaving it out would lower their membership by `weight`.

    kind: a sentence they wrote, an item they reviewed (its category and price), or a rating they
    gave it; what: the sentence's topic, or the item; stars: of a rating; cites: the sentence.
    """

    kind: Literal["sentence", "item", "rating"]
    what: str | None
    stars: float | None
    weight: float
    cites: list[int] = Field(default_factory=list)


class Tip(Fact):
    """What would move a user to the runner-up group: so many more sentences on a topic."""

    topic: str
    n_sentences: int


class UserProfile(Facts):
    """strength: membership in the user's group, in [0, 1]; trusted: whether that group can be acted
    on; reasons: what weighs most, heaviest first; tip: what would tip the balance.
    """

    kind: Literal["describe_user"] = "describe_user"
    user_id: str
    n_reviews: int
    n_sentences: int
    rating: float | None
    rating_all: float | None
    polarity: float | None
    first_time: datetime | None
    last_time: datetime | None
    group: GroupRef | None
    strength: float | None
    runner_up: GroupRef | None
    runner_up_strength: float | None
    trusted: bool | None
    topics: list[UserTopic]
    reasons: list[Reason]
    tip: Tip | None


class ReviewsFound(Facts):
    kind: Literal["search_reviews"] = "search_reviews"
    query: str
    stance: Stance
    group: GroupRef | None
    user_id: str | None
    item: str | None
    n_sentences: int
    n_reviews: int
    polarity: float | None


class GroupOpinion(GroupRef):
    """polarity in [-1, 1] and its 95% interval from low to high; others: that of the other groups'
    speakers, None where there are none; q the false discovery rate of the difference; differs:
    whether it is both sure and large enough to tell.
    """

    n_users: int
    share: float
    n_sentences: int
    polarity: float
    low: float
    high: float
    others: float | None
    q: float
    differs: bool
    cites: list[int] = Field(default_factory=list)


class TopicOpinion(Facts):
    """groups: share is of the group's users, those who speak of the topic."""

    kind: Literal["describe_topic"] = "describe_topic"
    topic: str
    n_sentences: int
    n_users: int
    polarity: float | None
    positive_share: float | None
    negative_share: float | None
    nearest_topic: str | None
    groups: list[GroupOpinion]


class Period(Fact):
    """A stretch of time. polarity in [-1, 1] and negative_share in [0, 1], each with its 95%
    interval (None where one user alone spoke), are None in a gap; share: of all the period's
    sentences, where a topic was asked for; q: the false discovery rate of a test of polarity
    against all other periods', others.
    """

    start: datetime
    label: str
    n_sentences: int
    n_users: int
    share: float | None
    polarity: float | None
    polarity_low: float | None
    polarity_high: float | None
    negative_share: float | None
    negative_low: float | None
    negative_high: float | None
    others: float | None
    q: float | None


class MoodChange(Fact):
    """How polarity changed from what was written before `since` (a period's label) to what was
    written from then on, or in that period beside the period `versus`: each one's sentences and
    mean; low, high: the interval that holds the change with this confidence; p: two-sided.
    """

    since: str
    versus: str | None
    n_before: int
    n_after: int
    before: float
    after: float
    low: float
    high: float
    confidence: float
    p: float


class ShareChange(Fact):
    """Of all sentences the share on a topic, before `since` and from then on; n_before, n_after:
    those on it; p: two-sided.
    """

    since: str
    n_before: int
    n_after: int
    share_before: float
    share_after: float
    p: float


class TopicMove(TopicRef):
    """A topic whose share of all sentences is another lately than it was before; n_before, n_after:
    sentences on it; n_users who spoke of it where the share is higher; q the false discovery rate.
    """

    move: Literal["new", "rising", "fading"]
    n_before: int
    n_after: int
    share_before: float
    share_after: float
    n_users: int
    q: float
    cites: list[int] = Field(default_factory=list)


class SentimentTrend(Facts):
    """change: between the earlier and the later half of the sentences; step: between the last two
    finished periods that hold enough sentences; volume: of a topic that was asked for; recent: the
    label of the period since which topics are called new, rising or fading, None where none was
    looked for; unfinished: the label of the last period if the data seem to end before it does.
    """

    kind: Literal["sentiment_trend"] = "sentiment_trend"
    topic: str | None
    group: GroupRef | None
    period: Literal["day", "week", "month", "quarter"]
    periods: list[Period]
    change: MoodChange | None
    step: MoodChange | None
    volume: ShareChange | None
    recent: str | None
    moves: list[TopicMove]
    unfinished: str | None


class GroupActivity(GroupRef):
    """One entry a period: n_users of the group who wrote, n_reviews, share of all users who wrote
    then and its 95% interval (None where nobody did).
    """

    n_users: list[int]
    n_reviews: list[int]
    share: list[float | None]
    low: list[float | None]
    high: list[float | None]


class GroupSizes(Facts):
    """starts, labels, n_active: one entry a period, the last the users who wrote in it."""

    kind: Literal["group_sizes"] = "group_sizes"
    period: Literal["day", "week", "month", "quarter"]
    starts: list[datetime]
    labels: list[str]
    n_active: list[int]
    groups: list[GroupActivity]
    unfinished: str | None


class ReportWritten(Facts):
    kind: Literal["write_report"] = "write_report"
    group: GroupRef
    path: str
    n_claims: int


class ItemRef(Fact):
    id: str
    title: str


Aim = Literal["average", "least misery", "fair"]


class Because(Fact):
    """One reason for an item; `what` names the thing that leads to it.

    moved: without `what`, which the user liked, the item would stand n places lower. users: n of
    the n_of other users who like `what` like the item too, where chance would have it that
    `expected` do. topic: n reviews praise the item for `what`, of which the user speaks warmly in
    n_own sentences (of a group: n_own members do). group: n of the n_of other members of the
    user's group, `what`, like the item, where chance would have it that `expected` do. category:
    n of the n_of items that the user likes are in the category, where chance would have it that
    `expected` are. cites: a sentence on the item.
    """

    kind: Literal["moved", "users", "topic", "group", "category"]
    what: str
    n: int
    n_of: int | None = None
    n_own: int | None = None
    expected: float | None = None
    cites: list[int] = Field(default_factory=list)


class RecommendedItem(ItemRef):
    """score: of this list alone, higher is better; rating: mean stars; n_likes: users who like it;
    suits: of a group, the share of members who have not met it for whom it is among their best
    tenth; n_met: members who have met it.
    """

    rank: int
    score: float
    category: str | None
    price: float | None
    rating: float | None
    n_reviews: int
    n_likes: int
    suits: float | None
    n_met: int | None
    reasons: list[Because]
    cites: list[int] = Field(default_factory=list)


class Recommendations(Facts):
    """For a user or a group. method: the recommender's name; verdict: what its check on this
    workspace's data gave; n_likes: items that the user likes, None for a group; aim, covered: of a
    group: how members are put together, and the share of them who have one item of the list among
    their best tenth; n_open: items that could have been listed.
    """

    kind: Literal["recommend"] = "recommend"
    user_id: str | None
    group: GroupRef | None
    n_likes: int | None
    aim: Aim | None
    covered: float | None
    method: str
    verdict: str
    n_open: int
    items: list[RecommendedItem]


class RecommendationExplained(Facts):
    """place: of the item among the n_open items that the user has not met (as if they had not met
    this one); met: whether they have, liked: and liked it.
    """

    kind: Literal["explain_recommendation"] = "explain_recommendation"
    user_id: str
    item: RecommendedItem
    place: int
    n_open: int
    met: bool
    liked: bool
    n_likes: int
    method: str
    verdict: str


class PastAnswer(Fact):
    """A past question with the answer that was given to it most often; confidence: probability that
    it answers the message.
    """

    question: str
    answer: str
    tags: list[str]
    confidence: float
    cites: list[int]


class Intent(Fact):
    """What a message asks for, one of the tags of past questions; sure: whether to act on it."""

    tag: str
    confidence: float
    sure: bool
    runner_up: str


class Signal(Fact):
    """What tells of urgency: harm, stuck, deadline, threat, repeated, loud or anger; the words."""

    kind: str
    words: list[str]


class Urgency(Fact):
    level: Literal["low", "normal", "high"]
    tone: Literal["angry", "unhappy", "neutral", "pleased"]
    signals: list[Signal]


class Complaint(Fact):
    """A cold sentence of a customer's; nearness: its cosine with the message."""

    topic: str | None
    item: str | None
    time: datetime | None
    nearness: float
    cites: list[int]


class Customer(Fact):
    """Who writes; likes, dislikes: topics that they are clearly warm or cold about; complaints:
    their last ones, the one that is on the message's subject first.
    """

    user_id: str
    group: GroupRef | None
    strength: float | None
    trusted: bool | None
    n_reviews: int
    rating: float | None
    rating_all: float | None
    first_time: datetime | None
    last_time: datetime | None
    likes: list[UserTopic]
    dislikes: list[UserTopic]
    complaints: list[Complaint]


class Guideline(Fact):
    """A do or a don't: a topic that more (share_in) of the group's users than of the others
    (share_out) speak warmly or coldly of, or of which the group speaks more warmly or coldly
    (polarity) than the others do; nearness: the topic's cosine with the message.
    """

    do: bool
    topic: str
    n_users: int
    share_in: float | None
    share_out: float | None
    polarity: float | None
    others: float | None
    nearness: float
    cites: list[int]


class Habit(Fact):
    """Median words of a review in the group and among the others."""

    brief: bool
    words: int
    others: int


class ReplyDraft(Facts):
    """customer: None where none was named or the one named is unknown; topic: the workspace's that
    the message is nearest to; sure: whether the first match answers the message, its confidence
    being at least `threshold`; holding: whether the draft gives no answer; draft: the text, and
    paragraphs: its sentences.
    """

    kind: Literal["draft_reply"] = "draft_reply"
    message: str
    unknown_user: bool
    customer: Customer | None
    topic: TopicRef | None
    intent: Intent | None
    urgency: Urgency
    n_questions: int
    matches: list[PastAnswer]
    sure: bool
    threshold: float
    guidelines: list[Guideline]
    habit: Habit | None
    holding: bool
    draft: str
    paragraphs: list[list[str]]


class Watched(Fact):
    """What a series is of: a topic, a group, a topic in a group, an item, or (all None) all."""

    topic: str | None
    group: GroupRef | None
    item: str | None
    item_id: str | None


class GroupCount(Fact):
    group: GroupRef
    n_users: int


class AlertCause(Fact):
    """A topic that more of the surge's users spoke of than did before: shares in [0, 1]."""

    topic: str
    n_users: int
    share: float
    share_before: float


class Surged(Watched):
    """A surge of volume, or of cold voices: users observed from start to end, and expected."""

    measure: Literal["volume", "negative"]
    start: datetime
    end: datetime
    observed: int
    expected: float


class Alert(Surged):
    """An event by its surest surge. negative_share: of its users whose mood is known, those who
    spoke coldly; q: false discovery rate; lasts: whether it goes on in the last period; mostly:
    the group of most of its users, where it is not of one group alone; groups: of its users,
    largest first; also: the same event in other series, also_ids: the ids it has there.
    """

    id: str
    negative_share: float | None
    q: float
    lasts: bool
    review_ids: list[str]
    n_users: int
    mostly: GroupCount | None
    groups: list[GroupCount]
    causes: list[AlertCause]
    also: list[Surged]
    also_ids: list[str]
    state: Literal["new", "acknowledged", "closed"]
    note: str
    cites: list[int] = Field(default_factory=list)


class AlertList(Facts):
    """Of the last days of the data, since … until (None: no dates); n_all: alerts at any time,
    latest: when the last of them ended; watched: why nothing can surge, or "".
    """

    kind: Literal["list_alerts"] = "list_alerts"
    days: int
    since: datetime | None
    until: datetime | None
    n_all: int
    latest: datetime | None
    watched: str
    alerts: list[Alert]


class PastAlert(Fact):
    """known: the day from which it would have been told, as it was known then."""

    known: datetime
    alert: Alert


class AlertHistory(Facts):
    """Every alert that the past would have raised, earliest first, in n_periods of that length."""

    kind: Literal["replay_alerts"] = "replay_alerts"
    length: Literal["day", "week"]
    n_periods: int
    alerts: list[PastAlert]


class Foreseen(Fact):
    """One period to come: median, and the bounds that hold 80%."""

    start: datetime
    middle: float
    low: float
    high: float


class Forecast(Watched):
    """measure volume: users; negative: the share of them that is cold. tried: past values that
    earlier intervals were tried on, held: the share that these held; lacks: why there is no
    forecast, or "".
    """

    measure: Literal["volume", "negative"]
    periods: list[Foreseen]
    tried: int
    held: float | None
    lacks: str


class WatchedPeriod(Fact):
    """Users who spoke and who spoke coldly, and what was expected (None: not foreseen); told:
    users whose mood is known.
    """

    start: datetime
    voices: int
    told: int
    negative: int
    expected: float | None
    expected_negative: float | None


class ForecastList(Facts):
    """length: of a period; past: the year before, where the series is watched."""

    kind: Literal["forecast"] = "forecast"
    topic: str | None
    group: GroupRef | None
    length: Literal["day", "week"]
    forecasts: list[Forecast]
    past: list[WatchedPeriod]


class AlertSeries(Facts):
    """The series that an alert is of, a year around it."""

    kind: Literal["trace_alert"] = "trace_alert"
    alert: Alert
    length: Literal["day", "week"]
    periods: list[WatchedPeriod]


class Overview(Facts):
    kind: Literal["overview"] = "overview"
    n_reviews: int
    n_sentences: int
    n_users: int
    n_items: int
    n_topics: int
    n_groups: int
    n_without_group: int
    rating: float | None
    first_time: datetime | None
    last_time: datetime | None
    groups: list[GroupRef]
    topics: list[str]


def renumber(found: AnyFacts, *, by: int) -> AnyFacts:
    """The facts with every citation number raised, so that several results fit in one answer."""

    def raise_numbers(value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {k: raise_numbers(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [raise_numbers(v, key) for v in value]
        return value + by if key in ("n", "cites", "quotes") and isinstance(value, int) else value

    return found if not by else type(found).model_validate(raise_numbers(found.model_dump()))


class Citation(Fact):
    n: int
    source: Literal["review", "answer"] = "review"
    review_id: str
    user_id: str | None
    item_id: str | None
    quote: str
    rating: float | None
    time: datetime | None


class ToolCall(Fact):
    """One call of a tool: `seconds` it took; `planner`: what chose it (the encoder, the language
    model, both together, or the user between two readings).
    """

    name: str
    args: dict[str, str | int | None]
    ok: bool
    seconds: float
    planner: Literal["encoder", "model", "both", "user"]


class Choice(Fact):
    """One of two readings of a question: asked back, `label` is taken as just this call."""

    label: str
    name: str
    args: dict[str, str | int]


class Checks(Fact):
    """Failures that the checks found in the model's drafts, by kind (none of them is in the
    answer), and the number of sentences that were replaced by plain facts."""

    numbers: int = 0
    quotes: int = 0
    citations: int = 0
    names: int = 0
    polarity: int = 0
    fallback: int = 0


class Seconds(Fact):
    first: float
    total: float


class Answer(Fact):
    """What `tribune ask --json` prints. choices: two readings, where the user should say which."""

    question: str
    answer: str
    model: str
    tool_calls: list[ToolCall]
    facts: dict[str, object]
    citations: list[Citation]
    checks: Checks
    seconds: Seconds
    notes: list[str] = Field(default_factory=list)
    choices: list[Choice] = Field(default_factory=list)
