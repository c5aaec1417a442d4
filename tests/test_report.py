"""Persona reports: every figure recomputed from the Parquet files, every quote looked up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from scipy import stats

from agent.persona.booklet import gather_report
from agent.report import Format, render_report, write_report
from agent.use_cases import Tribune
from tests.hostile import SCRIPT, build_hostile_world
from tools.errors import InputError, UnknownName

GROUPS = ["1", "4", "10"]
KINDS = {
    "What they talk about more than the others": "topic",
    "What they love": "like",
    "What they praise; none of it clearly more than the others": "like",
    "What they hate": "dislike",
    "What they complain of; none of it clearly more than the others": "dislike",
    "What they talk about less than the others": "topic",
    "Items they review more than the others": "item",
    "Categories they review more than the others": "category",
}
DOERS = {
    "topic": "SELECT DISTINCT group_id, user_id, topic_id AS key FROM s WHERE topic_id >= 0",
    "like": "SELECT DISTINCT group_id, user_id, topic_id AS key FROM s "
    "WHERE topic_id >= 0 AND polarity >= 0.25",
    "dislike": "SELECT DISTINCT group_id, user_id, topic_id AS key FROM s "
    "WHERE topic_id >= 0 AND polarity <= -0.25",
    "item": "SELECT DISTINCT group_id, user_id, item_id AS key FROM s WHERE item_id IS NOT NULL",
    "category": "SELECT DISTINCT group_id, user_id, category AS key FROM s JOIN items "
    "USING (item_id) WHERE category IS NOT NULL",
}


@dataclass
class Page(HTMLParser):
    """What a reader of the page sees, and what its tags refer to."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""
    style: str = ""
    hidden: int = 0
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("meta", "link", "img", "br"):
            return
        self.open.append(tag)
        if self.hidden or dict(attrs).get("aria-hidden"):
            self.hidden += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.hidden -= bool(self.hidden)

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            self.style += data
        elif not self.hidden and "title" not in self.open:
            self.text += " " + data


def render(tribune: Tribune, group: str, format: Format) -> str:
    """The report on a group as text."""
    return render_report(gather_report(tribune, [group]), format).decode()


def read_page(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    assert not page.open
    return page


def plain(text: str) -> str:
    """Markdown without its escapes."""
    text = re.sub(r"\\([\\`*_{}\[\]#|~$])", r"\1", text)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&#64;", "@"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text


def numbers(text: str) -> Counter[str]:
    return Counter(re.findall(r"\d+(?:[.,]\d+)*", text))


def read_table(text: str, title: str) -> list[list[str]]:
    """Rows of the table under a heading of the Markdown report."""
    body = text.split(f"### {title}\n", 1)[1].split("\n#", 1)[0]
    rows = [line for line in body.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in plain(row)[2:-2].split(" | ")] for row in rows[2:]]


@pytest.fixture(scope="module")
def record(sample_tribune: Tribune) -> duckdb.DuckDBPyConnection:
    """The Parquet files, queried apart from the code under test."""
    db = duckdb.connect()
    for path in sample_tribune.version.glob("*.parquet"):
        db.execute(f"CREATE VIEW {path.stem} AS SELECT * FROM '{path}'")
    db.execute(
        """CREATE VIEW s AS SELECT sentences.* EXCLUDE (group_id), users.group_id
           FROM sentences JOIN users USING (user_id) WHERE users.group_id IS NOT NULL"""
    )
    return db


@pytest.fixture(scope="module")
def hostile_tribune(tmp_path_factory: pytest.TempPathFactory) -> Tribune:
    return build_hostile_world(tmp_path_factory.mktemp("hostile"))


def one(db: duckdb.DuckDBPyConnection, sql: str, *parameters: object) -> tuple[float, ...]:
    found = db.execute(sql, parameters).fetchone()
    assert found is not None
    return found


