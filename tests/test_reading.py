"""Reading reviews and items: columns, values, duplicates, several files, the account."""

import csv
import gzip
import json
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tools.errors import InputError, ReadError
from tools.reviews.accounts import FileReport, ReadReport
from tools.reviews.reading import read_items, read_reviews
from tools.reviews.rejects import safe_cell

DATA = Path(__file__).parents[2] / "shared" / "data"


def real(name: str) -> Path:
    if not (DATA / name).exists():
        pytest.skip(f"needs {name} in shared/data")
    return DATA / name


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def write_objects(path: Path, objects: Iterable[Mapping[str, object]]) -> Path:
    return write(path, *(json.dumps(one) for one in objects))


def rejects_in(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_yelp_is_read_whole_and_within_three_seconds() -> None:
    start = time.process_time()
    table, report = read_reviews([real("yelp10k/reviews.csv.gz")])
    assert time.process_time() - start < 3
    assert (report.read, report.loaded, report.rejected) == (10_000, 10_000, 0)
    assert report.mapping == {
        "review_id": "review_id",
        "user_id": "user_id",
        "item_id": "business_id",
        "rating": "stars",
        "text": "text",
        "time": "date",
    }
    assert len(set(table["user_id"].to_pylist())) == 6403
    first = table.slice(0, 1).to_pylist()[0]
    assert first["review_id"] == "fWKvX83p0-ka4JS3dc6E5A"
    assert first["time"] == datetime(2011, 1, 26)
    assert "\n\nDo yourself a favor" in first["text"]
    assert '"toast"' in first["text"]
    assert first["useful"] == "5"


def test_yelp_equals_what_the_csv_module_reads() -> None:
    path = real("yelp10k/reviews.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        expected = [row["text"] for row in csv.DictReader(file)]
    assert read_reviews([path])[0]["text"].to_pylist() == expected


def test_tweets_are_read_within_ten_seconds_and_repeats_are_told_apart() -> None:
    start = time.process_time()
    table, report = read_reviews([real("stock_tweets/tweets.csv.gz")])
    assert time.process_time() - start < 10
    # 119,641 records of 96,826 tweets; of those 718 repeat user, ticker and text.
    assert (report.read, report.loaded, report.duplicates) == (119_641, 96_108, 23_533)
    assert report.mapping["item_id"] == "ticker"
    assert table["rating"].null_count == table.num_rows
    assert table["time"].null_count == 0
    assert any("repeat a review id: 22,815" in note for note in report.notes)
    assert any("No rating column" in note for note in report.notes)


def test_amazon_repeats_are_left_out_and_empty_texts_listed(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    table, report = read_reviews([real("amazon_all_beauty/reviews.jsonl.gz")], rejects_to=rejects)
    assert (report.read, report.loaded, report.duplicates, report.rejected) == (
        (5269, 4212, 1052, 5)
    )
    assert report.mapping["time"] == "unixReviewTime"
    assert {"summary", "style", "reviewTime"} <= set(table.column_names)
    assert table["time"][0].as_py() == datetime(2016, 9, 1)
    assert json.loads(table["style"][0].as_py())["Size:"] == " 7.0 oz"
    assert [row["reason"] for row in rejects_in(rejects)] == ["empty text"] * 5


def test_chinese_hotels_have_no_users_and_their_labels_are_no_ratings() -> None:
    table, report = read_reviews([real("zh_hotels/reviews.csv.gz")])
    assert (report.read, report.loaded, report.rejected) == (7766, 7765, 1)
    assert table["user_id"].null_count == table.num_rows
    assert set(table["label"].to_pylist()) == {"0", "1"}
    assert any("No user column" in note for note in report.notes)
    assert any("Column label" in note and "rating=label" in note for note in report.notes)


def test_labels_become_ratings_when_mapped() -> None:
    table, report = read_reviews([real("zh_hotels/reviews.csv.gz")], mapping={"rating": "label"})
    assert set(table["rating"].to_pylist()) == {0.0, 1.0}
    assert any("only 0 and 1" in note for note in report.notes)


def test_movielens_items_have_titles_and_genres() -> None:
    table, report = read_items(real("ml-100k/items.tsv"))
    assert (report.read, report.loaded, report.files[0].delimiter) == (1682, 1682, "\t")
    assert table.slice(0, 1).to_pylist()[0] == {
        "item_id": "1",
        "title": "Toy Story",
        "category": "Animation Children's Comedy",
        "price": None,
        "release_year:token": "1995",
    }


def test_the_table_has_the_promised_types(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "user,text,colour", "ann,good,red")
    table, _ = read_reviews([file])
    assert table.schema == pa.schema(
        [
            ("review_id", pa.string()),
            ("user_id", pa.string()),
            ("item_id", pa.string()),
            ("rating", pa.float64()),
            ("text", pa.string()),
            ("time", pa.timestamp("us")),
            ("colour", pa.string()),
        ]
    )


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_ids_stay_as_written(tmp_path: Path, suffix: str) -> None:
    rows = [
        {"user_id": user, "item_id": item, "text": f"text {user}"}
        for user, item in [("007", "NA"), ("7", "null"), ("NA", "1e5"), ("nan", "0x1F")]
    ]
    file = tmp_path / f"a.{suffix}"
    if suffix == "csv":
        write(file, "user_id,item_id,text", *(",".join(row.values()) for row in rows))
    elif suffix == "jsonl":
        write_objects(file, rows)
    else:
        pq.write_table(pa.Table.from_pylist(rows), file)
    table, _ = read_reviews([file])
    assert table.select(["user_id", "item_id", "text"]).to_pylist() == rows


def test_numeric_ids_of_json_and_parquet_have_no_decimal_point(tmp_path: Path) -> None:
    text = ["a", "b", "c"]
    file = tmp_path / "a.parquet"
    # What pandas makes of integers with a gap.
    pq.write_table(pa.table({"user_id": [7.0, None, 12345678901.0], "text": text}), file)
    assert read_reviews([file])[0]["user_id"].to_pylist() == ["7", None, "12345678901"]
    lines = write_objects(tmp_path / "a.jsonl", [{"user_id": 7, "text": "a"}])
    assert read_reviews([lines])[0]["user_id"].to_pylist() == ["7"]


def test_parquet_keeps_times_nested_values_and_numbers(tmp_path: Path) -> None:
    file = tmp_path / "year=2020" / "a.parquet"
    file.parent.mkdir()
    moment = datetime(2020, 5, 17, 10, 30)
    columns = {
        "text": pa.array(["fine", "bad"]),
        "stars": pa.array([4.5, None]),
        "date": pa.array([moment, None], pa.timestamp("ns", "Europe/Berlin")),
        "votes": pa.array([{"useful": 1}, None]),
        "kind": pa.array(["x", "y"]).dictionary_encode(),
    }
    pq.write_table(pa.table(columns), file)
    table, report = read_reviews([file])
    assert report.files[0].format == "parquet"
    assert table["rating"].to_pylist() == [4.5, None]
    assert table["time"].to_pylist() == [moment, None]
    assert table["votes"].to_pylist() == ['{"useful": 1}', None]
    assert table["kind"].to_pylist() == ["x", "y"]
    assert "year" not in table.column_names


def test_files_with_different_columns_come_together_in_order(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", "reviewerID;asin;reviewText;Colour", "u1;i1;good;red")
    second = write_objects(
        tmp_path / "b.jsonl", [{"user": "u2", "hotel": "h", "review": "bad", "colour": "blue"}]
    )
    table, report = read_reviews([first, second], mapping={"user_id": "reviewerID"})
    assert table["user_id"].to_pylist() == ["u1", "u2"]
    assert table["item_id"].to_pylist() == ["i1", "h"]
    assert table["Colour"].to_pylist() == ["red", "blue"]
    assert report.mapping["text"] == "reviewText or review"
    assert [(file.name, file.loaded) for file in report.files] == [("a.csv", 1), ("b.jsonl", 1)]


def test_a_mapping_goes_before_the_guess_and_the_loser_stays_an_attribute(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "user_id,nick,text,score", "1,ann,good,4")
    table, report = read_reviews([file], mapping={"user_id": "nick", "rating": ""})
    assert table["user_id"].to_pylist() == ["ann"]
    assert table["user_id_in_file"].to_pylist() == ["1"]
    assert table["score"].to_pylist() == ["4"]
    assert "rating" not in report.mapping


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"user_id": "nobody"}, "No column is named nobody.*text, stars"),
        ({"stars": "stars"}, "no column stars to map to.*rating"),
    ],
)
def test_an_unknown_column_in_a_mapping_is_refused(
    tmp_path: Path, mapping: dict[str, str], message: str
) -> None:
    file = write(tmp_path / "a.csv", "text,stars", "good,4")
    with pytest.raises(InputError, match=message):
        read_reviews([file], mapping=mapping)


