"""The service desk: what is read, what is found and when it is sure, what is asked, how urgent."""

from __future__ import annotations

import csv
import gzip
import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.data import SHARED
from tests.fakes import LengthEncoder
from tools.embedding.cache import EmbeddingCache
from tools.embedding.encoder import Encoder
from tools.errors import InputError, ReadError, WorkspaceError
from tools.support.calibration import choose_threshold, learn_odds
from tools.support.dialogues import read_dialogues, split_tags
from tools.support.intents import IntentClassifier
from tools.support.knowledge import (
    KnowledgeBase,
    build_knowledge,
    choose_answers,
    open_knowledge,
)
from tools.support.matching import Candidates, MatchWeights, learn_weights, measure_lead
from tools.support.urgency import judge_urgency
from tools.support.words import WordIndex, find_codes, list_words

BANKING = SHARED / "banking77" / "train.csv"

FAQ = [
    ("How long does delivery take?", "Three to five working days.", "delivery"),
    ("Can I send an item back for a refund?", "Within 30 days, unworn.", "returns"),
    ("How do I reset my password?", "Use the link on the sign-in page.", "account"),
    ("Which payment cards do you accept?", "Visa and Mastercard.", "payment"),
    ("Is there parking at the shop?", "Yes, behind the building.", "shop"),
    ("Do you sell gift vouchers?", "Yes, from 10 to 200 euros.", "shop"),
    ("What does error E-4071 on the boiler mean?", "The flame went out; press reset.", "boiler"),
    ("What does error E-5120 on the boiler mean?", "The pressure is low; top up.", "boiler"),
    ("What does error E-6033 on the boiler mean?", "The fan is blocked; call us.", "boiler"),
    ("Where can I get filters for the Kestrix?", "Order part 88 with us.", "parts"),
    ("Where can I get filters for the Velmora?", "Order part 12 with us.", "parts"),
    ("如何申请退款？", "请在订单页面点击退款。", "退款"),
    ("你们的营业时间是几点？", "每天九点到六点。", "门店"),
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture(scope="module")
def faq(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("faq")
    knowledge = make_knowledge(FAQ, folder, encoder)
    yield knowledge
    knowledge.close()


def make_knowledge(
    rows: list[tuple[str, str, str]], folder: Path, encoder: Encoder
) -> KnowledgeBase:
    table, _ = read_dialogues([write_rows(folder / "faq.csv", rows)])
    cache = EmbeddingCache(folder / "embeddings", encoder.name)
    build_knowledge(table.to_pandas(), folder / "desk", encoder, cache)
    return open_knowledge(folder / "desk", encoder)


def write_rows(file: Path, rows: list[tuple[str, str, str]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("question", "answer", "tags"), *rows])
    return file


def write_text(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


# Reading


def test_every_record_is_loaded_a_duplicate_or_rejected_with_its_line(tmp_path: Path) -> None:
    file = write_text(
        tmp_path / "a.csv",
        "question,answer,tags\n"
        "Where is it?,On its way.,order\n"
        ",An answer to nothing.,order\n"
        "where  is IT?,on its way.,Order\n"
        "Anyone there?,,\n"
        "Where is it?,In the shop.,order\n"
        "too,many,fields,here\n",
    )
    table, report = read_dialogues([file], rejects_to=tmp_path / "rejects.csv")
    assert (report.read, report.loaded, report.duplicates, report.rejected) == (6, 2, 1, 3)
    assert table["times"].to_pylist() == [2, 1]
    assert table["answer"].to_pylist() == ["On its way.", "In the shop."]
    with (tmp_path / "rejects.csv").open(encoding="utf-8", newline="") as out:
        rejects = [(int(row["line"]), row["reason"]) for row in csv.DictReader(out)]
    assert [line for line, _ in rejects] == [3, 5, 7]
    assert rejects[0][1] == "empty question"
    assert rejects[1][1] == "neither an answer nor a tag"


def test_gzipped_json_lines_with_other_names_give_the_same(tmp_path: Path) -> None:
    rows = [{"instruction": "Where is it?", "response": "On its way.", "intent": "order"}]
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    table, report = read_dialogues([file])
    csv_table, _ = read_dialogues(
        [write_rows(tmp_path / "a.csv", [("Where is it?", "On its way.", "order")])]
    )
    assert table.equals(csv_table)
    assert report.mapping == {"question": "instruction", "answer": "response", "tags": "intent"}


def test_a_mapping_goes_before_the_guess(tmp_path: Path) -> None:
    file = write_text(tmp_path / "a.csv", "question,q2,answer\nguessed,given,yes\n")
    table, _ = read_dialogues([file], mapping={"question": "q2"})
    assert table["question"].to_pylist() == ["given"]
    with pytest.raises(InputError, match="No column is named q3"):
        read_dialogues([file], mapping={"question": "q3"})


def test_a_question_again_in_another_file_is_a_duplicate(tmp_path: Path) -> None:
    files = [write_rows(tmp_path / name, FAQ[:3]) for name in ("a.csv", "b.csv")]
    _, report = read_dialogues(files)
    assert [(f.loaded, f.duplicates) for f in report.files] == [(3, 0), (0, 3)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("question,answer,tags\n", "holds a header and no records"),
        ("colour,size\nred,4\n", "no column that looks like question"),
        ("question,size\nWhy?,4\n", "no column that looks like answers or tags"),
        ("question,answer\n,yes\n,no\n", r"empty question \(2 of 2\)"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ReadError, match=told) as caught:
        read_dialogues([write_text(tmp_path / "bad.csv", text)])
    assert "\n" not in str(caught.value)


def test_no_file_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No file was given"):
        read_dialogues([])
    with pytest.raises(ReadError, match="absent"):
        read_dialogues([tmp_path / "absent.csv"])


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("refund; card", ("refund", "card")),
        ('["refund", "card", "refund"]', ("refund", "card")),
        ("['refund', 'card']", ("refund", "card")),
        ("退款、订单", ("退款", "订单")),
        ("", ()),
    ],
)
def test_tags_are_split(text: str, tags: tuple[str, ...]) -> None:
    assert split_tags(text) == tags


# Words


def test_codes_are_letters_and_digits_mixed_or_many_digits() -> None:
    text = "Order ORD-4471/B from 10pm, 24 items, 50gb, ref 1234567, model iphone13, 2nd try."
    assert find_codes(text) == {"ord4471b", "1234567", "iphone13"}


def test_chinese_is_cut_into_pairs() -> None:
    assert list_words("退款单号 AB-1234") == ["退款", "款单", "单号", "ab1234"]


def test_cover_is_the_share_of_the_words_weight() -> None:
    index = WordIndex(["red shoe", "red hat", "blue hat"])
    red, shoe, absent = math.log1p(1.5 / 2.5), math.log1p(2.5 / 1.5), math.log1p(3.5 / 0.5)
    cover = index.measure_cover("red shoe gone", np.array([0, 1, 2]))
    np.testing.assert_allclose(
        cover, np.array([red + shoe, red, 0]) / (red + shoe + absent), rtol=1e-12
    )


def test_a_code_that_nobody_knows_counts_against_none() -> None:
    index = WordIndex(["order late", "order E4071 late"])
    rows = np.array([0, 1])
    assert index.measure_cover("order XY-99812", rows).tolist() == [1, 1]
    assert index.match_codes("order XY-99812", rows).tolist() == [0, 0]
    assert index.match_codes("order e-4071", rows).tolist() == [-1, 1]


# Fusion and calibration, by hand


def test_nearness_words_and_codes_add_up_to_one_probability() -> None:
    weights = MatchWeights(intercept=-2, cosine=3, cover=1, lead=2, codes=4)
    found = Candidates(
        np.arange(2), *(np.array(v) for v in ([0.8, 0.6], [0.5, 0.5], [0.2, -0.2], [-1.0, 1.0]))
    )
    odds = [-2 + 2.4 + 0.5 + 0.4 - 4, -2 + 1.8 + 0.5 - 0.4 + 4]
    np.testing.assert_allclose(weights.weigh(found), [1 / (1 + math.exp(-o)) for o in odds])


def test_the_lead_is_over_the_nearest_with_another_answer() -> None:
    cosine = np.array([0.9, 0.8, 0.5, 0.7])
    kinds = np.array([1, 1, 2, 3])
    np.testing.assert_allclose(measure_lead(cosine, kinds), [0.2, 0.1, -0.4, -0.2])
    assert measure_lead(cosine, np.ones(4, dtype=np.int64)).tolist() == [0, 0, 0, 0]


def test_the_threshold_keeps_wilsons_lower_end_above_the_precision() -> None:
    confidence = np.linspace(1, 0.6, 1000)
    right = np.ones(1000, dtype=bool)
    right[500:] = False
    ones = np.ones(1000)
    threshold = choose_threshold(confidence, right, ones, 0.9)
    kept = confidence >= threshold
    assert 0.9 < right[kept].mean() < 0.95
    assert choose_threshold(confidence, ~right, ones, 0.9) == 1
    assert choose_threshold(confidence[:5], right[:5], ones[:5], 0.9) == 1, "five prove too little"
    easy = np.linspace(1, 0.97, 1000)
    assert choose_threshold(easy, easy > 0, ones, 0.95) == 0.95, "all right: no more is asked"
    assert choose_threshold(easy - 0.9, easy > 0, ones, 0.95) == 0.5


def test_odds_are_those_of_the_sample() -> None:
    features = np.zeros((100, 1))
    right = np.arange(100) < 75
    odds = learn_odds(features, right, np.ones(100))
    assert 1 / (1 + math.exp(-odds[-1])) == pytest.approx(0.75 * 76 / 77 + 0.25 * 1 / 27, abs=1e-3)


def test_a_sample_without_a_mistake_teaches_no_certainty() -> None:
    odds = learn_odds(np.ones((20, 1)), np.ones(20, dtype=bool), np.ones(20))
    assert 0.9 < 1 / (1 + math.exp(-odds.sum())) < 0.99


# The knowledge base


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("how many days until my parcel is delivered", "Three to five working days."),
        ("I forgot my password, how can I reset it?", "Use the link on the sign-in page."),
        ("can I return an item and get my money refunded?", "Within 30 days, unworn."),
        ("如何申请退款", "请在订单页面点击退款。"),
    ],
)
def test_a_paraphrase_finds_its_question(faq: KnowledgeBase, message: str, answer: str) -> None:
    found = faq.find_answers(message)
    assert found.matches[0].answer == answer
    assert found.sure, found.explain()
    confidences = [m.confidence for m in found.matches]
    assert confidences == sorted(confidences, reverse=True)


