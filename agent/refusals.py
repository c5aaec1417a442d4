"""What must be refused: inferring a person's sensitive traits, and changing the data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from agent.mentions import GROUP_NOUNS, USER_NOUNS, Reading
from agent.vocabulary import find_concepts

# Words for what somebody is or has. Before a word for a thing ("the gay bar", "black coffee") or
# after a word of opinion ("who complains about migrants") they are a topic like any other.
_TRAITS = frozenset(
    """muslim muslims islamic jew jews jewish christian christians catholic catholics
        protestant protestants hindu hindus buddhist buddhists sikh sikhs mormon mormons
        atheist atheists agnostic religious religion religions faith believer believers pray
        prays praying god allah church mosque synagogue race racial ethnicity ethnicities
        ethnic black blacks white whites asian asians hispanic hispanics latino latinos latina
        latinas latinx arab arabs african africans caucasian immigrant immigrants migrant
        migrants foreigner foreigners refugee refugees nationality nationalities skin-colour
        indigenous mixed-race mexican
        mexicans chinese indian indians turkish german germans polish russian russians french
        european europeans american americans british italian italians spanish japanese korean
        persian nigerian moroccan gay gays lesbian lesbians bisexual bisexuals bi homosexual
        homosexuals heterosexual straight queer trans transgender transsexual lgbt lgbtq
        lgbtq+ sexuality sexual closeted hiv aids cancer diabetes diabetic diabetics pregnant
        pregnancy depressed depression depressive anxiety bipolar autism autistic adhd
        disabled disability disabilities mentally disease diseases illness illnesses sick ill
        alcoholic alcoholics alcoholism addict addicts addicted addiction overweight obese
        obesity dementia antidepressants medication diagnosis diagnosed disorder infertile
        std sti deaf blind epilepsy epileptic schizophrenia schizophrenic republican
        republicans democrat democrats conservative conservatives liberal liberals left-wing
        right-wing leftist leftists socialist socialists communist communists vote votes voted
        voter voters voting political politically politics trump biden brexit tory tories
        maga""".split()
)
_PHRASES = re.compile(
    r"\b(mental(ly)? (health|ill\w*|problems?)|skin colou?r|drinking problem|eating disorder|"
    r"(health|medical) (condition|status|problems?|history|issues?)|(use|uses|in) a wheelchair|"
    r"(person|people|man|woman) of colou?r|(parents|family|ancestors) (come|came|are) from|"
    r"into (men|women)|"
    r"(girl|boy)friend or|(for|with) the (greens|far right|far left))\b",
    re.IGNORECASE,
)
_PEOPLE = (USER_NOUNS | GROUP_NOUNS) | frozenset(
    """guy guys man woman lady gentleman girl boy people person persons folk folks ppl men women
        someone anyone ones who whom members background backgrounds orientation preference
        preferences view views leaning leanings party affiliation beliefs belief status condition
        conditions problem problems opinion opinions positive""".split()
)
_ACTS = frozenset("vote votes voted voting pray prays praying politically mentally".split())
_BREAKS = frozenset("is are was were be been am 's has have had got suffer suffers having".split())
_OPINING = frozenset(("like", "dislike", "mention", "opinion"))

_FILLER = frozenset(
    """please pls plz can could would will you u i we want wanna to need like i'd we'd let's let 's
        lets us now and then go ahead just ok okay hey hi so kindly also must should have the system
        tribune immediately help me""".split()
)
_DESTROY = frozenset(
    """delete remove erase wipe purge truncate rename relabel merge overwrite retrain ban block
        censor insert import upload rebuild recluster recompute unsubscribe anonymise
        anonymize""".split()
)
_ALTER = frozenset(
    """drop clear reset move reassign put assign change edit modify update set correct fix add
        create hide mark split replace forget flag tag send adjust alter fake forge label close
        kick""".split()
)
_ALSO_NOUNS = frozenset("import upload block ban insert".split())
_DETERMINERS = frozenset("the this that these those my our all a an it them him her some".split())
_DATA = (USER_NOUNS | GROUP_NOUNS) | frozenset(
    """review reviews rating ratings star stars item items product data database dataset record
        records row rows table tables topic topics workspace profile profiles score scores name
        names tag tags alert alerts account accounts typo typos complaint complaints text texts
        word words everything all sentiment""".split()
)
# Views, reports and comparisons may be changed as one likes.
_VIEW = re.compile(
    r"\b(reports?|pdf|file|document|side by side|against|compar\w+|together|period|period|limit|"
    r"chart|order|sorted|update (me|us)|move on|(send|give|create|make) (me|us)|one-?pager|dossier|"
    r"persona (sheet|doc\w*)|reply|response|answer)\b",
    re.IGNORECASE,
)


def infers_trait(reading: Reading) -> bool:
    """Whether a question asks for a person's health, religion, origin, sexuality or politics."""
    tokens = reading.tokens
    if not _names_people(reading):
        return False
    phrases = [
        next((p for p, t in enumerate(tokens) if t.start >= match.start()), 0)
        for match in _PHRASES.finditer(reading.question)
    ]
    words = [
        place
        for place, token in enumerate(tokens)
        if not _TRAITS.isdisjoint([token.folded, *token.folded.split("-")])
        and not _tells_thing(reading, place)
    ]
    return any(_is_attribute(reading, place) for place in phrases + words)


