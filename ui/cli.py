"""The command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from tools.errors import InputError, TribuneError
from ui.evaluations import evaluations
from ui.terminal import Bars, Json, Model, Out, Workspace, open_tribune, print_sources, show_facts
from ui.training import training
from ui.watching import alerts, forecast

app = typer.Typer(
    name="tribune",
    help="Ask your customers' reviews who they are.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(evaluations, name="evaluate")
app.add_typer(training, name="train")
app.command()(alerts)
app.command()(forecast)

SAMPLE_WORKSPACE = Path("workspaces/sample")


def main() -> None:
    """Run the command line; errors become one sentence and an exit code."""
    try:
        app()
    except InputError as error:
        _complain(error, 2)
    except TribuneError as error:
        _complain(error, 1)
    except KeyboardInterrupt:
        _complain("Stopped. Nothing that was published changed; run it again to go on.", 130)


@app.command()
def demo(model: Model = None, port: int | None = None, browser: bool = True) -> None:
    """The sample world, built if need be, then the chat on localhost."""
    from tools.reviews import sample

    workspace = SAMPLE_WORKSPACE
    _build([sample.REVIEWS], workspace, items=sample.ITEMS, answers=[sample.ANSWERS])
    _open_app(workspace, model, port, browser)


@app.command()
def build(
    files: Annotated[list[Path], typer.Argument(help="Reviews: CSV, JSON lines or Parquet.")],
    items: Annotated[Path | None, typer.Option(help="What the items are.")] = None,
    answers: Annotated[
        list[Path] | None, typer.Option(help="Past questions with their answers and tags.")
    ] = None,
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="Our column=the file's, e.g. user_id=author.")
    ] = None,
    workspace: Workspace = None,
    encoder: Annotated[str | None, typer.Option("--encoder", help="The encoder's name.")] = None,
    algorithm: Annotated[
        Literal["kmeans", "ward", "hdbscan"], typer.Option(help="Of the groups.")
    ] = "kmeans",
    groups: Annotated[
        int | None, typer.Option(help="How many groups; chosen if not given.")
    ] = None,
    seed: int = 0,
    as_json: Json = False,
) -> None:
    """Read reviews, find topics and groups, and publish them in a workspace."""
    from agent.settings import read_settings

    settings = read_settings()
    _build(
        files,
        workspace or settings.workspace,
        items=items,
        answers=answers or [],
        mapping=_read_mapping(map_ or []),
        encoder=encoder or settings.encoder,
        algorithm=algorithm,
        groups=groups,
        seed=seed,
        as_json=as_json,
    )


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(help="Further reviews: CSV, JSON or Parquet.")],
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="Our column=the file's, e.g. user_id=author.")
    ] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """New reviews join a built workspace at once; says when a rebuild is due."""
    from dataclasses import asdict

    from agent.settings import read_settings
    from tools import update
    from tools.workspace import Workspace as Folder

    folder = workspace or read_settings().workspace
    with Bars() as bars:
        added = update.add(
            files, Folder(folder), mapping=_read_mapping(map_ or []), progress=bars.show
        )
    if as_json:
        told = {"new": added.new, "new_users": added.new_users, "placed": added.placed}
        drift = asdict(added.drift) | {"due": added.drift.due}
        print(json.dumps(told | {"counts": added.counts, "drift": drift}))
        return
    a = added.account
    print(
        f"{a.read:,} records read: {a.loaded:,} loaded, {a.duplicates:,} duplicates or here "
        f"already, {a.rejected:,} rejected."
    )
    if not added.new:
        print(f"Nothing new: {folder} holds these reviews already.")
        return
    if a.rejected:
        print(f"The rejects, with line and reason, are in {added.version / 'rejects.csv'}.")
    print(
        f"{added.new:,} reviews and {added.new_users:,} users are new in {folder}; "
        f"{added.placed:,} users joined or changed their group."
    )
    print(added.drift.describe())


@app.command()
def chat(
    workspace: Workspace = None, model: Model = None, port: int | None = None, browser: bool = True
) -> None:
    """The web app on a built workspace."""
    from agent.settings import read_settings

    _open_app(workspace or read_settings().workspace, model, port, browser)


@app.command()
def mcp(
    workspace: Workspace = None,
    http: Annotated[
        int | None, typer.Option("--http", help="Serve over HTTP at this port, at /mcp.")
    ] = None,
) -> None:
    """The tools for other assistants (Model Context Protocol), over standard input and output."""
    from agent.settings import read_settings
    from ui.mcp_server import serve_http, serve_stdio

    tribune = open_tribune(workspace)
    if http is None:
        serve_stdio(tribune)
    else:
        serve_http(tribune, read_settings().host, http)


@app.command()
def ask(
    question: str,
    workspace: Workspace = None,
    model: Model = None,
    conversation: Annotated[str, typer.Option(help="Name of a conversation to go on with.")] = "",
    as_json: Json = False,
) -> None:
    """One answer."""
    from uuid import uuid4

    from agent.graph import Assistant, Finished, Words
    from agent.settings import read_settings

    settings = read_settings()
    assistant = Assistant(open_tribune(workspace), model or settings.model)
    for event in assistant.ask(question, conversation or uuid4().hex):
        if isinstance(event, Words) and not as_json:
            print(event.text, end="", flush=True)
        if isinstance(event, Finished):
            if as_json:
                print(event.answer.model_dump_json(indent=2))
            else:
                print_sources(event.answer)


@app.command()
def groups(
    sort: Literal["size", "rating", "growth"] = "size",
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """The groups with size, trust and headline traits."""
    found = open_tribune(workspace).list_groups(sort)
    if not as_json:
        show_facts(found, as_json)
        return
    told = found.model_dump(mode="json")
    for group in told["groups"]:
        group["size"] = group["n_users"]
    print(json.dumps(told, indent=2, ensure_ascii=False))


@app.command()
def group(group: str, workspace: Workspace = None, as_json: Json = False) -> None:
    """One group's profile, by number or name."""
    show_facts(open_tribune(workspace).describe_group(group), as_json)


