"""What came back, as pages, totals and facets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zhengtong.engines.rowquery import cursors
from zhengtong.engines.rowquery.question import FacetQuestion, Question
from zhengtong.engines.rowquery.statements import COUNTED_ROWS
from zhengtong.engines.rowquery.table import Table
from zhengtong.kernel.sentences import say


@dataclass(frozen=True)
class Total:
    """How many rows fit: exactly, or None with the reason."""

    rows: int | None
    reason: str = ""


@dataclass(frozen=True)
class Page:
    """Rows as JSON texts, and the cursor behind them if there are more."""

    rows: tuple[str, ...]
    next: str | None


@dataclass(frozen=True)
class FacetCount:
    """A value as text (None: missing) and how many rows have it."""

    value: str | None
    count: int


@dataclass(frozen=True)
class Facet:
    """The most frequent values of a column; ``more`` if there are others."""

    item: str
    values: tuple[FacetCount, ...]
    more: bool


def page(table: Table, question: Question, records: Sequence[Sequence[Any]]) -> Page:
    """A page from what ``statements.page`` fetched."""
    most = len(records) if question.limit is None else question.limit
    shown = records[:most]
    following = None
    if len(records) > most and shown:
        ends = tuple(None if one is None else str(one) for one in list(shown[-1])[1:])
        following = cursors.written(cursors.Place(table.version, ends), question)
    return Page(tuple(record[0] for record in shown), following)


def known_total(table: Table, question: Question, page: Page) -> Total | None:
    """The total where nothing has to be counted: without a filter, on a page that holds everything, and where counting is not done."""
    if question.after or question.offset:
        return Total(table.rows) if question.where is None and not question.distinct else Total(None, say("翻页时不再计数"))
    if page.next is None:
        return Total(len(page.rows))
    if question.distinct:
        return Total(None, say("去重后的总数不计算"))
    return Total(table.rows) if question.where is None else None


def counted_total(table: Table, counted: int | None) -> Total:
    """
    The total from what ``statements.count`` fetched.

    :param counted: None if nothing was counted.
    """
    if counted is None:
        return Total(None, say("有的条件没有索引,总数不计算"))
    if not table.small and counted > COUNTED_ROWS:
        return Total(None, say("超过 {most} 行,总数不计算", most=COUNTED_ROWS))
    return Total(counted)


def facet(item: str, question: FacetQuestion, records: Sequence[Sequence[Any]]) -> Facet:
    """A facet from value and count of each record."""
    values = tuple(FacetCount(record[0], int(record[1])) for record in records[: question.limit])
    return Facet(item, values, len(records) > question.limit)


def counted(table: Table, item: str, question: FacetQuestion) -> Facet | None:
    """A facet over all rows, from what was counted when the table was made; None where it was not."""
    known = table.column(item).counted
    return facet(item, question, known) if question.where is None and known is not None else None
