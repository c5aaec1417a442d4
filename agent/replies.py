"""What is said where no tool is called."""

from __future__ import annotations

import re

SENSITIVE = (
    "I don't infer a person's health, religion, origin, sexuality or politics from reviews. "
    "I can tell you what users say about a topic instead, for example who likes or dislikes it."
)
READ_ONLY = (
    "I only read the data and can't add, change or delete anything in it. "
    "Changes are made outside the chat, on the data page or the command line."
)
GREETING = (
    "Hello! Ask me which users like or dislike something, which groups there are, or what people "
    "say about a topic."
)
THANKS = "You're welcome. Ask on whenever you like."
GOODBYE = "Goodbye, and come back with more questions whenever you like."
NOTED = "All right. Ask about users, groups or topics whenever you like."
ABOUT = (
    "I answer questions about the loaded reviews: who likes what, the groups of users, single "
    "users, opinions on a topic and how they change, each with quotes as evidence. "
    "Numbers, names and quotes come from the data, never from a language model."
)
TRUST = (
    "Every figure and quote that I give is computed from the loaded reviews, and the quotes shown "
    "are the evidence. Ask for the reviews behind an answer to check it."
)
OFF_TOPIC = (
    "The reviews can't tell that. Ask me about the users, their groups, topics or the reviews "
    "themselves."
)
WHICH = "I can read that in two ways. Which do you mean?"
ASK_FOR = {
    "group": "Which group do you mean? Give its name or number.",
    "first": "Which two groups do you want to compare? Give their names or numbers.",
    "second": "With which group should it be compared? Give its name or number.",
    "user": "Which user do you mean? Give their id.",
    "item": "Which item do you mean? Give its id or title.",
    "topic": "About what? Name a topic, for example breakfast.",
    "query": "Reviews about what? Name a topic, for example breakfast.",
    "message": "What did the customer write? Put it in quotation marks.",
}

_GREETING = re.compile(
    r"^\W*(hi+|hey+a?|hello|hallo|yo|howdy|greetings|good (morning|afternoon|evening|day)|morning|"
    r"welcome)\b",
    re.IGNORECASE,
)
_THANKS = re.compile(r"\b(thanks?|thx|ty|cheers|much appreciated|thank (yo)?u)\b", re.IGNORECASE)
_GOODBYE = re.compile(
    r"\b(bye|goodbye|see (you|ya)|farewell|good night|that('s| is| will be) all|no more "
    r"questions)\b",
    re.IGNORECASE,
)
_NOTED = re.compile(
    r"^\W*(ok(ay)?|cool|great|nice|fine|super|awesome|perfect|wow|lol|yes|no|alright|got it|good|"
    r"h+m+|never ?mind|forget it|impressive|right|sure|yep|nope)\b",
    re.IGNORECASE,
)
_TRUST = re.compile(
    r"\b(are you (sure|certain)|trust|reliab\w+|accura\w+|can('|’)?t be right|"
    r"why do you (think|say)|how do you know|mistakes?|where do (your|the) (numbers|figures)|"
    r"(source|sources) of)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(you|your|yourself|u|this (tool|chat|assistant|app)|tribune|help|how (do|does|did) .*"
    r"(work|comput\w+|calculat\w+|upload|export|cluster\w*)|what (can|questions?) .* ask|"
    r"what does \w+ mean)\b",
    re.IGNORECASE,
)
# What a short question asks for without saying of whom.
_UNSAID = (
    (re.compile(r"\b(compar\w+|differ\w*|in common|alike)\b", re.IGNORECASE), "first"),
    (re.compile(r"\b(report|persona|recommend\w*|suggest\w*)\b", re.IGNORECASE), "group"),
)
_ERRAND = re.compile(
    r"\b(can|could|will|would) (you|u) (?!do|help|tell me what you|explain what you|answer)\w+",
    re.IGNORECASE,
)


def reply_to(question: str) -> str:
    """One or two sentences for a question that no tool answers and nothing forbids."""
    words = len(question.split())
    if _GOODBYE.search(question):
        return GOODBYE
    if _THANKS.search(question) and words <= 10:
        return THANKS
    if _GREETING.match(question) and words <= 7:
        return GREETING
    if _TRUST.search(question):
        return TRUST
    if _NOTED.match(question) and words <= 6:
        return NOTED
    for pattern, unsaid in _UNSAID:
        if pattern.search(question) and words <= 6:
            return ASK_FOR[unsaid]
    if _ABOUT.search(question) and not _ERRAND.search(question):
        return ABOUT
    return OFF_TOPIC
