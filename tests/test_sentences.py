"""Splitting reviews: boundaries where a reader sees them, and no word lost."""

from __future__ import annotations

import random
import time

import pytest

from tools.reviews.sentences import MAX_WORDS, count_words, split_sentences

PIECES = [
    "good", "Bad", "the", "3.5", "€9", "Mr.", "e.g.", "U.S.", "I", "wi-fi", "don't", "naïve", "...",
    "…", "!", "?!", ".", ",", ";", "\n", "\r\n", "\t", "  ", "😀", "👍🏽", "👩‍👩‍👧", "❤️", "“so”", "(it)",
    "http://a.b/c?d=1", "距离很近", "，", "。", "！", "房间不错", "カフェ", "очень", "_", "#", "$5", "no",
]  # fmt: skip


def letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def test_plain_sentences_come_apart_and_keep_their_marks() -> None:
    assert split_sentences("The room was lovely. Would I come back? Yes of course! Ask for a view.") == [
        "The room was lovely.",
        "Would I come back?",
        "Yes of course!",
        "Ask for a view.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sentence",
    [
        "We met Mr. Kowalski and Dr. Lim at the desk.",
        "Bring cash, e.g. coins for the tram.",
        "The bus at 7 a.m. was late again.",
        "He lives in the U.S. and complains a lot.",
        "It costs approx. 12.50 per person, tax incl. at 7.5 percent.",
        "St. Mary's Inn is on 5th ave. near the park.",
        "The room was... fine, I suppose.",
        "Well… not my thing at all.",
        "J. P. Morgan slept here once.",
        "Version 2.0 of the app, at www.example.org, works.",
        "It scored 4.5/5 and cost 3.11, which is fair.",
    ],
)
def test_a_full_stop_inside_a_sentence_does_not_end_it(sentence: str) -> None:
    assert split_sentences(sentence) == [sentence]


def test_an_abbreviation_can_end_a_sentence() -> None:
    assert split_sentences("Check-in is at 3 p.m. The lobby is small.") == [
        "Check-in is at 3 p.m.",
        "The lobby is small.",
    ]
    assert split_sentences("Towels, soap, etc. Everything was there.") == [
        "Towels, soap, etc.",
        "Everything was there.",
    ]


def test_an_ellipsis_ends_a_sentence_where_a_capital_follows() -> None:
    assert split_sentences("We waited for hours... Nobody came to help.") == [
        "We waited for hours...",
        "Nobody came to help.",
    ]


def test_quotes_and_brackets_stay_with_their_sentence() -> None:
    assert split_sentences('She said "never again." We agreed with her. (It rained too.) We left.') == [
        'She said "never again."',
        "We agreed with her.",
        "(It rained too.) We left.",
    ]  # fmt: skip


def test_emoji_stand_for_a_full_stop_before_a_capital_only() -> None:
    assert split_sentences("Loved the pool 😍 The food was great 👍🏽 will return") == [
        "Loved the pool 😍",
        "The food was great 👍🏽 will return",
    ]
    assert split_sentences("😀😀") == ["😀😀"]


def test_lines_are_sentences() -> None:
    assert split_sentences("pros of this place:\ngreat view here\r\ncheap drinks too") == [
        "pros of this place:",
        "great view here",
        "cheap drinks too",
    ]


def test_scraps_join_the_sentence_before_them() -> None:
    assert split_sentences("The tapas were wonderful. So good! !!!") == [
        "The tapas were wonderful. So good! !!!"
    ]
    assert split_sentences("Good!") == ["Good!"]


def test_a_text_without_words_has_no_sentences() -> None:
    for text in ("", "   \n", "!!!", "… - …", "***"):
        assert split_sentences(text) == []


def test_chinese_ends_at_its_own_marks() -> None:
    assert split_sentences("距离川沙公路较近，房间较为简单。早餐很好！服务员怎么样？“很热情。”下次再来") == [
        "距离川沙公路较近，房间较为简单。",
        "早餐很好！",
        "服务员怎么样？",
        "“很热情。”",
        "下次再来",
    ]  # fmt: skip


def test_text_without_punctuation_is_cut_near_conjunctions() -> None:
    text = "we went there last may with my sister " * 4 + "and " + "the food was good but slow " * 5
    pieces = split_sentences(text)
    assert len(pieces) == 2
    assert pieces[1].startswith(("and ", "but "))
    assert all(count_words(p) <= MAX_WORDS for p in pieces)


def test_chinese_without_stops_is_cut_at_commas() -> None:
    pieces = split_sentences("酒店的位置非常好离地铁站很近，" * 8)
    assert all(count_words(p) <= MAX_WORDS for p in pieces)
    assert all(p.endswith("，") for p in pieces)


@pytest.mark.parametrize("seed", range(40))
def test_no_word_is_lost_and_no_sentence_is_too_long_or_empty(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(25):
        glue = rng.choice(["", " ", "  ", " "])
        text = glue.join(rng.choices(PIECES, k=rng.choice([1, 5, 30, 200])))
        sentences = split_sentences(text)
        assert letters("".join(sentences)) == letters(text)
        for sentence in sentences:
            assert sentence == " ".join(sentence.split())
            assert letters(sentence) or any(ord(c) > 0x2600 for c in sentence)
            assert count_words(sentence) <= MAX_WORDS


def test_words_stay_whole() -> None:
    rng = random.Random(1)
    words = ["breakfast", "don't", "wi-fi", "ok", "and", "because", "pool,", "9", "naïve"]
    for _ in range(50):
        text = " ".join(rng.choices(words, k=300))
        assert " ".join(split_sentences(text)).split() == text.split()


def test_a_huge_text_is_split_within_seconds() -> None:
    for text in ("word " * 100_000, "好" * 50_000, "a/b" * 50_000, "ok. " * 30_000, "! " * 30_000):
        start = time.process_time()
        assert letters("".join(split_sentences(text))) == letters(text)
        assert time.process_time() - start < 5