def test_without_a_text_column_the_error_lists_the_columns(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "who,what", "ann,good")
    with pytest.raises(ReadError, match=r"who, what.*--map text=COLUMN"):
        read_reviews([file])


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        (
            "Id,ProductId,UserId,ProfileName,Score,Time,Summary,Text",
            {"user_id": "UserId", "item_id": "ProductId", "rating": "Score", "text": "Text"},
        ),
        (
            "reviewId,userName,content,score,thumbsUpCount,at,appId",
            {"review_id": "reviewId", "user_id": "userName", "rating": "score", "time": "at"},
        ),
        ("listing_id,id,date,reviewer_id,reviewer_name,comments", {"item_id": "listing_id"}),
        ("Hotel Name,Review Text,Review Rating", {"item_id": "Hotel Name", "text": "Review Text"}),
        ("userId,movieId,rating,timestamp,review", {"item_id": "movieId", "user_id": "userId"}),
    ],
)
def test_common_headers_are_understood(
    tmp_path: Path, header: str, mapping: dict[str, str]
) -> None:
    values = {"score": "4", "rating": "4", "time": "1350777600", "text": "fine food"}
    row = [values.get(name.lower().split()[-1], "2012-10-21") for name in header.split(",")]
    file = write(tmp_path / "a.csv", header, ",".join(row))
    _, report = read_reviews([file], mapping={"text": "comments"} if "comments" in header else None)
    assert mapping.items() <= report.mapping.items()


