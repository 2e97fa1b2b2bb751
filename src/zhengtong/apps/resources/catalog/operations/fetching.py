"""Reading a catalog elsewhere: everything of it, or what changed since it was last read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from zhengtong.apps.resources.catalog.queries.imports import suggested_mapping
from zhengtong.apps.resources.catalog.rules import mapping as names
from zhengtong.apps.resources.catalog.rules import reading
from zhengtong.apps.resources.catalog.rules.harvest import ckan, datajson, dcat
from zhengtong.apps.resources.catalog.rules.harvest.errors import SourceStrange
from zhengtong.apps.resources.catalog.rules.harvest.kinds import Kind
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.outgoing import Answer, Reader

#: One reading takes at most so many records; a portal that is read by changes goes on from there the next time.
MOST_RECORDS = 20_000
_MOST_PAGES = 1000
_FORMS = "text/turtle, application/rdf+xml;q=0.9, application/ld+json;q=0.8, application/json;q=0.5"
_OK = 200


@dataclass(frozen=True)
class Fetched:
    """
    What a source said.

    ``records`` as files have them, with the ``mapping`` of their fields; ``since`` up to which change a CKAN portal is known now; ``more``
    if it has more to say at once.
    """

    records: list[dict[str, Any]]
    mapping: dict[str, str]
    since: str = ""
    more: bool = False

    @property
    def content(self) -> str:
        """SHA-256 of the records."""
        return hashlib.sha256(json.dumps(self.records, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def fetch(kind: str, address: str, *, since: str, reader: Reader, first_page: bool = False) -> Fetched:
    """
    Read a source; ``since`` asks a CKAN portal for changes only, ``first_page`` for a look at it.

    :raises AddressRefused, PlaceSilent: as reading an address does.
    :raises SourceStrange: if what is there is not of the kind, or is empty.
    """
    match Kind(kind):
        case Kind.CKAN:
            return _ckan(address, since, reader, first_page=first_page)
        case Kind.DCAT:
            return _plain([record for page in _dcat_pages(address, reader, first_page=first_page) for record in page])
        case Kind.DATAJSON:
            return _plain(datajson.records(_read(reader, address).body))
        case Kind.TABLE:
            return _table(_read(reader, address).body)


def _read(reader: Reader, address: str, *, params: dict[str, str] | None = None, accept: str = "*/*") -> Answer:
    answer = reader.get(address, params=params, headers={"accept": accept})
    if answer.status != _OK:
        raise SourceStrange(say("{url} 应答 {status}", url=address, status=answer.status), field="address", remedy="核对地址,或与来源核实")
    return answer


def _known(records: list[dict[str, Any]]) -> dict[str, str]:
    """Records whose fields are already called as imports call them."""
    return {name: name for name in names.TARGETS if any(name in record for record in records)} | {"title": "title"}


def _plain(records: list[dict[str, Any]]) -> Fetched:
    if not records:
        raise SourceStrange("来源里没有数据集", field="address", remedy="核对地址与种类")
    return Fetched(records, _known(records))


def _ckan(address: str, since: str, reader: Reader, *, first_page: bool) -> Fetched:
    root = address.partition("/api/")[0].rstrip("/")
    place: ckan.Place | None = ckan.Place(since)
    found, latest, pages = dict[str, dict[str, Any]](), since, 0
    # a reading ends where the next one can begin: behind the moment at which this one began
    while place is not None and (len(found) < MOST_RECORDS or place.since <= since):
        pages += 1
        if pages > _MOST_PAGES:
            raise SourceStrange(say("超过 {most} 页", most=_MOST_PAGES), field="address", remedy="与来源核实:修改时间是否正确")
        body = _read(reader, f"{root}/api/3/action/package_search", params=place.question()).body
        packages = ckan.packages(body)
        found |= {str(one.get("id") or one.get("name")): ckan.record(one, root) for one in packages}
        latest = ckan.latest(packages, latest)
        place = None if first_page else place.after(packages)
    if not found and not since:
        raise SourceStrange("来源里没有数据集", field="address", remedy="核对地址与种类")
    return Fetched(list(found.values()), _known(list(found.values())), since=latest, more=place is not None and not first_page)


def _dcat_pages(address: str, reader: Reader, *, first_page: bool) -> Iterator[list[dict[str, Any]]]:
    read, count, following = set[str](), 0, address
    while following and following not in read:
        if len(read) >= _MOST_PAGES:
            raise SourceStrange(say("超过 {most} 页", most=_MOST_PAGES), field="address", remedy="请来源加大每页的数量")
        read.add(following)
        answer = _read(reader, following, accept=_FORMS)
        graph = dcat.graph(answer.body, answer.headers.get("content-type", ""), address=answer.url)
        records = dcat.records(graph)
        count += len(records)
        if count > MOST_RECORDS:
            raise SourceStrange(say("超过 {most} 个数据集", most=MOST_RECORDS), field="address", remedy="按单位分成几个来源")
        yield records
        following = "" if first_page else urljoin(answer.url, dcat.following(graph) or "#")
        following = "" if urlsplit(following)._replace(fragment="").geturl() in read else following


def _table(body: bytes) -> Fetched:
    records = reading.read(body)
    if len(records) > MOST_RECORDS:
        raise SourceStrange(say("超过 {most} 条记录", most=MOST_RECORDS), field="address", remedy="按单位分成几个来源")
    mapping = suggested_mapping(records)
    if "title" not in mapping.values():
        raise SourceStrange("没有一列是信息资源名称", field="address", remedy="请来源把这一列称为“信息资源名称”或 title")
    return Fetched([record.values for record in records], mapping)
