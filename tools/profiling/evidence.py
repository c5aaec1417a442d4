"""The sentences that show a finding best."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from tools.embedding.sentiment import find_rating_sides

PER_FINDING = 3
# What counts beside a sentence's similarity to its topic, which is about 0.3 to 0.8: that it says a
# word of the topic, its tone, that this is the wrong one, and that it is a scrap or a speech.
NAMED, TONE, WRONG, LENGTH = 0.5, 0.7, 0.4, 0.4
# In characters; what is longer is cut where it is quoted.
SCRAP, SPEECH = 30, 160
# Scores of the word list up to this tell nothing.
SILENT = 0.1


def measure_tone(sentences: pd.DataFrame) -> pd.Series[float]:
    """Polarities as far as they are beyond doubt: their mean with the word list's score, 0 where
    that or the review's rating is of the other side, half of them where the word list is silent.
    What seems to be praise in a review of one star was most likely misheard, and is no good
    example.

    sentences: polarity; rating (NaN for none); lexicon, the word list's compound score.
    """
    low, high = find_rating_sides(sentences["rating"].to_numpy(dtype=np.float32))
    rating, polarity = sentences["rating"], sentences["polarity"]
    denied = ((polarity > 0) & (rating <= low)) | ((polarity < 0) & (rating >= high))
    lexicon = sentences["lexicon"]
    agreed = np.sign(polarity) * lexicon
    said = (polarity + lexicon.where(agreed > SILENT, 0.0)) / 2
    return said.where(~denied & (agreed >= -SILENT), 0.0)


def weigh_evidence(
    said: pd.DataFrame,
    similarity: npt.NDArray[np.float64],
    naming: npt.NDArray[np.float32],
    side: float | npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """(n,) how well each sentence shows what is told: on topic, in its own words, of its tone,
    neither a scrap nor a speech.

    said: text, tone (`measure_tone`); similarity: (n,) to the topic; naming: (n,) of the topic
    (`terms.measure_naming`); side: above 0 where what is told is warm, below where it is cold.
    """
    length = said["text"].str.len().to_numpy()
    odd = (length < SCRAP) | (length > SPEECH)
    tone = np.sign(side) * said["tone"].to_numpy(dtype=np.float64)
    wrong = (np.sign(side) != 0) & (tone <= 0)
    return np.asarray(similarity + NAMED * naming + TONE * tone - WRONG * wrong - LENGTH * odd)


def choose_evidence(rows: pd.DataFrame, key: str) -> dict[tuple[int, object], list[str]]:
    """For each group_id and key the ids of up to 3 sentences that show it best, outspoken, each of
    another user.

    rows: sentence_id, group_id, user_id, text, similarity, polarity, tone, naming, and the column
    `key`.
    """
    fit = weigh_evidence(
        rows,
        rows["similarity"].to_numpy(dtype=np.float64),
        rows["naming"].to_numpy(dtype=np.float32),
        np.sign(rows["polarity"].to_numpy(dtype=np.float64)),
    )
    # Stable: of one text that was written of many items, every finding shows the same copy.
    ranked = rows.assign(fit=fit).sort_values("fit", ascending=False, kind="stable")
    ranked = ranked.drop_duplicates(["group_id", key, "user_id"])
    ranked = ranked.drop_duplicates(["group_id", key, "text"])
    best = ranked.groupby(["group_id", key]).head(PER_FINDING)
    return {
        (int(group), value): list(ids)
        for (group, value), ids in best.groupby(["group_id", key])["sentence_id"]
    }