def test_ratings_are_read_in_many_spellings_and_the_unreadable_counted(tmp_path: Path) -> None:
    given = ["4", "4.5", '"4,5"', "4/5", "5 stars", "4.0 out of 5 stars", "★★★☆☆", "", "NA", "good"]
    rows = [f"text {n},{value}" for n, value in enumerate(given)]
    table, report = read_reviews([write(tmp_path / "a.csv", "text,rating", *rows)])
    assert table["rating"].to_pylist() == [4, 4.5, 4.5, 4, 5, 4, 3, None, None, None]
    assert any(
        "Ratings that could not be read and are left empty: 1" in n and "good" in n
        for n in report.notes
    )


def test_a_rating_far_off_the_scale_is_mentioned(tmp_path: Path) -> None:
    rows = [f"text {n},{n % 5 + 1}" for n in range(200)]
    file = write(tmp_path / "a.csv", "text,rating", *rows, "one more,50")
    _, report = read_reviews([file])
    assert any("Ratings outside 0 to 5" in note and "50" in note for note in report.notes)


def test_duplicates_by_id_and_by_words_are_counted_apart(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.csv",
        "review_id,user_id,item_id,text",
        "1,ann,x,good",
        "1,ann,x,good indeed",  # the id again
        "2,ann,x,good",  # the words again
        "3,bob,x,good",  # another user
        "4,ann,y,good",  # another item
        "5,,x,good",
        "6,,x,good",  # nobody knows who, the same words
    )
    table, report = read_reviews([file])
    assert table["review_id"].to_pylist() == ["1", "3", "4", "5"]
    assert (report.read, report.duplicates) == (7, 3)
    assert any("repeat a review id: 1" in n and "another text" in n for n in report.notes)
    assert any(note.endswith("of another: 2.") for note in report.notes)
    assert any("name no user: 1." in note for note in report.notes)


