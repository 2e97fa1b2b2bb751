"""What the gates say about how the rows came: the file behind them, and whether they are a piece of what is open in pieces already."""

from __future__ import annotations

import polars as pl

from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.opendata.models import Dataset, DatasetVersion
from zhengtong.apps.flow.opendata.rules import fragments
from zhengtong.apps.flow.opendata.rules.findings import Finding
from zhengtong.apps.flow.opendata.rules.fragments import Piece
from zhengtong.apps.flow.opendata.rules.sheet import Sheet
from zhengtong.apps.flow.opendata.rules.vocabulary import State
from zhengtong.apps.foundation.organisations import api as organisations

_GATES = {exchange.FileFault.RENAMED: "renamed-file", exchange.FileFault.REFUSED: "refused-delivery"}
#: datasets of the same office and columns that are looked at, the newest first
_MOST = 200


def file_findings(row: Dataset, sheet: Sheet) -> list[Finding]:
    """What is wrong with the file that the rows were collected from, or with what was delivered since."""
    return [
        Finding(_GATES[one.fault], "", sheet.rows, sheet.rows, one.sentence, one.remedy)
        for one in exchange.file_verdicts(row.resource_id)
        if sheet.rows
    ]


def fragments_of(row: Dataset, sheet: Sheet) -> list[Finding]:
    """Open datasets of the same office of which this one is another piece."""
    wanted = [{"name": column.name, "data_type": column.data_type} for column in sheet.columns]
    rows = Dataset.objects.filter(state=State.OPEN, resource__office_id=row.resource.office_id, current__columns__contains=wanted)
    others = list(rows.exclude(pk=row.pk).select_related("current").order_by("-published_at")[:_MOST])
    pieces = [_published(other.title, other.current) for other in others if other.current is not None]
    if not pieces:
        return []
    places = {one.name for one in organisations.regions_below(row.resource.office.region_id)}
    found = fragments.finding(_piece(row.title, sheet), pieces, sheet.rows, places)
    return [found] if found else []


def _published(title: str, version: DatasetVersion) -> Piece:
    temporal = {one["key"] for one in version.columns if one["data_type"] in {"D", "T"}}
    constants = {one["name"]: one["top"][0][0] for one in version.profile if one.get("top") and one["distinct"] == 1}
    days = {one["name"]: (one["least"], one["greatest"]) for one in version.profile if one["key"] in temporal and one.get("least")}
    return Piece(title, frozenset((one["name"], one["data_type"]) for one in version.columns), constants, days)


def _piece(title: str, sheet: Sheet) -> Piece:
    texts = sheet.texts()
    constants: dict[str, str] = {}
    if texts:
        asked = [part for one in texts for part in (pl.col(one.key).n_unique().alias(f"n:{one.key}"), pl.col(one.key).first())]
        facts = sheet.frame.select(asked).collect().row(0, named=True)
        constants = {one.name: facts[one.key] for one in texts if facts[f"n:{one.key}"] == 1 and facts[one.key] is not None}
    days: dict[str, tuple[str, str]] = {}
    schema = sheet.frame.collect_schema()
    for column in sheet.columns:
        if schema[column.key].is_temporal():
            first, last = sheet.frame.select(pl.col(column.key).min(), b=pl.col(column.key).max()).collect().row(0)
            if first is not None:
                days[column.name] = (str(first), str(last))
    return Piece(title, frozenset((one.name, one.data_type) for one in sheet.columns), constants, days)
