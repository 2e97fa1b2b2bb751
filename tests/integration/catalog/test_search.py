"""Search: what is found, in which order, how it is counted, and how the index follows the truth."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from prometheus_client import REGISTRY
from pytest_django import DjangoAssertNumQueries

from factories import catalog as factory
from factories import world
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.catalog.models import Resource
from zhengtong.project import worker

pytestmark = pytest.mark.django_db


def found(text: str = "", order: str = "relevance", **chosen: str) -> list[str]:
    return [hit.name for hit in catalog.search(catalog.SearchQuestion(text, chosen, order)).hits]


def test_before_the_first_build_it_says_so() -> None:
    with pytest.raises(catalog.IndexMissing):
        catalog.search(catalog.SearchQuestion("x"))


def test_words_names_codes_and_items_find_an_entry() -> None:
    city = factory.city(office="山东省民政厅", short_name="民政厅")
    entry = city.published()
    city.published(name="企业登记信息", summary="市场主体")
    city.draft(name="火化草稿")
    organisations.rename_office(
        code=city.office.code, name="山东省社会事务厅", short_name="社务厅", actor="process:test", now=world.NOW, since=world.TODAY
    )
    assert catalog.rebuild() == 2
    assert found("火化") == ["殡葬火化信息"]
    assert found("火化信息 殡葬") == ["殡葬火化信息"]
    assert found("登记")[0] == "企业登记信息"  # in the other one's summary only
    for name in ("民政厅", "山东省民政厅", "社务厅", "公民身份号码", "死亡"):
        assert set(found(name)) == {"殡葬火化信息", "企业登记信息"}, name
    assert found(entry.code) == ["殡葬火化信息"]
    assert set(found("307")) == {"殡葬火化信息", "企业登记信息"}
    assert found("没有的东西") == []
    near = catalog.search(catalog.SearchQuestion("殡葬火花信息"))
    assert near.near
    assert near.hits[0].name == "殡葬火化信息"


def test_marks_are_set_and_everything_else_is_escaped() -> None:
    city = factory.city()
    city.published(name="<b>火化</b>信息")
    catalog.rebuild()
    hit = catalog.search(catalog.SearchQuestion("火化")).hits[0]
    assert hit.name_html == "&lt;b&gt;<mark>火化</mark>&lt;/b&gt;信息"


def test_counts_are_exact_and_keep_the_other_choices_of_their_own_facet() -> None:
    city, other = factory.city("37", "山东省"), factory.city("34", "安徽省")
    for number in range(3):
        city.published(name=f"山东{number}", update_cycle=str(number + 1))
    other.published(name="安徽", sharing_type="1", sharing_condition="", is_open=True, open_condition="无", themes=("社会保障", "公共服务"))
    catalog.rebuild()
    whole = catalog.search(catalog.SearchQuestion())
    assert {value.value: value.count for value in whole.facets["sharing"]} == {"2": 3, "1": 1}
    assert {value.label: value.count for value in whole.facets["region"]} == {"山东省": 3, "安徽省": 1}
    assert {value.value: value.count for value in whole.facets["theme"]} == {"社会保障": 4, "公共服务": 1}
    narrowed = catalog.search(catalog.SearchQuestion(chosen={"sharing": "2"}))
    assert narrowed.total == 3
    assert {value.value: (value.count, value.chosen) for value in narrowed.facets["sharing"]} == {"2": (3, True), "1": (1, False)}
    assert {value.value: value.count for value in narrowed.facets["region"]} == {"37": 3}
    assert found("", "name") == ["安徽", "山东0", "山东1", "山东2"]
    assert found("", cycle="2", sharing="2") == ["山东1"]
    assert {one.value: one.count for one in catalog.level("class").branches} == {"3": 4}
    assert [(one.value, one.count) for one in catalog.level("class", below="307").branches] == [("307001", 4)]
    assert [(one.label, one.count) for one in catalog.level("region").branches] == [("安徽省", 1), ("山东省", 3)]
    assert [(one.label, one.count) for one in catalog.level("office", below="37").branches] == [(city.office.name, 3)]


def test_a_page_of_hits_costs_a_fixed_number_of_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    city = factory.city()
    for number in range(25):
        city.published(name=f"名录{number}")
    catalog.rebuild()
    catalog.search(catalog.SearchQuestion("名录"))
    with django_assert_num_queries(2):  # synonyms in force, and the hits
        first = catalog.search(catalog.SearchQuestion("名录"))
    second = catalog.search(catalog.SearchQuestion("名录"), start=first.next_start)
    assert (first.total, len(first.hits), first.next_start, len(second.hits), second.next_start) == (25, 20, 20, 5, 0)
    assert len({hit.id for hit in (*first.hits, *second.hits)}) == 25


def test_drift_is_measured_and_mended() -> None:
    city = factory.city()
    gone, stale, stays = (city.published(name=name) for name in ("将下线", "将改名", "不变"))
    catalog.rebuild()
    assert catalog.drift().total == 0
    catalog.withdraw(actor=city.head, resource_id=gone.id, reason="停用", now=world.NOW)
    copy = catalog.working_copy(stale.id, actor=city.steward)
    catalog.save_draft(
        actor=city.steward, resource_id=stale.id, revision=copy.revision, content=replace(copy.content, name="已改名"), now=world.NOW
    )
    city.publish(stale.id)
    fresh = city.published(name="新来的")
    drift = catalog.drift()
    assert (drift.database, drift.index, drift.missing, drift.stale, drift.surplus) == (3, 3, (fresh.id,), (stale.id,), (gone.id,))
    assert catalog.mend() == drift
    assert catalog.drift().total == 0
    assert set(found()) == {"已改名", "新来的", "不变"}
    organisations.rename_office(
        code=city.office.code, name="改名后的局", short_name="", actor="process:test", now=world.NOW + timedelta(days=1), since=world.TODAY
    )
    assert catalog.drift().stale == tuple(sorted((stale.id, fresh.id, stays.id)))


def test_the_worker_measures_and_mends_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    city = factory.city()
    lost = city.published(name="会丢失")
    catalog.rebuild()
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)  # the test's own transaction
    catalog.withdraw(actor=city.head, resource_id=lost.id, reason="停用", now=world.NOW)
    with connection.cursor() as cursor:
        cursor.execute("delete from outbox_message")  # as if its message had been lost
    assert catalog.drift().surplus == (lost.id,)
    (turn,) = [one for one in worker.TURNS if one.name == "mend-index"]
    worker.take(turn)
    assert REGISTRY.get_sample_value("zhengtong_catalog_index_drift", {"kind": "surplus"}) == 1
    assert catalog.drift().total == 0
    worker.take(turn)
    assert REGISTRY.get_sample_value("zhengtong_catalog_index_drift", {"kind": "surplus"}) == 0


@pytest.mark.django_db(transaction=True)
def test_a_change_is_found_within_a_second_and_survives_a_lost_index() -> None:
    city = factory.city()
    city.published(name="第一条")
    assert catalog.index_once() == 1  # no index yet: built
    stop = threading.Event()
    thread = threading.Thread(target=catalog.keep_index, args=(stop.is_set,))
    thread.start()
    try:
        entry = city.published(name="第二条")
        deadline = time.monotonic() + 5
        while found("第二条") != ["第二条"] and time.monotonic() < deadline:
            time.sleep(0.02)
        assert found("第二条") == ["第二条"]
        catalog.withdraw(actor=city.head, resource_id=entry.id, reason="停用", now=world.NOW)
        while found("第二条") and time.monotonic() < deadline:
            time.sleep(0.02)
        assert found("第二条") == []
        code, now = city.office.code, world.NOW + timedelta(days=1)
        organisations.rename_office(code=code, name="改名后的瞭望局", short_name="", actor="process:test", now=now, since=world.TODAY)
        while not found("瞭望局") and time.monotonic() < deadline:
            time.sleep(0.02)
        assert found("瞭望局") == ["第一条"]
        successor = world.office(name="数字风貌局")
        organisations.merge_office(code=code, into=successor.code, actor="process:test", now=now, on=world.TODAY)
        while not found("数字风貌局") and time.monotonic() < deadline:
            time.sleep(0.02)
        assert found("数字风貌局") == ["第一条"]
    finally:
        stop.set()
        thread.join()
    assert Resource.objects.count() == 2
