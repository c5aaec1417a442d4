"""The web app in a real browser, and the pieces of text and HTML that it is made of."""

from __future__ import annotations

import csv
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from selenium import webdriver
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from agent.facts import Evidence
from agent.graph import Event, ToolStarted, Words
from tests.browser import PATIENCE, Client, Page, open_browser, serve
from tools.errors import Cancelled, InputError
from tools.workspace import Workspace
from ui.pages import cards
from ui.pages.answering import Answering
from ui.pages.building import check_name, parse_mapping
from ui.pages.chat import ChatPage
from ui.pages.desk import Desk
from ui.pages.palette import COLOURS, colour_of, shape_of
from ui.pages.transcript import (
    Turn,
    link_citations,
    list_remarks,
    shield_question,
    unshield_question,
    write_messages,
)
from ui.wording import Language, read_texts

EVIL = (
    "The copper kettle boiled fast <script>window.pwned=1</script> and "
    "<img src=x onerror=window.pwned=1> ![see](http://evil.example/x.png) it kept warm"
)


@pytest.fixture(scope="module")
def shelf(sample_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of workspaces with the sample world in it."""
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "sample").symlink_to(sample_workspace.path)
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A browser that speaks English."""
    with open_browser(tmp_path_factory.mktemp("downloads")) as driver:
        yield driver


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A browser that speaks Chinese."""
    with open_browser(tmp_path_factory.mktemp("downloads"), "zh-CN") as driver:
        yield driver


@pytest.fixture(scope="module")
def url(shelf: Path, browser: webdriver.Chrome) -> Iterator[str]:
    """The app over the sample world, without a language model."""
    with serve(shelf / "sample", "none", shelf / "app.log") as address:
        yield address


@pytest.fixture
def page(browser: webdriver.Chrome, url: str) -> Page:
    """A newcomer's window."""
    window = Page(browser, url)
    window.open()
    return window


@pytest.fixture(scope="module")
def empty_url(shelf: Path, browser: webdriver.Chrome) -> Iterator[str]:
    """The app with the local model, over a folder that holds nothing yet."""
    with serve(shelf / "nothing", "local:smollm2", shelf / "empty.log") as address:
        yield address


@pytest.fixture
def empty(browser: webdriver.Chrome, empty_url: str) -> Page:
    """A newcomer's window where nothing is loaded."""
    window = Page(browser, empty_url)
    window.open()
    return window


def choose_workspace(page: Page, name: str) -> None:
    """Open a workspace that stands beside the opened one."""
    page.go("Data")
    page.click("#shelf input")
    page.wait(lambda: page.find(f"li[role=option][aria-label='{name}']"))
    page.click(f"li[role=option][aria-label='{name}']")
    page.wait(lambda: page.text(".masthead p").startswith(name))


def await_download(browser: webdriver.Chrome, name: str) -> Path:
    """The downloaded file, once it is whole."""
    folder: Path = browser.downloads  # type: ignore[attr-defined]
    end = time.monotonic() + PATIENCE
    while not (folder / name).exists() or list(folder.glob("*.crdownload")):
        assert time.monotonic() < end, f"{name} did not come; there is {list(folder.iterdir())}"
        time.sleep(0.1)
    return folder / name


# A text of the interface that stands on each page, and where.
WALKED = [
    ("chat", "#evidence", "evidence_empty"),
    ("groups", "#exports", "take_away"),
    ("recommend", "#comparison", "which_method"),
    ("watch", "#future", "to_come"),
    ("desk", "#reply-panel", "message_asked"),
    ("data", "#loaded", "every_record"),
]


# In the browser


def test_a_question_is_answered_with_its_evidence_beside_it(page: Page) -> None:
    page.ask("Which users love budget travel?")
    assert "Looking for users" in page.text("#answers .thought-group")
    assert page.find("#answers a[href^='#quote-0-']")
    assert page.find("#facts table .badge")
    page.wait(lambda: page.find("#chart .js-plotly-plot .bars"))
    assert len(page.find("#quotes .quote")) >= 3
    assert page.find("#quotes .quote details")


def test_a_citation_leads_to_its_quote_and_escape_leads_back(page: Page) -> None:
    page.ask("Which users love budget travel?")
    link = page.find("#answers a[href^='#quote-']")[-1]
    target = (link.get_attribute("href") or "").partition("#")[2]
    link.send_keys(Keys.ENTER)
    page.wait(lambda: page.find(f"#{target}.lit"))
    card = page.find(f"#{target}")[0]
    assert page.browser.switch_to.active_element == card
    page.wait(lambda: 0 <= card.rect["y"] + seen(page, card) <= 900)
    card.send_keys(Keys.ESCAPE)
    assert page.browser.switch_to.active_element == link
    assert not page.find(".quote.lit")


def seen(page: Page, element: WebElement) -> float:
    """What to add to an element's place on the page for its place in the window."""
    top: float = page.browser.execute_script(
        "return arguments[0].getBoundingClientRect().top", element
    )
    return top - float(element.rect["y"])


def test_an_older_answer_brings_its_evidence_back(page: Page) -> None:
    page.ask("Which users love budget travel?")
    page.ask("What is group 1 like?")
    page.wait(lambda: not page.find("#quote-0-1"))
    page.click("#answers a[href='#quote-0-1']")
    assert page.wait(lambda: page.find("#quote-0-1.lit"))


def test_an_answer_that_ends_leaves_the_evidence_that_was_opened_meanwhile(
    sample_workspace: Workspace,
) -> None:
    chat = ChatPage(
        Desk(sample_workspace, "none"), gr.BrowserState(), gr.Chatbot(), gr.Textbox(), gr.HTML(),
        gr.HTML(), gr.Plot(), gr.HTML(), gr.State(), gr.Button(),
    )  # fmt: skip
    updates = [*chat.ask("Which users love budget travel?", "conversation")]
    assert updates[-1][chat.chatbot][-1]["content"]
    assert sum("budget travel" in update.get(chat.facts, "") for update in updates) == 1


def test_an_example_can_be_asked_and_a_conversation_edited_retried_and_begun_anew(
    page: Page,
) -> None:
    page.click("#answers button.example")
    page.wait(lambda: page.find("#answers .bot-row"))
    page.wait_for_answer()
    page.click("#answers [aria-label='Edit']", -1)
    page.wait(lambda: page.find("#answers textarea"))
    page.find("#answers textarea")[0].send_keys(Keys.CONTROL, "a")
    page.find("#answers textarea")[0].send_keys("What is group 2 like?")
    page.click("#answers [aria-label='Submit']")
    page.wait(lambda: "Profiling group 2" in page.text("#answers"))
    page.wait_for_answer()
    assert len(page.find("#answers .user-row")) == 1
    page.click("#answers [aria-label='Retry']", -1)
    page.wait_for_answer()
    assert len(page.find("#answers .user-row")) == 1
    page.reload()
    page.wait(lambda: "What is group 2 like?" in page.text("#answers"))
    page.click("#fresh")
    page.wait(lambda: not page.find("#answers .user-row"))


def test_a_group_opens_and_its_report_and_members_can_be_taken_away(page: Page) -> None:
    page.ask("What is group 3 like?")
    page.click("#facts a.badge")
    page.wait(lambda: page.find("[data-group='3'][aria-pressed='true']"))
    page.wait(lambda: page.find("#map .js-plotly-plot .points"))
    page.wait(lambda: page.find("#group-warmth .js-plotly-plot .points"))
    page.wait(lambda: "Group 3’s share of each quarter’s active" in page.text("#sizes"))
    assert page.text("#moves")
    name = page.find("[data-group='3'] b")[0].text
    assert name in page.text("#profile")
    assert page.find("#profile-quotes .quote")
    page.click("#profile a[href*='report.md']")
    report = await_download(page.browser, "group-3-report.md").read_text(encoding="utf-8")
    assert name.removeprefix("3").strip() in report.replace("&amp;", "&")
    page.click("#profile a[href*='report.html']")
    web = await_download(page.browser, "group-3-report.html").read_text(encoding="utf-8")
    assert "<html" in web
    page.click("#exports a[href$='members.csv']")
    with await_download(page.browser, "members.csv").open(encoding="utf-8", newline="") as f:
        members = list(csv.DictReader(f))
    assert {"user_id", "group_id"} <= set(members[0])
    assert len({m["user_id"] for m in members}) == len(members)


def test_a_phone_shows_evidence_below_the_chat_and_nothing_sideways(page: Page) -> None:
    page.open(390, 844)
    page.ask("Which users love budget travel?")
    page.wait(lambda: page.find("#chart .js-plotly-plot .bars"))
    assert page.find("#evidence")[0].rect["y"] > page.find("#question")[0].rect["y"]
    assert page.browser.execute_script("return document.documentElement.scrollWidth") <= 390


def test_everything_is_fetched_from_this_machine(page: Page) -> None:
    page.requests()
    page.reload()
    page.ask("Which users love budget travel?")
    for tab in ("Groups", "Recommend", "Data"):
        page.go(tab)
        time.sleep(1)
    asked = page.requests()
    assert any("PlotlyPlot" in address for address in asked)
    elsewhere = [a for a in asked if not a.startswith((page.url, "data:", "blob:"))]
    assert not elsewhere


def test_items_are_recommended_and_a_verdict_on_one_is_kept(page: Page) -> None:
    page.go("Recommend")
    page.wait(lambda: page.find("#suggestions .suggestions > li"))
    assert "like it too, where chance would give" in page.text("#suggestions")
    field = page.find("#suggest-user input, #suggest-user textarea")[0]
    field.clear()
    field.send_keys("no-such-user", Keys.ENTER)
    page.wait(lambda: "There is no user 'no-such-user'" in page.text("#suggestions"))
    field.clear()
    field.send_keys("tomas_90", Keys.ENTER)
    page.wait(lambda: "For tomas_90" in page.text("#suggestions"))
    pressed = "#suggestions [aria-pressed='true']"
    assert not page.find(pressed)
    page.click("#suggestions [data-verdict='good']")
    page.wait(lambda: len(page.find(pressed)) == 1)
    page.click(pressed)  # taken back
    page.wait(lambda: not page.find(pressed))
    page.click("#whom input", 1)
    page.wait(lambda: page.find("#suggest-group input") and page.find("#aim input"))
    page.click("#suggest-start")
    page.wait(lambda: "suits " in page.text("#suggestions .score"))
    assert "method" in page.text("#comparison")


def test_the_data_page_accounts_for_every_record(page: Page) -> None:
    page.go("Data")
    page.wait(lambda: page.find("#loaded table"))
    told = page.text("#loaded")
    assert "2,635 records read = 2,635 loaded + 0 duplicates + 0 rejected." in told
    assert "Learned from the ratings" in told


def test_a_build_from_nothing_says_what_is_missing(page: Page) -> None:
    page.go("Data")
    page.click("#start")
    assert page.wait(lambda: "No file of reviews was given" in page.text("#progress"))


def test_uploaded_reviews_are_built_opened_and_shown_as_text(page: Page, shelf: Path) -> None:
    file = shelf / "kettles.csv"
    with file.open("w", encoding="utf-8", newline="") as f:
        rows = csv.writer(f)
        rows.writerow(["review_id", "who", "item_id", "rating", "text"])
        rows.writerow(["r0", "mallory", "K1", "5", EVIL])
        for n in range(1, 40):
            place = ("kitchen", "garden", "office", "cellar")[n % 4]
            rows.writerow(
                [f"r{n}", f"u{n % 9}", f"K{n % 3}", n % 5 + 1, f"Lamp {n} in the {place}."]
            )
        f.write("r99,too,few\n")
    page.go("Data")
    page.wait(lambda: page.find("#files input[type=file]"))
    page.find("#files input[type=file]")[0].send_keys(str(file))
    page.wait(lambda: "kettles" in page.text("#files"))
    page.find("#name input, #name textarea")[0].send_keys("kettles")
    page.click("#build-side button.label-wrap")
    page.wait(lambda: page.find("#mapping textarea"))
    page.find("#mapping textarea")[0].send_keys("user_id=who")
    page.click("#start")
    page.wait(lambda: page.find("#progress [role=progressbar]"))
    page.wait(lambda: page.text(".masthead p").startswith("kettles · 40 reviews"))
    assert "1 rejected" in page.text("#loaded")
    page.click("#loaded a[href$='rejects.csv']")
    assert "too" in await_download(page.browser, "rejects.csv").read_text(encoding="utf-8")
    page.go("Groups")
    page.wait(lambda: "No groups here" in page.text("#groups-intro"))
    page.go("Chat")
    page.ask("Show me reviews about the copper kettle")
    page.wait(lambda: page.find("#quotes .quote"))
    assert "<script>window.pwned=1</script>" in page.text("#quotes")
    assert "![see](http://evil.example/x.png)" in page.text("#quotes")
    assert not page.browser.execute_script("return window.pwned")
    assert not page.find("#talk img[src*='evil'], #talk img[src='x']")
    choose_workspace(page, "sample")


def test_a_folder_without_a_workspace_opens_with_a_way_to_build_one(empty: Page) -> None:
    assert "There is no workspace" in empty.text("#answers")
    empty.go("Groups")
    empty.wait(lambda: "Nothing is loaded yet" in empty.text("#groups-intro"))
    empty.go("Data")
    empty.wait(lambda: empty.find("#files input[type=file]"))


def test_another_workspace_opens_and_the_local_model_words_its_answers_until_stopped(
    empty: Page,
) -> None:
    choose_workspace(empty, "sample")
    empty.go("Chat")
    assert "local:smollm2 words the answers" in empty.text("#writer")
    empty.start("What is group 1 like?")
    empty.reload()
    empty.wait(lambda: empty.find("#answers a[href^='#quote-']"))
    empty.wait_for_answer()
    empty.start("How do groups 1 and 2 differ?")
    empty.wait(lambda: empty.find("#facts table"))
    empty.click("#question .stop-button")
    empty.wait_for_answer()
    empty.wait(lambda: "Stopped before the answer was whole" in empty.text("#answers"))


def test_every_page_is_found_again_by_its_address(page: Page) -> None:
    chosen = "[data-group='{}'][aria-pressed='true']"
    page.browser.get(f"{page.url}?tab=groups&group=3")
    page.wait(lambda: page.find(chosen.format(3)))
    page.click("[data-group='5']")
    page.wait(lambda: page.address() == "tab=groups&group=5")
    page.browser.back()
    page.wait(lambda: page.find(chosen.format(3)))
    assert page.address() == "tab=groups&group=3"
    page.click("#profile-quotes .quote footer a[href*='user=']")
    page.wait(lambda: page.address().startswith("tab=recommend&user="))
    user = page.address().partition("user=")[2]
    page.wait(lambda: f"For {user}" in page.text("#suggestions"))
    page.reload(f"?{page.address()}")
    page.wait(lambda: f"For {user}" in page.text("#suggestions"))
    page.click("#suggestions b a")
    page.wait(lambda: page.text("#answers .user-row").startswith("Show me reviews of"))
    page.wait_for_answer()
    assert "speak" in page.text("#answers .bot-row")
    assert page.find("#quotes .quote")
    assert page.address() == "tab=chat"
    page.browser.get(f"{page.url}?tab=desk&user=tomas_90")
    page.wait(lambda: page.value("#reply-customer textarea, #reply-customer input") == "tomas_90")


def test_a_topic_leads_to_what_people_think_of_it_though_a_group_has_its_name(page: Page) -> None:
    page.go("Groups")
    page.click("#profile .traits a[href*='ask=What']")
    assert page.wait(lambda: "Gathering opinions on" in page.text("#answers .thought-group"))


def test_a_conversation_that_was_left_can_be_brought_back(page: Page) -> None:
    page.ask("What is group 2 like?")
    page.click("#fresh")
    page.wait(lambda: not page.find("#answers .user-row"))
    page.click("#recall")
    page.wait(lambda: "What is group 2 like?" in page.text("#answers .user-row"))
    assert page.wait(lambda: not page.find("#recall"))


def test_the_data_of_a_chart_can_be_taken_away(page: Page) -> None:
    page.go("Groups")
    page.click("#map .chart-data")
    file = await_download(page.browser, "Users-close-where-they-write-alike.csv")
    with file.open(encoding="utf-8-sig", newline="") as f:
        rows = list(csv.reader(f))[1:]
    assert len(rows) == 430
    assert "tomas_90" in {row[3] for row in rows}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_page_speaks_the_browsers_language_and_nothing_stands_out_sideways(
    language: Language, url: str, request: pytest.FixtureRequest
) -> None:
    browser = request.getfixturevalue("browser" if language == "en" else "chinese")
    page = Page(browser, url)
    page.open()
    texts, other = read_texts(language), read_texts("en")
    english = [t for t in other.values() if len(t.split()) > 3 and not set("{|") & set(t)]
    for width in (1440, 390):
        page.resize(width)
        for tab, place, text in WALKED:
            page.go(texts[f"tab_{tab}"])
            page.wait(lambda at=place, t=text: texts[t] in page.text(at))  # type: ignore[misc]
            assert browser.execute_script("return document.documentElement.scrollWidth") <= width
            if language == "zh":
                told = browser.execute_script("return document.body.innerText")
                assert not [text for text in english if text in told]


def test_nobody_waits_for_anothers_words_to_see_facts(empty: Page) -> None:
    if not empty.text(".masthead p").startswith("sample"):
        choose_workspace(empty, "sample")
    empty.wait(lambda: "loading" not in empty.text("#writer").lower())
    clients = [Client(empty.url, f"client-{n}") for n in range(10)]
    enough = threading.Event()
    asking = [
        threading.Thread(target=client.ask, args=(f"What is group {n} like?", enough))
        for n, client in enumerate(clients, start=1)
    ]
    for thread in asking:
        thread.start()
    end = time.monotonic() + PATIENCE
    while not any(client.done for client in clients):
        assert time.monotonic() < end
        time.sleep(0.1)
    enough.set()
    first = min(client.done for client in clients if client.done)
    assert all(0 < client.facts < first for client in clients)


# Without a browser


def test_citations_become_links_and_the_rest_of_an_answer_stays_text() -> None:
    answer = "Rooms are **warm** [1]; “<b>![x](http://a.b/c.png) www.f.g” [7] at 3 < 5 & more"
    shown = link_citations(answer, 4, {1, 2})
    assert shown == (
        'Rooms are **warm** [[1]](#quote-4-1 "Quote 1"); “&#60;b>!&#91;x](http&#58;//a.b/c.png) '
        "www&#46;f.g” &#91;7] at 3 < 5 & more"
    )


def test_a_question_with_markup_shows_as_typed_and_is_edited_as_typed() -> None:
    typed = "What of <b>bold</b> ![x](http://a.b/c.png) and $5 [y](z)?"
    shown = shield_question(typed)
    assert "<b" not in shown
    assert "](" not in shown
    assert unshield_question(shown) == typed


def test_a_quote_card_escapes_what_users_wrote() -> None:
    evidence = Evidence(
        n=1, review_id="r", user_id="<u>", item_id="i", item="<i>Inn</i>", quote=EVIL, rating=4.0,
        time=None, polarity=0.5,
    )  # fmt: skip
    source = cards.Source(None, f"{EVIL}. More <b>here</b>.")
    html = cards.quote_card(evidence, source, "0")
    for tag in ("<script", "<img", "<u>", "<i>Inn", "<b>here"):
        assert tag not in html
    assert 'id="quote-0-1"' in html


def test_an_answer_goes_on_without_a_window_and_ends_when_stopped() -> None:
    stop, told = threading.Event(), threading.Event()

    def events() -> Iterator[Event]:
        yield Words("Rooms ")
        told.set()
        assert stop.wait(10)
        raise Cancelled("Stopped.")

    answering = Answering(Turn("Warm?"), events(), stop)
    assert told.wait(10)
    assert not answering.done
    answering.stop()
    await_end(answering)
    assert answering.turn.text == "Rooms "
    assert list_remarks(answering.turn) == ["Stopped before the answer was whole."]
    assert not answering.turn.remembered


def test_what_goes_wrong_while_answering_is_said_in_one_sentence() -> None:
    def events() -> Iterator[Event]:
        yield ToolStarted("describe_group", {"group": "99"})
        raise InputError("There is no group 99.")

    answering = Answering(Turn("What is group 99 like?"), events(), threading.Event())
    await_end(answering)
    step, answer = write_messages([answering.turn])[1:]
    assert step["metadata"]["status"] == "done"
    assert "There is no group 99." in str(answer["content"])


def await_end(answering: Answering) -> None:
    """Until the answer has ended."""
    end = time.monotonic() + 10
    while not answering.done:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_mapping_is_read_from_text_and_a_wrong_one_explained() -> None:
    assert parse_mapping("user_id = reviewer ID, text=body\n") == {
        "user_id": "reviewer ID",
        "text": "body",
    }
    assert parse_mapping("  ") == {}
    with pytest.raises(InputError, match="FIELD=COLUMN"):
        parse_mapping("user_id reviewerID")


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "x" * 61, "end."])
def test_a_workspace_name_that_is_no_plain_folder_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="workspace name"):
        check_name(name, [])


def test_a_workspace_name_that_is_taken_is_refused() -> None:
    assert check_name(" My reviews ", ["other"]) == "My reviews"
    with pytest.raises(InputError, match="already"):
        check_name("Other", ["other"])


def test_every_group_has_a_colour_and_a_shape_of_its_own() -> None:
    looks = {(colour_of(n), shape_of(n)) for n in range(1, 4 * len(COLOURS) + 1)}
    assert len(looks) == 4 * len(COLOURS) >= 48
