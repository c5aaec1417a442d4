"""Surges among tweets that name a company's stock: alerts per ticker and day, 2014 to 2016.

Tickers are the items, VADER's compound score is the polarity. One JSON line says what was read and
how long it took; one how many surges of each kind there are, and how many among tweets whose days
were drawn anew within their ticker, quarter and weekday, so that only the quarters differ; then one
a surge, surest first.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable

import numpy as np
import pandas as pd
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from benchmarks.data import find_data
from benchmarks.machine import describe_machine
from tools.monitoring.surges import Surge, find_surges
from tools.profiling.terms import tokenize

SHUFFLES = 5
WORDS = 8


def read_tweets(*, polarity: bool, originals: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tweets as reviews (one a tweet and ticker) and as sentences of no topic.

    originals: leave out retweets, and what says the same of a ticker as an earlier tweet but for
    links and names.
    """
    tweets = pd.read_csv(find_data("stock_tweets/tweets.csv.gz"), dtype={"user_id": str})
    if originals:
        bare = tweets["text"].fillna("").str.lower().str.replace(r"https?\S*|@\S*", "", regex=True)
        bare = bare.str.replace(r"\W+", " ", regex=True).str.strip()
        copies = tweets.assign(bare=bare).sort_values("created_at").duplicated(["ticker", "bare"])
        tweets = tweets[(tweets["is_retweet"] == 0) & ~copies.reindex(tweets.index)]
    moments = pd.to_datetime(tweets["created_at"], utc=True).dt.tz_localize(None)
    reviews = pd.DataFrame(
        {
            "review_id": tweets["tweet_id"].astype(str) + "/" + tweets["ticker"],
            "user_id": tweets["user_id"],
            "item_id": tweets["ticker"],
            "time": moments,
            "text": tweets["text"].fillna(""),
        }
    ).drop_duplicates("review_id")
    score = SentimentIntensityAnalyzer().polarity_scores if polarity else None
    sentences = pd.DataFrame(
        {
            "review_id": reviews["review_id"],
            "topic_id": -1,
            "polarity": [score(t)["compound"] if score else np.nan for t in reviews["text"]],
        }
    )
    return reviews, sentences


def shuffle_days(reviews: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The tweets of each ticker with their days mixed within each weekday and quarter."""
    day = reviews["time"].dt.normalize()
    keys = [
        reviews["item_id"],
        day.dt.to_period("Q").rename("quarter"),
        day.dt.day_of_week.rename("weekday"),
    ]
    moved = reviews.groupby(keys)["time"].transform(lambda t: rng.permutation(t.to_numpy()))
    spread = reviews.groupby(keys)["time"].transform(
        lambda t: rng.choice(t.dt.normalize().unique(), len(t))
    )
    return reviews.assign(time=spread + (moved - moved.dt.normalize()))


def find_words(surge: Surge, reviews: pd.DataFrame, shares: pd.Series[float]) -> list[str]:
    """Words whose share of users is highest above that in all tweets of the ticker."""
    own = reviews[reviews["review_id"].isin(surge.review_ids)]
    here = share_words(own)
    usual = shares.reindex(here.index, fill_value=0.0)
    return list((here - usual).nlargest(WORDS).index)


def share_words(tweets: pd.DataFrame) -> pd.Series[float]:
    """Word → share of the tweets' users who use it."""
    pairs = {
        (user, word)
        for user, text in zip(tweets["user_id"], tweets["text"], strict=True)
        for word in set(tokenize(text))
    }
    words = pd.Series([word for _, word in pairs], dtype="str")
    return words.value_counts() / max(1, tweets["user_id"].nunique())


def count_kinds(surges: Iterable[Surge]) -> dict[str, int]:
    """Surges of each kind."""
    kinds = [surge.kind for surge in surges]
    return {kind: kinds.count(kind) for kind in ("volume", "negative")}


def main() -> None:
    """Print the lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--top", type=int, default=40, help="surges printed")
    parser.add_argument("--length", choices=("day", "week"), default="day")
    parser.add_argument("--originals", action="store_true", help="no retweets and no copies")
    parser.add_argument("--no-polarity", action="store_true", help="volume alone")
    parser.add_argument("--shuffles", type=int, default=SHUFFLES)
    args = parser.parse_args()
    begun = time.perf_counter()
    reviews, sentences = read_tweets(polarity=not args.no_polarity, originals=args.originals)
    users = pd.DataFrame({"user_id": reviews["user_id"].unique(), "group_id": np.nan})
    read = time.perf_counter()
    surges = find_surges(reviews, sentences, users, length=args.length)
    found = time.perf_counter()
    days = (reviews["time"].max() - reviews["time"].min()).days + 1
    facts = {
        "tweets": len(reviews),
        "users": len(users),
        "tickers": int(reviews["item_id"].nunique()),
        "days": days,
        "read_and_polarity_s": round(read - begun, 1),
        "find_s": round(found - read, 1),
        "machine": describe_machine(),
    }
    print(json.dumps(facts))
    rng = np.random.default_rng(0)
    quiet = [
        count_kinds(find_surges(shuffle_days(reviews, rng), sentences, users, length=args.length))
        for _ in range(args.shuffles)
    ]
    print(json.dumps({"surges": count_kinds(surges), "of_shuffled_days": quiet}))
    usual = {ticker: share_words(own) for ticker, own in reviews.groupby("item_id")}
    usual[None] = share_words(reviews)
    for surge in sorted(surges, key=lambda s: s.p)[: args.top]:
        line = {
            "what": surge.subject.describe(),
            "kind": surge.kind,
            "start": f"{surge.start:%Y-%m-%d}",
            "end": f"{surge.end:%Y-%m-%d}",
            "observed": surge.observed,
            "expected": round(surge.expected, 1),
            "ratio": round(surge.ratio, 1),
            "p": float(f"{surge.p:.2g}"),
            "q": float(f"{surge.q:.2g}"),
            "users": len(surge.user_ids),
            "words": find_words(surge, reviews, usual[surge.subject.item_id]),
        }
        print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
