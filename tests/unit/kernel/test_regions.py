"""The structure of region codes, and the short lists."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.kernel.codes import regions
from zhengtong.kernel.codes.faults import InvalidCode
from zhengtong.kernel.codes.lists import DOCUMENT_TYPES, ETHNIC_GROUPS, HOLDER_TYPES, PROVINCES, SEXES
from zhengtong.kernel.codes.regions import Level


@pytest.mark.parametrize(
    ("code", "level", "parent", "text"),
    [
        ("37", Level.PROVINCE, None, "370000"),
        ("370000", Level.PROVINCE, None, "370000"),
        ("3708", Level.CITY, "370000", "370800"),
        ("370800000000", Level.CITY, "370000", "370800"),
        ("370811", Level.COUNTY, "370800", "370811"),
        ("370811001", Level.TOWN, "370811", "370811001"),
        ("370811001000", Level.TOWN, "370811", "370811001"),
        ("370811001002", Level.VILLAGE, "370811001", "370811001002"),
        ("441900003", Level.TOWN, "441900", "441900003"),
    ],
)
def test_level_and_parent(code: str, level: Level, parent: str | None, text: str) -> None:
    region = regions.parse(code)
    assert region.level is level
    assert str(region) == text
    assert (None if region.parent is None else str(region.parent)) == parent
    assert level.label.endswith("级")


def test_ancestors_contain_their_descendants() -> None:
    village = regions.parse("370811001002")
    assert [str(region) for region in village.ancestors] == ["370811001", "370811", "370800", "370000"]
    assert all(region.contains(village) for region in village.ancestors)
    assert not regions.parse("370812").contains(village)
    assert (village.six, village.nine) == ("370811", "370811001")


@pytest.mark.parametrize(
    ("code", "digits", "result"),
    [
        ("37", 6, "370000"),
        ("3708", 12, "370800000000"),
        ("370811001000", 9, "370811001"),
    ],
)
def test_normalising(code: str, digits: int, result: str) -> None:
    assert regions.normalise(code, digits) == result


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("", "alphabet"),
        ("37O8", "alphabet"),
        ("370", "length"),
        ("990000", "province"),
        ("370011", "structure"),
        ("370811000002", "structure"),
    ],
)
def test_a_refusal_names_the_rule(code: str, rule: str) -> None:
    with pytest.raises(InvalidCode) as refusal:
        regions.parse(code)
    assert refusal.value.rule == rule


@pytest.mark.parametrize(("digits", "rule"), [(6, "precision"), (9, "precision"), (8, "length")])
def test_a_form_too_short_is_refused(digits: int, rule: str) -> None:
    with pytest.raises(InvalidCode) as refusal:
        regions.normalise("370811001002", digits)
    assert refusal.value.rule == rule


def test_every_published_division_parses(shared_data: Path) -> None:
    with (shared_data / "divisions/areas.csv").open(encoding="utf-8", newline="") as file:
        counties = list(csv.DictReader(file))
    assert len(counties) == 2978
    for row in counties:
        region = regions.parse(row["code"])
        city = regions.parse(row["cityCode"])
        assert city in (region, region.parent)  # 东莞 and its like list the city itself as its only county
    with (shared_data / "divisions/streets.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert regions.parse(row["areaCode"].ljust(6, "0")).contains(regions.parse(row["code"]))


@given(st.sampled_from(sorted(PROVINCES)), st.integers(1, 99), st.integers(1, 99), st.integers(1, 999), st.integers(1, 999))
def test_every_descendant_lies_in_its_ancestors(province: str, city: int, county: int, town: int, village: int) -> None:
    region = regions.parse(f"{province}{city:02}{county:02}{town:03}{village:03}")
    assert len(region.ancestors) == 4
    assert regions.normalise(region.twelve, 12) == region.twelve


def test_the_short_lists() -> None:
    assert len(ETHNIC_GROUPS) == 56
    assert len(set(ETHNIC_GROUPS.values())) == 56
    assert (ETHNIC_GROUPS["01"], ETHNIC_GROUPS["05"], ETHNIC_GROUPS["11"], ETHNIC_GROUPS["56"]) == ("汉族", "维吾尔族", "满族", "基诺族")
    assert len(PROVINCES) == 34
    assert SEXES["2"] == "女"
    assert DOCUMENT_TYPES["111"] == "居民身份证"
    assert set(HOLDER_TYPES) == {"001", "111"}
