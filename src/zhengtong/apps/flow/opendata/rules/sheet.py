"""The rows that are to be opened, as gates, profiles and writers see them: typed, lazily read, a part at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

#: rows that lie in memory at a time
BATCH = 50_000


@dataclass(frozen=True)
class Column:
    """A published item: its key, its name, what it was in the catalog, and the mask it is under."""

    key: str
    name: str
    data_type: str = "C"
    length: int | None = None
    is_key: bool = False
    sensitivity: str = ""
    mask: str = "none"
    description: str = ""


@dataclass(frozen=True)
class Sheet:
    """Rows with their columns. ``frame`` may be read again and again and gives the same rows in the same order."""

    frame: pl.LazyFrame
    columns: tuple[Column, ...]
    rows: int

    @classmethod
    def of(cls, frame: pl.DataFrame, columns: Sequence[Column] = ()) -> Sheet:
        """Rows that lie in memory already."""
        return cls(frame.lazy(), tuple(columns) or tuple(Column(name, name) for name in frame.columns), frame.height)

    def batches(self) -> Iterator[pl.DataFrame]:
        """All rows in order, ``BATCH`` at a time."""
        for start in range(0, self.rows, BATCH):
            yield self.frame.slice(start, BATCH).collect()

    def texts(self) -> list[Column]:
        """The columns that hold text."""
        schema = self.frame.collect_schema()
        return [column for column in self.columns if schema[column.key] == pl.String()]