def test_made_ids_are_the_same_at_every_reading(tmp_path: Path) -> None:
    lines = ["user,item,text,date", "ann,x,good,2020-01-01", "bob,x,good,2020-01-01"]
    once = read_reviews([write(tmp_path / "a.csv", *lines)])[0]["review_id"].to_pylist()
    again = read_reviews([write(tmp_path / "b.csv", lines[0], lines[2])])[0]["review_id"]
    assert len(set(once)) == 2
    assert again.to_pylist() == once[1:]


def test_a_file_read_twice_adds_nothing(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "user,text", "ann,good", "bob,bad")
    _, report = read_reviews([file, file])
    assert [(one.loaded, one.duplicates) for one in report.files] == [(2, 0), (0, 2)]


def test_row_numbers_of_two_files_are_no_review_ids(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", "id,text", "1,one", "2,two")
    second = write(tmp_path / "b.csv", "id,text", "1,three", "2,four")
    table, report = read_reviews([first, second])
    assert report.loaded == 4
    assert table["id"].to_pylist() == ["1", "2", "1", "2"]
    assert any("Column id only numbers the rows" in note for note in report.notes)


def test_rejects_are_safe_to_open_in_a_spreadsheet(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    file = write(tmp_path / "a.csv", "user,text", "ann,good", "=1+1,x,y", "-,", "@me,a,b,c")
    read_reviews([file], rejects_to=rejects)
    assert [(row["line"], row["record"]) for row in rejects_in(rejects)] == [
        ("3", "'=1+1,x,y"),
        ("4", "'-,"),
        ("5", "'@me,a,b,c"),
    ]
    assert safe_cell("\tx") == "'\tx"
    assert safe_cell("fine = good") == "fine = good"


def test_items_have_prices_and_categories_and_each_id_once(tmp_path: Path) -> None:
    file = write_objects(
        tmp_path / "items.jsonl",
        [
            {"asin": "A", "title": "Comb", "categories": ["Beauty", "Hair"], "price": "$1,234.50"},
            {"asin": "B", "price": "12,99 €"},
            {"asin": "A", "title": "Comb again"},
            {"title": "nameless"},
            {"asin": "C", "price": "$$"},
        ],
    )
    rejects = tmp_path / "rejects.csv"
    table, report = read_items(file, rejects_to=rejects)
    assert table["item_id"].to_pylist() == ["A", "B", "C"]
    assert table["price"].to_pylist() == [1234.5, 12.99, None]
    assert table["category"].to_pylist() == ["Beauty, Hair", None, None]
    assert (report.read, report.loaded, report.duplicates, report.rejected) == (5, 3, 1, 1)
    assert [row["line"] for row in rejects_in(rejects)] == ["4"]
    assert any(
        "Prices that could not be read and are left empty: 1" in note for note in report.notes
    )


def test_progress_never_goes_back_and_names_the_file(tmp_path: Path) -> None:
    seen: list[tuple[str, float]] = []
    files = [
        write(tmp_path / name, "user,text", *(f"u{n},{name} {n}" for n in range(5000)))
        for name in ("a.csv", "b.csv")
    ]
    read_reviews(files, progress=lambda step, share: seen.append((step, share)))
    shares = [share for _, share in seen]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1
    assert {"reading a.csv", "reading b.csv"} <= {step for step, _ in seen}


def test_an_account_that_does_not_add_up_is_refused() -> None:
    files: list[FileReport] = []
    with pytest.raises(ValueError, match="went missing"):
        ReadReport(10, 5, 2, 2, {}, files, [])