@app.command()
def user(user: str, workspace: Workspace = None, as_json: Json = False) -> None:
    """One user's profile and group."""
    show_facts(open_tribune(workspace).describe_user(user), as_json)


@app.command()
def recommend(
    user: Annotated[str | None, typer.Option(help="To a user.")] = None,
    group: Annotated[str | None, typer.Option(help="To a group, by number or name.")] = None,
    limit: int = 10,
    aim: Annotated[
        Literal["average", "least misery", "fair"], typer.Option(help="Of a group's members.")
    ] = "average",
    category: Annotated[str | None, typer.Option(help="Only of this category.")] = None,
    max_price: Annotated[float | None, typer.Option(help="Price level at most.")] = None,
    unseen: Annotated[
        bool, typer.Option("--unseen", help="To a group, only items that no member has met.")
    ] = False,
    why: Annotated[str | None, typer.Option(help="Why this item suits the user.")] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Items for a user or a group, with reasons; or why one item suits a user."""
    tribune = open_tribune(workspace)
    if why is not None:
        if user is None:
            raise InputError("--why explains an item for a user. Give --user too.")
        show_facts(tribune.explain_recommendation(user, why), as_json)
        return
    found = tribune.recommend(user, group, limit, aim, category, max_price, unseen)
    show_facts(found, as_json)


@app.command()
def search(
    query: str,
    stance: Literal["likes", "dislikes", "any"] = "any",
    group: Annotated[str | None, typer.Option(help="Within a group.")] = None,
    user: Annotated[str | None, typer.Option(help="By a user.")] = None,
    item: Annotated[str | None, typer.Option(help="On an item.")] = None,
    limit: int = 5,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """The reviews themselves, by meaning."""
    show_facts(
        open_tribune(workspace).search_reviews(query, stance, group, user, item, limit), as_json
    )


@app.command()
def report(
    out: Out,
    groups: Annotated[list[str] | None, typer.Argument(help="Names or numbers.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every group, in one booklet.")] = False,
    workspace: Workspace = None,
) -> None:
    """A persona report on a group, or on several side by side: .pdf, .docx, .html or .md."""
    from agent.persona.booklet import gather_report
    from agent.report import save_report

    if bool(groups) == all_:
        raise InputError("Name one group or more, or give --all for every group.")
    made = gather_report(open_tribune(workspace), groups or [])
    save_report(made, out)
    print(f"Wrote {out}: {made.n_claims:,} statements with their counts and sources.")


@app.command()
def reply(
    message: Annotated[str, typer.Argument(help="What the customer wrote.")],
    user: Annotated[str | None, typer.Option(help="The customer's id.")] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """A draft reply to a customer's message, from past answers, and what to know beside it."""
    show_facts(open_tribune(workspace).draft_reply(message, user), as_json)


@app.command()
def questions(
    workspace: Workspace = None,
    out: Annotated[Path, typer.Option(help="Where to write them.")] = Path("questions.jsonl"),
) -> None:
    """Write the questions whose calls readers of the chat confirmed, to train the planner on."""

    from agent.feedback import gather_questions
    from agent.settings import read_settings
    from tools.workspace import Workspace as Opened

    gathered = gather_questions(Opened(workspace or read_settings().workspace).conversations)
    lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in gathered)
    out.write_text(lines, encoding="utf-8")
    print(
        f"{len(gathered):,} confirmed questions are in {out}. Check them, then learn from them: "
        f"tribune train planner --questions {out}"
    )