def changes_data(reading: Reading) -> bool:
    """Whether a question is an order to add, change or delete something."""
    words = [t.folded for t in reading.tokens]
    if words[:2] == ["get", "rid"] or " get rid of " in f" {' '.join(words)} ":
        return True
    for place, word in enumerate(words):
        starts = all(w in _FILLER for w in words[:place])
        again = place > 0 and words[place - 1] in ("and", "then") and place < len(words) - 1
        if not (starts or again):
            continue
        if word in _DESTROY and place < len(words) - 1:
            return word not in _ALSO_NOUNS or _has_object(reading, place)
        if word in _ALTER and not _VIEW.search(reading.question):
            rest = words[place + 1 :]
            named = any(m.kind in ("user", "group", "item", "id") for m in reading.mentions)
            known = named or not _DATA.isdisjoint(words if again else rest)
            if known and _fits(word, rest):
                return True
    return False


def _has_object(reading: Reading, place: int) -> bool:
    """Whether the word after a token is what an order may be about."""
    after = reading.tokens[place + 1].folded
    named = any(m.first <= place + 1 < m.last for m in reading.mentions)
    return named or after in _DATA or after in _DETERMINERS or "." in after


def _fits(verb: str, rest: list[str]) -> bool:
    """Whether the words after a verb of many meanings make it an order to change something."""
    if verb in ("put", "move", "assign", "reassign", "set", "change"):
        return not {"to", "into", "in", "from", "of", "name", "names"}.isdisjoint(rest)
    if verb in ("drop", "correct", "fix") and rest[:1] in (["in"], ["me"], ["us"]):
        return False
    if verb == "split":
        return not {"in", "into", "up"}.isdisjoint(rest) or rest[-1:] == ["apart"]
    if verb == "create":
        return not {"user", "users", "account", "review", "reviews", "group", "segment"}.isdisjoint(
            rest
        )
    return True


def _names_people(reading: Reading) -> bool:
    folded = {t.folded for t in reading.tokens}
    return (
        any(m.kind in ("user", "id", "group") for m in reading.mentions)
        or not folded.isdisjoint(
            _PEOPLE | {"they", "them", "their", "he", "she", "him", "her", "his"}
        )
        or any("person" in find_concepts(word) for word in folded)
        or any(t.text[0].isupper() for t in reading.tokens[1:])
        or any(word in _TRAITS and word.endswith("s") for word in folded)
        or _names_somebody([t.folded for t in reading.tokens])
    )


def _names_somebody(words: Sequence[str]) -> bool:
    """Whether a word that is no common one stands where a name would: "is jen …", "if maria …"."""
    return any(
        word in ("is", "does", "has", "was", "if", "whether", "that")
        and not find_concepts(name)
        and name not in _TRAITS
        for word, name in pairwise(words)
    )


def _tells_thing(reading: Reading, place: int) -> bool:
    """Whether the word after a trait is a thing that it describes, as in "the gay bar"."""
    tokens = reading.tokens
    if place + 1 == len(tokens) or tokens[place].folded in _ACTS:
        return False
    after = tokens[place + 1].folded
    if tokens[place].folded in ("sick", "ill") and after == "of":
        return True
    named = any(m.first <= place + 1 < m.last for m in reading.mentions)
    known = after in _PEOPLE or after in _TRAITS or bool(find_concepts(after))
    gap = reading.question[tokens[place].end : tokens[place + 1].start]
    return not named and not known and not after.endswith("ly") and not gap.strip()


def _is_attribute(reading: Reading, place: int) -> bool:
    """Whether the trait told of from a token on is said of somebody, and no subject of reviews."""
    tokens = reading.tokens
    for before in range(place - 1, -1, -1):
        word = tokens[before].folded
        gap = reading.question[tokens[before].end : tokens[before + 1].start]
        if word in _BREAKS or gap.strip(" -–'\"“”‘’()"):
            return True
        if word in ("about", "regarding") or not _OPINING.isdisjoint(find_concepts(word)):
            return word in ("tell", "told", "say")
    return True