@pytest.mark.parametrize(
    "message",
    [
        "Who won the football game last night?",
        "My cat sleeps on the sofa all day.",
        "Tell me a joke about penguins.",
        "今天天气怎么样",
        "asdf qwer",
    ],
)
def test_an_unrelated_message_finds_no_sure_match_and_says_so(
    faq: KnowledgeBase, message: str
) -> None:
    found = faq.find_answers(message)
    assert not found.sure
    assert "No past question surely answers" in found.explain()


@pytest.mark.parametrize("message", ["", "   "])
def test_an_empty_message_finds_nothing(faq: KnowledgeBase, message: str) -> None:
    found = faq.find_answers(message)
    assert found.matches == []
    assert not found.sure
    assert faq.tell_intent(message) is None


@pytest.mark.parametrize("code", ["E-4071", "e5120", "E.6033"])
def test_a_code_finds_its_question(faq: KnowledgeBase, code: str) -> None:
    found = faq.find_answers(f"my boiler went cold, the display shows {code}")
    assert find_codes(found.matches[0].question) == find_codes(code)


def test_words_find_a_code_that_vectors_miss(encoder: Encoder, tmp_path: Path) -> None:
    rows = [(f"The invoice {n} came late", f"Answer {n}.", "invoice") for n in range(70123, 70223)]
    rows[40] = ("Nothing came for REF-99X1 so far", "It left on Monday.", "order")
    knowledge = make_knowledge(rows, tmp_path, encoder)
    message = "the invoice came late ref99x1"
    vector = encoder.encode([message])[0]
    near = [int(i) for i, _ in knowledge.store.search(vector, limit=50, equal={})]
    assert 40 not in near
    assert knowledge.find_answers(message).matches[0].answer == "It left on Monday."
    knowledge.close()


