"""The catalog as files that others can read, and that come back unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.db.models import F, Prefetch

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
#: Entries in one file made while somebody waits for the page; larger selections are exported on the command line.
MOST_EXPORTED = {"xlsx": 3_000, "csv": 20_000, "json": 20_000}


class ExportTooLarge(Invalid):
    """条目太多,一个文件装不下;请缩小范围。"""

    code = "export-too-large"


def _require_kind(kind: str) -> None:
    if kind not in WRITERS:
        raise Invalid(say("不能导出为 {kind}", kind=kind), field="kind", remedy="选择 xlsx、csv 或 json")


def export_worklist(actor: identity.Actor, wanted: WorkFilter, *, kind: str) -> bytes:
    """
    The working copies of a worklist as ``xlsx`` (national form), ``csv`` or ``json``.

    :raises ExportTooLarge: for more entries than ``MOST_EXPORTED``.
    :raises Invalid: for another kind.
    """
    _require_kind(kind)
    rows = narrowed(actor, wanted).select_related("office").prefetch_related(Prefetch("items", Item.objects.order_by("position")))
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    most = MOST_EXPORTED[kind]
    if rows.count() > most:
        raise ExportTooLarge(say("超过 {most} 条,一个文件装不下", most=most), remedy="缩小范围后分次导出,或选择 csv、json")
    entries = (
        Written(row.code or "", row.office.code, row.office.name, row.published_on, content_of(row))
        for row in rows.order_by("pk").iterator(chunk_size=_BATCH)
    )
    return WRITERS[kind](entries)


def export_published(*, kind: str, office: str = "", region: str = "") -> bytes:
    """
    Every published entry of an office, of a region with all below it, or of the whole catalog.

    :raises Invalid: for a kind other than ``xlsx``, ``csv`` and ``json``.
    """
    _require_kind(kind)
    rows = ResourceVersion.objects.select_related("resource__office").filter(number=F("resource__served_version"))
    if office:
        rows = rows.filter(resource__office__code=office)
    if region:
        rows = rows.filter(resource__office__region__code__startswith=region)
    return WRITERS[kind](_published(rows.order_by("resource_id").iterator(chunk_size=_BATCH)))


def _published(rows: Iterator[ResourceVersion]) -> Iterator[Written]:
    for row in rows:
        entry = row.resource
        yield Written(entry.code or "", entry.office.code, entry.office.name, entry.published_on, Content.of(row.document))


def export_quarantine(run_id: int, *, actor: identity.Actor) -> bytes:
    """
    What an import kept out, as CSV: position, field, value, rule, remedy, and the record word for word.

    :raises ImportUnknown: if there is no such import, or the actor may not import for its office.
    """
    lines = quarantine(run_id, actor=actor, limit=MOST_EXPORTED["csv"])
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
