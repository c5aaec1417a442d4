"""The watch behind its doors: a planted week is told, decided about, replayed, drawn and sent."""

from __future__ import annotations

import json
import os
import shutil
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from agent.claims import write_claims
from agent.grounding import Grounding, Names
from agent.true_answers import list_names
from agent.use_cases import Tribune
from tests.worlds import write_csv
from tools.errors import InputError, UnknownName, WorkspaceError
from tools.monitoring.folding import fold
from tools.monitoring.inbox import Inbox
from tools.monitoring.sending import Mail, Message, SendError, Webhook, send_new
from tools.monitoring.series import Subject
from tools.monitoring.surges import Surge
from tools.monitoring.watch import FACTS, SERIES
from tools.pipeline import build
from tools.workspace import Workspace
from ui import watching
from ui.cli import app
from ui.watch_charts import chart_alert, chart_forecast, tabulate_periods

START = pd.Timestamp("2024-01-01")  # a Monday
WEEKS = 40
SUBJECTS = ("The lentil soup was", "The bed in our room was", "The bus to the centre was")
WARM = ("lovely", "great", "very good", "a joy", "just right", "better than hoped", "fine")
COLD = ("horrible", "sour and cold", "awful", "a disgrace", "disgusting", "bad")


def write_weeks(path: Path, weeks: range) -> Path:
    """24 warm reviews a week, a third each of three subjects, by any of 300 users."""
    rng = np.random.default_rng(weeks.start)
    rows = [
        _write(week, rng.integers(0, 7), f"u{rng.integers(0, 300)}", k, rng.choice(WARM))
        for week in weeks
        for k in range(24)
    ]
    return write_csv(path, rows)


def write_burst(path: Path, week: int) -> Path:
    """A week as usual, and thirty users to whom the soup was horrible."""
    rows = [_write(week, k % 7, f"u{300 + k}", k, WARM[k % len(WARM)]) for k in range(24)]
    rows += [_write(week, k % 7, f"v{k}", 0, COLD[k % len(COLD)], rating="1") for k in range(30)]
    return write_csv(path, rows)


