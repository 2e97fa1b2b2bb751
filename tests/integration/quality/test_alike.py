"""Entries that look the same: found, told apart, decided about, and cheap however many there are."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories import catalog as entries
from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api as quality
from zhengtong.apps.resources.quality.models import AlikePair, EntrySign
from zhengtong.apps.resources.quality.operations import pairing

pytestmark = pytest.mark.django_db
EVERY = quality.AlikeFilter()


def follow() -> None:
    while quality.follow(now=world.NOW):
        pass


def items(*names: str) -> tuple[catalog.ItemContent, ...]:
    return tuple(catalog.ItemContent(key=f"i{place}", name=name) for place, name in enumerate(names))


CREMATION = items("逝者姓名", "火化时间", "火化炉编号", "经办人员", "骨灰去向")


def other_office(city: entries.City, region_code: str = "37") -> entries.City:
    place = world.office(region_code=region_code)
    return entries.City(
        city.bureau,
        place,
        world.official(identity.Role.STEWARD, at=place),
        world.official(identity.Role.SHARING_HEAD, at=place),
        city.approver,
    )


def pairs(actor: identity.Actor, wanted: quality.AlikeFilter = EVERY) -> list[set[str]]:
    return [{one.first.name, one.second.name} for one in quality.alike_pairs(actor, wanted)]


def test_what_an_office_has_twice_is_listed_and_what_other_places_have_is_not() -> None:
    city = entries.city()
    one = city.published(name="火化登记信息", items=CREMATION)
    city.published(name="山东省火化登记信息(历史归档)", items=CREMATION)
    city.published(name="公墓名录", items=items("公墓名称", "公墓地址", "墓位数量"))
    city.published(name="婚姻登记", items=CREMATION)  # the same items of something else
    county = entries.city("3709", "泰安市")
    county.published(name="火化登记信息", items=CREMATION)
    follow()
    assert pairs(city.approver) == pairs(city.steward) == [{"火化登记信息", "山东省火化登记信息(历史归档)"}]
    [pair] = quality.alike_of(one.id)
    assert (pair.likeness.names, pair.likeness.items, pair.likeness.shared, pair.of_one_office) == (60, 100, 5, True)
    assert pairs(county.steward) == pairs(county.approver) == []
    assert pairs(other_office(city).steward) == []
    with pytest.raises(quality.PairUnknown):
        quality.alike_pair(one.id, one.id)


def test_pairs_come_and_go_with_their_entries() -> None:
    city = entries.city()
    one, two = city.published(name="火化登记信息", items=CREMATION), city.published(name="火化登记数据", items=CREMATION)
    follow()
    assert len(pairs(city.steward)) == 1
    view = catalog.working_copy(two.id, actor=city.steward)
    catalog.save_draft(
        actor=city.steward,
        resource_id=two.id,
        revision=view.revision,
        content=entries.content(name="公墓名录", items=items("公墓名称", "公墓地址", "墓位数量")),
        now=world.NOW,
    )
    city.publish(two.id)
    follow()
    assert pairs(city.steward) == []
    three = city.published(name="火化登记情况表", items=CREMATION)
    follow()
    assert [one_pair.other(three.id).id for one_pair in quality.alike_of(three.id)] == [one.id]
    catalog.withdraw(actor=city.head, resource_id=one.id, reason="重复编目", now=world.NOW)
    follow()
    assert not AlikePair.objects.exists()
    assert EntrySign.objects.count() == 2
    kept = list(AlikePair.objects.values_list("first", "second"))
    quality.rebuild(now=world.NOW)
    assert list(AlikePair.objects.values_list("first", "second")) == kept


def test_a_form_that_every_office_of_a_place_fills_in_is_no_duplicate() -> None:
    city = entries.city()
    offices = [city, *(other_office(city) for _ in range(3))]
    licence = items("许可文书号", "相对人名称", "许可内容")
    for office in offices[:3]:
        office.published(name="行政许可信息", items=licence)
    follow()
    assert len(pairs(city.approver)) == 3
    offices[3].published(name="行政许可", items=licence)
    follow()
    assert pairs(city.approver) == []
    quality.rebuild(now=world.NOW)
    assert pairs(city.approver) == []


def test_items_are_the_same_by_their_standard_item_too() -> None:
    city = entries.city()
    city.published(name="低保对象名册", items=items("身份证号", "保障金额数", "保障户数量"))
    city.published(name="城乡低保对象名册", items=items("公民身份号码", "保障金额数", "保障户数量"))
    follow()
    assert pairs(city.steward) == []
    standard = quality.StandardContent("公民身份号码", "C", "公民唯一的号码", synonyms=("身份证号",), length=18)
    number = quality.add_standard(actor=city.approver, code="DE0001", content=standard, now=world.NOW)
    follow()
    assert len(pairs(city.steward)) == 1
    quality.withdraw_standard(actor=city.approver, standard_id=number, reason="由新标准代替", now=world.NOW)
    follow()
    assert pairs(city.steward) == []


def test_not_the_same_needs_a_reason_is_kept_and_can_be_taken_back() -> None:
    city = entries.city()
    one, two = city.published(name="火化登记信息", items=CREMATION), city.published(name="火化登记数据", items=CREMATION)
    stranger = other_office(city)
    follow()
    common = {"one": two.id, "other": one.id, "now": world.NOW}
    with pytest.raises(quality.NotAllowed):
        quality.settle_alike(actor=stranger.steward, reason="不同", **common)
    with pytest.raises(quality.VerdictInvalid):
        quality.settle_alike(actor=city.steward, reason="  ", **common)
    with pytest.raises(quality.VerdictInvalid):
        quality.reopen_alike(actor=city.steward, **common)
    quality.settle_alike(actor=city.steward, reason="一条是本馆的,一条是外送的", **common)
    with pytest.raises(quality.VerdictInvalid):
        quality.settle_alike(actor=city.head, reason="再说一次", **common)
    assert pairs(city.approver) == []
    assert pairs(city.approver, quality.AlikeFilter(settled=True)) == [{one.name, two.name}]
    assert not quality.alike_hints(city.office.code, two.name, CREMATION, but=two.id)
    quality.rebuild(now=world.NOW)
    AlikePair.objects.all().delete()  # as when one of them had been away for a while
    pairing.pair_all()
    assert pairs(city.approver) == []
    said = quality.alike_verdict(one.id, two.id)
    assert said is not None
    assert said.reason == "一条是本馆的,一条是外送的"
    quality.reopen_alike(actor=city.approver, **common)
    assert len(pairs(city.approver)) == 1


def test_a_merge_is_a_draft_of_one_and_a_word_to_the_head_of_the_other() -> None:
    city = entries.city()
    other = other_office(city)
    keep = city.published(name="火化登记信息", items=CREMATION[:4])
    drop = other.published(name="火化登记数据", items=(*CREMATION[:3], catalog.ItemContent(key="i0x", name="殡葬服务单位")))
    follow()
    with pytest.raises(catalog.NotAllowed):
        quality.propose_merge(actor=other.steward, keep=keep.id, drop=drop.id, now=world.NOW)
    assert quality.propose_merge(actor=city.steward, keep=keep.id, drop=drop.id, now=world.NOW) == 1
    copy = catalog.working_copy(keep.id, actor=city.steward)
    assert copy.state == "draft"
    assert [item.name for item in copy.items] == ["逝者姓名", "火化时间", "火化炉编号", "经办人员", "殡葬服务单位"]
    assert len({item.key for item in copy.items}) == 5
    assert len(catalog.resource(keep.id).items) == 4
    [told] = [one for one in notices.notices(other.head) if "建议下线" in str(one.text)]
    assert str(drop.id) in told.address
    assert quality.alike_pair(keep.id, drop.id).keep == keep.id
    with pytest.raises(quality.PairUnknown):
        quality.propose_merge(actor=city.steward, keep=keep.id, drop=keep.id, now=world.NOW)
    catalog.withdraw(actor=other.head, resource_id=drop.id, reason="并入火化登记信息", now=world.NOW)
    city.publish(keep.id)
    follow()
    assert pairs(city.approver) == []


def test_whoever_writes_and_reviews_is_told_and_why() -> None:
    city = entries.city()
    one = city.published(name="火化登记信息", items=CREMATION)
    follow()
    draft = city.draft(name="山东省火化登记", items=CREMATION[:4])
    client = world.signed_in(city.steward)
    for address in (f"/work/catalog/{draft.id}/", f"/work/catalog/{draft.id}/edit/"):
        page = client.get(address).content.decode()
        assert "名称主干相同" in page
        assert "信息项相同 4 个(80%)" in page
        assert "火化炉编号" in page
    typed = {"office": city.office.code, "name": "火化 登记", "count": "1", "item-0-name": "逝者姓名"}
    answer = client.post("/work/alike/hints/", typed).content.decode()
    assert f"/share/resources/{one.id}/" in answer
    assert not client.post("/work/alike/hints/", typed | {"name": "殡仪馆名录"}).content.strip()
    assert not client.post("/work/alike/hints/", typed | {"office": "没有"}).content.strip()
    assert not client.post(f"/work/alike/hints/?but={one.id}", typed).content.strip()
    catalog.submit(actor=city.steward, resource_id=draft.id, now=world.NOW)
    assert "名称主干相同" in world.signed_in(city.head).get(f"/work/catalog/{draft.id}/").content.decode()


def test_the_pages_lead_from_the_list_to_a_decision() -> None:
    city = entries.city()
    one, two = city.published(name="火化登记信息", items=CREMATION), city.published(name="火化登记数据", items=CREMATION[:4])
    follow()
    client, other = world.signed_in(city.steward), world.signed_in(other_office(city).steward)
    address = f"/work/alike/{one.id}/{two.id}/"
    assert address in client.get("/work/alike/?within=1").content.decode()
    assert "没有这样的目录" in other.get("/work/alike/").content.decode()
    page = client.get(address).content.decode()
    assert "两条都有" in page
    assert "只有左边有" in page
    assert "标记为不重复" in page
    assert "标记为不重复" not in other.get(address).content.decode()
    assert other.post(f"{address}decide/", {"act": "settle", "reason": "不同"}).status_code == 403
    assert client.post(f"{address}decide/", {"act": "settle"}).status_code == 422
    assert client.post(f"{address}decide/", {"act": "settle", "reason": "口径不同"}).status_code == 302
    assert "口径不同" in client.get(address).content.decode()
    assert address in client.get("/work/alike/?settled=1").content.decode()
    assert client.post(f"{address}decide/", {"act": "reopen"}).status_code == 302
    assert client.post(f"{address}decide/", {"act": "keep-second"}).status_code == 302
    assert "已建议合并" in client.get("/work/alike/").content.decode()
    assert client.get("/work/alike/?after=x").status_code == 422
    assert "疑似重复的目录" in client.get(f"/share/resources/{one.id}/").content.decode()


def test_many_are_compared_in_as_many_queries_as_few_and_candidates_come_from_an_index() -> None:
    city = entries.city()
    numbers = [city.published(name=f"{word}登记信息", items=CREMATION).id for word in "甲乙丙丁戊己庚辛"]
    follow()
    counts = []
    for some in (numbers[:2], numbers):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            pairing.take(some)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    with CaptureQueriesContext(connection) as asked:
        quality.alike_hints(city.office.code, "甲登记信息", CREMATION)
    assert len(asked) <= 8
    [statement] = [one["sql"] for one in asked if '"keys" &&' in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("explain " + re.sub(r"%", "%%", statement))
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "entry_sign_keys" in plan
