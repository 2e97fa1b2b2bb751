"""Outlines of regions out of GeoJSON: what is taken, what is refused and why, and what a drawing leaves out."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import shapely

from factories.areas import collection, feature, square
from zhengtong.apps.flow.opendata.rules import shading
from zhengtong.engines.geography import outlines
from zhengtong.kernel.errors import Invalid

KNOWN = {"37", "3701", "370101", "370102", "370101001"}
BOW_TIE = [[[117.0, 36.0], [117.1, 36.1], [117.1, 36.0], [117.0, 36.1], [117.0, 36.0]]]


def test_outlines_are_taken_by_codes_of_any_length() -> None:
    content = collection(feature("370100", square(0)), feature("370101000000", square(1)), feature("370101001", square(2)))
    taken, refused = outlines.sift(content, known=KNOWN)
    assert ([one.code for one in taken], refused) == (["3701", "370101", "370101001"], [])


@pytest.mark.parametrize(
    ("one", "fault"),
    [
        (feature("", square(0)), "code"),
        (feature("江岸区", square(0)), "code"),
        (feature("990101", square(0)), "code"),
        (feature("370199", square(0)), "unknown"),
        (feature("370101", [117.0, 36.0], "Point"), "shape"),
        (feature("370101", [], "Polygon"), "shape"),
        (feature("370101", [[["a", "b"], [1, 2], [3, 4], ["a", "b"]]]), "shape"),
        (feature("370101", [[[117.0, math.inf], [117.1, 36.0], [117.1, 36.1], [117.0, math.inf]]]), "shape"),
        ({"type": "Feature", "properties": {"code": "370101"}, "geometry": None}, "shape"),
        ({"type": "Feature", "properties": None, "geometry": None}, "code"),
        ("a text", "code"),
        (feature("370101", [[[500000, 4000000], [500100, 4000000], [500100, 4000100], [500000, 4000000]]]), "projected"),
        (feature("370101", [[[36.0, 117.0], [36.1, 117.0], [36.1, 117.1], [36.0, 117.0]]]), "swapped"),
        (feature("370101", [[[2.0, 48.0], [2.1, 48.0], [2.1, 48.1], [2.0, 48.0]]]), "outside"),
        (feature("370101", BOW_TIE), "crossing"),
    ],
)
def test_a_bad_feature_is_refused_by_its_rule(one: Any, fault: str) -> None:
    taken, refused = outlines.sift(collection(feature("370102", square(2)), one), known=KNOWN)
    assert [two.code for two in taken] == ["370102"]
    assert [(two.place, two.fault.value) for two in refused] == [(2, fault)]


def test_the_place_of_a_crossing_is_told() -> None:
    _taken, [refused] = outlines.sift(collection(feature("370101", BOW_TIE)), known=KNOWN)
    assert refused.where == "117.05 36.05"


def test_the_second_of_the_same_region_is_refused_and_so_is_too_much_detail(monkeypatch: pytest.MonkeyPatch) -> None:
    _taken, [refused] = outlines.sift(collection(feature("370101", square(1)), feature("370101000000", square(2))), known=KNOWN)
    assert (refused.place, refused.fault.value) == (2, "duplicate")
    monkeypatch.setattr(outlines, "MOST_VERTICES", 4)
    _taken, [refused] = outlines.sift(collection(feature("370101", square(1))), known=KNOWN)
    assert refused.fault.value == "detailed"


def test_the_property_with_the_code_may_be_named() -> None:
    one = feature("370102", square(2), dm=370101)
    assert [two.code for two in outlines.sift(collection(one), known=KNOWN, prop="dm")[0]] == ["370101"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b'{"type": "Feature"}',
        b'{"type": "FeatureCollection", "features": 3}',
        collection(crs={"properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}),
        collection(crs="EPSG:3857"),
    ],
)
def test_a_file_that_is_no_geojson_in_degrees_is_refused_whole(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        outlines.sift(content, known=KNOWN)
    assert (refused.value.field, bool(refused.value.remedy)) == ("file", True)


def test_cgcs2000_is_taken_by_its_name() -> None:
    content = collection(feature("370101", square(1)), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}})
    assert len(outlines.sift(content, known=KNOWN)[0]) == 1


def test_a_drawing_has_fewer_vertices_and_no_gaps() -> None:
    # a border that two regions share, with a thousand small teeth
    teeth = [(1 + (place % 2) * 1e-4, place / 1000) for place in range(1001)]
    left = shapely.Polygon([(0, 0), *teeth, (0, 1)])
    right = shapely.Polygon([(2, 0), *teeth, (2, 1)])
    thin = outlines.drawn([left, right])
    assert shapely.get_num_coordinates(thin[0]) < 100
    assert shapely.coverage_is_valid(thin)
    assert outlines.drawn([]) == []


def test_geojson_winds_its_outer_rings_anticlockwise_and_reads_back() -> None:
    area = shapely.Polygon([(0, 0), (0, 1), (1, 1), (1, 0)])
    found = json.loads(json.dumps(outlines.geojson(shapely.MultiPolygon([area]))))
    assert found["type"] == "Polygon"
    assert shapely.is_ccw(shapely.LinearRing(found["coordinates"][0]))
    assert outlines.area_of(found).equals(area)


def test_points_are_counted_in_the_area_they_lie_in() -> None:
    areas = {"a": shapely.box(0, 0, 1, 1), "b": shapely.box(1, 0, 2, 1), "c": shapely.box(5, 5, 6, 6)}
    assert dict(outlines.lying(areas, [0.5, 0.6, 1.5], [0.5, 0.5, 0.5])) == {"a": 2, "b": 1}


def test_regions_are_spread_over_classes() -> None:
    assert shading.classes([]) == []
    assert shading.classes([3, 3, 7]) == [(3, 3), (7, 7)]
    found = shading.classes([float(one) for one in range(1, 101)])
    assert found == [(1, 20), (21, 40), (41, 60), (61, 80), (81, 100)]
    assert [shading.class_of(one, found) for one in (1, 20, 21, 100)] == [1, 1, 2, 5]
    # ties stay together, and every value has a class that holds it
    skewed = [1.0] * 50 + [2.0, 3.0, 4.0, 5.0, 900.0, 901.0]
    for value in skewed:
        least, greatest = shading.classes(skewed)[shading.class_of(value, shading.classes(skewed)) - 1]
        assert least <= value <= greatest
    assert [shading.written(one) for one in (1234.0, 0.5, 1234.567, -3.0)] == ["1,234", "0.5", "1,234.57", "-3"]
