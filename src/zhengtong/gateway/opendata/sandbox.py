"""
The sandbox 沙箱: dataset 0, made up for programs that are being written. It has every kind of column, the same rows in every installation
and after every start, and refuses what it is asked to refuse. It is no dataset of the catalog, so no list, figure or harvest has it.

Its rows are made by a migration of ``apps.flow.opendata`` in ``opened.sandbox``; a test holds this description to them.
"""

from __future__ import annotations

from typing import Any

from zhengtong.engines.rowquery.refusals import BadQuery
from zhengtong.engines.rowquery.table import Column, Kind, Table
from zhengtong.gateway.moments import SECOND
from zhengtong.gateway.opendata.refusals import ConditionalOnly, DatasetGone, DatasetUnknown, KeyRefused
from zhengtong.gateway.refusals import DatabaseUnavailable, RateExceeded
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.kernel.sentences import say

NUMBER = 0
ROWS = 1_000
_COLUMNS = (
    Column("code", Kind.TEXT, "虚构编号", nulls=False, formulas=False),
    Column("name", Kind.TEXT, "虚构名称", nulls=False, formulas=False),
    Column("kind", Kind.TEXT, "类别", nulls=False, formulas=False),
    Column("visitors", Kind.INTEGER, "来访人次"),
    Column("area", Kind.DECIMAL, "面积(平方米)", nulls=False),
    Column("score", Kind.DOUBLE, "评分", nulls=False),
    Column("opened", Kind.DATE, "启用日期", nulls=False),
    Column("updated", Kind.MOMENT, "更新时间", nulls=False),
    Column("active", Kind.BOOLEAN, "正在使用", nulls=False),
    Column("longitude", Kind.DOUBLE, "经度", nulls=False),
    Column("latitude", Kind.DOUBLE, "纬度", nulls=False),
    Column("note", Kind.TEXT, "备注"),
)
TABLE = Table(NUMBER, 1, "sandbox", ROWS, _COLUMNS, ("code",), "沙箱:虚构的公共场所(仅供调试程序)")
FACTS: dict[str, Any] = {
    "summary": "全部是虚构的数据,供调试程序用:各种类型的列都有,每次都一样;加上 provoke= 可以得到各种拒绝。",
    "office": "虚构",
    "theme": "",
    "licence": "cc0-1.0",
    "attribution": "",
    "made_at": "2026-01-01T00:00:00+08:00",
    "data_at": "2026-01-01T00:00:00+08:00",
    "place": {"longitude": "longitude", "latitude": "latitude", "system": "CGCS2000"},
    "fictitious": True,
}
#: what can be provoked → what it does
PROVOKED = {
    "400": "bad-query",
    "401": "key-refused",
    "403": "dataset-conditional",
    "404": "dataset-unknown",
    "410": "dataset-gone",
    "429": "rate-exceeded, always",
    "503": "database-unavailable, always",
    "flaky": "429 in every second second; Retry-After leads out of it",
}


_REFUSED: dict[str, type[ZhengtongError]] = {
    "400": BadQuery,
    "401": KeyRefused,
    "403": ConditionalOnly,
    "404": DatasetUnknown,
    "410": DatasetGone,
    "429": RateExceeded,
    "503": DatabaseUnavailable,
    "flaky": RateExceeded,
}


def provoke(what: str, *, now_ns: int) -> None:
    """
    Refuse as asked.

    :raises ZhengtongError: what ``what`` names; for ``flaky`` in even seconds alone.
    :raises BadQuery: if it names nothing.
    """
    if what not in _REFUSED:
        raise BadQuery(say("不能引出 {what}。", what=what[:20]), field="provoke", remedy="、".join(PROVOKED))
    if what == "flaky" and now_ns // SECOND % 2:
        return
    refused = _REFUSED[what](say("按要求拒绝:这是沙箱。"), field="provoke", remedy="去掉 provoke 参数;能重试的按 Retry-After 等待")
    if isinstance(refused, RateExceeded | DatabaseUnavailable):
        refused.retry_after = 1
    raise refused
