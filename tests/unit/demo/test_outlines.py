"""The outlines of the demo city: a tiling without gaps in which every town's places lie."""

from __future__ import annotations

import math

import shapely

from zhengtong.engines.geography import outlines as engine
from zhengtong.project.demo.opened import outlines, places
from zhengtong.project.demo.territory import YUNZHOU


def test_towns_tile_the_city_and_counties_are_their_towns() -> None:
    areas = outlines.areas()
    towns = {code: area for code, area in areas.items() if len(code) == 9}
    assert set(areas) == {"3799", *(one.code for one in YUNZHOU.counties), *(one.code for inside in YUNZHOU.towns for one in inside)}
    assert shapely.coverage_is_valid(list(towns.values()))
    assert math.isclose(sum(one.area for one in towns.values()), areas["3799"].area, rel_tol=1e-9)
    assert not areas["3799"].interiors
    assert all(one.geom_type == "Polygon" for one in areas.values())


def test_the_file_is_taken_whole() -> None:
    taken, refused = engine.sift(outlines.document(), known=set(outlines.areas()))
    assert (len(taken), refused) == (len(outlines.areas()), [])


def test_every_place_of_a_town_lies_in_the_town() -> None:
    areas = outlines.town_areas()
    for town in places.towns():
        corners = shapely.box(town.longitude - town.wide, town.latitude - town.high, town.longitude + town.wide, town.latitude + town.high)
        assert areas[town.code].contains(corners), town.name
        assert town.wide > 0.01, town.name
