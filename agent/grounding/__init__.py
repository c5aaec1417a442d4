"""Grounding: every sentence shown rests on claims that code wrote from a tool's facts.

check.py       Grounding: finds the claims that together support a sentence
index.py       which claims could support each assertion
parts.py       the stretches of a sentence that may rest on a claim of their own
support.py     whether one claim supports one stretch: figures, names
directions.py  … more and less, love and hate, denials
quotes.py      whether a quote is a run of the cited review
sources.py     claims, read
sense.py       a sentence, read for what it asserts, out of
               reading.py (tokens, names), numerals.py and figures.py, dates.py, ways.py
sentences.py   an answer into sentences
words.py       the word lists
"""

from agent.grounding.check import Grounding
from agent.grounding.reading import Names
from agent.grounding.sentences import split_sentences
from agent.grounding.sources import Failure

__all__ = ["Failure", "Grounding", "Names", "split_sentences"]
