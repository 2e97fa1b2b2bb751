"""Which table answers for a dataset: looked up anew for every question, so that a withdrawal counts from the next one on."""

from __future__ import annotations

from collections import OrderedDict
from typing import ClassVar

import msgspec

from zhengtong.engines.rowquery.table import Table
from zhengtong.gateway.database import Line
from zhengtong.gateway.refusals import Refusal

_KEPT = 512
_LARGEST = 2**31
_THERE = "select version, relation, newest, open, granted from opened.published where dataset = $1"
_DESCRIBED = "select document, rows, title from opened.published where relation = $1"


class DatasetUnknown(Refusal):
    """没有这个开放数据集。"""

    code = "dataset-unknown"
    status: ClassVar[int] = 404


class DatasetGone(Refusal):
    """这个数据集已停止开放。"""

    code = "dataset-gone"
    status: ClassVar[int] = 410


class ConditionalOnly(Refusal):
    """这个数据集有条件开放:请先申请,同意并签订协议后凭密钥取用。"""

    code = "dataset-conditional"
    status: ClassVar[int] = 403


class VersionGone(Refusal):
    """这一版的数据行已不能在线查询。"""

    code = "version-gone"
    status: ClassVar[int] = 410


class Tables:
    """Tables by dataset; descriptions are kept, for a table never changes."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Table] = OrderedDict()

    async def of(self, line: Line, dataset: int, version: int | None) -> Table:
        """
        The table of a dataset's version, of its newest if none is named.

        :raises DatasetUnknown, DatasetGone, ConditionalOnly, VersionGone: if there is none to be read.
        """
        there = await line.fetch(_THERE, dataset) if 0 < dataset < _LARGEST else []
        if not there:
            raise DatasetUnknown
        if not there[0]["open"]:
            raise DatasetGone
        for record in there:
            if record["newest"] if version is None else record["version"] == version:
                if record["granted"]:
                    raise ConditionalOnly
                return await self._described(line, dataset, record["version"], record["relation"])
        raise VersionGone(remedy="从第一页重新开始,或下载这一版的文件")

    async def _described(self, line: Line, dataset: int, version: int, relation: str) -> Table:
        table = self._known.get(relation)
        if table is None:
            found = await line.fetch(_DESCRIBED, relation)
            if not found:
                raise VersionGone(remedy="从第一页重新开始,或下载这一版的文件")
            document = msgspec.json.decode(found[0]["document"])
            table = Table.of(document, dataset=dataset, version=version, relation=relation, rows=found[0]["rows"], title=found[0]["title"])
            self._known[relation] = table
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return table
