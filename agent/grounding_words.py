"""The words grounding knows: opposites, number words, units, and words that assert nothing.

All lists were written by hand. Words are compared by `stem`, so one form of each is enough.
"""

from __future__ import annotations

from functools import lru_cache

SUFFIXES = (
    "iness", "ness", "ings", "ing", "iest", "est", "iers", "ier", "ers", "er", "ies", "ied",
    "ily", "es", "ed", "ly", "s", "e", "y",
)  # fmt: skip


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """The word without its ending: loves, loved, lovers → lov. Crude, but the same everywhere."""
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word[: -len(suffix)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


# Axis → words of its plus side, words of its minus side.
OPPOSITES: dict[str, tuple[str, str]] = {
    "feeling": (
        "love enjoy adore praise appreciate favour favor favourite favorite happy happily please "
        "rave laud commend "
        "pleased delighted delight satisfied glad warm enthusiastic enthusiast enthusiasm fan fond "
        "keen positive recommend recommendation admire cherish great excellent wonderful fantastic "
        "perfect good lovely nice approve impressed thrilled compliment beloved superb "
        "outstanding amazing best better popular strength",
        "hate dislike loathe detest despise complain complaint criticise criticize criticism "
        "critical unhappy unhappily annoyed annoy angry upset negative cold disappointed "
        "disappointing disappointment dissatisfied displease gripe grumble moan frustrated "
        "frustrating frustration bother bad worst worse poor awful terrible horrible drawback "
        "downside weakness problem trouble avoid irritate irritated irritation lukewarm resent "
        "unpopular mediocre dreadful",
    ),
    "amount": (
        "more most above high higher highest large larger largest big bigger biggest greater "
        "greatest exceed rose rise rising risen increase increasing grew grow growing growth grown "
        "climb climbing jump surge soar peak maximum lead leader top often frequent frequently "
        "outnumber chief main longest added extra ahead overrepresented",
        "less least fewer fewest below low lower lowest small smaller smallest fell fall falling "
        "fallen decrease decreasing decline declining drop dropped shrink shrank shrunk dip slump "
        "plunge minimum trail trailing bottom rarely seldom hardly scarcely barely infrequent "
        "tiny tiniest lesser underrepresented behind lag",
    ),
    "time": ("after later following afterwards", "before previous previously earlier prior"),
    "span": ("since", "until till"),
    "order": ("first", "last"),
    "likeness": ("same similar similarly alike", "differ different difference unlike"),
    "price": ("expensive", "cheap cheaper cheapest inexpensive"),
    "cleanness": ("clean", "dirty filthy"),
    "sound": ("noisy loud", "quiet silent"),
    "speed": ("fast quick quickly faster fastest", "slow slowly slower slowest"),
    "ease": ("easy easily", "difficult hard"),
    "distance": ("near nearby close closest nearest", "far farther furthest distant"),
    "age": ("young new newest", "old oldest"),
    "strength": ("strong strongly", "weak weakly"),
    "door": ("open opened", "closed shut"),
    "kindness": ("friendly polite", "rude unfriendly"),
    "habit": ("usual usually common commonly", "unusual unusually rare uncommon"),
    "entry": ("accept accepted include including", "reject rejected exclude excluding"),
    "belief": ("confirm agree", "deny disagree contradict"),
    "move": ("join gain", "leave lose lost"),
    "weight": ("significant significantly", "insignificant insignificantly"),
    "safety": ("safe safely", "dangerous unsafe"),
}
# Feeling and amount must be found in the claim; the milder axes must only not be contradicted.
STRICT = frozenset({"feeling", "amount"})

LISTED: dict[str, tuple[str, int]] = {
    word: (axis, sign)
    for axis, sides in OPPOSITES.items()
    for sign, side in zip((1, -1), sides, strict=True)
    for word in side.split()
}
BY_STEM = {stem(word): way for word, way in LISTED.items()}
# Words that only share a stem with one of these.
UNDIRECTED = words(
    "both nearly few long late lately add adds mainly largely left opening closely goods hat hats "
    "bare betting news leaves"
)


def direction_of(word: str) -> tuple[str, int] | None:
    """The axis and side (+1 or -1) of a lower-case word: "praised" → ("feeling", 1)."""
    if word in UNDIRECTED:
        return None
    return LISTED.get(word) or BY_STEM.get(stem(word))


# "best" in a claim also supports "most" or "top", and so on.
SUPERLATIVES = stems("best worst favourite favorite main chief typical most least fast closest")

NEGATIONS = words(
    "no not never none nobody nothing nowhere neither nor without cannot unmentioned lack lacks "
    "lacking absent missing zero 0"
)
ADVERBS_OF_DENIAL = words("not never cannot")

SMALL_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBER_WORDS: dict[str, int] = {word: n for n, word in enumerate(SMALL_NUMBERS.split())} | {
    word: 10 * n for n, word in enumerate(TENS.split(), start=2)
}
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
RANKS = "first second third fourth fifth sixth seventh eighth ninth tenth"
ORDINALS: dict[str, int] = {word: n for n, word in enumerate(RANKS.split(), start=1)}
FRACTIONS = {
    "half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "thirds": 3, "quarters": 4, "fifths": 5, "sixths": 6, "sevenths": 7,
    "eighths": 8, "ninths": 9, "tenths": 10, "halves": 2,
}  # fmt: skip
MULTIPLES = {
    "twice": 2.0, "double": 2.0, "doubled": 2.0, "doubles": 2.0, "thrice": 3.0, "triple": 3.0,
    "tripled": 3.0, "triples": 3.0, "quadruple": 4.0, "quadrupled": 4.0, "halved": 0.5,
}  # fmt: skip
MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
            "august aug", "september sep sept", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip

# What is counted → the words for it. A figure's role is the key.
UNITS: dict[str, str] = {
    word: role
    for role, nouns in {
        "users": "user users people person persons customer customers reviewer reviewers guest "
        "guests member members visitor visitors traveller travellers traveler travelers fan fans "
        "lover lovers individual individuals shopper shoppers buyer buyers diner diners writer "
        "writers author authors enthusiasts folks",
        "reviews": "review reviews",
        "sentences": "sentence sentences mention mentions remark remarks comment comments "
        "statement statements",
        "items": "item items place places product products hotel hotels hostels restaurant "
        "restaurants title titles business businesses",
        "groups": "group groups segment segments cluster clusters",
        "topics": "topic topics subject subjects theme themes",
        "ratings": "ratings",
        "alerts": "alert alerts",
        "records": "record records row rows",
        "duplicates": "duplicate duplicates",
        "quotes": "quote quotes quotation quotations",
        "sections": "section sections chapter chapters",
        "charts": "chart charts figures graph graphs plot plots",
        "words": "word words term terms",
        "matches": "match matches recommendation recommendations suggestion suggestions",
        "hours": "hour hours",
        "days": "day days",
        "nights": "night nights",
        "weeks": "week weeks",
        "months": "month months",
        "years": "year years",
        "stars": "star stars",
        "percent": "percent pct",
        "points": "points point",
        "times": "times fold",
        "euros": "euro euros eur",
        "dollars": "dollar dollars usd",
        "pounds": "pound pounds gbp",
    }.items()
    for word in nouns.split()
}
CURRENCIES = {"€": "euros", "$": "dollars", "£": "pounds", "¥": "yen"}
COUNTED = frozenset(UNITS.values()) - words(
    "stars percent points times euros dollars pounds hours days nights weeks months years"
)

TALK = stems("talk mention discuss write wrote written speak spoke raise describe bring")
OTHERS = stems("other others everyone everybody elsewhere rest else overall")
ATTITUDES = stems(
    "love like enjoy adore praise appreciate favour prefer hate dislike loathe complain criticise "
    "recommend mention discuss want seek visit talk speak write care rave ask"
)

# Words too light to say what a figure belongs to.
FUNCTION_WORDS = words(
    "a an the this that these those of in on at to for from by with as and or but is are was were "
    "be been being has have had do does did it its they them their he she his her who whom whose "
    "which what there here than then so also while whereas although though because since if when "
    "where how i you we our your my me us will would can could should may might must not no one "
    "out up down into over under about only just all any each both such very too"
)

# Words that any true rewording may use: they report, connect or point, and assert nothing.
EVERYDAY = stems(
    " ".join(FUNCTION_WORDS)
    + " "
    + " ".join(UNITS)
    + " "
    + " ".join(NUMBER_WORDS)
    + " "
    + " ".join(SCALES)
    + " "
    + """
    according account across add additionally agree almost along already although among amongst
    answer apart appear approximately around aside asked ask available average averages away back
    base based basis be become became begin belong between beyond bring brought call came care
    case cause certain clear clearly collect combined come comes common commonly compare compared
    comparison comparable concern concerns consider considerably contain contrast count counts
    cover covering covers data dataset date deal describe description despite detail details
    difference differ discuss discussion do each either else elsewhere enough entire especially
    even ever every everybody everyone evidence exactly example express expressed face fact
    fairly fall far fast feature feel feeling few figure figures find finding follow followed
    follows following form found frequency further general generally get gets give given gives go
    goes going good group half hand happen hear heard held help hold holds home however identify
    include including indeed indicate individual information instead interest interested
    interesting interestingly issue item join keep kind known lack largely last latest leave let
    level likely list listed little look looking lot made mainly majority make makes making many
    matter mean means measure mentioned mind moreover mostly much name named namely nearly need
    next nobody none note notable notably noted now number observe occasion occur offer once only
    open opinion order other others otherwise overall overview part particular particularly past
    pattern people per period person pick place plus point popular portion possible predict
    predicted prediction present previous previously primarily profile proportion provide put
    quarter quite quote quoted range rank ranked rate rated rather rating read reader reason
    receive received recent recently record refer regard regarding regards relate related
    relative relatively remain remaining remark repeatedly report reported represent represented
    respectively respond response responsible rest result results return returned reveal said
    sample saw say saying says score second see seem seems seen sentiment separate set several
    share shared show showed shown shows side similarly simply since single slightly so some
    someone something somewhat source speak specific spend stand stands state stated stay still
    strongly subject suggest suggests sum summary support sure table take taken talk tell tells
    tend term than that therefore thing things think this though thought three through thus time
    together told tone total toward towards trend turn two type typical typically under unlike
    upon use used user usual usually value various version view views voice volume want way well
    were what when where whether which while whole wide words work worth write writes writing
    wrote year yet drop rank voiced opinions share majority minority count counted quantity
    member members membership statistically significant significance noticeable noticeably tell
    telling show mentions mentioning come coming subject theme matters discussed talked mood
    satisfaction warmth stance attitude overall altogether approx roughly nearly close just
    exactly precisely previous prior current currently latest month months week weeks day days
    daily monthly weekly quarterly yearly peak mean median typical member example instance
    illustrate illustrated illustrates evident evidently apparently obvious obviously meanwhile
    conversely likewise furthermore finally lastly first firstly secondly third thirdly short
    brief briefly here below above reviewed reviews reviewing reviewer customer customers guest
    guests traveller travellers client clients audience crowd community segment segments cluster
    clusters category categories grouping sort kind feature features aspect aspects trait traits
    characteristic characteristics preference preferences taste tastes habit habits behaviour
    behavior activity active behave choose chosen choice pick picks option options suit suits
    suited suitable fit fits match matches matched ideal suggestion suggestions suggested
    recommendation recommendations recommend top order ordered placed place ranks list lists
    listed comes came puts put words sentence sentences says phrase statement line one ones
    different distinct distinctive set sets apart stands out vocal outspoken emphasis emphasise
    emphasize focus focuses focused concerned topic topics themselves itself himself herself
    found gathered collected loaded holds contains comprises comprise consist consists consisting
    consisted made makes accounts accounted account accounting comprised representing represents
    unsure certain uncertain likely unlikely reliable reliability main mainly reason reasons
    explain explains explanation explained fair frequent frequently infrequently appear appears
    compare relative versus rather instead contrast against elsewhere everybody drives driven
    driving contribute contributes contributed behind thanks due owing led towards stay stays
    stayed spent visit visits visited visiting night nights price prices cost costs costing pay
    pays paying paid usually normal normally expect expected expects would should could
    fastest slow grown go went gone saw seen see sees wish wishes hope hopes
    """
)