@app.command("export")
def export_table(
    what: Literal["members", "users", "items", "reviews"], out: Out, workspace: Workspace = None
) -> None:
    """Members, users, items or reviews as .csv or .parquet."""
    from agent.export import export

    rows = export(open_tribune(workspace), what, out)
    print(f"Wrote {rows:,} rows to {out}.")


def _open_app(workspace: Path, model: str | None, port: int | None, browser: bool) -> None:
    from agent.settings import read_settings
    from tools.workspace import Workspace as Folder
    from ui.app import launch

    settings = read_settings()
    launch(
        Folder(workspace),
        model=model or settings.model,
        host=settings.host,
        port=port or settings.port,
        open_browser=browser,
    )


def _build(
    files: list[Path],
    workspace: Path,
    *,
    items: Path | None = None,
    answers: Sequence[Path] = (),
    mapping: dict[str, str] | None = None,
    encoder: str = "local:minilm",
    algorithm: str = "kmeans",
    groups: int | None = None,
    seed: int = 0,
    as_json: bool = False,
) -> None:
    from tools.manifest import BuildSettings
    from tools.pipeline import build
    from tools.workspace import Workspace as Folder

    if Path(encoder).is_dir():  # the workspace is opened from other folders too
        encoder = str(Path(encoder).resolve())
    settings = BuildSettings(encoder, algorithm, groups, seed)
    with Bars() as bars:
        result = build(
            files,
            Folder(workspace),
            items=items,
            answers=answers,
            mapping=mapping,
            settings=settings,
            progress=bars.show,
        )
    if as_json:
        print(json.dumps({"new": result.new, "counts": result.counts, "notes": result.notes}))
        return
    c = result.counts
    if not result.new:
        print(f"Nothing new: {workspace} already holds these {c['reviews']:,} reviews.")
        return
    print(
        f"{c['records']:,} records read: {c['reviews']:,} loaded, {c['duplicates']:,} duplicates, "
        f"{c['rejected']:,} rejected."
    )
    if c["rejected"]:
        print(f"The rejects, with line and reason, are in {result.version / 'rejects.csv'}.")
    print(
        f"{c['users']:,} users, {c['items']:,} items, {c['sentences']:,} sentences, "
        f"{c['topics']} topics, {c['groups']} groups in {workspace}."
    )
    if c.get("questions"):
        print(f"{c['questions']:,} past questions with answers, {c['intents']} intents.")
    for note in result.notes:
        print(f"Note: {note}")


def _read_mapping(pairs: list[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not equals or not ours:
            raise InputError(f"--map takes our column=the file's, as user_id=author; got {pair!r}.")
        mapping[ours.strip()] = theirs.strip()
    return mapping


def _complain(error: object, code: int) -> None:
    print(error, file=sys.stderr)
    raise SystemExit(code)