def _write(
    week: int, day: int, user: str, subject: int, how: str, rating: str = "5"
) -> dict[str, str]:
    moment = START + pd.Timedelta(days=7 * week + int(day), hours=20)
    return {
        "user_id": user,
        "item_id": f"stay {week}",
        "rating": rating,
        "time": f"{moment:%Y-%m-%d %H:%M:%S}",
        "text": f"{SUBJECTS[subject % 3]} {how}.",
    }


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of forty weeks like each other."""
    place = tmp_path_factory.mktemp("watch")
    workspace = Workspace(place / "workspace")
    workspace.path.mkdir()
    if kept := os.environ.get("TRIBUNE_CACHE"):
        workspace.embeddings.symlink_to(Path(kept) / "test-embeddings")
    build([write_weeks(place / "base.csv", range(WEEKS))], workspace)
    return workspace.path


@pytest.fixture(scope="module")
def place(quiet: Path) -> Path:
    """The same with the planted week, taken from a watched folder."""
    loud = quiet.parent / "loud"
    shutil.copytree(quiet, loud, symlinks=True)
    inbox = quiet.parent / "inbox"
    inbox.mkdir()
    write_burst(inbox / "new.csv", WEEKS)
    (inbox / "broken.csv").write_text("text\n", encoding="utf-8")
    box = Inbox(inbox)
    known = watching.take_new(box, loud, 30, set())
    assert known == set()  # a file that may still grow waits
    known = watching.take_new(box, loud, 30, known)
    assert known
    assert box.look() == []
    return loud


@pytest.fixture
def tribune(place: Path, tmp_path: Path) -> Tribune:
    """A copy, for what is decided stays."""
    shutil.copytree(place, tmp_path / "own", symlinks=True)
    return Tribune(Workspace(tmp_path / "own"))


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments))
    if done.exception:
        raise done.exception
    return done.stdout


def test_quiet_weeks_raise_no_alert_and_say_so(quiet: Path) -> None:
    found = Tribune(Workspace(quiet)).list_alerts(365)
    assert found.alerts == []
    assert write_claims(found)[0].text.startswith("No alert was raised in the last 365 days")


def test_a_planted_week_is_one_alert_with_its_words(tribune: Tribune) -> None:
    found = tribune.list_alerts()
    alert = found.alerts[0]
    assert alert.topic is not None
    assert "soup" in alert.topic
    assert (alert.start, alert.end) == (
        START + pd.Timedelta(weeks=WEEKS),
        START + pd.Timedelta(weeks=WEEKS, days=6),
    )
    assert alert.observed >= 20 > 3 * alert.expected
    assert alert.state == "new"
    assert any(any(how in e.quote for how in COLD) for e in found.evidence)
    assert alert.also  # all reviews surged as well: the same event
    assert all("soup" in (a.topic or "") for a in found.alerts)


def test_what_is_said_of_alerts_is_true_to_the_facts(tribune: Tribune) -> None:
    names = Names(list_names(tribune))
    for found in (tribune.list_alerts(), tribune.list_alerts(365), tribune.forecast()):
        claims = write_claims(found)
        evidence = {e.n: e.quote for e in found.evidence}
        grounding = Grounding(claims, evidence=evidence, names=names)
        for claim in claims:
            assert not grounding.check(claim.text), claim.text


def test_an_alert_is_closed_with_a_note_and_reopened(tribune: Tribune) -> None:
    place = ("--workspace", str(tribune.workspace.path))
    told = json.loads(run("alerts", "--json", *place))[0]
    wanted = {"start", "end", "topic", "group", "item", "observed", "expected", "review_ids"}
    assert wanted | {"state", "id", "quotes", "cause"} <= set(told)
    assert told["start"] == f"{START + pd.Timedelta(weeks=WEEKS):%Y-%m-%d}"
    with pytest.raises(InputError, match="needs a note"):
        run("alerts", "--close", told["id"], *place)
    run("alerts", "--ack", told["id"], *place)
    run("alerts", "--close", told["id"], "--note", "New cook", *place)
    closed = json.loads(run("alerts", "--json", *place))[0]
    assert (closed["state"], closed["note"]) == ("closed", "New cook")
    run("alerts", "--undo", told["id"], *place)
    assert json.loads(run("alerts", "--json", *place))[0]["state"] == "acknowledged"
    with pytest.raises(UnknownName, match="no alert"):
        run("alerts", "--ack", "nothing", *place)


def test_a_replay_tells_it_on_the_day_after_its_week(tribune: Tribune) -> None:
    history = tribune.replay_alerts()
    assert {past.known for past in history.alerts} == {START + pd.Timedelta(weeks=WEEKS + 1)}
    assert "soup" in (history.alerts[0].alert.topic or "")
    assert history.alerts[0].alert.id == tribune.list_alerts().alerts[0].id


def test_the_chart_and_its_data_hold_the_week(tribune: Tribune) -> None:
    series = tribune.trace_alert(tribune.list_alerts().alerts[0].id)
    table = tabulate_periods(series.periods)
    last = table.iloc[-1]
    assert last["start"] == START + pd.Timedelta(weeks=WEEKS)
    assert series.alert.measure == "negative"
    assert last["negative"] == series.alert.observed
    assert last["expected_negative"] == pytest.approx(series.alert.expected, abs=0.06)
    assert "soup" in chart_alert(series).layout.title.text


def test_a_forecast_holds_the_usual_week(quiet: Path) -> None:
    found = Tribune(Workspace(quiet)).forecast()
    volume, cold = found.forecasts
    assert len(volume.periods) == 4
    assert all(p.low <= 24 <= p.high for p in volume.periods)
    assert all(p.high < 0.2 for p in cold.periods)
    assert len(chart_forecast(found).data) == 6
    with pytest.raises(UnknownName, match="no topic"):
        Tribune(Workspace(quiet)).forecast("parliament")


def test_a_version_without_a_watch_says_what_to_do(tribune: Tribune) -> None:
    for name in (FACTS, SERIES):
        (tribune.version / name).unlink()
    with pytest.raises(WorkspaceError, match="Build it again"):
        tribune.list_alerts()


def test_reviews_without_dates_have_no_alerts_but_a_note(tmp_path: Path, quiet: Path) -> None:
    rows = [
        {"user_id": f"u{k}", "text": f"{SUBJECTS[1]} {WARM[k % len(WARM)]}."} for k in range(30)
    ]
    workspace = Workspace(tmp_path / "workspace")
    workspace.path.mkdir()
    workspace.embeddings.symlink_to(quiet / "embeddings")
    build([write_csv(tmp_path / "undated.csv", rows)], workspace)
    found = Tribune(workspace).list_alerts()
    assert found.alerts == []
    assert [c.text for c in write_claims(found)] == [
        "The reviews have no dates, so nothing can be watched."
    ]


# Folding


def make_surge(name: str, p: float, reviews: str, users: str = "", days: int = 0) -> Surge:
    start = START + pd.Timedelta(days=days)
    return Surge(
        name, Subject(), "volume", "week", start, start + pd.Timedelta(days=6), 9, 1.0, 9.0, 0.1,
        p, p, False, tuple(reviews), tuple(users), (), (),
    )  # fmt: skip


def test_an_event_is_told_once_and_others_stay_apart() -> None:
    surges = [
        make_surge("topic", 1e-4, "abcdef"),
        make_surge("topic in group", 1e-6, "abc"),
        make_surge("other", 1e-3, "uvw"),
        make_surge("same words, other item", 1e-3, "xyz", "AB"),
        make_surge("its twin", 1e-2, "pqr", "AB"),
        make_surge("later", 1e-5, "abc", days=7),
    ]
    surges[1] = replace(surges[1], subject=Subject(1, 2))
    surges += [replace(make_surge("all", 1e-9, "abcdef"), observed=12)]  # surer, and less precise
    told = {e.head.id: [s.id for s in e.also] for e in fold(surges)}
    assert told == {
        "later": [],
        "topic in group": ["all", "topic"],
        "other": [],
        "same words, other item": ["its twin"],
    }


# The folder


def test_a_file_is_taken_once_it_stops_growing_and_again_if_it_changes(tmp_path: Path) -> None:
    inbox, path = Inbox(tmp_path), tmp_path / "a.csv"
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    path.write_text("a", encoding="utf-8")
    assert inbox.look() == []
    path.write_text("ab", encoding="utf-8")
    assert inbox.look() == []
    assert inbox.look() == [path]
    inbox.take(path)
    assert inbox.look() == []
    path.write_text("abc", encoding="utf-8")
    assert inbox.look() == []
    assert inbox.look() == [path]


def test_a_bad_file_is_told_once_and_left_where_it_is(
    place: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "bad.csv").write_text("colour,size\nred,3\n", encoding="utf-8")
    inbox = Inbox(tmp_path)
    for _ in range(3):
        assert watching.take_new(inbox, place, 30, set()) == set()
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert told[0].startswith("bad.csv: ")
    assert (tmp_path / "bad.csv").is_file()


# Sending

MESSAGE = Message(
    ["a1", "a2"], "Tribune: soup", "30 users spoke coldly of soup.", {"topic": "soup"}
)


class Hook(BaseHTTPRequestHandler):
    """Refuses as often as `refusals` says, then keeps what is posted."""

    refusals: ClassVar[int] = 0
    got: ClassVar[list[dict[str, object]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if Hook.refusals:
            Hook.refusals -= 1
            self.send_response(503)
        else:
            Hook.got.append(json.loads(body))
            self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Post(socketserver.StreamRequestHandler):
    """As much of SMTP as it takes to be given a mail."""

    got: ClassVar[list[str]] = []

    def handle(self) -> None:
        self.wfile.write(b"220 post\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line)
                Post.got.append(b"".join(lines).decode())
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")


@pytest.fixture
def hook() -> Iterator[str]:
    Hook.refusals, Hook.got = 0, []
    yield from _serve(HTTPServer(("127.0.0.1", 0), Hook), "http://127.0.0.1:{}/hook")


@pytest.fixture
def post() -> Iterator[str]:
    Post.got = []
    yield from _serve(socketserver.TCPServer(("127.0.0.1", 0), Post), "127.0.0.1:{}")


def _serve(server: socketserver.TCPServer, address: str) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield address.format(server.server_address[1])
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_alert_is_posted_once_though_the_first_tries_fail(tmp_path: Path, hook: str) -> None:
    Hook.refusals = 2
    waits: list[float] = []
    assert send_new(tmp_path, [MESSAGE], [Webhook(hook)], wait=waits.append) == 1
    assert waits == [1, 4]
    assert Hook.got == [{"title": MESSAGE.title, "text": MESSAGE.text, "alert": {"topic": "soup"}}]
    again = replace(MESSAGE, ids=["a2", "a1"])  # another of its surges is the surest by now
    assert send_new(tmp_path, [again], [Webhook(hook)], wait=waits.append) == 0


def test_what_cannot_be_sent_is_said_and_sent_later(tmp_path: Path, hook: str) -> None:
    Hook.refusals = 4
    with pytest.raises(SendError, match="could not be sent"):
        send_new(tmp_path, [MESSAGE], [Webhook(hook)], wait=lambda _: None)
    assert send_new(tmp_path, [MESSAGE], [Webhook(hook)], wait=lambda _: None) == 1


def test_an_alert_goes_out_by_mail(tmp_path: Path, post: str) -> None:
    channel = Mail("desk@example.org", post)
    assert send_new(tmp_path, [MESSAGE, MESSAGE], [channel], wait=lambda _: None) == 1
    (mail,) = Post.got
    assert "Subject: Tribune: soup" in mail
    assert "To: desk@example.org" in mail
    assert MESSAGE.text in mail


def test_new_alerts_are_sent_as_the_settings_say(
    tribune: Tribune, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="TRIBUNE_ALERT_WEBHOOK"):
        watching.send_alerts(tribune, 30)
    monkeypatch.setenv("TRIBUNE_ALERT_WEBHOOK", hook)
    n = len(tribune.list_alerts().alerts)
    assert watching.send_alerts(tribune, 30) == n
    assert watching.send_alerts(tribune, 30) == 0
    assert len(Hook.got) == n
    assert all("soup" in str(told["title"]) for told in Hook.got)


def test_the_data_of_a_chart_can_be_downloaded(tribune: Tribune) -> None:
    from ui.app import offer_downloads
    from ui.pages.desk import Desk

    desk = Desk.__new__(Desk)
    desk.tribune, desk.problem = tribune, ""
    web = FastAPI()
    offer_downloads(web, desk)
    client = TestClient(web)
    alert = tribune.list_alerts().alerts[0]
    lines = client.get(f"/download/watch/{alert.id}.csv").text.splitlines()
    assert lines[0].startswith("start,voices,told,negative,expected")
    assert client.get("/download/watch/none.csv").status_code == 404
    assert len(client.get("/download/forecast.csv").text.splitlines()) == 9
