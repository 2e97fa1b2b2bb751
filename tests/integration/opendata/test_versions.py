"""Versions: one snapshot in every form, made only when the content changed, and never half."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import timedelta
from xml.etree import ElementTree as ET

import openpyxl
import polars as pl
import psycopg
import pytest
from django.core.files.storage import default_storage

from factories.opening import Opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import Build, Dataset, DatasetVersion, VersionFile
from zhengtong.apps.flow.opendata.operations import filing, outcomes
from zhengtong.kernel import clock

pytestmark = pytest.mark.usefixtures("hub")


def content(number: int, version: int, name: str) -> bytes:
    view, _title = opendata.file(number, version, name)
    with default_storage.open(view.stored, "rb") as source:
        return bytes(source.read())


def test_all_forms_hold_the_same_rows_and_the_manifest_proves_it(opening: Opening) -> None:
    number = opening.opened()
    manifest = json.loads(content(number, 1, "manifest.json"))
    assert manifest["rows"] == 12
    assert manifest["key"] == ["dm"]
    by_name = {one["name"]: one for one in manifest["files"]}
    for name, one in by_name.items():
        data = content(number, 1, name)
        assert hashlib.sha256(data).hexdigest() == one["sha256"]
        assert len(data) == one["bytes"]
    rows = list(csv.DictReader(io.StringIO(content(number, 1, "data.csv").decode("utf-8-sig"))))
    assert [row["dm"] for row in rows] == [f"3701{place:02d}" for place in range(12)]
    assert {row["mj"] for row in rows} == {"12.50"}
    book = openpyxl.load_workbook(io.BytesIO(content(number, 1, "data.xlsx")))
    counts = {
        "data.csv": len(rows),
        "data.xlsx": book.worksheets[0].max_row - 1,
        "data.json": len(json.loads(content(number, 1, "data.json"))),
        "data.xml": len(ET.fromstring(content(number, 1, "data.xml"))),  # noqa: S314 - our own file
        "data.ttl": content(number, 1, "data.ttl").decode().count(" a :Row"),
        "data.parquet": pl.read_parquet(io.BytesIO(content(number, 1, "data.parquet"))).height,
    }
    assert set(counts.values()) == {12}
    assert {name: one["rows"] for name, one in by_name.items() if "rows" in one} == counts
    assert "行政区划名称" in content(number, 1, "dictionary.csv").decode("utf-8-sig")


def test_the_same_content_is_no_new_version(opening: Opening) -> None:
    number = opening.opened()
    first = Dataset.objects.get(pk=number).data_at
    assert opendata.follow(now=NOW) == 0
    opening.collect()
    assert opendata.follow(now=NOW) == 1
    assert opendata.follow(now=NOW) == 0
    assert opening.build() is opendata.BuildState.UNCHANGED
    row = Dataset.objects.get(pk=number)
    assert DatasetVersion.objects.count() == 1
    assert first is not None
    assert row.data_at is not None
    assert row.data_at > first


def test_changed_rows_make_a_version_with_the_difference_and_the_old_one_stays(opening: Opening) -> None:
    number = opening.opened()
    opening.change(
        "update civil.division set people = 5000 where code = '370103'; "
        "insert into civil.division values ('370199', '新区', null, 7000, 3.25, null)"
    )
    opendata.follow(now=NOW)
    assert opening.build() is opendata.BuildState.DONE
    view = opendata.dataset(number, now=NOW)
    assert (view.version.number, view.version.rows, view.version.delta) == (2, 13, {"added": 1, "removed": 0, "changed": 1})
    lines = list(csv.DictReader(io.StringIO(content(number, 2, "delta.csv").decode("utf-8-sig"))))
    assert {(line["_change"], line["dm"], line["rks"]) for line in lines} == {("added", "370199", "7000"), ("changed", "370103", "5000")}
    assert opendata.dataset(number, version=1, now=NOW).version.rows == 12
    assert len(json.loads(content(number, 1, "data.json"))) == 12


def test_data_that_fails_a_gate_leaves_the_old_version(opening: Opening) -> None:
    number = opening.opened()
    opening.change("update civil.division set name = '王13800001234' where code = '370103'")
    opendata.follow(now=NOW)
    assert opening.build() is opendata.BuildState.BLOCKED
    view = opendata.dataset(number, now=NOW)
    assert view.version.number == 1
    assert b"13800001234" not in content(number, 1, "data.csv")
    assert opendata.follow(now=NOW) == 0
    [found] = opendata.findings(number, {}, actor=opening.circle.approver)
    assert (found.finding.gate, found.may_pass) == ("mobile-phone", True)
    opendata.overrule(actor=opening.circle.approver, number=number, gate="mobile-phone", column="mc", reason="单位公开的值班电话", now=NOW)
    assert opening.build() is opendata.BuildState.DONE
    assert opendata.dataset(number, now=NOW).version.number == 2


def test_a_kill_in_the_middle_leaves_the_old_version_and_the_next_build_ends_the_work(
    opening: Opening, hub: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = opening.opened()
    opening.change("update civil.division set people = 1 where code = '370103'")
    opendata.follow(now=NOW)
    build = opening.open_build()

    class Killed(BaseException):
        """The process is gone."""

    def killed(*_arguments: object, **_facts: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(outcomes, "_keep", killed)  # files are in the store, the transaction has begun
        with pytest.raises(Killed):
            opendata.carry_out(build)
    assert opendata.dataset(number, now=NOW).version.number == 1
    stored = f"{filing.STORE}/{number}"
    assert len(default_storage.listdir(stored)[0]) == 2
    with psycopg.connect(hub) as other:
        other.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [f"opendata:{number}"])
        assert opendata.carry_out(build) is opendata.BuildState.RUNNING  # somebody is still at it
    later = clock.now() + timedelta(minutes=3)
    assert opendata.follow(now=later) == 1
    assert opening.build() is opendata.BuildState.DONE
    assert opendata.dataset(number, now=NOW).version.number == 2
    named = {one.split("/")[2] for one in VersionFile.objects.values_list("stored", flat=True)}
    assert set(default_storage.listdir(stored)[0]) == named


def test_progress_ends_full(opening: Opening) -> None:
    number = opening.opened()
    assert set(Build.objects.filter(dataset=number).values_list("progress", flat=True)) == {1000}


def test_downloads_are_counted_per_file_and_dataset(opening: Opening) -> None:
    number = opening.opened()
    view, _title = opendata.file(number, 1, "data.csv")
    for _time in range(2):
        opendata.count_download(view.id, today=NOW.date())
    assert opendata.file(number, 1, "data.csv")[0].downloads == 2
    assert opendata.dataset(number, now=NOW).downloads == 2
    assert opendata.figures() == {"datasets": 1, "offices": 1, "rows": 12, "downloads": 2}
