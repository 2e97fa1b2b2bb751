"""The dictionary, the links to it, and which office an item comes from."""

from __future__ import annotations

import pytest

from factories import catalog as entries
from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.quality import api as quality
from zhengtong.apps.resources.quality.models import ItemGroup, ItemUse, StandardVersion
from zhengtong.apps.resources.quality.operations import measuring

pytestmark = pytest.mark.django_db
ID = quality.StandardContent("公民身份号码", "C", "公民唯一的号码", synonyms=("身份证号", "证件号码"), length=18, sensitivity="identity")


def follow() -> None:
    while quality.follow(now=world.NOW):
        pass


def items(name: str, data_type: str = "C", length: int | None = 18) -> tuple[object, ...]:
    first = entries.ITEMS[0]
    return (type(first)(key="id_no", name=name, data_type=data_type, length=length, is_key=True, nullable=False),)


def two_offices() -> tuple[entries.City, identity.Actor, entries.City]:
    one = entries.city()
    other = world.office("民政局二", region_code="37")
    second = entries.City(
        one.bureau,
        other,
        world.official(identity.Role.STEWARD, at=other),
        world.official(identity.Role.SHARING_HEAD, at=other),
        one.approver,
    )
    return one, one.approver, second


def test_the_same_item_of_two_offices_is_one_case_by_name_and_by_standard() -> None:
    one, approver, other = two_offices()
    one.published(items=items("身份证 号"))
    other.published(items=items("身份证号(必填)"))
    follow()
    [case] = quality.source_cases(quality.CaseFilter())
    assert (case.offices, case.uses, case.standard_id) == (2, 2, None)
    standard = quality.add_standard(actor=approver, code="DE0001", content=ID, now=world.NOW)
    one.published(name="又一条", items=items("公民身份号码"))
    follow()
    [case] = quality.source_cases(quality.CaseFilter())
    assert (case.offices, case.uses, case.standard_id) == (2, 3, standard)
    assert quality.source_cases(quality.CaseFilter(text="公民"))
    assert not quality.source_cases(quality.CaseFilter(text="死亡"))
    assert not quality.source_cases(quality.CaseFilter(decided="yes"))
    assert quality.standard(standard).uses == 3
    kept = sorted(ItemGroup.objects.values_list("key", "offices", "uses"))
    measuring.recount()
    assert sorted(ItemGroup.objects.values_list("key", "offices", "uses")) == kept


def test_a_steward_confirms_or_refuses_what_is_proposed_for_the_own_office_alone() -> None:
    one, approver, other = two_offices()
    quality.add_standard(actor=approver, code="DE0001", content=ID, now=world.NOW)
    one.published(items=items("身份证号", length=20))
    other.published(items=items("证件号码"))
    follow()
    [mine], [theirs] = quality.proposals(one.steward), quality.proposals(other.steward)
    assert mine.deviates == ("length",)
    with pytest.raises(quality.NotAllowed):
        quality.decide_links(actor=one.steward, use_ids=[mine.id, theirs.id], confirmed=True, now=world.NOW)
    assert quality.decide_links(actor=one.steward, use_ids=[mine.id], confirmed=True, now=world.NOW) == 1
    assert quality.decide_links(actor=other.steward, use_ids=[theirs.id], confirmed=False, now=world.NOW) == 1
    assert not quality.source_cases(quality.CaseFilter())
    quality.rebuild(now=world.NOW)
    assert sorted(ItemUse.objects.values_list("link", flat=True)) == ["confirmed", "refused"]


def test_the_bureau_names_the_source_with_a_reason_and_takes_it_back() -> None:
    one, approver, other = two_offices()
    for place in (one, other):
        place.published(items=items("死亡证明编号"))
    follow()
    [case] = quality.source_cases(quality.CaseFilter())
    with pytest.raises(quality.NotAllowed):
        quality.name_source(actor=one.steward, group_id=case.id, office=one.office.code, reason="职责", now=world.NOW)
    for office, reason in ((one.office.code, " "), (one.bureau.code, "职责")):
        with pytest.raises(quality.SourceInvalid):
            quality.name_source(actor=approver, group_id=case.id, office=office, reason=reason, now=world.NOW)
    quality.name_source(actor=approver, group_id=case.id, office=one.office.code, reason="《殡葬管理条例》规定的职责", now=world.NOW)
    assert quality.source_case(case.id).lead == one.office.code
    assert [row.id for row in quality.source_cases(quality.CaseFilter(decided="yes"))] == [case.id]
    with pytest.raises(quality.NotAllowed):
        quality.take_back_source(actor=other.steward, group_id=case.id, reason="不对", now=world.NOW)
    quality.take_back_source(actor=approver, group_id=case.id, reason="职责已划转", now=world.NOW)
    with pytest.raises(quality.SourceInvalid):
        quality.take_back_source(actor=approver, group_id=case.id, reason="再来", now=world.NOW)
    assert [row.lead_id for row in quality.source_decisions(case.id)] == [None, one.office.code]


