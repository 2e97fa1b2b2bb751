"""
The European Metadata Quality Assessment (data.europa.eu MQA, 405 points), measured on what the portal says of a dataset in DCAT-AP.

What is asked of every distribution counts by the share of distributions that have it, as MQA does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rdflib import DCTERMS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

_DCAT = Namespace("http://www.w3.org/ns/dcat#")
_EU = "http://publications.europa.eu/resource/authority/"
_IANA = re.compile(r"^https?://www\.iana\.org/assignments/media-types/[\w.+-]+/[\w.+-]+$")
#: of the forms that portals publish, those that MQA's lists name as open to every program, and as read by machines
_OPEN_FORMATS = frozenset({"CSV", "JSON", "XML", "RDF_TURTLE", "RDF_XML", "JSON_LD", "GEOJSON", "TSV", "TXT", "HTML", "PARQUET"})
_MACHINE_FORMATS = _OPEN_FORMATS - {"TXT", "HTML"} | {"XLSX", "XLS"}

#: dimension → what it is called
DIMENSION_LABELS = {
    "findability": "可发现",
    "accessibility": "可访问",
    "interoperability": "可互操作",
    "reusability": "可重用",
    "contextuality": "上下文",
}


@dataclass(frozen=True)
class Metric:
    """One question of the assessment: its points, and how to win them back."""

    key: str
    dimension: str
    points: int


METRICS = (
    Metric("keyword", "findability", 30),
    Metric("theme", "findability", 30),
    Metric("spatial", "findability", 20),
    Metric("temporal", "findability", 20),
    Metric("access_status", "accessibility", 50),
    Metric("download", "accessibility", 20),
    Metric("download_status", "accessibility", 30),
    Metric("format", "interoperability", 20),
    Metric("media_type", "interoperability", 10),
    Metric("vocabulary", "interoperability", 10),
    Metric("non_proprietary", "interoperability", 20),
    Metric("machine_readable", "interoperability", 20),
    Metric("shapes", "interoperability", 30),
    Metric("licence", "reusability", 20),
    Metric("licence_known", "reusability", 10),
    Metric("access_rights", "reusability", 10),
    Metric("access_rights_known", "reusability", 5),
    Metric("contact", "reusability", 20),
    Metric("publisher", "reusability", 10),
    Metric("rights", "contextuality", 5),
    Metric("byte_size", "contextuality", 5),
    Metric("issued", "contextuality", 5),
    Metric("modified", "contextuality", 5),
)
MOST = sum(one.points for one in METRICS)
METRIC_LABELS = {
    "keyword": "有关键词",
    "theme": "有主题",
    "spatial": "有空间范围",
    "temporal": "有时间范围",
    "access_status": "访问地址可用",
    "download": "有下载地址",
    "download_status": "下载地址可用",
    "format": "有格式",
    "media_type": "有媒体类型",
    "vocabulary": "格式与媒体类型出自词表",
    "non_proprietary": "格式不专有",
    "machine_readable": "格式可由机器读取",
    "shapes": "符合 DCAT-AP",
    "licence": "有许可",
    "licence_known": "许可出自词表",
    "access_rights": "有访问权限",
    "access_rights_known": "访问权限出自词表",
    "contact": "有联系方式",
    "publisher": "有发布单位",
    "rights": "有权利说明",
    "byte_size": "有文件大小",
    "issued": "有首次发布日期",
    "modified": "有更新日期",
}
REMEDY_LABELS = {
    "keyword": "补充信息项名称或标签",
    "theme": "选择主题",
    "spatial": "核对单位所属区划",
    "temporal": "补充日期类信息项或数据更新日期",
    "access_status": "文件缺失,重新生成",
    "download": "重新生成文件",
    "download_status": "文件缺失,重新生成",
    "format": "重新生成文件",
    "media_type": "重新生成文件",
    "vocabulary": "核对格式",
    "non_proprietary": "至少提供一种不专有的格式,如 CSV",
    "machine_readable": "提供可由机器读取的格式",
    "shapes": "补齐缺失的说明",
    "licence": "选择许可",
    "licence_known": "选择常用许可",
    "access_rights": "核对开放属性",
    "access_rights_known": "核对开放属性",
    "contact": "补充联系电话或邮箱",
    "publisher": "核对提供单位",
    "rights": "核对开放属性",
    "byte_size": "重新生成文件",
    "issued": "重新发布",
    "modified": "重新发布",
}
RATING_LABELS = {"excellent": "优秀", "good": "良好", "sufficient": "合格", "bad": "不合格"}


def rating(points: float) -> str:
    """What a number of points is called (MQA: over 350 excellent, over 220 good, over 120 sufficient)."""
    return "excellent" if points > 350 else "good" if points > 220 else "sufficient" if points > 120 else "bad"  # noqa: PLR2004 - MQA's steps


def measure(graph: Graph, dataset: str, *, reached: Callable[[str], bool]) -> dict[str, float]:
    """
    The share, 0 to 1, of each metric that a dataset has.

    :param graph: what the portal says of it.
    :param reached: whether something answers at an address of the dataset.
    """
    name = URIRef(dataset)
    files = list(graph.objects(name, _DCAT.distribution))

    def has(*predicates: Node) -> float:
        return float(all(_said(graph.objects(name, predicate)) for predicate in predicates))

    def share(test: Callable[[Node], bool]) -> float:
        return sum(map(test, files)) / len(files) if files else 0.0

    def each(predicate: Node) -> Callable[[Node], bool]:
        return lambda file: _said(graph.objects(file, predicate))

    def answers(predicate: Node) -> Callable[[Node], bool]:
        return lambda file: any(reached(str(one)) for one in graph.objects(file, predicate))

    def among(known: frozenset[str]) -> Callable[[Node], bool]:
        return lambda file: any(str(one).rpartition("/")[2] in known for one in graph.objects(file, DCTERMS["format"]))

    shares = {
        "keyword": has(_DCAT.keyword),
        "theme": has(_DCAT.theme),
        "spatial": has(DCTERMS.spatial),
        "temporal": has(DCTERMS.temporal),
        "access_status": share(answers(_DCAT.accessURL)),
        "download": share(each(_DCAT.downloadURL)),
        "download_status": share(answers(_DCAT.downloadURL)),
        "format": share(each(DCTERMS["format"])),
        "media_type": share(each(_DCAT.mediaType)),
        "vocabulary": share(lambda file: _in_vocabulary(graph, file)),
        "non_proprietary": share(among(_OPEN_FORMATS)),
        "machine_readable": share(among(_MACHINE_FORMATS)),
        "licence": share(each(DCTERMS.license)),
        "licence_known": share(lambda file: _from(graph.objects(file, DCTERMS.license), f"{_EU}licence/")),
        "access_rights": has(DCTERMS.accessRights),
        "access_rights_known": float(_from(graph.objects(name, DCTERMS.accessRights), f"{_EU}access-right/")),
        "contact": has(_DCAT.contactPoint),
        "publisher": has(DCTERMS.publisher),
        "rights": share(each(DCTERMS.rights)),
        "byte_size": share(each(_DCAT.byteSize)),
        "issued": has(DCTERMS.issued),
        "modified": has(DCTERMS.modified),
    }
    return shares | {"shapes": float(_required(graph, name, files))}


def _required(graph: Graph, name: Node, files: list[Node]) -> bool:
    """What DCAT-AP 3 demands: title and description of a dataset, an access address of every distribution."""
    return (
        _said(graph.objects(name, DCTERMS.title))
        and _said(graph.objects(name, DCTERMS.description))
        and all(any(True for _ in graph.objects(file, _DCAT.accessURL)) for file in files)
    )


def _said(values: Iterable[Node]) -> bool:
    return any(not isinstance(one, Literal) or str(one).strip() for one in values)


def _from(values: Iterable[Node], vocabulary: str) -> bool:
    return any(str(one).startswith(vocabulary) for one in values)


def _in_vocabulary(graph: Graph, file: Node) -> bool:
    types = [str(one) for one in graph.objects(file, _DCAT.mediaType)]
    return _from(graph.objects(file, DCTERMS["format"]), f"{_EU}file-type/") and any(_IANA.match(one) for one in types)


def points(shares: dict[str, float]) -> float:
    """The points of a dataset, 0 to 405, one decimal."""
    return round(sum(one.points * shares[one.key] for one in METRICS), 1)


def lost(shares: dict[str, float]) -> dict[str, float]:
    """The points that are missing, by metric; those that are not missing are absent."""
    return {one.key: round(one.points * (1 - shares[one.key]), 1) for one in METRICS if shares[one.key] < 1}
