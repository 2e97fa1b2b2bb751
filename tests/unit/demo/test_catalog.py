"""The demo catalog: about a thousand entries that an office could have declared."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from zhengtong.kernel.codes import credit_code
from zhengtong.project.demo import records
from zhengtong.project.demo.catalog import CatalogEntry, Sharing, catalog_entries
from zhengtong.project.demo.offices import offices
from zhengtong.project.demo.records import entry_name, fields
from zhengtong.project.demo.tables import BY_NAME, TABLES
from zhengtong.project.demo.territory import YUNZHOU, Division, Territory


@pytest.fixture(scope="module")
def entries() -> tuple[CatalogEntry, ...]:
    return catalog_entries()


def test_offices_have_names_and_codes_of_their_own() -> None:
    listed = offices()
    assert 55 <= len(listed) <= 65
    for part in ("key", "name", "short", "credit_code"):
        assert len({getattr(office, part) for office in listed}) == len(listed)
    for office in listed:
        parts = credit_code.parse(office.credit_code)
        assert parts.region == YUNZHOU.city.code
        assert parts.organisation_code_agrees
        assert parts.category_name
    by_key = {office.key: office for office in listed}
    assert by_key["data_bureau"].name == "云州市数据局"
    assert by_key["public_security"].credit_code.startswith("11")
    assert by_key["housing_fund"].credit_code.startswith("12")
    assert {table.department for table in TABLES} <= set(by_key)


def test_another_territory_names_the_same_offices_otherwise() -> None:
    elsewhere = Territory(Division("370800", "海州市"), (Division("370811", "任城区"),), ((Division("370811001", "任城街道"),),))
    assert {office.name for office in offices(elsewhere)}.isdisjoint({office.name for office in offices()})
    assert "海州海关" in {office.short for office in offices(elsewhere)}


def test_there_are_about_a_thousand_entries(entries: tuple[CatalogEntry, ...]) -> None:
    assert 950 <= len(entries) <= 1_100
    held = Counter(entry.office.key for entry in entries)
    assert set(held) == {office.key for office in offices()}
    assert min(held.values()) >= 8


def test_every_office_has_several_matters() -> None:
    assert min(Counter(matter.office for matter in records.matters()).values()) >= 5


def test_names_and_codes_are_unique_and_unnumbered(entries: tuple[CatalogEntry, ...]) -> None:
    assert len({(entry.office.key, entry.name) for entry in entries}) == len(entries)
    assert len({entry.code for entry in entries}) == len(entries)
    assert not [entry.name for entry in entries if re.search(r"\d", entry.name)]
    assert not [entry.name for entry in entries if re.search(r"(..)\1", entry.name)]


def test_codes_follow_the_guide(entries: tuple[CatalogEntry, ...]) -> None:
    for entry in entries:
        assert re.fullmatch(r"[1-3]\d{2}\d{3}\d*/\d+", entry.code)
        assert entry.code.startswith(entry.class_code)


def test_every_entry_is_complete(entries: tuple[CatalogEntry, ...]) -> None:
    for entry in entries:
        assert len(entry.items) >= 4
        assert entry.summary
        assert entry.update_cycle in {"实时", "每日", "每周", "每月", "每季度", "每年"}
        assert entry.format_class in {"数据库", "电子表格", "电子文件"}
        assert bool(entry.condition) == (entry.sharing is Sharing.CONDITIONAL)
        assert bool(entry.legal_basis) == (entry.sharing is Sharing.NOT_SHARED)
        assert bool(entry.channel) == (entry.sharing is not Sharing.NOT_SHARED)
        assert any(item.is_key for item in entry.items)
        assert len({item.key for item in entry.items}) == len({item.name for item in entry.items}) == len(entry.items)
        for item in entry.items:
            assert re.fullmatch(r"[a-z0-9_]+", item.key)
            assert item.data_type in set("CNYDTLIM")
            assert (item.length is None) == (item.data_type in set("DTMI")) or item.data_type in set("NI")


def test_sharing_has_all_three_types_and_never_gives_people_away(entries: tuple[CatalogEntry, ...]) -> None:
    kinds = Counter(entry.sharing for entry in entries)
    assert kinds[Sharing.UNCONDITIONAL] > 400
    assert kinds[Sharing.CONDITIONAL] > 300
    assert kinds[Sharing.NOT_SHARED] > 10
    for entry in entries:
        assert not [item for item in entry.items if item.personal in {"identity", "phone"} and item.sharing is Sharing.UNCONDITIONAL]
        if any(item.personal == "identity" for item in entry.items) and entry.table != "market_regulation.company":
            assert entry.sharing is not Sharing.UNCONDITIONAL
        assert not entry.open or not any(item.personal for item in entry.items)


def test_nine_entries_are_the_source_tables(entries: tuple[CatalogEntry, ...]) -> None:
    bound = {entry.table: entry for entry in entries if entry.table}
    assert set(bound) == set(BY_NAME)
    for name, entry in bound.items():
        table = BY_NAME[name]
        assert entry.office.key == table.department
        assert [item.column for item in entry.items] == [column.name for column in table.columns]
        assert [item.name for item in entry.items] == [column.item for column in table.columns]
        assert [item.personal for item in entry.items] == [column.personal for column in table.columns]
    divisions = bound["civil_affairs.admin_division"]
    assert (divisions.name, divisions.sharing, divisions.open) == ("行政区划代码", Sharing.UNCONDITIONAL, True)


def test_one_thing_has_one_key_across_departments(entries: tuple[CatalogEntry, ...]) -> None:
    keys = {item.key for entry in entries for item in entry.items if item.name == "公民身份号码"}
    assert keys == {"gmsfhm"}


def test_the_catalog_is_the_same_every_time(entries: tuple[CatalogEntry, ...]) -> None:
    assert catalog_entries() == entries


def test_names_do_not_say_a_word_twice() -> None:
    def named(name: str, kind: str, place: int) -> str:
        return entry_name(records.Matter("x", name, kind, "none", ()), records.KINDS[kind][place])

    assert named("价格监测", "monitor", 0) == "价格监测点位信息"
    assert named("重点项目", "project", 0) == "重点项目信息"
    assert named("安全生产", "inspect", 0) == "安全生产检查结果信息"
    assert named("双随机抽查", "inspect", 0) == "双随机抽查结果信息"
    assert fields("!编号:C:30 日期:D") == (records.Field("编号", "C", 30, key=True), records.Field("日期", "D"))
