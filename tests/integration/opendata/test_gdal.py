"""GDAL reads the portal's places unchanged: ogrinfo and ogr2ogr over the driver for OGC API - Features."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
from pytest_django.live_server_helper import LiveServer

from factories.areas import AREA, districts
from factories.opening import Opening
from factories.places import PLACE, placed_opening

pytestmark = pytest.mark.usefixtures("hub")
_SECONDS = 120


@pytest.fixture(autouse=True)
def gdal() -> None:
    if shutil.which("ogrinfo") is None:
        if os.environ.get("ZHENGTONG_REQUIRE_ALL"):
            pytest.fail("no ogrinfo; install Debian's gdal-bin")
        pytest.skip("no ogrinfo (Debian: gdal-bin)")


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


def summary(server: LiveServer, number: int, *options: str) -> str:
    return run("ogrinfo", "-ro", "-so", *options, f"OAPIF:{server.url}/open/ogc/collections/dataset-{number}", f"dataset-{number}")


def counted(text: str) -> int:
    found = re.search(r"Feature Count: (\d+)", text)
    assert found, text
    return int(found[1])


def test_points_with_types_a_box_and_more_than_one_page(hub: str, database_url: str, live_server: LiveServer, tmp_path: Path) -> None:
    opening = placed_opening(database_url)
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "insert into civil.division select '99' || lpad(n::text, 4, '0'), '第' || n || '号', '王小明', n, 1.25, '2026-06-01', "
            "110 + (n % 100) / 100.0, 30 + n / 1000.0 from generate_series(1, 1500) n"
        )
    opening.collect()
    number = opening.opened(place=PLACE)
    found = summary(live_server, number)
    assert counted(found) == 1512
    assert "Geometry: Point" in found
    types = dict(re.findall(r"^(\w+): (\w+) \(", found, re.MULTILINE))
    assert (types["dm"], types["rks"], types["mj"]) == ("String", "Integer", "Real")
    # the last one lies nowhere, and neither does it in a box
    assert counted(summary(live_server, number, "-spat", "109", "29", "111", "30.1005")) == 100
    # the driver asks for pages of a thousand, and follows the next link
    target = tmp_path / "rows.csv"
    run("ogr2ogr", "-f", "CSV", str(target), f"OAPIF:{live_server.url}/open/ogc/collections/dataset-{number}", f"dataset-{number}")
    with target.open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    assert len(rows) == len({one["dm"] for one in rows}) == 1512
    assert next(one for one in rows if one["dm"] == "990007")["mc"] == "第7号"


def test_areas_by_code(opening: Opening, live_server: LiveServer, tmp_path: Path) -> None:
    districts()
    number = opening.opened(place=AREA)
    found = summary(live_server, number)
    assert (counted(found), "Geometry: Polygon" in found) == (12, True)
    assert counted(summary(live_server, number, "-spat", "117.25", "36", "117.35", "37")) == 3
    # the file is read by the driver for GeoJSON, with as many features
    answer = tmp_path / "data.geojson"
    run("curl", "-sS", "-o", str(answer), f"{live_server.url}/open/datasets/{number}/versions/1/data.geojson")
    assert len(json.loads(answer.read_bytes())["features"]) == 12
    assert counted(run("ogrinfo", "-ro", "-so", str(answer), "data")) == 12


def test_the_service_lists_its_collections(hub: str, database_url: str, live_server: LiveServer) -> None:
    number = placed_opening(database_url).opened(place=PLACE)
    for address in ("open/ogc/", "open/ogc"):
        assert f"dataset-{number}" in run("ogrinfo", "-ro", f"OAPIF:{live_server.url}/{address}")
