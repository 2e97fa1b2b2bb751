"""DCAT-AP 3 and data.json: valid by the official shapes and schemas, paged, negotiated, and only what is open."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pyshacl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rdflib import DCAT, OWL, RDF, SH, Graph, Namespace, URIRef

from factories.opening import Opening, copies
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import Dataset

pytestmark = [
    pytest.mark.usefixtures("hub"),
    # rdflib's own reader of JSON-LD uses what rdflib has deprecated
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
]
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
FORMS = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld"}


def graph(address: str, form: str = "turtle", **headers: str) -> Graph:
    answer = Client().get(address, headers=headers)
    assert answer.status_code == 200, answer.content[:300]
    return Graph().parse(data=answer.content, format=form)


def shapes(folder: Path, *names: str) -> Graph:
    found = Graph()
    for name in names:
        found.parse(folder / "dcat-ap-3.0.1" / f"{name}.ttl")
    found.remove((None, OWL.imports, None))  # what they import lies in the network
    return found


def complaints(data: Graph, rules: Graph, severity: URIRef) -> list[tuple[str, str]]:
    _conforms, report, _text = pyshacl.validate(data, shacl_graph=rules, inference="none", advanced=False)
    found = [one for one in report.objects(None, SH.result) if report.value(one, SH.resultSeverity) == severity]
    return sorted({(str(report.value(one, SH.resultPath)), str(report.value(one, SH.resultMessage))) for one in found})


def test_catalogue_and_dataset_pass_the_official_shapes(opening: Opening, shared_data: Path) -> None:
    number = opening.opened(contact="市民政局 0531-86000000, open@example.gov.cn")
    [conditional] = copies(number, 1)
    terms = opendata.Conditions("company", "研究区划沿革", "加密保存,不得转让", 365, 180)
    Dataset.objects.filter(pk=conditional).update(conditional=True, conditions=terms.document())
    for address in (f"/open/datasets/{number}/dcat.ttl", f"/open/datasets/{conditional}/dcat.ttl", "/open/catalog.ttl"):
        data = graph(address)
        assert complaints(data, shapes(shared_data, "shapes", "range"), SH.Violation) == []
        # the vocabularies' shape wants https in front of SPDX's names, which are http
        found = complaints(data, shapes(shared_data, "mdr-vocabularies.shape"), SH.Violation)
        assert {path for path, _message in found} <= {"http://spdx.org/rdf/terms#algorithm"}, found
        _all, report, _text = pyshacl.validate(data, shacl_graph=shapes(shared_data, "shapes_recommended"))
        dataset = URIRef(f"http://testserver/open/datasets/{number}/")
        assert not [report.value(one, SH.resultPath) for one in report.subjects(SH.focusNode, dataset)]


def test_the_rows_of_a_dataset_are_a_service(opening: Opening) -> None:
    number = opening.opened()
    service, dataset = URIRef(f"http://testserver/open/v1/datasets/{number}/"), URIRef(f"http://testserver/open/datasets/{number}/")
    for address in (f"/open/datasets/{number}/dcat.ttl", "/open/catalog.ttl"):
        data = graph(address)
        assert (service, DCAT.servesDataset, dataset) in data
        assert (service, DCAT.endpointDescription, URIRef(f"http://testserver/open/v1/datasets/{number}/openapi.json")) in data
    assert (None, DCAT.service, service) in graph("/open/catalog.ttl")


def test_every_form_says_the_same_and_the_client_chooses(opening: Opening) -> None:
    number = opening.opened()
    sizes = {len(graph(f"/open/datasets/{number}/dcat.{ending}", form)) for ending, form in FORMS.items()}
    assert len(sizes) == 1
    assert len({len(graph(f"/open/catalog.{ending}", form)) for ending, form in FORMS.items()}) == 1
    for kind in ("text/turtle", "application/rdf+xml", "application/ld+json"):
        for address in ("/open/catalog", f"/open/datasets/{number}/dcat"):
            assert Client().get(address, headers={"Accept": kind})["Content-Type"].startswith(kind)
    assert Client().get("/open/catalog", headers={"Accept": "image/png"}).status_code == 406
    assert Client().get("/open/catalog.xls").status_code == 404
    assert Client().post("/open/catalog.ttl").status_code == 405


def test_files_carry_what_harvesters_score(opening: Opening) -> None:
    number = opening.opened()
    found = json.loads(Client().get(f"/open/datasets/{number}/dcat.jsonld").content)
    nodes = {one["@id"]: one for one in found}
    csv = nodes[f"http://testserver/open/datasets/{number}/#csv"]
    dcat = "http://www.w3.org/ns/dcat#"
    address = csv[f"{dcat}downloadURL"][0]["@id"]
    assert Client().get(address.removeprefix("http://testserver")).status_code == 200
    assert csv[f"{dcat}mediaType"][0]["@id"].endswith("media-types/text/csv")
    dataset = nodes[f"http://testserver/open/datasets/{number}/"]
    for name in ("keyword", "theme", "contactPoint", "distribution", "version", "landingPage", "hasVersion"):
        assert dataset[f"{dcat}{name}"], name
    assert "行政区划名称" in {one["@value"] for one in dataset[f"{dcat}keyword"]}
    [resource] = dataset["http://purl.org/dc/terms/identifier"]
    assert opendata.Site("http://testserver", "yunzhou").read(resource["@value"]) == (number, None)


def test_pages_link_to_each_other_and_cost_the_same_queries(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    number = opening.opened()
    with CaptureQueriesContext(
        connection,
    ) as one:
        graph("/open/catalog.ttl")
    copies(number, 4)
    with CaptureQueriesContext(connection) as five:
        found = graph("/open/catalog.ttl")
    assert len(list(found.subjects(RDF.type, DCAT.Dataset))) == 5
    assert len(five) == len(one)
    monkeypatch.setattr("zhengtong.apps.flow.opendata.rest.dcat.PAGE", 2)
    seen, address = set(), URIRef("http://testserver/open/catalog.ttl?page=1")
    while address:
        page = graph(str(address).removeprefix("http://testserver"))
        seen |= set(page.subjects(RDF.type, DCAT.Dataset))
        address = page.value(address, HYDRA.nextPage)
    assert len(seen) == 5
    for wrong in ("0", "4", "x", "9" * 40):
        assert Client().get(f"/open/catalog.ttl?page={wrong}").status_code == 404


def test_a_client_that_has_it_is_told_so_until_something_changes(opening: Opening) -> None:
    number = opening.opened()
    for address in ("/open/catalog.ttl", "/data.json", f"/open/datasets/{number}/dcat.rdf"):
        tag = Client().get(address)["ETag"]
        assert Client().get(address, headers={"If-None-Match": tag}).status_code == 304
    opening.change("update civil.division set people = people + 1")
    opendata.follow(now=NOW + timedelta(hours=1))
    opening.build()
    assert Client().get("/open/catalog.ttl", headers={"If-None-Match": tag}).status_code == 200


def test_what_was_withdrawn_is_in_no_catalogue(opening: Opening) -> None:
    number = opening.opened()
    opendata.withdraw(actor=opening.circle.chief, number=number, reason="口径有误", now=NOW)
    assert Client().get(f"/open/datasets/{number}/dcat.ttl").status_code == 410
    assert Client().get("/open/datasets/999999/dcat.ttl").status_code == 404
    assert not list(graph("/open/catalog.ttl").subjects(RDF.type, DCAT.Dataset))
    assert Client().get("/data.json").json()["dataset"] == []


def data_json_problems(folder: Path, document: dict[str, Any]) -> list[str]:
    schema = json.loads((folder / "datajson-schema/non-federal-v1.1/catalog.json").read_text())
    entry = json.loads((folder / "datajson-schema/non-federal-v1.1/dataset-non-federal.json").read_text())
    schema["properties"]["dataset"]["items"].pop("$ref")
    found = [one.message for one in jsonschema_rs.Draft4Validator(schema).iter_errors(document)]
    checker = jsonschema_rs.Draft4Validator(entry)
    return found + [f"{list(one.instance_path)} {one.message}"[:300] for row in document["dataset"] for one in checker.iter_errors(row)]


def test_data_json_is_valid(opening: Opening, shared_data: Path) -> None:
    opening.opened(contact="open@example.gov.cn")
    document = Client().get("/data.json").json()
    assert data_json_problems(shared_data, document) == []
    assert document["dataset"][0]["contactPoint"]["hasEmail"] == "mailto:open@example.gov.cn"
    assert data_json_problems(shared_data, {**document, "dataset": [{}]})


def test_pages_name_their_other_forms(opening: Opening) -> None:
    number = opening.opened()
    for address in ("/open/", "/open/datasets/", f"/open/datasets/{number}/"):
        assert 'rel="alternate" type="text/turtle"' in Client().get(address).content.decode()