@pytest.mark.parametrize("name", ["Kestrix", "Velmora"])
def test_a_products_name_finds_its_question(faq: KnowledgeBase, name: str) -> None:
    best = faq.find_answers(f"I need a new filter, {name}").matches[0]
    assert name in best.question
    assert name.lower() in best.shared


def test_a_limit_below_one_is_refused(faq: KnowledgeBase) -> None:
    assert len(faq.find_answers("delivery", limit=3).matches) == 3
    with pytest.raises(InputError, match="at least 1; got 0"):
        faq.find_answers("delivery", limit=0)


def test_the_best_answer_is_the_one_given_most_often_then_last() -> None:
    dialogues = pd.DataFrame(
        {
            "question_id": list("abcdef"),
            "question": ["Open?", "open?", "OPEN?", "Where?", "where?", "Why?"],
            "answer": ["No.", "Yes.", "Soon.", "Here.", "There.", None],
            "tags": [[]] * 6,
            "times": [1, 3, 1, 1, 1, 1],
        }
    )
    best = choose_answers(dialogues)
    assert best["answer"].tolist() == ["Yes.", "There."]
    assert best["n_answers"].tolist() == [3, 2]


def test_questions_without_answers_answer_none(encoder: Encoder, tmp_path: Path) -> None:
    rows = [(f"where is my {w}", "", "order") for w in ("parcel", "box", "letter", "bag")]
    rows += [(f"give me back my {w}", "", "refund") for w in ("money", "cash", "deposit", "fee")]
    knowledge = make_knowledge(rows, tmp_path, encoder)
    found = knowledge.find_answers("where is my parcel")
    assert not found.sure
    assert found.explain() == "No past question is anything like this message."
    intent = knowledge.tell_intent("where is my suitcase")
    assert intent is not None
    assert intent.tag == "order"
    knowledge.close()


