"""The sentences that are shown for a finding: on topic, in its words, of its tone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tools.profiling.evidence import choose_evidence, measure_tone
from tools.profiling.terms import measure_naming, measure_nouns

ROWS = pd.DataFrame(
    {
        "sentence_id": ["near", "named", "scrap"],
        "group_id": 1,
        "topic_id": 0,
        "user_id": ["a", "b", "c"],
        "text": [
            "We liked what we could see from there",
            "What a lovely sea view we had from there",
            "x",
        ],
        "similarity": [0.7, 0.6, 0.7],
        "polarity": [0.6, 0.6, 0.6],
        "tone": [0.6, 0.6, 0.6],
        "naming": [0.0, 0.0, 0.0],
    }
)


def test_a_text_names_a_topic_by_its_first_terms_best_and_by_whole_words() -> None:
    texts = pd.Series(
        ["The beaches!", "Sand everywhere", "Breach of trust", "beach bar", "沙滩很美"]
    )
    naming = measure_naming(texts, ["beach", "sea view", "sand", "沙滩"])
    assert naming.tolist() == [1.0, 0.5, 0.0, 1.0, 0.5]
    assert measure_naming(texts, []).tolist() == [0.0] * 5


def test_evidence_says_a_word_of_its_topic_where_it_can() -> None:
    naming = measure_naming(ROWS["text"], ["sea view"])
    assert choose_evidence(ROWS, "topic_id")[1, 0] == ["near", "named", "scrap"]
    assert choose_evidence(ROWS.assign(naming=naming), "topic_id")[1, 0][0] == "named"


def test_a_text_that_was_written_of_many_items_is_shown_once() -> None:
    copies = ROWS.assign(text=ROWS["text"].iloc[0], similarity=0.7)
    assert choose_evidence(copies, "topic_id")[1, 0] == ["near"]


def test_what_the_stars_or_the_word_list_deny_is_no_example() -> None:
    said = pd.DataFrame(
        {
            "polarity": [0.8, 0.8, 0.8, 0.8, -0.5, -0.5, -0.5],
            "rating": [5.0, 3.0, 1.0, np.nan, 5.0, 3.0, 1.0],
            "lexicon": [0.5, 0.0, 0.5, -0.5, -0.5, -0.5, 0.1],
        }
    )
    # The third is in a review of one star, the fourth reads badly, the fifth is in one of five
    # stars; the second and the last hold no word of the list.
    assert measure_tone(said).tolist() == [0.65, 0.4, 0.0, 0.0, 0.0, -0.5, -0.25]
    denied = ROWS.assign(similarity=[0.7, 0.6, 0.1], tone=[0.0, 0.6, 0.0])
    assert choose_evidence(denied, "topic_id")[1, 0] == ["named", "near", "scrap"]


def test_nouns_follow_articles_and_verbs_do_not() -> None:
    texts = [
        "We loved the soup.",
        "Our soup was cold, so we ordered another bowl",
        "Soup of the day",
    ]
    soup, ordered, bowl = measure_nouns(texts, ["soup", "ordered", "hot bowl"])
    # 3 of 6 words (not "loved" and "day", which reviews say everywhere) follow "the", "our" or
    # "another": so do 2 of 3 soups.
    assert soup == pytest.approx((2 + 5 / 2) / (3 + 5))
    assert ordered == pytest.approx((0 + 5 / 2) / (1 + 5))
    assert bowl == pytest.approx((1 + 5 / 2) / (1 + 5))


def test_texts_that_are_not_english_have_no_verbs_told_apart() -> None:
    texts = ["Das Zimmer war sauber", "Wir haben das Zimmer gern bezahlt"]
    assert measure_nouns(texts, ["zimmer", "bezahlt"]).tolist() == [1, 1]
