"""Conditional datasets: described to everybody, their rows given to nobody without a grant, on any path there is."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from factories.opening import Opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import Dataset, DatasetVersion
from zhengtong.kernel.errors import Invalid

pytestmark = pytest.mark.usefixtures("hub")
TERMS = opendata.Conditions("company", "研究区划沿革", "加密保存,不得转让", 365, 180)
#: a value of the rows that stands nowhere in their description
SECRET = "第3区"
#: what the parameters of public addresses may stand for
FILES = ("data.csv", "data.xlsx", "data.json", "data.xml", "data.ttl", "data.parquet", "dictionary.csv", "delta.csv", "manifest.json")


def public_addresses(number: int) -> set[str]:
    """Every address below the public doors that names a dataset, with every file's name."""

    def walk(resolver: URLResolver, before: str) -> list[str]:
        found = []
        for one in resolver.url_patterns:
            if isinstance(one, URLResolver):
                found += walk(one, before + str(one.pattern))
            elif isinstance(one, URLPattern):
                found.append(before + str(one.pattern))
        return found

    routes = [one for one in walk(get_resolver(), "") if one.startswith(("open/", "api/", "ogc/", "data"))]
    values = {"version": "1", "form": "csv", "year": "2026", "resource": str(number), "collection": str(number), "feature": "1"}
    addresses = set()
    for route in routes:
        for name in (*FILES, f"dataset-{number}"):
            parts = []
            for piece in route.split("/"):
                key = piece.strip("<>").rpartition(":")[2]
                parts.append({**values, "name": name}.get(key, str(number)) if piece.startswith("<") else piece)
            addresses.add("/" + "/".join(parts))
    return addresses


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_no_public_path_gives_a_row_of_a_conditional_dataset(opening: Opening) -> None:
    number = opening.opened(conditions=TERMS)
    opening.change("update civil.division set people = 1 where code = '370105'")
    opendata.follow(now=NOW)
    opening.build()
    browser = Client()
    for address in sorted(public_addresses(number)):
        answer = browser.get(address)
        assert answer.status_code < 500, address
        text = body(answer)
        assert SECRET.encode() not in text, address
        assert b"PAR1" not in text, address
    for version in (1, 2):
        for name in FILES:
            assert browser.get(f"/open/datasets/{number}/versions/{version}/{name}").status_code in {403, 404}, name
        assert browser.head(f"/open/datasets/{number}/versions/{version}/data.csv").status_code == 403


def test_the_public_sees_what_it_is_and_on_which_terms(opening: Opening) -> None:
    number = opening.opened(conditions=TERMS)
    browser = Client()
    page = browser.get(f"/open/datasets/{number}/").content.decode()
    for words in ("有条件开放", "研究区划沿革", "加密保存", "行政区划名称", "企业和其他组织"):
        assert words in page
    assert "data.csv" not in page
    assert '"distribution": []' in page
    assert '"conditionsOfAccess"' in page
    assert "有条件开放" in browser.get("/open/datasets/").content.decode()
    assert not opendata.open_to_all(number)
    with pytest.raises(opendata.ConditionalOnly):
        opendata.require_open_to_all(number)
    view = opendata.dataset(number, now=NOW)
    assert (view.version.files, view.version.preview) == ((), [])
    assert not [one for one in view.version.profile if {"top", "least", "greatest"} & set(one)]
    assert all("distinct" in one for one in view.version.profile)


def test_terms_must_be_complete(opening: Opening) -> None:
    def wrong(*facts: Any) -> str:
        with pytest.raises(Invalid) as caught:
            opening.proposed(conditions=opendata.Conditions(*facts))
        return caught.value.field

    assert wrong("everybody", "研究", "加密", 365) == "audience"
    assert wrong("both", " ", "加密", 365) == "purposes"
    assert wrong("both", "研究", "", 365) == "safety"
    assert wrong("both", "研究", "加密", 6) == "longest"
    assert wrong("both", "研究", "加密", 365, 29) == "report_every"
    assert not Dataset.objects.exists()
    number = opening.proposed(conditions=TERMS)
    assert opendata.opening(number, actor=opening.circle.keeper).conditions == TERMS
    with pytest.raises(IntegrityError), transaction.atomic():
        Dataset.objects.filter(pk=number).update(conditional=False)


