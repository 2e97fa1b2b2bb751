"""What every connector offers, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, Self

import polars as pl

#: hidden columns a reader may add: the line of the record, why its shape is wrong, and its cells as JSON
LINE, BAD, CELLS = "\0line", "\0bad", "\0cells"


@dataclass(frozen=True)
class Capabilities:
    """What a kind of system can do; the pipeline asks here instead of asking which kind it is."""

    #: rows come in the order of their keys, so that duplicates lie side by side
    keyed: bool
    #: rows changed since a moment can be asked for
    incremental: bool
    #: blanks mean "missing" (in files there is no null)
    blank_is_missing: bool
    #: text may hold NUL characters, which PostgreSQL cannot store
    may_hold_nul: bool


@dataclass(frozen=True)
class SourceColumn:
    """A column as its system describes it."""

    name: str
    #: the type in the system's own words, as in ``varchar(20)``; empty where there are only texts
    type: str = ""
    comment: str = ""
    nullable: bool = True
    #: its place in the primary key, from 1; 0 outside
    key_place: int = 0


@dataclass(frozen=True)
class SourceTable:
    """A table, view or sheet."""

    schema: str
    name: str
    comment: str = ""
    #: an estimate, -1 if unknown
    rows: int = -1
    kind: str = "table"


@dataclass(frozen=True)
class ConnectionReport:
    """The outcome of a connection test: what works, or what is wrong and how to mend it."""

    ok: bool
    sentence: str
    remedy: str = ""
    facts: tuple[tuple[str, str], ...] = ()


class Phase(StrEnum):
    """The part of the rows a window takes: those whose order columns are all there, or those that lack one."""

    ORDERED = "ordered"
    MISSING = "missing"


@dataclass(frozen=True)
class Window:
    """Which rows to read, by the order columns; bounds and positions are text as ``position`` wrote them."""

    phase: Phase = Phase.ORDERED
    #: rows strictly after this position
    after: tuple[str, ...] | None = None
    #: the cursor column, and its closed bounds
    cursor: str | None = None
    lower: str | None = None
    upper: str | None = None
    #: in ``Phase.MISSING``: whether rows without a cursor belong to it
    missing_cursor: bool = True


class Snapshot(Protocol):
    """One unchanging view of a source, held open while a run reads it."""

    def fingerprint(self) -> str:
        """What must be the same for a stopped run to go on; empty where the order columns suffice."""

    def upper_bound(self, cursor: str) -> str | None:
        """The greatest cursor value, or None without rows."""

    def lower_bound(self, cursor: str, previous: str, overlap: str) -> str:
        """``previous`` less ``overlap``, in the cursor's own arithmetic."""

    def frames(self, window: Window) -> Iterator[pl.DataFrame]:
        """The rows of a window in order, in frames of some ten thousand rows."""

    def count(self, window: Window) -> int:
        """How many rows the window has, counted by the source itself where it can count."""

    def close(self) -> None:
        """Let go of the view."""


class Source(Protocol):
    """Somewhere rows come from."""

    @property
    def capabilities(self) -> Capabilities:
        """What this kind of source can do."""

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns its frames have."""

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that put rows in one fixed order, for a source that has an order of its own."""

    def snapshot(self, order: Sequence[str]) -> Snapshot:
        """Open a view of it, to be read in the order of these columns."""


class Closing:
    """``with`` for what has ``close``."""

    def close(self) -> None:
        """Let go."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def position(frame: pl.DataFrame, order: Sequence[str], row: int = -1) -> tuple[str, ...]:
    """The place of a row in the order, as text that the source reads back."""
    return tuple(_as_position(value) for value in frame.select(order).row(row))


def _as_position(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
