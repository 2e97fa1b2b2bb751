"""Catalogs elsewhere, read into records: words, pages, three forms of DCAT, and what is refused before it is parsed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rdflib import Graph

from zhengtong.apps.resources.catalog.rules.harvest import ckan, datajson, dcat, words
from zhengtong.apps.resources.catalog.rules.harvest.errors import SourceStrange

TURTLE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> . @prefix hydra: <http://www.w3.org/ns/hydra/core#> .
<http://d.cn/1> a dcat:Dataset ; dct:title "Schools"@en, "学校名录"@zh ; dct:description "全市学校"@zh ; dct:identifier "1" ;
  dct:publisher [ a foaf:Agent ; foaf:name "教育局"@zh ] ; dcat:keyword "学校"@zh, "school"@en ; dct:issued "2024-01-02T03:04:05" ;
  dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/ANNUAL> ;
  dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> ;
  dcat:contactPoint [ vcard:hasEmail <mailto:a@d.cn> ] ;
  dcat:distribution [ dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> ],
    [ dcat:mediaType <https://www.iana.org/assignments/media-types/application/json> ] .
<http://d.cn/catalog?page=1> hydra:next <http://d.cn/catalog?page=2> .
"""


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("http://publications.europa.eu/resource/authority/frequency/DAILY", "每日"),
        ("http://purl.org/cld/freq/semiannual", "每半年"),
        ("R/P1Y", "每年"),
        ("as needed", "不定期"),
        ("每年", "每年"),
        ("whenever we like", "whenever we like"),
        (None, ""),
    ],
)
def test_frequencies(said: Any, meant: str) -> None:
    assert words.cycle(said) == meant


def test_formats_are_said_as_people_do() -> None:
    given = [
        "text/csv; charset=utf-8",
        "http://publications.europa.eu/resource/authority/file-type/XLSX",
        "CSV",
        "",
        None,
        "application/geo+json",
    ]
    assert words.file_types(given) == ["csv", "xlsx", "geojson"]


@pytest.mark.parametrize("form", ["turtle", "xml", "json-ld"])
def test_dcat_reads_the_same_in_three_forms(form: str) -> None:
    graph = Graph().parse(data=TURTLE, format="turtle")
    body = graph.serialize(format=form, **({"auto_compact": False} if form == "json-ld" else {})).encode()
    found = dcat.graph(
        body, {"turtle": "text/turtle", "xml": "application/rdf+xml", "json-ld": "application/ld+json"}[form], address="http://d.cn/"
    )
    assert dcat.following(found) == "http://d.cn/catalog?page=2"
    (record,) = dcat.records(found)
    assert record | {"data_formats": sorted(record["data_formats"])} == {
        "source_id": "http://d.cn/1",
        "title": "学校名录",
        "description": "全市学校",
        "department": "教育局",
        "category": [],
        "tags": ["学校"],
        "data_formats": ["csv", "json"],
        "update_frequency": "每年",
        "publish_time": "2024-01-02",
        "update_time": "",
        "email": "a@d.cn",
        "telephone": "",
        "is_open": "无条件开放",
        "url": "",
    }


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b">]><rdf:RDF/>', "application/rdf+xml", "实体"),
        (b'{"@context": "http://10.0.0.1/secret", "@id": "x"}', "application/ld+json", "@context"),
        (b'{"@graph": [{"@context": [{"a": "b"}, "http://10.0.0.1/"]}]}', "application/ld+json", "@context"),
        (b'{"@context": {"@import": "http://10.0.0.1/"}}', "application/ld+json", "@context"),
        (b"<a> <b", "text/turtle", "turtle"),
        (b"<?xml version='1.0'?><rdf:RDF", "application/rdf+xml", "xml"),
        (b"{", "application/ld+json", "JSON"),
    ],
)
def test_a_document_that_reaches_out_or_is_broken_is_refused(body: bytes, kind: str, why: str) -> None:
    with pytest.raises(SourceStrange, match=why):
        dcat.graph(body, kind, address="http://d.cn/")


def test_data_json() -> None:
    one = {
        "identifier": "x-1",
        "title": "Bus stops",
        "publisher": {"name": "交通局"},
        "accrualPeriodicity": "R/P1M",
        "accessLevel": "restricted public",
        "contactPoint": {"fn": "Li", "hasEmail": "mailto:b@d.cn"},
        "distribution": [{"mediaType": "text/csv"}],
    }
    first, second = datajson.records(json.dumps({"dataset": [one, "nonsense"]}).encode())
    assert (first["source_id"], first["department"], first["update_frequency"], first["is_open"]) == ("x-1", "交通局", "每月", "有条件开放")
    assert (first["email"], first["data_formats"]) == ("b@d.cn", ["csv"])
    assert second["title"] == ""
    for body in (b"<html>", b'{"a": 1}', b"5"):
        with pytest.raises(SourceStrange):
            datajson.records(body)


def package(number: int, second: int) -> dict[str, Any]:
    return {
        "id": f"p{number:05}",
        "name": f"n{number}",
        "title": f"T{number}",
        "metadata_modified": f"2026-01-01T00:{second // 60:02}:{second % 60:02}.5",
    }


def test_ckan_pages_go_by_the_moment_of_change_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among thousands of one second, and while one that was read changes again."""
    monkeypatch.setattr(ckan, "ROWS", 10)
    there = [package(number, 5 if 20 <= number < 60 else number) for number in range(100)]
    place: ckan.Place | None = ckan.Place()
    seen = dict[str, str]()
    for turn in range(100):
        if place is None:
            break
        asked = place.question()
        since = asked.get("fq", "metadata_modified:[").removeprefix("metadata_modified:[").removesuffix("Z TO *]")
        chosen = sorted((one for one in there if one["metadata_modified"] >= since), key=lambda one: (one["metadata_modified"], one["id"]))
        page = chosen[int(asked["start"]) : int(asked["start"]) + 10]
        seen |= {one["id"]: one["metadata_modified"] for one in page}
        place = place.after(page)
        if turn == 2:
            there[0] = package(0, 3000)
    assert seen == {one["id"]: one["metadata_modified"] for one in there}
    assert ckan.latest(there, "") == "2026-01-01T00:50:00"


def test_what_is_no_ckan_is_said_so() -> None:
    for body in (b"<html>", b'{"success": false}', b'{"success": true, "result": {"results": [1]}}', b"[]"):
        with pytest.raises(SourceStrange):
            ckan.packages(body)
