"""What a catalog of a province's size must not do: load everything, count twice, hold the index's writer, read an index of another form."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from factories import catalog as factory
from factories import province, world
from zhengtong.apps.foundation.organisations.models import Office
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.catalog.models import Resource, ResourceVersion
from zhengtong.apps.resources.catalog.operations import indexing
from zhengtong.apps.resources.catalog.queries import exporting, index, trees
from zhengtong.apps.resources.catalog.queries import search as searching

pytestmark = pytest.mark.django_db


def names(text: str) -> list[str]:
    return [hit.name for hit in catalog.search(catalog.SearchQuestion(text)).hits]


def test_pinyin_wrong_signs_and_questions_find_an_entry() -> None:
    city = factory.city(office="山东省人力资源和社会保障厅")
    city.published(name="不动产登记信息")
    city.published(name="社会保险缴费信息")
    catalog.rebuild()
    assert names("budongchan") == names("不动产等级") == names("bdc") == ["不动产登记信息"]
    assert names("怎么查我的社会保险缴费") == ["社会保险缴费信息"]
    assert len(names("人社厅")) == 2
    (reason,) = catalog.search(catalog.SearchQuestion("budongchan")).hits[0].reasons
    assert (reason.place, reason.found) == ("sound", "不动产登记信息")


def test_few_hits_are_followed_by_near_ones_that_are_in_no_count() -> None:
    city = factory.city()
    city.published(name="幼儿园名录")
    city.published(name="幼儿园基本信息")
    catalog.rebuild()
    found = catalog.search(catalog.SearchQuestion("幼儿园名录"))
    assert (found.total, [hit.name for hit in found.hits], found.near) == (1, ["幼儿园名录"], False)
    assert [hit.name for hit in found.also] == ["幼儿园基本信息"]
    assert sum(value.count for value in found.facets["sharing"]) == 1
    page = world.signed_in(city.steward).get("/share/?q=幼儿园名录").content.decode()
    assert "可能也相关" in page
    assert "共 1 条" in page


def test_the_same_counts_are_made_once_until_the_index_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    city = factory.city()
    city.published()
    catalog.rebuild()
    made = []
    counted = searching.counts_of
    monkeypatch.setattr(searching, "counts_of", lambda *args: made.append(args[2]) or counted(*args))
    monkeypatch.setattr(trees, "counts_of", lambda *args: made.append(args[2]) or counted(*args))
    for _turn in range(2):
        for order in ("relevance", "newest"):
            catalog.search(catalog.SearchQuestion("火化", {"sharing": "2"}, order))
        catalog.level("class")
    assert len(made) == 3  # the chosen facet, the others, and the tree
    city.published(name="另一份火化名单")
    catalog.index_once()
    assert catalog.search(catalog.SearchQuestion("火化", {"sharing": "2"})).facets["sharing"][0].count == 2


def test_counts_of_exact_and_of_near_answers_are_kept_apart() -> None:
    city = factory.city()
    city.published(name="火化登记信息", summary="无", update_cycle="1")
    city.published(name="火化登簿信息", summary="无", update_cycle="2", sharing_type="1", sharing_condition="")
    catalog.rebuild()
    near = catalog.search(catalog.SearchQuestion("火化登记信息", {"sharing": "1", "cycle": "2"}))
    exact = catalog.search(catalog.SearchQuestion("火化登记信息", {"sharing": "2", "cycle": "1"}))
    assert near.near
    assert not exact.near
    assert {value.value: value.count for value in near.facets["sharing"]} == {"1": 1}
    assert {value.value: value.count for value in exact.facets["sharing"]} == {"2": 1}


def test_an_answered_page_reads_no_entry_until_something_changed() -> None:
    city = factory.city()
    city.published()
    catalog.rebuild()
    client = world.signed_in(city.steward)
    assert "<mark>火化</mark>" in client.get("/share/?q=火化").content.decode()
    with CaptureQueriesContext(connection) as queries:
        assert "<mark>火化</mark>" in client.get("/share/?q=火化").content.decode()
    assert not [query for query in queries if "catalog_resource" in query["sql"]]
    other = world.signed_in(city.head)
    assert city.head.name.encode() in other.get("/share/?q=火化").content
    city.published(name="新的火化名单")
    catalog.index_once()
    assert "新的" in client.get("/share/?q=火化").content.decode()


def test_a_level_with_too_many_nodes_is_capped_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    city = factory.city()
    city.published()
    city.published(name="乙", class_code="307002")
    city.published(name="丙", class_code="307002")
    catalog.rebuild()
    assert not catalog.level("class", below="307").capped
    monkeypatch.setattr(trees, "MOST_BRANCHES", 1)
    level = catalog.level("class", below="307")
    assert (level.capped, [branch.value for branch in level.branches]) == (True, ["307002"])
    assert "只列出条目最多的 1 个" in world.signed_in(city.steward).get("/share/tree/class/?below=307").content.decode()


def test_an_index_of_another_form_is_built_anew_rather_than_read() -> None:
    factory.city().published()
    catalog.rebuild()
    (index.folder() / "CURRENT").write_text("0123456789ab")
    with pytest.raises(catalog.IndexMissing):
        catalog.search(catalog.SearchQuestion())
    assert catalog.index_once() == 1
    assert catalog.search(catalog.SearchQuestion()).total == 1


def test_drift_is_measured_slice_by_slice_and_holds_no_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    city = factory.city()
    gone, stays = city.published(name="将下线"), city.published(name="不变")
    catalog.rebuild()
    catalog.withdraw(actor=city.head, resource_id=gone.id, reason="停用", now=world.NOW)
    fresh = city.published(name="新来的")
    whole = catalog.drift()
    monkeypatch.setattr(indexing, "_SLICE", 1)
    assert catalog.drift() == whole
    assert (whole.database, whole.missing, whole.surplus) == (2, (fresh.id,), (gone.id,))
    catalog.mend()
    with indexing._writing(wait=True):  # a second writer would wait for ever
        assert catalog.mend().total == 0
    assert stays.id not in whole.stale


def test_exports_leave_slice_by_slice_and_only_the_spreadsheet_has_a_limit(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    city = factory.city()
    for number in range(6):
        city.published(name=f"名录{number}")
    monkeypatch.setattr(exporting, "_BATCH", 2)
    monkeypatch.setattr(exporting, "_PIECE", 1)
    monkeypatch.setattr(exporting, "MOST_IN_A_SPREADSHEET", 5)
    pieces = catalog.export_published(kind="csv")
    with django_assert_max_num_queries(1):  # the first two entries, and none of the others
        assert next(pieces).startswith(b"\xef\xbb\xbf")
        assert "名录0" in next(pieces).decode()
    whole = json.loads(b"".join(catalog.export_published(kind="json")))
    assert [entry["name"] for entry in whole] == [f"名录{number}" for number in range(6)]
    client = world.signed_in(city.steward)
    assert len(json.loads(client.get("/work/catalog/export/?kind=json").getvalue())) == 6
    refused = client.get("/work/catalog/export/?kind=xlsx")
    assert (refused.status_code, "不限条数" in refused.content.decode()) == (422, True)


def test_the_list_of_versions_reads_none_of_their_documents() -> None:
    city = factory.city()
    entry = city.published()
    with CaptureQueriesContext(connection) as queries:
        assert [line.number for line in catalog.versions(entry.id)] == [1]
    assert len(queries) == 1
    assert "document" not in queries[0]["sql"]


def test_the_index_reads_names_of_items_and_nothing_else_of_them() -> None:
    city = factory.city()
    entry = city.published()
    with CaptureQueriesContext(connection) as queries:
        (found,) = list(indexing.indexable([entry.id]))
    assert found.items == ("公民身份号码", "姓名", "死亡日期")
    assert "items" not in found.document
    assert len(queries) <= 3


@pytest.mark.django_db(transaction=True)
def test_the_province_of_the_benchmark_has_the_shape_that_operations_make() -> None:
    made = province.found(entries=1_400, now=world.NOW)
    assert (made.regions, made.entries) == (154, 1_400)
    row = Resource.objects.select_related("office").filter(source="", office__region="3701").order_by("pk")[0]
    version = ResourceVersion.objects.get(resource=row)
    working = catalog.resources_by_id([row.pk])[row.pk].content
    assert working.document() | {"published_on": str(row.published_on), "code": row.code} == version.document
    assert [item.key for item in row.items.order_by("position")] == [item["key"] for item in version.document["items"]]
    assert row.name_key == catalog.sort_key(row.name)
    assert Resource.objects.values("office").distinct().count() > 100
    assert catalog.rebuild() == 1_400
    assert catalog.drift().total == 0
    city = factory.city(
        "3701",
        "济南市",
        bureau=catalog_office("3701", is_bureau=True),
        place=catalog_office("3701", is_bureau=False),
    )
    assert city.published(class_code=row.class_code).code not in set(Resource.objects.filter(pk__lte=row.pk).values_list("code", flat=True))
    assert replace(working, items=()).name == row.name


def catalog_office(region: str, *, is_bureau: bool) -> province.organisations.OfficeView:
    code = Office.objects.filter(region=region, is_bureau=is_bureau).order_by("pk").values_list("code", flat=True)[0]
    return province.organisations.office(code)