@pytest.fixture(scope="module", params=GROUPS)
def group(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def texts(sample_tribune: Tribune, group: str) -> tuple[str, str]:
    """The report as Markdown and as a page."""
    return (
        render(sample_tribune, group, "md"),
        render(sample_tribune, group, "html"),
    )


def share(n: float, total: float) -> str:
    rate = n / total
    return f"{rate:.1%}" if 0 < rate < 0.01 or 0.995 <= rate < 1 else f"{rate:.0%}"


def part(n: float, total: float) -> str:
    return f"{n:,} of {total:,} ({share(n, total)})"


def test_size_reviews_and_sentences_are_those_of_the_record(
    texts: tuple[str, str], record: duckdb.DuckDBPyConnection, group: str
) -> None:
    mine, everyone, none = one(
        record,
        """SELECT count(*) FILTER (group_id = ?), count(*), count(*) FILTER (group_id IS NULL)
           FROM users""",
        group,
    )
    reviews = [
        one(
            record,
            f"""SELECT count(*) FILTER (u.group_id = ?), count(*)
                FROM {table} t LEFT JOIN users u USING (user_id)""",
            group,
        )
        for table in ("reviews", "sentences")
    ]
    text = plain(texts[0])
    assert f"{mine} of {everyone} users ({share(mine, everyone)}) are in this group" in text
    (own, every), (said, all_said) = reviews
    assert (
        f"They wrote {own:,} of {every:,} reviews ({share(own, every)}) and "
        f"{said:,} of {all_said:,} sentences ({share(said, all_said)})." in text
    )
    assert (
        f"the {everyone - mine - none} users of the other groups. Users of no group ({none})"
        in text
    )


def test_means_are_those_of_the_record(
    texts: tuple[str, str], record: duckdb.DuckDBPyConnection, group: str
) -> None:
    rows = {row[0]: row[1:] for row in read_table(texts[0], "Beside the others and everyone")}
    measures = {
        "Reviews per user": ("n_reviews", "users", "{:.1f}", "users"),
        "Stars": ("t.rating", "reviews t JOIN users USING (user_id)", "{:.2f}", "reviews"),
        "Price of items": ("price", "users", "{:,.0f}", "users"),
        "Warmth, −1 to 1": (
            "t.polarity",
            "sentences t JOIN users USING (user_id)",
            "{:+.2f}",
            "sentences",
        ),
    }
    assert set(rows) == set(measures)
    for label, (column, source, form, unit) in measures.items():
        expected = []
        for condition in (f"users.group_id = {group}", f"users.group_id <> {group}", "true"):
            mean, n = one(
                record, f"SELECT avg({column}), count({column}) FROM {source} WHERE {condition}"
            )
            expected.append(f"{form.format(mean)} ({n:,} {unit})")
        assert rows[label][:3] == expected


def test_differences_of_means_are_tested_over_users(
    texts: tuple[str, str], record: duckdb.DuckDBPyConnection, group: str
) -> None:
    rows = read_table(texts[0], "Beside the others and everyone")
    users = record.execute("SELECT * FROM users WHERE group_id IS NOT NULL").df()
    inside = users["group_id"] == int(group)
    tests = [
        stats.mannwhitneyu(users[inside][c], users[~inside][c], method="asymptotic").pvalue
        for c in ("n_reviews", "rating", "price", "polarity")
    ]
    for row, q in zip(rows, stats.false_discovery_control(tests), strict=True):
        assert row[5] == ("q < 0.001" if q < 0.001 else f"q = {q:.3f}")
        assert (row[4] == "may be chance") == (q >= 0.05)


def test_words_are_counted_by_user(
    texts: tuple[str, str], record: duckdb.DuckDBPyConnection, group: str
) -> None:
    rows = read_table(texts[0], "Words that more of them use")
    assert len(rows) == 8
    written = record.execute(
        """SELECT group_id, string_agg(text, ' ') FROM reviews JOIN users USING (user_id)
           WHERE group_id IS NOT NULL GROUP BY group_id, user_id"""
    ).fetchall()
    bags = []
    for owner, text in written:
        words = re.split(r"[^\w'-]+", text.lower().replace("’", "'"))
        bags.append((owner == int(group), {word.strip("'-").removesuffix("'s") for word in words}))
    for word, inside, outside in rows:
        counts = Counter(own for own, bag in bags if word in bag)
        assert inside.startswith(f"{counts[True]} of ")
        assert outside.startswith(f"{counts[False]} of ")


def contrasts(db: duckdb.DuckDBPyConnection, kind: str) -> pd.DataFrame:
    """All things of a kind that three users of a group do, tested."""
    doers = db.execute(DOERS[kind]).df()
    size = dict(
        db.execute(
            "SELECT group_id, count(*) FROM users WHERE group_id IS NOT NULL GROUP BY 1"
        ).fetchall()
    )
    table = doers.groupby(["group_id", "key"]).size().rename("inside").reset_index()
    table["outside"] = table.groupby("key")["inside"].transform("sum") - table["inside"]
    table = table[table["inside"] >= 3].reset_index(drop=True)
    table["n_in"] = table["group_id"].map(size)
    table["n_out"] = sum(size.values()) - table["n_in"]
    both = [
        min(
            1.0,
            2 * stats.hypergeom.sf(r.inside - 1, r.n_in + r.n_out, r.inside + r.outside, r.n_in),
            2 * stats.hypergeom.cdf(r.inside, r.n_in + r.n_out, r.inside + r.outside, r.n_in),
        )
        for r in table.itertuples()
    ]
    table["q"] = stats.false_discovery_control(both)
    least = table["outside"].where(table["outside"] > 0, 0.5)
    table["lift"] = (table["inside"] / table["n_in"]) / (least / table["n_out"])
    return table


def name_keys(db: duckdb.DuckDBPyConnection, kind: str) -> dict[object, str]:
    if kind == "category":
        return {c: c for (c,) in db.execute("SELECT DISTINCT category FROM items").fetchall()}
    sql = (
        "SELECT item_id, title FROM items"
        if kind == "item"
        else "SELECT topic_id, name FROM topics"
    )
    return dict(db.execute(sql).fetchall())


def test_every_contrast_is_counted_and_tested_as_the_record_has_it(
    texts: tuple[str, str], record: duckdb.DuckDBPyConnection, group: str
) -> None:
    checked = 0
    for title, kind in KINDS.items():
        if f"### {title}\n" not in texts[0]:
            continue
        known = contrasts(record, kind)
        known["name"] = known["key"].map(name_keys(record, kind))
        mine = known[known["group_id"] == int(group)].set_index("name")
        for name, inside, outside, lift, *_ in read_table(texts[0], title):
            row = mine.loc[name.split(";")[0]]
            n_in, n_out = int(row["n_in"]), int(row["n_out"])
            assert inside == part(int(row["inside"]), n_in).replace(" (", " users (")
            assert outside == part(int(row["outside"]), n_out).replace(" (", " others (")
            q = "q < 0.001" if row["q"] < 0.001 else f"q = {row['q']:.3f}"
            times = f"{row['lift']:.1f}" if row["lift"] < 9.95 else f"{row['lift']:.0f}"
            assert lift == f"{times}×, {q}"
            assert row["q"] < 0.05 or "none of it" in title
            checked += 1
    assert checked >= 5


def test_stances_are_counted_by_user(
    texts: tuple[str, str], record: duckdb.DuckDBPyConnection, group: str
) -> None:
    for title in (t for t, k in KINDS.items() if k in ("like", "dislike")):
        for name, *_ in read_table(texts[0], title) if f"### {title}\n" in texts[0] else []:
            topic, told = name.split("; ")
            counts = one(
                record,
                """SELECT count(DISTINCT user_id),
                          count(DISTINCT user_id) FILTER (s.polarity >= 0.25),
                          count(DISTINCT user_id) FILTER (s.polarity <= -0.25)
                   FROM s JOIN topics USING (topic_id) WHERE group_id = ? AND name = ?""",
                group,
                topic,
            )
            assert told == "{} mention it, {} warmly, {} coldly".format(*counts)


def test_activity_adds_up_month_by_month(
    texts: tuple[str, str], record: duckdb.DuckDBPyConnection, group: str
) -> None:
    expected = record.execute(
        """SELECT strftime(time, '%b %Y'), count(*) FILTER (group_id = ?), count(*),
                  avg(r.rating) FILTER (group_id = ?)
           FROM reviews r LEFT JOIN users USING (user_id)
           GROUP BY 1, date_trunc('month', time) ORDER BY date_trunc('month', time)""",
        [group, group],
    ).fetchall()
    rows = read_table(texts[0], "Reviews by month")
    active = [place for place, row in enumerate(expected) if row[1]]
    expected = expected[active[0] : active[-1] + 1]
    assert rows == [
        [month, f"{n} of {of}", f"{stars:.1f}" if n else ""] for month, n, of, stars in expected
    ]
    month, n, *_ = max(expected, key=lambda row: row[1])
    total = sum(row[1] for row in expected)
    full = pd.Timestamp(month).strftime("%B %Y")
    assert f"busiest month is {full}, with {n} of {total} dated reviews" in texts[0]


def test_recent_activity_and_stars_are_those_of_the_record(
    texts: tuple[str, str], record: duckdb.DuckDBPyConnection, group: str, sample_tribune: Tribune
) -> None:
    now, then, all_now, all_then = one(
        record,
        """WITH d AS (SELECT time, group_id, max(time) OVER () AS last
                      FROM reviews LEFT JOIN users USING (user_id))
           SELECT count(*) FILTER (recent AND group_id = ?),
                  count(*) FILTER (before AND group_id = ?),
                  count(*) FILTER (recent), count(*) FILTER (before)
           FROM (SELECT *, time > last - INTERVAL 90 DAY AS recent,
                        time > last - INTERVAL 180 DAY AND NOT recent AS before FROM d)""",
        group,
        group,
    )
    growth = sample_tribune.describe_group(group).group.growth
    assert growth == pytest.approx(now / then - 1, abs=0.001)
    change = f"{abs(now / then - 1):.0%} {'more' if now > then else 'fewer'} than the {then}"
    assert f"they wrote {now} reviews, {change} of the 90 days before" in texts[0]
    assert f"all users wrote {all_now}, " in texts[0]
    assert f"than {all_then}." in texts[0]
    for stars, inside, outside in read_table(texts[0], "Stars they give"):
        for cell, condition in ((inside, "="), (outside, "<>")):
            n, total = one(
                record,
                f"""SELECT count(*) FILTER (r.rating = ?), count(*)
                    FROM reviews r JOIN users USING (user_id) WHERE group_id {condition} ?""",
                stars.split()[0],
                group,
            )
            assert cell == part(n, total)


def test_voices_are_counted_in_sentences(
    texts: tuple[str, str], record: duckdb.DuckDBPyConnection, group: str
) -> None:
    said = record.execute(
        """SELECT user_id, count(*) AS n FROM s WHERE group_id = ?
           GROUP BY 1 ORDER BY n DESC, user_id""",
        [group],
    ).fetchall()
    counts = [n for _, n in said]
    total, half, needed = sum(counts), 0, 0
    while half < total / 2:
        half, needed = half + counts[needed], needed + 1
    text = plain(texts[0])
    assert (
        f"The most talkative user, {said[0][0]}, wrote {counts[0]} of {total:,} sentences "
        f"({share(counts[0], total)}); the five most talkative wrote {part(sum(counts[:5]), total)}"
    ) in text
    assert f"come from {needed} of {len(said)} users ({share(needed, len(said))})" in text
    written = one(
        record,
        "SELECT median(n_reviews), min(n_reviews), max(n_reviews) FROM users WHERE group_id = ?",
        group,
    )
    assert "wrote {:g} reviews, the least active {}, the most active {}.".format(*written) in text


def test_certainty_is_that_of_the_record_and_the_manifest(
    texts: tuple[str, str], record: duckdb.DuckDBPyConnection, group: str, sample_tribune: Tribune
) -> None:
    text = plain(texts[0])
    mean, low, high, near = one(
        record,
        """SELECT avg(strength), min(strength), max(strength),
                  count(*) FILTER (strength < 1.2 * runner_up_strength)
           FROM users WHERE group_id = ?""",
        group,
    )
    assert f"Mean membership is {mean:.2f}, from {low:.2f} to {high:.2f}." in text
    assert (f"Near the border: {near} of " if near else "No member is near the border") in text
    rivals = record.execute(
        """SELECT runner_up || ' ' || name, count(*), avg(runner_up_strength)
           FROM users JOIN groups ON groups.group_id = runner_up
           WHERE users.group_id = ? GROUP BY ALL ORDER BY 2 DESC""",
        [group],
    ).fetchall()
    size = sum(row[1] for row in rivals)
    told = read_table(texts[0], "Next nearest groups")
    assert all([name, part(n, size), f"{m:.2f}"] in told for name, n, m in rivals[: len(told) - 1])
    curve = sample_tribune.manifest["group_counts"]
    k = len(sample_tribune.groups)
    chosen = curve[str(k)]
    told = f"stability is {chosen['stability']:.3f}, separation {chosen['separation']:.3f}"
    assert told in text
    traits = record.execute("SELECT lift, q FROM traits WHERE group_id = ?", [group]).df()
    more = int(((traits["lift"] > 1.2) & (traits["q"] < 0.05)).sum())
    assert f"{len(traits)} things" in text
    assert f"{more} are clearly more common here" in text


def test_method_names_the_files_and_settings(
    texts: tuple[str, str], sample_tribune: Tribune
) -> None:
    manifest = sample_tribune.manifest
    for text in (plain(texts[0]), read_page(texts[1]).text):
        for source in manifest["sources"]:
            assert source["sha256"] in text
            assert source["name"] in text
        assert manifest["settings"]["encoder"] in text
        assert f"learned from {manifest['polarity']['reviews']:,} rated reviews" in text
        assert all(note in text for note in manifest["notes"])


def cited_quotes(html: str) -> Iterator[tuple[str, int]]:
    from html import unescape

    found = re.findall(
        r'<q dir="auto">([^<]*)</q> <a class="cite" href="#source-(\d+)">\[(\d+)\]</a>', html
    )
    for quote, target, shown in found:
        assert target == shown
        yield unescape(quote), int(shown)


def test_every_quote_is_in_its_review_and_under_its_number(
    texts: tuple[str, str], record: duckdb.DuckDBPyConnection
) -> None:
    reviews = dict(record.execute("SELECT review_id, text FROM reviews").fetchall())
    body, listed = plain(texts[0]).split("\n## Sources\n")
    sources = {}
    for line in listed.split("\n## ")[0].strip().splitlines():
        found = re.fullmatch(r"(\d+)\. “(.*)” (.*), review (\S+)", line)
        assert found
        sources[int(found[1])] = found[2]
        assert found[2] in " ".join(reviews[found[4]].split())
    assert sorted(sources) == list(range(1, len(sources) + 1))
    shown = list(cited_quotes(texts[1]))
    assert len(shown) >= 12
    for quote, n in shown:
        assert sources[n].startswith(quote.removesuffix(" …"))
        assert f"“{quote}” [{n}]" in body


def test_each_citation_has_a_source_and_each_source_a_citation(texts: tuple[str, str]) -> None:
    page = read_page(texts[1])
    links = {a["href"] for tag, a in page.tags if tag == "a" and a.get("class") == "cite"}
    targets = {f"#{a['id']}" for tag, a in page.tags if tag == "li" and "id" in a}
    assert links == targets
    body, listed = texts[0].split("\n## Sources\n")
    cited = set(re.findall(r" \[(\d+)\]", body))
    assert cited == set(re.findall(r"(?m)^(\d+)\. “", listed))
    assert len(cited) == len(targets)


def test_the_two_formats_hold_the_same_numbers(texts: tuple[str, str]) -> None:
    markdown = re.sub(r"(?m)^\d+\. “", "“", plain(texts[0]))
    assert numbers(markdown) == numbers(read_page(texts[1]).text)


def test_the_page_stands_alone(texts: tuple[str, str]) -> None:
    page = read_page(texts[1])
    for tag, attrs in page.tags:
        assert tag not in ("script", "link", "img", "iframe", "object", "form", "base")
        assert "src" not in attrs
        assert (attrs.get("href") or "#").startswith("#")
        assert not any(name.startswith("on") for name in attrs)
    assert "url(" not in page.style
    assert "@import" not in page.style
    assert "http://" not in texts[1]
    assert "https://" not in texts[1]
    assert ("html", {"lang": "en"}) in page.tags
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    inner = {f"#{i}" for i in ids}
    assert all(a["href"] in inner for tag, a in page.tags if tag == "a")


def test_hostile_text_stays_text(hostile_tribune: Tribune) -> None:
    for number in ("1", "2"):
        html = render(hostile_tribune, number, "html")
        page = read_page(html)
        assert not {tag for tag, _ in page.tags} & {"script", "img", "b onmouseover"}
        assert all((a.get("href") or "#").startswith("#") for _, a in page.tags)
        markdown = render(hostile_tribune, number, "md")
        assert "<" not in markdown
        assert "://" not in markdown
        assert not re.search(r"(?<!\\)\]\(", markdown)
        assert set(re.findall(r"(?<!\\)\[(\d+)\]", markdown)) == {
            str(n) for n in range(1, html.count('<li id="source-') + 1)
        }
        tables = [line for line in markdown.splitlines() if line.startswith("| ")]
        assert all(len(re.findall(r"(?<!\\)\|", line)) in (3, 4, 5, 6, 7) for line in tables)
    assert SCRIPT in " ".join(page.text.split()) + render(hostile_tribune, "1", "html")


def test_a_report_without_ratings_or_dates_says_so(hostile_tribune: Tribune) -> None:
    text = render(hostile_tribune, "1", "md")
    assert "no dates" in text
    assert "come from a word list" in text
    assert "only 10 users" in text
    assert "was set by hand" in text
    assert "Stars" not in text.split("## Method")[0].replace("| Stars |", "")


def test_a_report_is_written_where_it_is_asked_for(sample_tribune: Tribune, tmp_path: Path) -> None:
    for name in ("r.md", "r.html", "R.HTML"):
        out = tmp_path / name
        out.write_text("old")
        written = write_report(sample_tribune, "2", out)
        assert written.path == str(out)
        expected = render(sample_tribune, "2", "md" if name == "r.md" else "html")
        assert out.read_text(encoding="utf-8") == expected
    assert sorted(p.name for p in tmp_path.iterdir()) == ["R.HTML", "r.html", "r.md"]


def test_a_report_goes_to_the_workspace_by_default(hostile_tribune: Tribune) -> None:
    written = write_report(hostile_tribune, "1")
    out = Path(written.path)
    assert out.parent == hostile_tribune.workspace.path / "reports"
    assert re.fullmatch(r"1-[\w-]+\.html", out.name)
    assert written.group.id == 1
    assert written.n_claims > 5
    assert written.notes


def test_claims_are_counted(sample_tribune: Tribune, tmp_path: Path) -> None:
    written = write_report(sample_tribune, "3", tmp_path / "r.md")
    text = (tmp_path / "r.md").read_text().split("\n## Who they are\n")[1].split("\n## Sources")[0]
    rows = re.findall(r"(?m)^\| (?!---)", text)
    headers = re.findall(r"(?m)^\| ---", text)
    bullets = re.findall(r"(?m)^- ", text)
    assert written.n_claims == len(rows) - len(headers) + len(bullets)


@pytest.mark.parametrize("name", ["report.doc", "report", "report.md.txt"])
def test_another_suffix_is_refused(sample_tribune: Tribune, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"must end in \.md or \.html or \.pdf or \.docx"):
        write_report(sample_tribune, "1", tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_and_an_unknown_group_are_one_sentence(
    sample_tribune: Tribune, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="does not exist"):
        write_report(sample_tribune, "1", tmp_path / "nowhere" / "r.md")
    with pytest.raises(UnknownName, match="There is no group 'Martians'"):
        write_report(sample_tribune, "Martians", tmp_path / "r.md")
