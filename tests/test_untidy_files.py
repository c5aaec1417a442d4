"""Files that are broken, oddly encoded or no files of reviews at all: nothing shifts, nothing is
lost, and what cannot be read is said."""

import bz2
import csv
import gzip
import io
import json
import random
import struct
import zlib
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tools.errors import InputError, ReadError
from tools.reviews.accounts import ReadReport
from tools.reviews.reading import read_reviews

HEADER = "user,item,rating,text\n"


def read_bytes(tmp_path: Path, data: bytes, name: str = "a.csv") -> tuple[pa.Table, ReadReport]:
    file = tmp_path / name
    file.write_bytes(data)
    return read_reviews([file], rejects_to=tmp_path / "rejects.csv")


def read_text(tmp_path: Path, text: str, name: str = "a.csv") -> tuple[pa.Table, ReadReport]:
    return read_bytes(tmp_path, text.encode(), name)


def rejects_in(tmp_path: Path) -> list[tuple[int, str]]:
    with (tmp_path / "rejects.csv").open(encoding="utf-8", newline="") as file:
        return [(int(row["line"]), row["reason"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("line_end", "quoting"),
    [
        ("\n", csv.QUOTE_MINIMAL),
        ("\n", csv.QUOTE_ALL),
        ("\r\n", csv.QUOTE_MINIMAL),
        ("\r", csv.QUOTE_ALL),
    ],
)
def test_what_the_csv_module_writes_comes_back_equal(
    tmp_path: Path, delimiter: str, line_end: str, quoting: Literal[0, 1]
) -> None:
    rng = random.Random(f"{delimiter}{line_end}{quoting}")
    alphabet = 'ab "",;\t|\n\r\n\\\'=é你😀'
    rows = [
        [f"u{n}", "".join(rng.choices(alphabet, k=rng.randrange(12))), f"said {n}{delimiter}"]
        for n in range(200)
    ]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerows([["user", "remark", "text"], *rows])
    table, report = read_text(tmp_path, out.getvalue())
    assert report.files[0].delimiter == delimiter
    assert report.rejected == 0
    got = table.select(["user_id", "remark", "text"]).to_pylist()
    assert [[row["user_id"], row["remark"] or "", row["text"]] for row in got] == rows


def test_any_damage_leaves_every_record_accounted_for(tmp_path: Path) -> None:
    rng = random.Random(1)
    out = io.StringIO(newline="")
    csv.writer(out).writerows(
        [f"u{n % 7}", f"i{n % 5}", n % 5 + 1, rng.choice(["good, cheap", 'a "fine"\nplace', "ok"])]
        for n in range(60)
    )
    for _ in range(40):
        text = list(HEADER + out.getvalue())
        for _ in range(3):
            text[rng.randrange(len(HEADER), len(text))] = rng.choice('",\n\0xé')
        # The report refuses to exist if it does not add up.
        table, report = read_text(tmp_path, "".join(text))
        assert table.num_rows == report.loaded
        assert len(rejects_in(tmp_path)) == report.rejected
        assert report.rejected <= 8
        assert set(table["user_id"].to_pylist()) >= {f"u{n}" for n in range(7)}


@pytest.mark.parametrize("others", ["fine, {n}", 'a "quoted" {n}', "two\nlines {n}"])
def test_an_unclosed_quote_costs_its_own_record_only(tmp_path: Path, others: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    for n in range(200):
        if n == 50:
            out.write('u50,i,4,"never closed\n')
        else:
            writer.writerow([f"u{n}", "i", 4, others.format(n=n)])
    table, report = read_text(tmp_path, HEADER + out.getvalue())
    assert (report.read, report.loaded, report.rejected) == (200, 199, 1)
    assert "u50" not in table["user_id"].to_pylist()
    assert table["text"][198].as_py() == others.format(n=199)
    line = 2 + 50 * (1 + others.count("\n"))
    assert rejects_in(tmp_path)[0][0] == line


def test_an_unclosed_quote_says_where_it_opened(tmp_path: Path) -> None:
    read_text(tmp_path, HEADER + 'ann,i,4,"open\nbob,i,5,good\n')
    assert rejects_in(tmp_path) == [(2, "the quote opened on line 2 is never closed")]


def test_the_rest_of_a_broken_text_is_no_record_of_its_own(tmp_path: Path) -> None:
    broken = 'ann,i,4,"she said "hi" and\nleft, slowly,\nvery slowly"\n'
    table, report = read_text(tmp_path, HEADER + broken + "bob,i,5,good\ncid,i,5\n")
    assert table["user_id"].to_pylist() == ["bob"]
    assert report.read == 3
    assert [line for line, _ in rejects_in(tmp_path)] == [2, 6]


def test_an_unquoted_comma_shifts_nothing(tmp_path: Path) -> None:
    rows = "ann,i,4,good\nbob,i,5,nice, really\ncid,i\ndan,i,3,meh\n"
    table, report = read_text(tmp_path, HEADER + rows)
    assert table["user_id"].to_pylist() == ["ann", "dan"]
    assert table["text"].to_pylist() == ["good", "meh"]
    assert report.read == 4
    assert rejects_in(tmp_path) == [
        (3, "5 fields where the header has 4"),
        (4, "2 fields where the header has 4"),
    ]


def test_quotes_inside_unquoted_text_are_text(tmp_path: Path) -> None:
    table, _ = read_text(tmp_path, HEADER + 'ann,i,4,a 14" pizza\nbob,i,5, "quoted, too" \n')
    assert table["text"].to_pylist() == ['a 14" pizza', "quoted, too"]


def test_backslashes_before_quotes_are_understood(tmp_path: Path) -> None:
    rows = "".join(f'u{n},i,4,"he said \\"hi, {n}\\""\n' for n in range(5))
    table, report = read_text(tmp_path, HEADER + rows)
    assert report.rejected == 0
    assert table["text"][4].as_py() == 'he said "hi, 4"'


def test_a_field_of_three_megabytes_is_read(tmp_path: Path) -> None:
    long = 'so "good", ' * 300_000
    quoted = long.replace('"', '""')
    table, _ = read_text(tmp_path, HEADER + f'ann,i,4,"{quoted}"\nbob,i,5,short\n')
    assert table["text"].to_pylist() == [long, "short"]


def test_many_empty_quotes_behind_an_open_one_take_no_time(tmp_path: Path) -> None:
    rows = "".join(f'u{n},"",4,text {n}\n' for n in range(20_000))
    _, report = read_text(tmp_path, HEADER + 'ann,i,4,"open\n' + rows)
    assert (report.loaded, report.rejected) == (20_000, 1)


def test_one_column_of_texts_needs_no_quotes(tmp_path: Path) -> None:
    table, report = read_text(tmp_path, 'text\ngood, cheap\n\n"two\nlines"\n')
    assert table["text"].to_pylist() == ["good, cheap", "two\nlines"]
    assert report.files[0].delimiter == ""


def test_the_delimiter_that_excel_declares_is_used(tmp_path: Path) -> None:
    table, report = read_text(tmp_path, "sep=;\nuser;text\nann;good, cheap\nbob\n")
    assert table["text"].to_pylist() == ["good, cheap"]
    assert report.files[0].delimiter == ";"
    assert rejects_in(tmp_path) == [(4, "1 fields where the header has 2")]


def test_headers_without_a_name_or_with_one_twice_get_one(tmp_path: Path) -> None:
    table, _ = read_text(tmp_path, ",text,Note,note\n0,good,x,y\n")
    assert table.column_names[6:] == ["column_1", "Note", "note_2"]


WORDS = "Très bon café, señor – “wow”"


@pytest.mark.parametrize(
    ("codec", "start", "encoding"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", b"\xef\xbb\xbf", "UTF-8 with BOM"),
        ("utf-16-le", b"\xff\xfe", "UTF-16"),
        ("utf-16-be", b"\xfe\xff", "UTF-16"),
        ("utf-16-le", b"", "UTF-16 LE"),
        ("windows-1252", b"", "Windows-1252"),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_encodings_are_told_apart(
    tmp_path: Path, codec: str, start: bytes, encoding: str, zipped: bool
) -> None:
    data = start + f'user,text\nJosé,"{WORDS}"\nann,plain text\n'.encode(codec)
    table, report = read_bytes(tmp_path, gzip.compress(data) if zipped else data)
    assert table["user_id"].to_pylist() == ["José", "ann"]
    assert table["text"][0].as_py() == WORDS
    assert report.files[0].encoding == encoding
    assert any("Windows-1252" in note for note in report.notes) == (codec == "windows-1252")


def test_chinese_in_gb18030_is_read(tmp_path: Path) -> None:
    text = "距离川沙公路较近，房间较为简单。"
    table, report = read_bytes(tmp_path, f"label,review\n1,{text}\n".encode("gb18030"))
    assert table["text"].to_pylist() == [text]
    assert any("GB18030" in note for note in report.notes)


def test_a_few_damaged_bytes_do_not_garble_the_rest(tmp_path: Path) -> None:
    data = "user,text\nann,très bon café ñandú\nbob,caf".encode() + b"\xe9\n"
    table, report = read_bytes(tmp_path, data)
    assert table["text"].to_pylist() == ["très bon café ñandú", "café"]
    assert any("not UTF-8, read as Windows-1252: 1" in note for note in report.notes)


def test_nul_bytes_are_taken_out_and_counted(tmp_path: Path) -> None:
    table, report = read_bytes(tmp_path, b"user,text\nann,go\0od\nbob,fine\0\n")
    assert table["text"].to_pylist() == ["good", "fine"]
    assert any("NUL bytes taken out of a.csv: 2" in note for note in report.notes)


def test_a_large_file_is_decoded_across_blocks(tmp_path: Path) -> None:
    rows = "".join(f"u{n},距离{n}é\n" for n in range(120_000))
    table, report = read_text(tmp_path, "user,text\n" + rows)
    assert report.files[0].encoding == "UTF-8"
    assert table["text"][119_999].as_py() == "距离119999é"


def test_json_comes_in_lines_in_a_row_in_an_array_or_spread_out(tmp_path: Path) -> None:
    objects = [{"user": f"u{n}", "text": f'a {{"b}} {n}', "more": [{"x": n}]} for n in range(4)]
    lines = "".join(json.dumps(one) + "\n" for one in objects)
    layouts = {
        "lines": lines,
        "crlf": lines.replace("\n", "\r\n"),
        "row": "".join(json.dumps(one) for one in objects),
        "array": json.dumps(objects),
        "array of lines": "[\n" + ",\n".join(json.dumps(one) for one in objects) + "\n]\n",
        "spread array": json.dumps(objects, indent=2),
        "spread": "\n".join(json.dumps(one, indent=2) for one in objects),
    }
    for layout, text in layouts.items():
        table, report = read_text(tmp_path, text, "a.json")
        assert table["text"].to_pylist() == [one["text"] for one in objects], layout
        assert table["more"][3].as_py() == '[{"x": 3}]'
        assert report.read == 4


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"text": "a"}\n{"text": "b"\n{"text": "c"}\n', 2),
        ('{"text": "a"}\n{"text": "b\nb"}\n{"text": "c"}\n', 2),
        ('{"text": "a"}\n\noops\n{"text": "c"}\n', 3),
        ('{"text": "a"}\n[1, 2]\n{"text": "c"}\n', 2),
        ('{"text": "a"}\n{}\n{"text": "c"}\n', 2),
        ('{"text": "a"}{"text": b"}{"text": "c"}', 1),
        ('[{"text": "a"},\n{"text": b},\n{"text": "c"}]', 2),
        ('{"text": broken}\n{"text": "a"}\n{"text": "c"}\n', 1),
    ],
)
def test_a_broken_object_costs_itself_only(tmp_path: Path, text: str, line: int) -> None:
    table, report = read_text(tmp_path, text, "a.jsonl")
    assert table["text"].to_pylist() == ["a", "c"]
    assert (report.read, report.rejected) == (3, 1)
    assert rejects_in(tmp_path)[0][0] == line


def test_odd_json_values_do_no_harm(tmp_path: Path) -> None:
    deep = '{"text": ' + "[" * 100_000 + "}\n"
    number = '{"text": "n", "votes": ' + "9" * 5000 + "}\n"
    text = '{"text": "half \\ud83d a pair, nul \\u0000", "rating": NaN, "user": true}\n'
    table, report = read_text(tmp_path, text + deep + number, "a.jsonl")
    assert table["text"].to_pylist() == ["half \ufffd a pair, nul "]
    assert table["rating"].to_pylist() == [None]
    assert table["user_id"].to_pylist() == ["true"]
    assert report.rejected == 2


def png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (gzip.compress(b""), "is empty"),
        (b"user,text\n", "holds a header and no records"),
        (b"[]", "holds a header and no records"),
        (b"user,text\nann,\nbob, \n", r"No record of a.csv could be loaded: empty text \(2 of 2\)"),
        (b"user,text\nann\n", "No record .* 1 fields where the header has 2"),
        (b"{broken\n", "No record .* not valid JSON"),
        (b'"user,text\nann,good\n', "broken header.*never closed"),
        (png(), "a PNG image"),
        (gzip.compress(png()), "a PNG image"),
        (b"PK\x03\x04rest", "a zip archive or an Excel workbook"),
        (b"%PDF-1.7\n", "a PDF document"),
        (bz2.compress(b"text\ngood\n"), "a bzip2 archive"),
        (b"<!doctype html>", "HTML or XML"),
        (bytes(range(256)) * 20, "a binary file"),
        (b"PAR1 and no more", "a damaged Parquet file"),
        (gzip.compress(b"text\n" + random.Random(0).randbytes(5000))[:2000], "a damaged gzip"),
    ],
)
def test_what_is_no_file_of_reviews_ends_in_one_sentence(
    tmp_path: Path, data: bytes, message: str
) -> None:
    with pytest.raises(ReadError, match=message) as raised:
        read_bytes(tmp_path, data)
    assert "\n" not in str(raised.value)
    assert "a.csv" in str(raised.value)
    assert not (tmp_path / "rejects.csv").exists()


def test_a_missing_file_and_a_folder_end_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="There is no file"):
        read_reviews([tmp_path / "none.csv"])
    with pytest.raises(ReadError, match="is not a file"):
        read_reviews([tmp_path])
    with pytest.raises(InputError, match="No file was given"):
        read_reviews([])


def test_a_truncated_parquet_file_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["good"]}), file)
    with pytest.raises(ReadError, match="a damaged Parquet file"):
        read_bytes(tmp_path, file.read_bytes()[:-20])
