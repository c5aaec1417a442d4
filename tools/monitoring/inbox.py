"""New files of reviews in a folder, each told once it has stopped growing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

Look = tuple[int, int]

SUFFIXES = (".csv", ".tsv", ".jsonl", ".json", ".ndjson", ".parquet", ".gz")


@dataclass
class Inbox:
    """A folder that is looked at now and then. Files are read where they lie and moved nowhere; one
    that was taken comes again only if it changes.
    """

    folder: Path
    _seen: dict[Path, Look] = field(default_factory=dict)
    _taken: dict[Path, Look] = field(default_factory=dict)

    def look(self) -> list[Path]:
        """Files that are as they were at the last look and were not taken as they are, by name."""
        now = {}
        for path in sorted(self.folder.iterdir()):
            if path.is_file() and path.suffix.lower() in SUFFIXES:
                stat = path.stat()
                now[path] = (stat.st_size, stat.st_mtime_ns)
        still = [path for path, look in now.items() if self._seen.get(path) == look and look[0]]
        self._seen = now
        return [path for path in still if self._taken.get(path) != now[path]]

    def take(self, path: Path) -> None:
        """What is in the file now is done with, well or not."""
        self._taken[path] = self._seen[path]