def test_the_dictionary_keeps_every_version_and_one_word_means_one_thing() -> None:
    city = entries.city()
    with pytest.raises(quality.NotAllowed):
        quality.add_standard(actor=city.steward, code="DE0001", content=ID, now=world.NOW)
    first = quality.add_standard(actor=city.approver, code="DE0001", content=ID, now=world.NOW)
    with pytest.raises(quality.StandardTaken):
        quality.add_standard(actor=city.approver, code="DE0001", content=ID, now=world.NOW)
    taken = quality.StandardContent("证件号", "C", "别的", synonyms=("身份证号",))
    with pytest.raises(quality.StandardTaken):
        quality.add_standard(actor=city.approver, code="DE0002", content=taken, now=world.NOW)
    longer = quality.StandardContent("公民身份号码", "C", "公民唯一的号码", synonyms=("身份证号",), length=18)
    quality.change_standard(actor=city.approver, standard_id=first, content=longer, reason="去掉泛指的词", now=world.NOW)
    quality.change_standard(actor=city.approver, standard_id=first, content=longer, now=world.NOW)
    with pytest.raises(quality.NotAllowed):
        quality.withdraw_standard(actor=city.head, standard_id=first, reason="不用了", now=world.NOW)
    with pytest.raises(quality.StandardInvalid):
        quality.withdraw_standard(actor=city.approver, standard_id=first, reason="", now=world.NOW)
    quality.withdraw_standard(actor=city.approver, standard_id=first, reason="由 DE0002 代替", now=world.NOW)
    with pytest.raises(quality.StandardWithdrawn):
        quality.change_standard(actor=city.approver, standard_id=first, content=ID, now=world.NOW)
    assert list(StandardVersion.objects.values_list("number", flat=True)) == [3, 2, 1]
    quality.add_standard(actor=city.approver, code="DE0002", content=taken, now=world.NOW)  # the word is free again


def test_a_withdrawn_standard_lets_go_of_its_items() -> None:
    city = entries.city()
    number = quality.add_standard(actor=city.approver, code="DE0001", content=ID, now=world.NOW)
    city.published(items=items("身份证号"))
    follow()
    [proposed] = quality.proposals(city.steward)
    quality.decide_links(actor=city.steward, use_ids=[proposed.id], confirmed=True, now=world.NOW)
    quality.withdraw_standard(actor=city.approver, standard_id=number, reason="废止", now=world.NOW)
    follow()
    assert quality.standard(number).uses == 0
    assert ItemUse.objects.get().standard is None


def test_a_file_of_standards_is_taken_row_by_row() -> None:
    city = entries.city()
    text = (
        "代码,名称,同义词,数据类型,数据长度,代码集,敏感类别,定义,来源标准\n"
        "DE0001,公民身份号码,身份证号,C,18,,identity,号码,GB 11643\n"
        "DE0002,姓名,身份证号,C,50,,name,姓名,\n"
        "DE0003,性别,,C,1,GB/T 2261.1,,性别,GB/T 2261.1\n"
    )
    with pytest.raises(quality.NotAllowed):
        quality.import_standards(actor=city.steward, data=text.encode(), now=world.NOW)
    done = quality.import_standards(actor=city.approver, data=text.encode(), now=world.NOW)
    assert (done.added, [row.line for row in done.refused]) == (2, [3])
    again = quality.import_standards(actor=city.approver, data=text.encode("utf-8-sig"), now=world.NOW)
    assert (again.added, again.changed, again.unchanged, len(again.refused)) == (0, 0, 2, 1)


def test_the_starter_set_is_taken_whole() -> None:
    city = entries.city()
    done = quality.import_standards(actor=city.approver, data=quality.starter(), now=world.NOW)
    assert (done.added, done.refused) == (40, ())
