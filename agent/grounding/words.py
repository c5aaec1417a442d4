"""The words grounding knows: opposites, number words, units, and words that assert nothing.

All lists were written by hand. Words are compared by `stem`, so one form of each is enough.
"""

from __future__ import annotations

from functools import lru_cache

SUFFIXES = (
    "iness", "ness", "ments", "ment", "ings", "ing", "iest", "est", "iers", "ier", "ers", "er",
    "ies", "ied", "ily", "es", "ed", "ly", "s", "e", "y",
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
        "outstanding amazing pleasant brilliant fabulous glowing impressive best better popular "
        "strength",
        "hate dislike loathe detest despise complain complaint criticise criticize criticism "
        "critical unhappy unhappily annoyed annoy angry upset negative cold disappointed "
        "disappointing disappointment dissatisfied displease gripe grumble moan frustrated "
        "frustrating frustration bother bad worst worse poor awful terrible horrible drawback "
        "downside weakness problem trouble avoid irritate irritated irritation lukewarm resent "
        "unpopular mediocre dreadful unpleasant nasty dire",
    ),
    "amount": (
        "more most above higher highest larger largest bigger biggest greater "
        "greatest exceed rose rise rising risen increase increasing grew grow growing growth grown "
        "climb climbing jump surge soar peak maximum lead leader top "
        "outnumber chief main longest added extra overrepresented",
        "less least fewer fewest below lower lowest smaller smallest fell fall falling "
        "fallen decrease decreasing decline declining drop dropped shrink shrank shrunk dip slump "
        "plunge minimum trail trailing bottom tiniest lesser underrepresented lag",
    ),
    "size": ("big large high much", "small low tiny little"),
    "time": ("after later following afterwards", "before previous previously earlier prior"),
    "span": ("since", "until till"),
    "frequency": (
        "often frequent frequently regularly",
        "rarely seldom hardly scarcely barely infrequent infrequently",
    ),
    "order": ("first", "last"),
    "likeness": ("same similar similarly alike", "differ different difference unlike"),
    "price": ("expensive dearer", "cheap cheaper cheapest inexpensive"),
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
    "move": ("join gain stay return", "leave quit lose lost"),
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
# Words of the strict axes that a claim supports by its direction on either.
EITHER = words("best better worst worse popular unpopular top favourite favorite main chief")
# Words that only share a stem with one of these.
UNDIRECTED = words(
    "both nearly few mostly long late lately add adds mainly largely left opening closely goods "
    "hat hats bare betting news leaves"
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
        "reviews": "review reviews ratings posts",
        "sentences": "sentence sentences mention mentions remark remarks comment comments "
        "statement statements passages remarks opinions",
        "items": "item items place places product products hotel hotels hostels restaurant "
        "restaurants title titles business businesses matches recommendation recommendations "
        "suggestion suggestions picks options venues spots books films movies",
        "groups": "group groups segment segments cluster clusters",
        "topics": "topic topics subject subjects theme themes",
        "alerts": "alert alerts",
        "records": "record records row rows entries",
        "duplicates": "duplicate duplicates",
        "quotes": "quote quotes quotation quotations",
        "sections": "section sections chapter chapters",
        "charts": "chart charts figures graph graphs plot plots",
        "words": "word words term terms",
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
    " ".join([*FUNCTION_WORDS, *UNITS, *NUMBER_WORDS, *SCALES])
    + """
    able above according account across active activity add additionally admirer against agree aim
    allow almost along already altogether amid among amongst answer anybody anyone anything apart
    apiece apparently appeal appear approach approx approximately area arise around aside ask
    aspect assess assign attitude attract attribute available average avoid aware away back base
    basis became become begin behave behavior behaviour behind belong below beside between beyond
    bit body bottom breakdown brief bring brought build call came care case categorise category
    cause central centre certain change characteristic choice choose chosen cite claim classify
    clear close collect combined common comparable compare comparison complete composed comprise
    concentrate concern conclude condition confident confirm consider considerably consist
    consistent constitute contain continue contrast contribute conversely core correspond count
    couple course cover covering create critic current daily data dataset date deal decide
    dedicated define degree depend derive describe description deserve despite detail detect
    determine develop devote devotee differ difference different direct discuss discussion display
    distinct distinctive dominate dozen draw driven drives drop due during effect either else
    elsewhere emphasis emphasise emphasize end enough enter entire equal equivalent especially
    establish estimate evaluate even ever everybody everyone everything evidence evident exactly
    example exceed except exist expect experience explain explanation explore express extend extent
    extremely face fact fair fall familiar far favour feature feel few fill final find finish first
    fit fix focus focuses follow form found frequency frequent fully further furthermore gap gather
    gathered general get give given glance go goes going gone good grade grown guide habit half
    hand handful happen happily hear heard heart heavy held help hence herself highlight himself
    hit hold home hope however idea ideal identify illustrate imply important impress include
    indeed indicate inform information infrequently inside instance instead intend interest
    interested interestingly involve issue itself join joint judge keep key kind known lack largely
    last latest lead leave led length let level lie likely likewise line lineup list little loaded
    look lot made main majority make many matter maximum mean meanwhile measure median medium
    membership memorable mind minority mix moment mood moreover mostly move much multiple myself
    name namely natural near need neutral next nobody none normal notable notably noticeable
    noticeably now number object observe obtain obvious obviously occasion occur off once onto open
    opinion opposite option order ordered originate other otherwise ourselves outline outside
    outspoken overall overview owing own pair part particular pass past pattern peak per period
    perspective phrase pick picture piece please plenty plus portion position possess possible post
    potential precise precisely predict prediction prefer preference present pretty previous
    previously primarily prime prior process profile proportion prove provide publish pull purpose
    put quantity quarter quarterly question quite raise range rank rather reach read real reason
    receive recent recognise recommend refer reflect regard regardless regular relate relative
    relatively reliability reliable remain remainder remind repeat repeatedly reply report
    represent require respect respectively respond response responsible rest result return reveal
    roughly run sadly said sample satisfaction saw say score search second see seem seen select
    send sense sentiment separate serve set several share short show shown side sign significance
    significant similar simply single sit size slight slot small snapshot some somebody someone
    something somewhat sort sound source space span speak specific spend spent split spot spread
    stable stance stand standard start state statistically stay stays stem step stick still story
    stretch strict strongly style submit substance suggest suggests suit suitable sum summary
    support sure surprise surprisingly surround system table take taken talk target taste tell tend
    tendency test thanks themselves therefore thing think third thought through throughout thus tie
    together told tone top topical total touch toward track trait trend true turn type typical
    uncertain unclear underline understand unfortunately unique unit unless unlike unlikely unsure
    until upon upper use used useful usual value various vary version versus via view visit vocal
    voice volume want warmth way well went whatever whenever whereby wherever whether whichever
    whoever whole wide wish within without wonder work worth wrote yes yet yourself
    """
)
