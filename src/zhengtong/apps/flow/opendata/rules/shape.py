"""
Gates on the shape of the rows: what audits of Chinese portals find most often (empty sets, duplicate rows, full files cut at a round
number, data that is late, dates written in several ways) and what harvesters choke on (pages of HTML saved as data).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from zhengtong.apps.flow.opendata.rules import freshness
from zhengtong.apps.flow.opendata.rules.findings import Finding
from zhengtong.apps.flow.opendata.rules.sheet import Sheet
from zhengtong.kernel.sentences import say

_EXAMPLES = 3
#: exports and spreadsheets stop here: limits of tools, and of sheets with and without their head
ROUND_NUMBERS = frozenset(
    {
        *(1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 65_535, 65_536, 100_000, 200_000, 500_000),
        *(1_000_000, 1_048_575, 1_048_576, 5_000_000, 10_000_000),
    }
)
_MARKUP = r"(?i)<\s*(?:!doctype|html|head|body|table|tr|td|div|script|meta)\b"
_YEAR, _MONTH, _DAY = r"(?:19|20)\d{2}", r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
#: how dates are written in Chinese files
DATE_FORMS = {
    "2026-01-31": rf"^{_YEAR}-{_MONTH}-{_DAY}(?:[ T].*)?$",
    "2026/1/31": rf"^{_YEAR}/{_MONTH}/{_DAY}(?: .*)?$",
    "2026.1.31": rf"^{_YEAR}\.{_MONTH}\.{_DAY}$",
    "20260131": r"^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$",
    "2026年1月31日": rf"^{_YEAR}年{_MONTH}月{_DAY}日$",  # data: a way to write a date
}
#: a text column is one of dates when so many of its values are
_MOSTLY = 0.8


def empty(sheet: Sheet) -> list[Finding]:
    """No row, or a row that is only the head again."""
    if sheet.rows == 0:
        return [Finding("empty", "", 0, 0, say("没有任何数据行"), say("先归集数据,再提议开放"))]
    if sheet.rows == 1:
        row = sheet.frame.collect().row(0, named=True)
        names = {text for column in sheet.columns for text in (column.name, column.key)}
        if all(value in names for value in row.values()):
            return [Finding("empty", "", 0, 1, say("只有一行表头,没有数据"), say("核对来源文件的表头行"))]
    return []


def duplicate_rows(sheet: Sheet) -> list[Finding]:
    """Rows that are word for word the same in all published columns. Eight bytes a row are kept."""
    if not sheet.rows:
        return []
    surplus = sheet.rows - pl.concat([batch.hash_rows() for batch in sheet.batches()]).n_unique()
    if not surplus:
        return []
    sentence = say("有 {surplus} 行与别的行完全相同", surplus=surplus)
    return [Finding("duplicate-rows", "", surplus, sheet.rows, sentence, say("在来源去重,或把区分各行的信息项一并开放"))]


def markup(sheet: Sheet) -> list[Finding]:
    """Values that are pages of a website."""
    found = []
    for column in sheet.texts():
        hits = sheet.frame.filter(pl.col(column.key).str.contains(_MARKUP)).select(column.key)
        count = int(hits.select(pl.len()).collect().item())
        if count:
            examples = tuple(str(one)[:40] for one in hits.head(_EXAMPLES).collect()[column.key])
            sentence = say("“{column}”的值是网页代码", column=column.name)
            found.append(Finding("markup", column.key, count, sheet.rows, sentence, say("核对来源:取到的可能是出错页面"), examples))
    return found


def round_number(sheet: Sheet) -> list[Finding]:
    """A number of rows at which tools stop."""
    if sheet.rows not in ROUND_NUMBERS:
        return []
    sentence = say("恰好 {rows} 行,像是被导出工具截断", rows=sheet.rows)
    return [Finding("round-number", "", sheet.rows, sheet.rows, sentence, say("与来源的总行数核对;确为此数的,说明理由后放行"))]


def stale(sheet: Sheet, *, cycle: str, updated_on: date, today: date) -> list[Finding]:
    """Data that is older than its update cycle allows."""
    late = freshness.days_late(cycle, updated_on, today)
    if late <= 0:
        return []
    sentence = say("数据停在 {day},按更新周期已晚 {late} 天", day=updated_on.isoformat(), late=late)
    return [Finding("stale", "", sheet.rows, sheet.rows, sentence, say("重新归集,或在目录中改正更新周期"))]


def mixed_dates(sheet: Sheet) -> list[Finding]:
    """Text columns of dates in which dates are written in more than one way."""
    found = []
    for column in sheet.texts():
        value = pl.col(column.key)
        asked = [value.str.contains(pattern).sum().alias(str(place)) for place, pattern in enumerate(DATE_FORMS.values())]
        *counts, filled = sheet.frame.select(*asked, filled=value.is_not_null().sum()).collect().row(0)
        used = {name: int(count) for name, count in zip(DATE_FORMS, counts, strict=True) if count}
        if len(used) < 2 or sum(used.values()) < _MOSTLY * int(filled):  # noqa: PLR2004 - one way to write is no mixture
            continue
        rare = sum(used.values()) - max(used.values())
        sentence = say("“{column}”的日期有 {ways} 种写法", column=column.name, ways=len(used))
        found.append(Finding("mixed-dates", column.key, rare, sheet.rows, sentence, say("在来源统一为 2026-01-31 的写法"), tuple(used)))
    return found