def test_what_was_made_for_applicants_stays_closed_when_the_dataset_is_opened_to_all(opening: Opening) -> None:
    number = opening.opened(conditions=TERMS)
    opendata.withdraw(actor=opening.circle.chief, number=number, reason="改为无条件开放", now=NOW)
    assert not opendata.open_to_all(number)
    assert opening.opened() == number
    assert opendata.open_to_all(number)
    with pytest.raises(opendata.ConditionalOnly):
        opendata.file(number, 1, "data.csv")
    assert opendata.file(number, 2, "data.csv")[0].rows == 12
    assert opendata.dataset(number, version=1, now=NOW).version.preview == []
    assert DatasetVersion.objects.get(dataset=number, number=2).delta == {}
    page = Client().get(f"/open/datasets/{number}/versions/1/").content.decode()
    assert "不向公众提供" in page
    assert SECRET not in page


def test_what_was_open_to_all_is_closed_at_once_when_it_becomes_conditional(opening: Opening) -> None:
    number = opening.opened()
    opendata.withdraw(actor=opening.circle.chief, number=number, reason="改为有条件开放", now=NOW)
    opening.opened(conditions=TERMS)
    assert Client().get(f"/open/datasets/{number}/versions/1/data.csv").status_code == 403
    assert opendata.dataset(number, now=NOW).version.number == 2


def catalogue_of(address: str) -> Any:
    answer = Client().get(address)
    assert answer.status_code == 200, address
    assert SECRET not in answer.content.decode()
    return answer.json()


def test_catalogues_describe_it_and_hold_nothing_of_its_rows(opening: Opening) -> None:
    number = opening.opened(conditions=TERMS)
    version = DatasetVersion.objects.get(dataset=number)
    action = "/api/3/action/"
    package = catalogue_of(f"{action}package_show?id=dataset-{number}")["result"]
    extras = {one["key"]: one["value"] for one in package["extras"]}
    assert (package["private"], package["isopen"], package["resources"], package["num_resources"]) == (False, False, [], 0)
    assert extras["openness"] == "conditional"
    assert "研究区划沿革" in extras["access_conditions"]
    assert not {"rows", "content_sha256", "temporal_start", "temporal_end"} & set(extras)
    assert catalogue_of(f"{action}package_list")["result"] == [f"dataset-{number}"]
    assert catalogue_of(f"{action}package_search?facet.field=[%22res_format%22]")["result"]["facets"] == {"res_format": {}}
    for question in ("package_search?fq=res_format:CSV", "resource_search?query=format:CSV", "resource_search?query=name:区划"):
        assert catalogue_of(action + question)["result"]["count"] == 0, question
    [described] = catalogue_of("/data.json")["dataset"]
    assert described["accessLevel"] == "restricted public"
    assert "研究区划沿革" in described["rights"]
    assert not {"distribution", "describedBy"} & set(described)
    for address in (f"/open/datasets/{number}/dcat.ttl", "/open/catalog.ttl"):
        text = Client().get(address).content.decode()
        assert "access-right/RESTRICTED" in text
        assert "研究区划沿革" in text
        for closed in (SECRET, "dcat:Distribution ", f"/open/v1/datasets/{number}", "data.csv", version.content, "dcat:bbox"):
            assert closed not in text, closed
    assert catalogue_of("/open/ogc/collections")["collections"] == []


def test_catalogues_close_at_once_what_becomes_conditional_before_there_is_a_version_of_its_own(opening: Opening) -> None:
    number = opening.opened()
    Dataset.objects.filter(pk=number).update(conditional=True, conditions=TERMS.document())
    package = catalogue_of(f"/api/3/action/package_show?id=dataset-{number}")["result"]
    assert package["resources"] == []
    assert catalogue_of("/api/3/action/package_search?fq=res_format:CSV")["result"]["count"] == 0
    Dataset.objects.filter(pk=number).update(conditional=False, conditions={})
    assert len(catalogue_of(f"/api/3/action/package_show?id=dataset-{number}")["result"]["resources"]) == 7
