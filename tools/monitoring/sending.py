"""Alerts sent out: to a webhook, or by mail, each alert once a channel.

sent.jsonl     {"time", "alert_id", "to"}, a line an alert and channel, beside the versions
"""

from __future__ import annotations

import json
import os
import smtplib
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol

from tools.errors import TribuneError

FILE = "sent.jsonl"
WAITS = (1.0, 4.0, 16.0)
TIMEOUT = 20.0


class SendError(TribuneError):
    """An alert could not be sent."""


@dataclass(frozen=True)
class Message:
    """ids: of all surges of the alert, its own first; title: one line; text: sentences; facts: the
    alert as JSON.
    """

    ids: Sequence[str]
    title: str
    text: str
    facts: dict[str, Any]


class Channel(Protocol):
    """Where alerts go."""

    @property
    def to(self) -> str:
        """The address."""
        ...

    def send(self, message: Message) -> None:
        """Raises: OSError (urllib's and most of smtplib's are) if it was not taken."""
        ...


@dataclass(frozen=True)
class Webhook:
    """Posts {"title", "text", "alert"} as JSON; `text` is what Slack and others show."""

    to: str

    def send(self, message: Message) -> None:
        body = {"title": message.title, "text": message.text, "alert": message.facts}
        request = urllib.request.Request(
            self.to, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT):
            pass


@dataclass(frozen=True)
class Mail:
    """Sends plain text through an SMTP server, HOST or HOST:PORT."""

    to: str
    host: str

    def send(self, message: Message) -> None:
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = message.title, self.to, self.to
        mail.set_content(message.text)
        host, _, port = self.host.partition(":")
        with smtplib.SMTP(host, int(port or 25), timeout=TIMEOUT) as server:
            server.send_message(mail)


def send_new(
    workspace: Path,
    messages: Sequence[Message],
    channels: Sequence[Channel],
    *,
    wait: Callable[[float], None] = time.sleep,
) -> int:
    """Send what was not sent to a channel yet, oldest first; how many went out.

    A channel that does not take a message is tried again after 1, 4 and 16 seconds; what was sent
    is kept at once, so that a failure repeats nothing.
    Raises: SendError if it still does not.
    """
    n = 0
    for channel in channels:
        sent = _read_sent(workspace, channel.to)
        for message in messages:
            if sent.isdisjoint(message.ids):
                _insist(channel, message, wait)
                _keep(workspace, message.ids[0], channel.to)
                sent.add(message.ids[0])
                n += 1
    return n


def _insist(channel: Channel, message: Message, wait: Callable[[float], None]) -> None:
    for pause in (*WAITS, None):
        try:
            channel.send(message)
        except (OSError, smtplib.SMTPException) as error:
            if pause is None:
                raise SendError(
                    f"The alert {message.ids[0]} could not be sent to {channel.to}: {error}. It "
                    "will be tried again with the next one."
                ) from error
            wait(pause)
        else:
            return


def _read_sent(workspace: Path, to: str) -> set[str]:
    path = workspace / FILE
    if not path.is_file():
        return set()
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {line["alert_id"] for line in lines if line["to"] == to}


def _keep(workspace: Path, alert_id: str, to: str) -> None:
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"time": moment, "alert_id": alert_id, "to": to}) + "\n"
    with (workspace / FILE).open("a", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
