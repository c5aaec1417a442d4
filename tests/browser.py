"""A real browser on the app in a process of its own, and clients without a browser."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    StaleElementReferenceException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMEDRIVER = shutil.which("chromedriver")
PATIENCE = 90.0
# Read at one moment: what is found first and read then may have been drawn anew between.
TEXTS = """
return [...document.querySelectorAll(arguments[0])]
  .map(e => e.checkVisibility() ? e.innerText.trim() : "").join("\\n")
  .replace(/\\u00a0/g, " ").replace(/\\n+/g, "\\n");
"""
SERVE = """
import sys
from pathlib import Path
from tools.workspace import Workspace
from ui.app import launch
launch(Workspace(Path(sys.argv[1])), model=sys.argv[2], port=int(sys.argv[3]), open_browser=False)
"""


@contextmanager
def open_browser(downloads: Path, language: str = "en-US") -> Iterator[webdriver.Chrome]:
    """Headless Chromium that records its requests and saves downloads; skips where there is none."""
    if not (CHROMIUM and CHROMEDRIVER):
        pytest.skip("Chromium and its driver are not installed (Debian: chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in ("headless", "no-sandbox", "disable-gpu", "disable-background-networking"):
        options.add_argument(f"--{flag}")
    options.add_argument(f"--lang={language}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    wishes = {
        "download.default_directory": str(downloads),
        "intl.accept_languages": f"{language},{language[:2]}",
    }
    options.add_experimental_option("prefs", wishes)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(CHROMEDRIVER))
    driver.downloads = downloads  # type: ignore[attr-defined]
    yield driver
    driver.quit()


class Client:
    """Asks the app's chat as a browser does, without one. facts, done: when they came, by
    `time.monotonic`.
    """

    def __init__(self, url: str, name: str) -> None:
        self.url, self.name = url, name
        self.facts = self.done = 0.0
        with urllib.request.urlopen(f"{url}config") as answer:
            config = json.load(answer)
        ids = {c["props"].get("elem_id"): c["id"] for c in config["components"]}
        self._ask = next(
            d for d in config["dependencies"] if [ids["question"], "submit"] in d["targets"]
        )
        self._place = self._ask["outputs"].index(ids["facts"])

    def ask(self, question: str, enough: threading.Event) -> None:
        """Follow the answer to its end, or until it is `enough`."""
        body = {
            "data": [question, self.name],
            "fn_index": self._ask["id"],
            "session_hash": self.name,
        }
        request = urllib.request.Request(
            f"{self.url}gradio_api/queue/join",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=PATIENCE).close()
        at = f"{self.url}gradio_api/queue/data?session_hash={self.name}"
        with urllib.request.urlopen(at, timeout=PATIENCE) as events:
            for line in events:
                if enough.is_set():
                    return
                if not line.startswith(b"data:"):
                    continue
                event = json.loads(line[5:])
                if not self.facts and '"facts\\"' in line.decode():
                    self.facts = time.monotonic()
                if event["msg"] == "process_completed":
                    assert event["success"], event
                    self.done = time.monotonic()
                    return


class Page:
    """A window of the app."""

    def __init__(self, browser: webdriver.Chrome, url: str) -> None:
        self.browser = browser
        self.url = url

    def open(self, width: int = 1440, height: int = 900) -> None:
        """Load the app as a newcomer."""
        self.resize(width, height)
        self.browser.get(self.url)
        self.browser.execute_script("localStorage.clear()")
        self.reload()

    def resize(self, width: int, height: int = 900) -> None:
        """Look at it through a window of this size; under 600 pixels it is a phone's."""
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )

    def reload(self, query: str = "") -> None:
        """Load the app as someone who was here before."""
        self.browser.get(self.url + query)
        self.wait(lambda: self.find("#writer p"))

    def find(self, selector: str) -> list[WebElement]:
        """What is on the page now."""
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def address(self) -> str:
        """The query of the page's address."""
        return self.browser.current_url.partition("?")[2]

    def value(self, selector: str) -> str:
        """What stands in the field that the selector finds."""
        return "".join(str(e.get_property("value") or "") for e in self.find(selector))

    def text(self, selector: str) -> str:
        """The text of all that the selector finds."""
        return str(self.browser.execute_script(TEXTS, selector))

    def click(self, selector: str, place: int = 0) -> None:
        """Click what the selector finds, once it is there."""

        def click() -> bool:
            found = self.find(selector)
            if len(found) <= max(place, 0):
                return False
            element = found[place]
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            element.click()
            return True

        self.wait(click)

    def wait(self, condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
        """Until the condition holds, and True; what is drawn anew, or moves away from under a
        click, is tried again. Raises: AssertionError if it does not hold in time.
        """
        end = time.monotonic() + seconds

        def holds() -> object:
            try:
                return condition()
            except (StaleElementReferenceException, ElementClickInterceptedException):
                return False

        while not holds():
            assert time.monotonic() < end, (
                f"waited {seconds:.0f} s; the page says: {self.text('body')}"
            )
            time.sleep(0.1)
        return True

    def ask(self, question: str) -> None:
        """Type a question, press Enter, and wait for the end of the answer."""
        self.start(question)
        self.wait_for_answer()

    def start(self, question: str) -> None:
        """Type a question and press Enter."""
        before = len(self.find("#answers .user-row"))
        self.find("#question textarea")[0].send_keys(question, Keys.ENTER)
        self.wait(lambda: len(self.find("#answers .user-row")) > before)

    def wait_for_answer(self) -> None:
        """Until the box takes a question again."""
        # Until the last question has words below it, the box looks as it did before it was asked.
        words = "#answers .user-row:not(:has(~ .user-row)) ~ .bot-row .message-content"
        self.wait(lambda: self.find(words) and not self.find("#question .stop-button"))

    def go(self, tab: str) -> None:
        """Open one of the pages."""
        for button in self.find("#pages [role=tab]"):
            if button.text.strip() == tab and button.is_displayed():
                button.click()
                return
        raise AssertionError(f"there is no tab {tab}")

    def requests(self) -> list[str]:
        """Addresses asked for since this was last called."""
        log = self.browser.get_log("performance")  # type: ignore[no-untyped-call]
        sent = [json.loads(entry["message"])["message"] for entry in log]
        return [
            m["params"]["request"]["url"]
            for m in sent
            if m["method"] == "Network.requestWillBeSent"
        ]


def find_port() -> int:
    """A port that is free now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def serve(workspace: Path, model: str, log: Path) -> Iterator[str]:
    """The app in a process of its own; yields its address."""
    port = find_port()
    command = [sys.executable, "-c", SERVE, str(workspace), model, str(port)]
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=Path(__file__).parents[1], stdout=out, stderr=subprocess.STDOUT,
            env={**os.environ, "GRADIO_TEMP_DIR": str(log.parent / "gradio")},
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}/"
            end = time.monotonic() + PATIENCE
            while not is_up(url):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.2)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)


def is_up(url: str) -> bool:
    """Whether something answers there."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
