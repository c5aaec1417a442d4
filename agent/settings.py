"""Settings: the command line's options, else TRIBUNE_* variables, else tribune.toml, read once."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.errors import InputError

DEFAULT_MODEL = "local:smollm2"


@dataclass(frozen=True)
class Settings:
    """workspace: its folder; model: a model string (agent/chat_models/models.py); encoder: an
    encoder's name; planner: the folder of your own (`tribune train planner`), None for the
    shipped one; host and port: where the web app listens (port None: the first free one from
    7860); alert_webhook: an address that new alerts are posted to; alert_email: who gets them by
    mail, through smtp_host (HOST or HOST:PORT). Both are off unless given.
    """

    workspace: Path = Path("workspaces/default")
    model: str = DEFAULT_MODEL
    encoder: str = "local:minilm"
    planner: Path | None = None
    host: str = "127.0.0.1"
    port: int | None = None
    alert_webhook: str = ""
    alert_email: str = ""
    smtp_host: str = ""


def read_settings(
    environment: Mapping[str, str] | None = None, file: Path = Path("tribune.toml")
) -> Settings:
    """Raises: InputError for a file that isn't TOML, an unknown key or a port that is no number."""
    environment = os.environ if environment is None else environment
    given: dict[str, object] = {}
    if file.is_file():
        try:
            given = tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{file} is not valid TOML: {error}.") from error
    known = Settings.__dataclass_fields__
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InputError(f"{file} has the unknown key {unknown[0]!r}. Known: {', '.join(known)}.")
    for key in known:
        value = environment.get(f"TRIBUNE_{key.upper()}")
        if value:
            given[key] = value
    port = given.get("port")
    if port is not None and not str(port).isdigit():
        raise InputError(f"port must be a number; got {port!r}.")
    texts = {key: str(given.get(key, "")) for key in ("alert_webhook", "alert_email", "smtp_host")}
    if texts["alert_email"] and not texts["smtp_host"]:
        raise InputError("alert_email needs the server that sends mail: set smtp_host too.")
    return Settings(
        workspace=Path(str(given.get("workspace", Settings.workspace))),
        model=str(given.get("model", Settings.model)),
        encoder=str(given.get("encoder", Settings.encoder)),
        planner=Path(str(given["planner"])) if given.get("planner") else None,
        host=str(given.get("host", Settings.host)),
        port=None if port is None else int(str(port)),
        **texts,
    )
