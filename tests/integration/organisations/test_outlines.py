"""Outlines of regions: loaded by the system administrator or the command line, bad features in quarantine, and who may not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from factories import world
from factories.areas import collection, districts, feature, square
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.project.commands import regions

pytestmark = pytest.mark.django_db
BOW_TIE = [[[117.0, 36.0], [117.1, 36.1], [117.1, 36.0], [117.0, 36.1], [117.0, 36.0]]]


@pytest.fixture
def client() -> Client:
    return world.signed_in(world.official(duty=identity.Duty.SYSTEM))


def upload(client: Client, content: bytes) -> organisations.OutlineLoadView:
    answer = client.post("/manage/regions/outlines/load/", {"file": SimpleUploadedFile("outlines.geojson", content)})
    assert answer.status_code == 302, answer.content.decode()
    return organisations.outline_load(int(answer["Location"].split("/")[-2]))


def test_a_file_of_outlines_loses_no_feature(client: Client) -> None:
    districts(outlined=1)
    content = collection(
        feature("370101", square(1)),
        feature("370102", square(2)),
        feature("370103", BOW_TIE),
        feature("379999", square(4)),
        feature("370104", [[[36.0, 117.0], [36.1, 117.0], [36.1, 117.1], [36.0, 117.0]]]),
    )
    load = upload(client, content)
    assert (load.given, load.written, load.unchanged, load.refused) == (5, 1, 1, 3)
    assert [(place, code, rule) for place, code, rule, _where in load.refusals] == [
        (3, "370103", "crossing"),
        (4, "379999", "unknown"),
        (5, "370104", "swapped"),
    ]
    page = client.get(f"/manage/regions/outlines/loads/{load.id}/").content.decode()
    assert "经度和纬度写反了" in page
    assert "117.05 36.05" in page
    told = client.get(f"/manage/regions/outlines/loads/{load.id}/refused.csv").content.decode("utf-8-sig").splitlines()
    assert len(told) == 4
    assert set(organisations.outlines_of(["370101000000", "370102", "370103", "990000", "370199"])) == {"370101000000", "370102", "370103"}


def test_what_is_no_geojson_is_refused_on_the_page(client: Client) -> None:
    answer = client.post("/manage/regions/outlines/load/", {"file": SimpleUploadedFile("a.geojson", b"no")})
    assert answer.status_code == 422
    assert "文件不是 JSON" in answer.content.decode()


def test_only_the_system_administrator_may() -> None:
    wrong = [world.official(identity.Role.STEWARD), *(world.official(duty=one) for one in (identity.Duty.SECURITY, identity.Duty.AUDIT))]
    for official in wrong:
        with pytest.raises(organisations.NotRegistrar):
            organisations.take_outlines(collection(), actor=official, now=world.NOW)
        client = world.signed_in(official)
        for address in ("", "load/", "loads/1/", "loads/1/refused.csv"):
            assert client.get(f"/manage/regions/outlines/{address}").status_code == 403
    assert Client().get("/manage/regions/outlines/").status_code == 302


def test_the_command_takes_a_file_and_fails_where_something_was_refused(tmp_path: Path) -> None:
    districts(outlined=0)
    path = tmp_path / "outlines.json"
    path.write_bytes(collection(feature("370101", square(1)), feature("370199", square(2))))
    answer = CliRunner().invoke(regions.group, ["outlines", str(path), "--json"])
    assert answer.exit_code == 1
    found = json.loads(answer.stdout)
    assert (found["written"], found["refused"], found["refusals"][0]["rule"]) == (1, 1, "unknown")
    path.write_bytes(collection(feature("", square(1), dm="370101")))
    assert CliRunner().invoke(regions.group, ["outlines", str(path), "--property", "dm"]).exit_code == 0
