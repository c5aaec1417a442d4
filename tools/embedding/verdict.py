"""Whether an adapted encoder is better than the one it came from, kept beside its weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

VERDICT = "verdict.json"


@dataclass(frozen=True)
class Check:
    """One measure of both encoders on the same n held-out users or items, higher is better.

    low, high: interval of after − before. Better and worse mean that the interval leaves out 0.
    """

    name: str
    n: int
    before: float
    after: float
    low: float
    high: float

    @property
    def better(self) -> bool:
        return self.low > 0

    @property
    def worse(self) -> bool:
        return self.high < 0

    def describe(self) -> str:
        """The check in plain words, as part of a sentence."""
        return (
            f"{self.name} {self.before:.3f} before, {self.after:.3f} after "
            f"(difference {self.after - self.before:+.3f}, interval {self.low:+.3f} to "
            f"{self.high:+.3f}, {self.n} held out)"
        )


@dataclass(frozen=True)
class Verdict:
    """encoder: the one it came from; checks and recall (of halves, share found among the first ten,
    before and after): on users and items that took no part in training; facts: what was trained
    on and how.
    """

    encoder: str
    checks: Sequence[Check]
    recall: dict[str, tuple[float, float]]
    facts: dict[str, Any]

    @property
    def better(self) -> bool:
        """Something is clearly better, and nothing clearly worse."""
        return any(c.better for c in self.checks) and not any(c.worse for c in self.checks)

    def describe(self) -> str:
        """The verdict in one sentence."""
        parts = "; ".join(check.describe() for check in self.checks)
        if not self.checks:
            return (
                f"The adapted encoder is not known to be better than {self.encoder}: too few users "
                "and items have four reviews to check it on."
            )
        said = "is better" if self.better else "is not better"
        return (
            f"On held-out users and items the adapted encoder {said} than {self.encoder}: {parts}."
        )


def write_verdict(folder: Path, verdict: Verdict) -> None:
    """Write verdict.json."""
    found = {
        "better": verdict.better,
        "sentence": verdict.describe(),
        **asdict(verdict),
    }
    text = json.dumps(found, indent=2, ensure_ascii=False)
    (folder / VERDICT).write_text(text + "\n", encoding="utf-8")


def read_verdict(folder: Path) -> Verdict | None:
    """The verdict on an encoder's folder; None if it was not adapted by Tribune."""
    path = folder / VERDICT
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    return Verdict(
        found["encoder"],
        [Check(**check) for check in found["checks"]],
        {name: (before, after) for name, (before, after) in found["recall"].items()},
        found["facts"],
    )
