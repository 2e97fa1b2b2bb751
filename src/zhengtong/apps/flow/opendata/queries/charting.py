"""Charts of open datasets, worked out of the version's Parquet file. A version never changes, so neither do its charts."""

from __future__ import annotations

from functools import lru_cache

import polars as pl
from django.core.files.storage import default_storage

from zhengtong.apps.flow.opendata.queries.access import ConditionalOnly
from zhengtong.apps.flow.opendata.queries.datasets import VersionView
from zhengtong.apps.flow.opendata.rules.charting import Chart
from zhengtong.apps.flow.opendata.rules.plotting import Plot, plot
from zhengtong.apps.flow.opendata.rules.vocabulary import Form
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

#: rows up to which a chart is worked out while the visitor waits
MOST_ROWS = 5_000_000
_REMEMBERED = 256


class TooLargeToDraw(Invalid):
    """数据太大,不能在这里画图。"""

    code = "chart-too-large"


def drawn(version: VersionView, chart: Chart) -> Plot:
    """
    The figures of a chart of a version.

    :raises ConditionalOnly: if its rows go to applicants alone.
    :raises TooLargeToDraw: if the version has more rows than are read while a visitor waits.
    """
    if not version.open_to_all:
        raise ConditionalOnly
    if version.rows > MOST_ROWS:
        raise TooLargeToDraw(say("超过 {most} 行的数据集不能在线画图", most=MOST_ROWS), remedy="下载 Parquet 文件,或用数据接口取汇总结果")
    stored = next(one.stored for one in version.files if one.form is Form.PARQUET)
    return _plotted(stored, chart)


@lru_cache(maxsize=_REMEMBERED)
def _plotted(stored: str, chart: Chart) -> Plot:
    with default_storage.open(stored, "rb") as source:
        return plot(pl.scan_parquet(source), chart)
