"""The open datasets of the demo city: every office, every theme, columns that are there, and nothing that a gate would hold back."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from shapely.geometry import Point

from zhengtong.apps.flow.opendata.rules import gates
from zhengtong.apps.flow.opendata.rules.place import Place
from zhengtong.apps.flow.opendata.rules.sheet import Column, Sheet
from zhengtong.apps.flow.opendata.rules.vocabulary import THEME_LABELS
from zhengtong.project.demo.city import DEFAULT_SEED, SCALES, DemoCity
from zhengtong.project.demo.draw import Draw
from zhengtong.project.demo.offices import offices
from zhengtong.project.demo.opened import columns, outlines, places, sources
from zhengtong.project.demo.opened.declared import Declared, datasets
from zhengtong.project.demo.territory import YUNZHOU

TODAY = date(2026, 11, 22)
#: rows at which a million checks would only repeat the first ones
LARGE = 20_000


@pytest.fixture(scope="module")
def companies() -> pl.DataFrame:
    return DemoCity(SCALES["small"]).companies.rows


def made(one: Declared, companies: pl.DataFrame, day: date = TODAY) -> tuple[sources.Item, ...]:
    return sources.items(columns.made(one, Draw(DEFAULT_SEED), companies, day))


def test_the_city_is_broad() -> None:
    listed = datasets()
    assert len(listed) >= 200
    assert {one.theme for one in listed} == set(THEME_LABELS)
    assert {one.office for one in listed} == {office.key for office in offices()}
    assert len({one.table for one in listed}) == len({one.title for one in listed}) == len(listed)


@pytest.mark.parametrize("one", datasets(), ids=lambda one: one.table)
def test_nothing_is_held_back_and_keys_are_keys(one: Declared, companies: pl.DataFrame) -> None:
    listed = made(one, companies)
    frame = pl.DataFrame([item.column.values.alias(item.key) for item in listed])
    assert frame.height >= 30
    assert frame.select(item.key for item in listed if item.column.key).is_unique().all()
    shown = [Column(item.key, item.column.name, item.column.letter, is_key=item.column.key) for item in listed]
    cycle = {"实时": "1", "每日": "2", "每周": "3", "每月": "4", "每季度": "5", "每年": "6", "每半年": "7"}[one.cycle]
    sheet = Sheet.of(frame.head(LARGE) if frame.height > LARGE else frame, shown)
    places_of = Place("jd", "wd") if {"jd", "wd"} <= set(frame.columns) else None
    found = gates.measure(sheet, quasi=(), cycle=cycle, updated_on=TODAY, today=TODAY, place=places_of)
    assert [(finding.gate, finding.column, finding.examples) for finding in found if finding.gate != "round-number"] == []


def test_the_same_seed_gives_the_same_rows_and_time_goes_on(companies: pl.DataFrame) -> None:
    one = next(one for one in datasets() if one.table == "air_daily")
    first, second = made(one, companies), made(one, companies)
    assert all(left.column.values.equals(right.column.values) for left, right in zip(first, second, strict=True))
    assert first[0].column.values.max() == date(2026, 11, 21)
    assert made(one, companies, date(2027, 1, 2))[0].column.values.max() == date(2027, 1, 1)


def test_places_lie_in_the_outline_of_their_town(companies: pl.DataFrame) -> None:
    areas = outlines.areas()
    codes = {(town.county, town.name): town.code for town in places.towns()}
    counties = {county.name: county.code for county in YUNZHOU.counties}
    one = next(one for one in datasets() if one.table == "schools_primary")
    kept = {item.column.name: item.column.values for item in made(one, companies)}
    rows = list(zip(kept["所属区县"], kept["所属镇街"], kept["经度"], kept["纬度"], strict=True))
    assert len(rows) > 100
    for county, town, longitude, latitude in rows:
        point = Point(longitude, latitude)
        assert areas[codes[county, town]].contains(point)
        assert areas[counties[county]].contains(point)


def test_rows_of_counties_carry_their_code(companies: pl.DataFrame) -> None:
    one = next(one for one in datasets() if one.table == "gdp_county")
    kept = {item.column.name: item.column.values for item in made(one, companies)}
    counties = {county.name: county.code for county in YUNZHOU.counties}
    assert [counties[name] for name in kept["县区"]] == kept["区划代码"].to_list()
