"""The catalog as files that others can read, and that come back unchanged."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from typing import TypeVar

from django.db.models import F, Model, Prefetch, QuerySet

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog.models import Item, ResourceVersion
from zhengtong.apps.resources.catalog.queries.imports import quarantine
from zhengtong.apps.resources.catalog.queries.resources import content_of
from zhengtong.apps.resources.catalog.queries.worklists import WorkFilter, narrowed
from zhengtong.apps.resources.catalog.rules.content import Content
from zhengtong.apps.resources.catalog.rules.writing import WRITERS, Written, table_csv
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say, told

_BATCH = 500
_PIECE = 64 * 2**10
#: Entries in one spreadsheet, which is put together in memory; the other kinds leave entry by entry and have no limit.
MOST_IN_A_SPREADSHEET = 3_000
#: Refused records in one file.
_MOST_REFUSED = 20_000
_Row = TypeVar("_Row", bound=Model)


class ExportTooLarge(Invalid):
    """条目太多,一个文件装不下;请缩小范围。"""

    code = "export-too-large"


def _require_kind(kind: str) -> None:
    if kind not in WRITERS:
        raise Invalid(say("不能导出为 {kind}", kind=kind), field="kind", remedy="选择 xlsx、csv 或 json")


def _in_slices(rows: QuerySet[_Row], key: str) -> Iterator[_Row]:
    """
    Rows by a unique number, a slice at a time: the first leave at once, and only a slice is in memory.

    A cursor held open past its transaction would have PostgreSQL write out every row before the first.
    """
    last = 0
    while found := list(rows.filter(**{f"{key}__gt": last}).order_by(key)[:_BATCH]):
        yield from found
        last = getattr(found[-1], key)


def _gathered(pieces: Iterator[bytes]) -> Generator[bytes, None, None]:
    """Small pieces put together: to hand on each by itself costs more than to make it."""
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) >= _PIECE:
            yield bytes(held)
            held.clear()
    yield bytes(held)


def export_worklist(actor: identity.Actor, wanted: WorkFilter, *, kind: str) -> Generator[bytes, None, None]:
    """
    The working copies of a worklist as ``xlsx`` (national form), ``csv`` or ``json``, piece by piece.

    :raises ExportTooLarge: at once, for more entries than a spreadsheet holds (``MOST_IN_A_SPREADSHEET``).
    :raises Invalid: at once, for another kind.
    """
    _require_kind(kind)
    rows = narrowed(actor, wanted).select_related("office").prefetch_related(Prefetch("items", Item.objects.order_by("position")))
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if kind == "xlsx" and rows.order_by()[: MOST_IN_A_SPREADSHEET + 1].count() > MOST_IN_A_SPREADSHEET:
        too_many = say("超过 {most} 条,一个电子表格装不下", most=MOST_IN_A_SPREADSHEET)
        raise ExportTooLarge(too_many, remedy="选择 CSV 或 JSON,它们不限条数;或缩小范围后分次导出")
    entries = (
        Written(row.code or "", row.office.code, row.office.name, row.published_on, content_of(row)) for row in _in_slices(rows, "pk")
    )
    return _gathered(WRITERS[kind](entries))


def export_published(*, kind: str, office: str = "", region: str = "") -> Generator[bytes, None, None]:
    """
    Every published entry of an office, of a region with all below it, or of the whole catalog, piece by piece.

    :raises Invalid: at once, for a kind other than ``xlsx``, ``csv`` and ``json``.
    """
    _require_kind(kind)
    rows = ResourceVersion.objects.select_related("resource__office").filter(number=F("resource__served_version"))
    if office:
        rows = rows.filter(resource__office__code=office)
    if region:
        rows = rows.filter(resource__office__region__code__startswith=region)
    return _gathered(WRITERS[kind](_published(_in_slices(rows, "resource_id"))))


def _published(rows: Iterator[ResourceVersion]) -> Iterator[Written]:
    for row in rows:
        entry = row.resource
        yield Written(entry.code or "", entry.office.code, entry.office.name, entry.published_on, Content.of(row.document))


def export_quarantine(run_id: int, *, actor: identity.Actor) -> bytes:
    """
    What an import kept out, as CSV: position, field, value, rule, remedy, and the record word for word.

    :raises ImportUnknown: if there is no such import, or the actor may not import for its office.
    """
    lines = quarantine(run_id, actor=actor, limit=_MOST_REFUSED)
    head = ("位置", "字段", "值", "规则", "怎么办", "记录")
    return table_csv(
        head,
        (
            (
                line.position,
                finding["field"],
                finding["value"],
                told(finding["rule"]),
                told(finding["remedy"]),
                json.dumps(line.record, ensure_ascii=False),
            )
            for line in lines
            for finding in line.findings
        ),
    )
