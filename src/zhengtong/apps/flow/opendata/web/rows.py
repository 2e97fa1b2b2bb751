"""The rows on a dataset's page: every one of them, sorted, filtered and paged by the server; every choice is in the address."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest

from zhengtong.apps.flow.opendata import api
from zhengtong.engines.rowquery.question import Filter, Question, Sort
from zhengtong.engines.rowquery.reading import condition
from zhengtong.engines.rowquery.refusals import RowRefusal
from zhengtong.engines.rowquery.table import Column, Kind, Table
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui import moments
from zhengtong.toolkit.ui.paging import Page

_PAGE = 20
#: comparisons a visitor may choose; texts have the first five, the others all but those for texts
OPERATOR_LABELS = {
    "contains": "包含",
    "startswith": "开头是",
    "eq": "等于",
    "gte": "不小于",
    "lte": "不大于",
}
_TEXTS = ("contains", "startswith")


@dataclass
class RowTable:
    """What the page shows: heads with the sort their link asks for, cells, the total, or why there are none."""

    heads: list[tuple[Column, str, str]]
    cells: list[list[str]] = field(default_factory=list)
    page: Page[str] | None = None
    total: int | None = None
    total_reason: str = ""
    refused: ZhengtongError | None = None
    item: str = ""
    op: str = ""
    value: str = ""


def table_of(request: HttpRequest, view: api.DatasetView) -> RowTable | None:
    """The rows that the address asks for; None if the version has no table any more."""
    try:
        table = api.row_schema(view.id, version=view.version.number)
    except api.RowsUnknown:
        return None
    asked = {name: request.GET.get(name, "") for name in ("item", "op", "value", "sort", "after")}
    shown = RowTable(_heads(table, asked["sort"]), item=asked["item"], op=asked["op"], value=asked["value"])
    try:
        found = api.rows(table, _question(table, asked))
    except RowRefusal as refused:
        shown.refused = refused
        return shown
    following, first = request.GET.copy(), request.GET.copy()
    following["after"] = found.next or ""
    first.pop("after", None)
    shown.cells = [[_cell(row[column.key], column) for column in table.columns] for row in found.records()]
    shown.page = Page(found.rows, following.urlencode() if found.next else "", not asked["after"], first.urlencode())
    shown.total, shown.total_reason = found.total, found.total_reason
    return shown


def where_of(table: Table, item: str, op: str, value: str) -> Filter | None:
    """
    The filter that the page's form means; None without one.

    :raises RowRefusal: if the item or the value can be no such thing.
    """
    if not item or not value:
        return None
    column = table.column(item)
    # one list serves every item: what only texts can be asked is equality elsewhere
    op = "eq" if op in _TEXTS and column.kind is not Kind.TEXT else op or "eq"
    return condition(table, column.key, op, (value,))


def _question(table: Table, asked: dict[str, str]) -> Question:
    where = where_of(table, asked["item"], asked["op"], asked["value"])
    sort = asked["sort"]
    sorts = (Sort(sort.removeprefix("-"), sort.startswith("-")),) if sort else ()
    return Question(where, (), sorts, _PAGE, asked["after"])


def _heads(table: Table, sort: str) -> list[tuple[Column, str, str]]:
    """Every column with the sort that its head asks for next, and how it is sorted now (``aria-sort``)."""
    heads = []
    for column in table.columns:
        now = "ascending" if sort == column.key else "descending" if sort == f"-{column.key}" else ""
        heads.append((column, {"ascending": f"-{column.key}", "descending": ""}.get(now, column.key), now))
    return heads


def _cell(value: object, column: Column) -> str:
    if value is None:
        return ""
    if column.kind is Kind.BOOLEAN:
        return "true" if value else "false"
    if column.kind in {Kind.DATE, Kind.MOMENT}:
        return moments.of_text(str(value))
    return str(value)
