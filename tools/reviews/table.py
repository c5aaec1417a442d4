"""The record: one version's Parquet files, queried through DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd

NAMES = (
    "reviews", "sentences", "users", "items", "topics", "groups", "traits",
    "subgroups", "subtraits", "aspects", "user_topics",
)  # fmt: skip


class Table:
    """SQL over the tables `NAMES`. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("SET threads TO 2")
        for name in NAMES:
            path = str(folder / f"{name}.parquet").replace("'", "''")
            self._connection.execute(f"CREATE TABLE {name} AS SELECT * FROM '{path}'")

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """The rows that `sql` selects; `?` stands for a parameter."""
        return self._connection.cursor().execute(sql, list(parameters)).df()
