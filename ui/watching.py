"""The commands of the watch: alerts, what was decided about them, a watched folder, forecasts."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from tools.errors import InputError, TribuneError
from ui.terminal import Json, Workspace, open_tribune, show_facts

PAUSE = 5.0


def alerts(
    days: Annotated[int, typer.Option(help="How many days back from the last review.")] = 30,
    ack: Annotated[str | None, typer.Option(help="Acknowledge the alert with this id.")] = None,
    close: Annotated[str | None, typer.Option(help="Close the alert with this id.")] = None,
    note: Annotated[str, typer.Option(help="Why it is closed.")] = "",
    undo: Annotated[str | None, typer.Option(help="Take back what was last decided of it.")] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send new ones as the settings say.")
    ] = False,
    watch: Annotated[
        Path | None, typer.Option(help="Take new files of this folder as they appear.")
    ] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="What would have been raised when.")
    ] = False,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """What surged lately: topics, groups and items of which more, or colder, was said."""
    if sum(map(bool, (ack, close, undo, send, watch, replay))) > 1:
        raise InputError("Give one of --ack, --close, --undo, --send, --watch and --replay.")
    if replay:
        show_replay(open_tribune(workspace).replay_alerts(), as_json)
    elif watch:
        watch_folder(watch, workspace, days)
    elif send:
        print(f"Sent {send_alerts(open_tribune(workspace), days)} alerts.")
    elif ack or close or undo:
        chosen = ack or close or undo
        step = "acknowledged" if ack else "closed" if close else "undone"
        told = open_tribune(workspace).decide_alert(chosen, step, note)
        print(
            json.dumps(list_one(told, {})) if as_json else f"Alert {told.id} is {told.state} now."
        )
    else:
        show_alerts(open_tribune(workspace).list_alerts(days), as_json)


def forecast(
    topic: Annotated[str | None, typer.Option(help="A topic's name, or a word of it.")] = None,
    group: Annotated[str | None, typer.Option(help="A group, by number or name.")] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """How many will write in the next periods, and how coldly, with 80% intervals."""
    show_facts(open_tribune(workspace).forecast(topic, group), as_json)


def show_alerts(found: Any, as_json: bool) -> None:
    """Print alerts with their ids and states, or a JSON list of them."""
    from agent.claims.watch import tell_alert, tell_alerts

    quotes = {e.n: e for e in found.evidence}
    if as_json:
        listed = [list_one(alert, quotes) for alert in found.alerts]
        print(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    for line in tell_alerts(found.model_copy(update={"alerts": []})) if not found.alerts else []:
        print(line)
    for alert in found.alerts:
        print(f"{alert.id}  {alert.state}")
        for line in tell_alert(found, alert):
            print(f"  {line}")
    for line in found.notes:
        print(f"Note: {line}")


def list_one(alert: Any, quotes: dict[int, Any]) -> dict[str, Any]:
    """An alert as `tribune alerts --json` prints it: names as text, days as YYYY-MM-DD."""
    told: dict[str, Any] = alert.model_dump(mode="json", exclude={"cites"})
    for part in (told, *told["also"]):
        group = part["group"]
        part["group"], part["group_id"] = (group["name"], group["id"]) if group else (None, None)
        part["start"], part["end"] = part["start"][:10], part["end"][:10]
    told["cause"] = told["causes"][0]["topic"] if told["causes"] else None
    told["quotes"] = [
        {"review_id": quotes[n].review_id, "quote": quotes[n].quote}
        for n in alert.cites
        if n in quotes
    ]
    return told


def show_replay(history: Any, as_json: bool) -> None:
    """Print, by the day from which it would have been told, each alert of the past."""
    from agent.claims.watch import tell_alert

    quotes = {e.n: e for e in history.evidence}
    if as_json:
        listed = [
            {"known": f"{past.known:%Y-%m-%d}"} | list_one(past.alert, quotes)
            for past in history.alerts
        ]
        print(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    for past in history.alerts:
        print(f"Told on {past.known:%Y-%m-%d}  {past.alert.id}")
        for line in tell_alert(history, past.alert):
            print(f"  {line}")
    print(f"{len(history.alerts)} alerts in {history.n_periods} {history.length}s.")


def send_alerts(tribune: Any, days: int) -> int:
    """Send the new alerts of the last days through what the settings name; how many went out.

    Raises: InputError where they name nothing; SendError.
    """
    from agent.claims.watch import name_subject, tell_alert
    from agent.settings import read_settings
    from tools.monitoring.sending import Channel, Mail, Message, Webhook, send_new

    settings = read_settings()
    channels: list[Channel] = []
    if settings.alert_webhook:
        channels.append(Webhook(settings.alert_webhook))
    if settings.alert_email:
        channels.append(Mail(settings.alert_email, settings.smtp_host))
    if not channels:
        raise InputError(
            "Nothing says where alerts go. Set TRIBUNE_ALERT_WEBHOOK, or TRIBUNE_ALERT_EMAIL and "
            "TRIBUNE_SMTP_HOST."
        )
    found = tribune.list_alerts(days)
    quotes = {e.n: e for e in found.evidence}
    messages = [
        Message(
            [alert.id, *alert.also_ids],
            f"Tribune: {name_subject(alert)}, from {alert.start:%Y-%m-%d}",
            "\n".join(tell_alert(found, alert)),
            list_one(alert, quotes),
        )
        for alert in reversed(found.alerts)
        if alert.state == "new"
    ]
    return send_new(tribune.workspace.path, messages, channels)


def watch_folder(folder: Path, workspace: Path | None, days: int, pause: float = PAUSE) -> None:
    """Add new files of the folder until interrupted, and tell the alerts that each brings."""
    from tools.monitoring.inbox import Inbox

    if not folder.is_dir():
        raise InputError(f"--watch takes a folder; {folder} is none. Make it first.")
    inbox = Inbox(folder)
    known = {i for a in open_tribune(workspace).list_alerts(days).alerts for i in _ids(a)}
    print(f"Watching {folder} for new reviews (Ctrl+C ends it).", flush=True)
    while True:
        known = take_new(inbox, workspace, days, known)
        time.sleep(pause)


def take_new(inbox: Any, workspace: Path | None, days: int, known: set[str]) -> set[str]:
    """Add the files that are ready, and tell and send the alerts that they bring.

    known: ids of alerts that were told; with those told now when it returns. A file that cannot be
    used is told in a sentence and not tried again until it changes.
    """
    from agent.settings import read_settings

    settings = read_settings()
    for path in inbox.look():
        inbox.take(path)
        try:
            known = known | _take(path, workspace, days, known)
            if settings.alert_webhook or settings.alert_email:
                send_alerts(open_tribune(workspace), days)
        except TribuneError as error:
            print(f"{path.name}: {error}", file=sys.stderr, flush=True)
    return known


def _take(path: Path, workspace: Path | None, days: int, known: set[str]) -> set[str]:
    """Add one file and print what is new; the ids of all alerts of the last days."""
    from agent.settings import read_settings
    from tools import update
    from tools.workspace import Workspace as Folder

    added = update.add([path], Folder(workspace or read_settings().workspace))
    rejected = f", {added.account.rejected:,} rejected" if added.account.rejected else ""
    print(f"{path.name}: {added.new:,} reviews are new{rejected}.", flush=True)
    found = open_tribune(workspace).list_alerts(days)
    fresh = [alert for alert in found.alerts if known.isdisjoint(_ids(alert))]
    if fresh:
        show_alerts(found.model_copy(update={"alerts": fresh}), as_json=False)
    sys.stdout.flush()
    return {i for alert in found.alerts for i in _ids(alert)}


def _ids(alert: Any) -> list[str]:
    return [alert.id, *alert.also_ids]