def test_a_folder_without_or_with_half_a_knowledge_base_is_refused(
    encoder: Encoder, tmp_path: Path
) -> None:
    with pytest.raises(WorkspaceError, match="no knowledge base"):
        open_knowledge(tmp_path, encoder)
    make_knowledge(FAQ, tmp_path, encoder).close()
    record = tmp_path / "desk" / "questions.parquet"
    pd.read_parquet(record).iloc[:3].to_parquet(record)
    with pytest.raises(WorkspaceError, match="damaged: 3 questions are on record and 13"):
        open_knowledge(tmp_path / "desk", encoder)


def test_weights_are_learned_where_answers_are_shared_and_else_kept() -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(10, 32))
    kinds = np.repeat(np.arange(10), 15)
    vectors = (centres[kinds] + 0.4 * rng.normal(size=(150, 32))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    questions = [f"w{k} w{rng.integers(40)} w{rng.integers(40)}" for k in kinds]
    answers = [f"answer {k}" for k in kinds]
    weights = learn_weights(questions, vectors, answers, WordIndex(questions))
    assert weights.learned
    assert weights.cosine + weights.lead > 1
    assert 0.5 <= weights.sure < 1
    alone = [f"{a} {n}" for n, a in enumerate(answers)]
    assert learn_weights(questions, vectors, alone, WordIndex(questions)) == MatchWeights()


# Intents


def plant_intents(per_tag: int) -> tuple[list[str], np.ndarray, list[str]]:
    """Four tags in corners of a space of 8 dimensions, a word each."""
    rng = np.random.default_rng(1)
    kinds = np.repeat(np.arange(4), per_tag)
    vectors = np.eye(4, 8)[kinds] + 0.15 * rng.normal(size=(len(kinds), 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [f"{'alpha beta gamma delta'.split()[k]} {rng.integers(100)}" for k in kinds]
    return texts, vectors.astype(np.float32), [f"tag{k}" for k in kinds]


def test_planted_intents_are_found_and_a_stranger_is_not_sure() -> None:
    texts, vectors, tags = plant_intents(60)
    model = IntentClassifier().fit(texts[::2], vectors[::2], tags[::2])
    found = model.predict(texts[1::2], vectors[1::2])
    assert [intent.tag for intent in found] == tags[1::2]
    assert np.mean([intent.sure for intent in found]) > 0.9
    stranger = np.zeros((1, 8), np.float32)
    stranger[0, 7] = 1
    assert not model.predict(["omega"], stranger)[0].sure


def test_left_out_scores_are_those_of_models_that_never_saw_the_question() -> None:
    texts, vectors, tags = plant_intents(6)
    vectors += 0.5 * np.random.default_rng(2).normal(size=vectors.shape).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = ["same words"] * len(texts)
    right = 0
    for left in range(len(tags)):
        kept = [row for row in range(len(tags)) if row != left]
        model = IntentClassifier().fit(
            [texts[k] for k in kept], vectors[kept], [tags[k] for k in kept]
        )
        right += model.predict([texts[left]], vectors[[left]])[0].tag == tags[left]
    told = IntentClassifier().fit(texts, vectors, tags).left_out_accuracy_
    assert 0.3 < told < 1
    assert told == pytest.approx(right / len(tags))


def test_a_saved_classifier_says_the_same(tmp_path: Path) -> None:
    texts, vectors, tags = plant_intents(20)
    model = IntentClassifier().fit(texts, vectors, tags)
    model.save(tmp_path / "intents.npz")
    again = IntentClassifier.load(tmp_path / "intents.npz")
    for a, b in zip(model.predict(texts, vectors), again.predict(texts, vectors), strict=True):
        assert (a.tag, a.sure) == (b.tag, b.sure)
        assert a.confidence == pytest.approx(b.confidence, abs=0.01)


def test_too_few_tags_are_refused() -> None:
    encoder = LengthEncoder()
    texts = ["a", "b c", "d e f"]
    with pytest.raises(InputError, match="at least 2 tags with 3 questions each; got 1"):
        IntentClassifier().fit(texts, encoder.encode(texts), ["x", "x", "x"])


@pytest.mark.skipif(not BANKING.is_file(), reason=f"{BANKING} is not there")
def test_real_questions_find_their_intent_and_answer(encoder: Encoder, tmp_path: Path) -> None:
    chosen = ["card_arrival", "exchange_rate", "lost_or_stolen_card", "terminate_account"]
    with BANKING.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["category"] in chosen]
    kept = {tag: [row["text"] for row in rows if row["category"] == tag][:50] for tag in chosen}
    planted = [(q, f"About {tag}.", tag) for tag, questions in kept.items() for q in questions[:40]]
    knowledge = make_knowledge(planted, tmp_path, encoder)
    asked = [(q, tag) for tag, questions in kept.items() for q in questions[40:]]
    intents = [knowledge.tell_intent(q) for q, _ in asked]
    right = [i is not None and i.tag == tag for i, (_, tag) in zip(intents, asked, strict=True)]
    found = [knowledge.find_answers(q, limit=1) for q, _ in asked]
    answered = [f.matches[0].tags == (tag,) for f, (_, tag) in zip(found, asked, strict=True)]
    assert np.mean(right) >= 0.95
    assert np.mean(answered) >= 0.95
    assert knowledge.weights.learned
    assert np.mean([f.sure for f in found]) >= 0.7
    for stranger in ("How do I cook rice?", "The hotel pool was lovely."):
        assert not knowledge.find_answers(stranger).sure
        intent = knowledge.tell_intent(stranger)
        assert intent is not None
        assert not intent.sure
    knowledge.close()


# Urgency and tone


@pytest.mark.parametrize(
    ("message", "level", "kind", "word"),
    [
        ("I was charged twice for my order", "high", "harm", "charged twice"),
        (
            "You took payment for the meal two times",
            "high",
            "harm",
            "took payment for the meal two times",
        ),
        ("My card was stolen", "high", "harm", "stolen"),
        ("I'm allergic to nuts, are there any in it?", "high", "harm", "allergic"),
        ("I can’t log in and my flight is tomorrow", "high", "stuck", "can't log"),
        ("我的卡被盗了", "high", "harm", "被盗"),
        ("My parcel is stuck in customs", "normal", "stuck", "stuck"),
        ("Answer me today, please", "normal", "deadline", "today"),
        ("WHERE IS MY PARCEL?!", "normal", "loud", "PARCEL"),
    ],
)
def test_urgent_words_are_found_and_named(message: str, level: str, kind: str, word: str) -> None:
    found = judge_urgency(message)
    assert found.level == level
    assert word in {w for signal in found.signals if signal.kind == kind for w in signal.words}
    assert word in found.explain()


@pytest.mark.parametrize(
    ("message", "level", "tone"),
    [
        ("Thanks, we had a lovely stay", "low", "pleased"),
        ("Thanks! Where can I find the menu?", "normal", "pleased"),
        ("Where can I find the menu?", "normal", "neutral"),
        ("This is terrible, awful service", "normal", "angry"),
        ("Our Scampi from Sue's firefly bar", "normal", "neutral"),
        ("Thanks!!", "low", "pleased"),
        ("", "normal", "neutral"),
    ],
)
def test_level_and_tone_of_plain_messages(message: str, level: str, tone: str) -> None:
    found = judge_urgency(message)
    assert (found.level, found.tone) == (level, tone)


def test_points_add_up_to_the_level() -> None:
    found = judge_urgency("URGENT!! I already called, still waiting, I will see my lawyer")
    assert {signal.kind for signal in found.signals} >= {"deadline", "loud", "repeated", "threat"}
    assert found.points == sum(signal.points for signal in found.signals)
    assert found.level == "high"
