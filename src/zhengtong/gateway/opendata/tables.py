"""Which table answers for a dataset: looked up anew for every question, so that a withdrawal counts from the next one on."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from zhengtong.engines.rowquery.table import Table
from zhengtong.gateway.opendata import sandbox
from zhengtong.gateway.opendata.keys import Bearer, GrantKey
from zhengtong.gateway.opendata.refusals import ConditionalOnly, DatasetGone, DatasetUnknown, ItemsGone, VersionGone

if TYPE_CHECKING:
    from zhengtong.gateway.database import Line

_KEPT = 512
_LARGEST = 2**31
_THERE = "select version, relation, newest, open, granted from opened.published where dataset = $1"
_DESCRIBED = "select document, rows, title, provider, resource from opened.published where relation = $1"


@dataclass(frozen=True)
class Granted:
    """That rows go out under a grant, and what its trace has to say."""

    key: GrantKey
    provider: str
    resource: str


@dataclass(frozen=True)
class Found:
    """A table that may be read, and under which grant; None: everybody may."""

    table: Table
    granted: Granted | None = None


@dataclass(frozen=True)
class _Known:
    table: Table
    provider: str
    resource: str


class Tables:
    """Tables by dataset; descriptions are kept, for a table never changes."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def of(self, line: Line, dataset: int, version: int | None, bearer: Bearer | None) -> Found:
        """
        The table of a dataset's version, of its newest if none is named. Of a conditional dataset it has the granted columns alone.

        :raises DatasetUnknown, DatasetGone, ConditionalOnly, VersionGone: if there is none to be read.
        :raises KeyRefused, GrantStopped, ItemsGone: if the key opens nothing of it.
        """
        if dataset == sandbox.NUMBER:
            if version not in {None, sandbox.TABLE.version}:
                raise VersionGone(field="version", remedy="沙箱只有一版")
            return Found(sandbox.TABLE)
        there = await line.fetch(_THERE, dataset) if 0 < dataset < _LARGEST else []
        if not there:
            raise DatasetUnknown(field="dataset", remedy="编号在 /open/datasets.csv 中")
        if not there[0]["open"]:
            raise DatasetGone(field="dataset")
        for record in there:
            if record["newest"] if version is None else record["version"] == version:
                if not record["granted"]:
                    known = await self._described(line, dataset, record["version"], record["relation"])
                    return Found(known.table)
                if not isinstance(bearer, GrantKey):
                    raise ConditionalOnly(field="dataset", remedy=f"/open/datasets/{dataset}/apply/")
                bearer.require(dataset)
                known = await self._described(line, dataset, record["version"], record["relation"])
                table = known.table.only(bearer.items)
                if not table.columns:
                    raise ItemsGone(field="authorization", remedy="重新申请需要的信息项")
                return Found(table, Granted(bearer, known.provider, known.resource))
        raise VersionGone(field="version", remedy="从第一页重新开始,或下载这一版的文件")

    async def _described(self, line: Line, dataset: int, version: int, relation: str) -> _Known:
        known = self._known.get(relation)
        if known is None:
            found = await line.fetch(_DESCRIBED, relation)
            if not found:
                raise VersionGone(remedy="从第一页重新开始,或下载这一版的文件")
            one = found[0]
            document = msgspec.json.decode(one["document"])
            table = Table.of(document, dataset=dataset, version=version, relation=relation, rows=one["rows"], title=one["title"])
            known = self._known[relation] = _Known(table, one["provider"], one["resource"])
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known
