"""What may be asked about rows, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

#: rows of a page
PAGE, LARGEST_PAGE = 100, 1_000
#: how far a page may be from the beginning by ``offset``; cursors go as far as the rows do
FURTHEST = 100_000
#: parts of a filter and how deep they may lie in each other
MOST_CONDITIONS, DEEPEST = 50, 6
MOST_VALUES, MOST_ITEMS = 100, 10


class Op(StrEnum):
    """How a value is compared. A missing value fits none of them but ``isnull``."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"
    CONTAINS = "contains"
    STARTSWITH = "startswith"
    ISNULL = "isnull"


@dataclass(frozen=True)
class Condition:
    """One comparison; ``in`` has several values, the others one. ``isnull`` takes ``true`` or ``false``."""

    item: str
    op: Op
    values: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Conditions all of which must hold, or, with ``either``, one of which must."""

    parts: tuple[Filter, ...]
    either: bool = False


Filter: TypeAlias = Condition | Group


@dataclass(frozen=True)
class Sort:
    """A column to sort by. Missing values come last either way."""

    item: str
    descending: bool = False


@dataclass(frozen=True)
class Question:
    """
    A page of rows. ``fields`` empty means every column; with ``distinct`` the answer has each combination of them once. Rows that compare
    equal stay in the order of the files. ``after`` is the cursor of the page before; ``limit`` None, for streams, means all that is left.
    """

    where: Filter | None = None
    fields: tuple[str, ...] = ()
    sort: tuple[Sort, ...] = ()
    limit: int | None = PAGE
    after: str = ""
    offset: int = 0
    distinct: bool = False


@dataclass(frozen=True)
class FacetQuestion:
    """How often each value of some columns occurs among the rows that fit, most frequent first."""

    items: tuple[str, ...]
    where: Filter | None = None
    limit: int = PAGE


@dataclass(frozen=True)
class Measure:
    """A function over a column: ``sum``, ``avg``, ``min``, ``max``, or ``count`` of its values; ``count`` without a column counts rows."""

    function: str
    item: str = ""

    @property
    def name(self) -> str:
        """What the answer calls it."""
        return f"{self.function}_{self.item}" if self.item else self.function


FUNCTIONS = ("count", "sum", "avg", "min", "max")


@dataclass(frozen=True)
class AggregateQuestion:
    """Measures of the rows that fit, for each combination of ``group``. ``sort`` names measures or items of the group."""

    measures: tuple[Measure, ...] = (Measure("count"),)
    group: tuple[str, ...] = ()
    where: Filter | None = None
    sort: tuple[Sort, ...] = ()
    limit: int = PAGE
