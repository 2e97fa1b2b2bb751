"""Items as files in the column form in which they are imported."""

from __future__ import annotations

import io
import uuid
from collections.abc import Generator, Iterator

from openpyxl import Workbook

from zhengtong.apps.affairs.services.queries.items import ItemView, WorkFilter, parsed, rows, views_of, work_views
from zhengtong.apps.affairs.services.rules import tabulating
from zhengtong.apps.affairs.services.rules.tabulating import Written
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.toolkit import csv_text

_CHUNK = 500
_SPACE = uuid.UUID("6b1c1f3e-6f53-5a8f-9d0c-1c3c1d7f2c55")


def _written(view: ItemView) -> Written:
    guid = uuid.uuid5(_SPACE, f"{view.code}/{view.version}").hex
    return Written(
        parsed(view), view.office_name, view.content, view.state, view.version, guid, view.changed_at, "政通"
    )  # data: the system's name


def _every() -> Iterator[ItemView]:
    after = 0
    while chunk := list(rows().filter(pk__gt=after).order_by("pk")[:_CHUNK]):
        yield from views_of(chunk)
        after = chunk[-1].pk


def _listed(actor: identity.Actor, chosen: WorkFilter) -> Iterator[ItemView]:
    after = 0
    while chunk := work_views(actor, chosen, after=after, limit=_CHUNK):
        yield from chunk
        after = chunk[-1].id


def _views(actor: identity.Actor | None, chosen: WorkFilter) -> Iterator[ItemView]:
    return _every() if actor is None else _listed(actor, chosen)


def export_xlsx(actor: identity.Actor | None, chosen: WorkFilter) -> bytes:
    """
    A workbook with a sheet for each table.

    :param actor: whose list it is; None for all items.
    """
    book = Workbook(write_only=True)
    sheets = {}
    for name, columns in tabulating.heads().items():
        sheets[name] = book.create_sheet(name)
        sheets[name].append([tabulating.title(column) for column in columns])
    for view in _views(actor, chosen):
        for name, cells in tabulating.rows_of(_written(view)):
            sheets[name].append([csv_text.cell(one) if isinstance(one, str) else one for one in cells])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def export_csv(actor: identity.Actor | None, chosen: WorkFilter) -> Generator[bytes, None, None]:
    """The elements of items, a line each: the sheets ``basic`` and ``extend`` side by side; tables below items are in workbooks only."""
    heads = tabulating.heads()
    columns = [*heads[tabulating.BASIC], *heads[tabulating.EXTEND][1:]]
    yield csv_text.MARK + csv_text.encode([[tabulating.title(one) for one in columns]])
    for view in _views(actor, chosen):
        by_sheet = {name: cells for name, cells in tabulating.rows_of(_written(view)) if name in {tabulating.BASIC, tabulating.EXTEND}}
        yield csv_text.encode([[*by_sheet[tabulating.BASIC], *by_sheet[tabulating.EXTEND][1:]]])
