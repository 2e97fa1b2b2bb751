"""The ledger's pages: who sees what, paging, searches about a person, checks, exports."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries, Settings

from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel import clock

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 2, 0, 0, 123456, tzinfo=UTC)
NUMBER = "11010519491231002X"


def act(event: str = "sharing:grant:issued", *, minutes: int = 0, **facts: Any) -> None:
    security.record(event, at=NOW + timedelta(minutes=minutes), **{"actor": "process:test", **facts})


def audit_client() -> Client:
    return world.signed_in(world.official(duty=identity.Duty.AUDIT))


def rows(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/manage/ledger/?{query}")
    assert answer.status_code == 200
    return [row.id for row in answer.context["page"].rows]


def test_an_office_auditor_sees_only_what_concerns_their_office() -> None:
    mine, other = world.office(), world.office()
    for number, (office, provider) in enumerate([(mine, other), (other, mine), (other, other)]):
        act("sharing:test:made", minutes=number, office=office.code, provider=provider.code)
    security.unfold()
    auditor = world.auditor(mine)
    seen = security.search(auditor, security.EntryFilter(event="sharing:test:"))
    assert [(row.office, row.provider) for row in seen] == [(other.code, mine.code), (mine.code, other.code)]
    (hidden,) = security.entries(security.EntryFilter(event="sharing:test:", office=(other.code,), provider=(other.code,)))
    place = {"chain": hidden.chain, "height": hidden.height, "position": hidden.position}
    with pytest.raises(security.EntryUnknown):
        security.find(auditor, **place)
    client = world.signed_in(auditor)
    assert len(rows(client, "event=sharing:test:")) == 2
    assert client.get(f"/manage/ledger/entries/{hidden.chain}/{hidden.height}/0/").status_code == 404
    assert not rows(client, f"event=sharing:test:&office={other.code}&provider={other.code}")
    for page in ("checks/", "exports/", "heads/"):
        assert client.get(f"/manage/ledger/{page}").status_code == 403
    assert len(rows(audit_client(), "event=sharing:test:")) == 3


def test_those_without_the_duty_or_the_role_read_nothing() -> None:
    wrong = [world.official(identity.Role.STEWARD), world.official(duty=identity.Duty.SYSTEM), world.official(duty=identity.Duty.SECURITY)]
    for someone in wrong:
        for refused in (
            lambda someone=someone: security.search(someone, security.EntryFilter()),
            lambda someone=someone: security.find(someone, chain="control", height=1, position=0),
            lambda someone=someone: security.read_about(reader=someone, digest="ab" * 16, now=NOW),
            lambda someone=someone: security.export_csv(reader=someone, wanted=security.EntryFilter(), now=NOW),
            lambda someone=someone: security.ask_check(reader=someone, now=NOW),
            lambda someone=someone: security.ask_export(reader=someone, now=NOW),
            lambda someone=someone: security.open_export(reader=someone, export_id=1, now=NOW),
            lambda someone=someone: security.checks(someone),
            lambda someone=someone: security.exports(someone),
            lambda someone=someone: security.heads(someone),
        ):
            with pytest.raises(security.NotAuditor):
                refused()
    client = world.signed_in(wrong[0])
    for address in ("", "subjects/", f"subjects/{'ab' * 16}/", "checks/1/"):
        assert client.get(f"/manage/ledger/{address}").status_code == 403
        assert Client().get(f"/manage/ledger/{address}")["Location"].startswith("/sign-in/")
    assert client.post("/manage/ledger/entries.csv").status_code == 403


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("event=sharing:look", 1),
        ("outcome=no-grant", 1),
        ("resource=307/1", 1),
        ("caller=enrol", 1),
        ("account=li.na", 1),
        ("grant=G-1", 1),
        ("purpose=enrolment", 1),
        ("case=C-9", 1),
        ("event=sharing:&since=2026-06-11", 0),
        ("event=sharing:&since=2026-06-10&until=2026-06-10", 2),
        ("event=sharing:&until=2026-06-09", 0),
        ("event=sharing:&since=nonsense", 2),
    ],
)
def test_every_condition_of_the_search_counts(query: str, count: int) -> None:
    act("sharing:lookup:made", resource="307/1", actor="caller:enrol", grant="G-1", purpose="enrolment", case="C-9")
    act("sharing:verify:made", resource="307/2", actor="account:li.na", outcome="no-grant")
    security.unfold()
    assert len(rows(audit_client(), query)) == count


def test_pages_follow_each_other_without_loss_or_repetition(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(123):
        act("sharing:page:made", minutes=number // 50)  # many at one moment
    security.unfold()
    client = audit_client()
    seen: list[str] = []
    query = "event=sharing:page:"
    while query:
        answer = client.get(f"/manage/ledger/?{query}")
        seen += [row.id for row in answer.context["page"].rows]
        query = answer.context["page"].next
    assert len(seen) == len(set(seen)) == 123
    with django_assert_num_queries(1):
        security.entries(security.EntryFilter(event="sharing:page:"), limit=51)
    assert client.get("/manage/ledger/?after=x|y").status_code == 422


def test_an_entry_shows_its_block_and_whether_it_is_sound() -> None:
    act("sharing:one:made", office="X", detail={"note": "原文"})
    act("sharing:two:made")
    security.unfold()
    client = audit_client()
    (row,) = security.entries(security.EntryFilter(event="sharing:one:"))
    address = f"/manage/ledger/entries/control/{row.height}/0/"
    answer = client.get(address)
    assert "均成立" in answer.content.decode()
    assert json.loads(answer.context["place"].document)["detail"] == {"note": "原文"}
    assert answer.context["place"].after == row.height + 1
    with connection.cursor() as cursor:
        cursor.execute("alter table ledger_block disable trigger user")
        cursor.execute("update ledger_block set body = body || ' ' where chain = 'control' and height = %s", [row.height])
    assert "核验不通过" in client.get(address).content.decode()
    assert client.get("/manage/ledger/entries/control/99999/0/").status_code == 404


def test_a_search_about_a_person_keeps_the_number_out_of_everything(caplog: pytest.LogCaptureFixture) -> None:
    digest = security.subject_digest("person", NUMBER)
    act("gateway:rows:read", subjects=(digest,), rows=1)
    security.unfold()
    client = audit_client()
    answer = client.post("/manage/ledger/subjects/", {"kind": "person", "number": NUMBER.lower()})
    assert answer["Location"] == f"/manage/ledger/subjects/{digest}/"
    page = client.get(answer["Location"])
    assert len(page.context["page"].rows) == 1
    security.unfold()
    (noted,) = security.entries(security.EntryFilter(event="ledger:subject:searched"))
    assert noted.subjects == [digest]
    bad = client.post("/manage/ledger/subjects/", {"kind": "person", "number": NUMBER + "9"})
    assert bad.status_code == 422
    for text in (page.content.decode(), bad.content.decode(), caplog.text, str(security.entries(security.EntryFilter(), limit=500))):
        assert NUMBER not in text
        assert NUMBER[:17] not in text
    assert client.get("/manage/ledger/subjects/nodigest/").status_code == 422


def test_a_company_has_another_digest_than_a_person() -> None:
    code = world.credit_code("91370000123456789")
    assert security.digest_of_number("company", code) != security.digest_of_number("person", NUMBER)
    assert security.digest_of_number("company", f" {code.lower()} ") == security.subject_digest("company", code)


def test_csv_is_bounded_recorded_and_holds_no_formula() -> None:
    for number in range(4):
        act("sharing:csv:made", minutes=number, purpose="=cmd|' /C calc'!A0", case="-1+1")
    security.unfold()
    client = audit_client()
    answer = client.post("/manage/ledger/entries.csv", {"event": "sharing:csv:"})
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(table) == 4
    assert table[0]["purpose"] == "'=cmd|' /C calc'!A0"
    assert table[0]["case"] == "'-1+1"
    reader = world.official(duty=identity.Duty.AUDIT)
    short = security.export_csv(reader=reader, wanted=security.EntryFilter(event="sharing:csv:"), now=NOW, limit=2)
    assert len(short.splitlines()) == 3
    security.unfold()
    noted = security.entries(security.EntryFilter(event="ledger:entries:exported"))
    assert sorted(row.rows for row in noted) == [2, 4]
    assert noted[0].detail["asked"] == {"event": "sharing:csv:"}


def test_a_check_runs_in_the_background_and_keeps_its_findings() -> None:
    act()
    client = audit_client()
    answer = client.post("/manage/ledger/checks/")
    page = answer["Location"]
    assert client.post("/manage/ledger/checks/")["Location"] == page  # two presses, one check
    assert "等待" in client.get(page).content.decode()
    (job,) = ProcrastinateJob.objects.filter(task_name=security.CHECK_TASK)
    security.run_check(check_id=job.args["check_id"], clock=clock.now)
    assert "完成" in client.get(page, headers={"HX-Request": "true"}).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("alter table ledger_block disable trigger user")
        cursor.execute("update ledger_block set body = body || ' ' where chain = 'control' and height = 1")
    page = client.post("/manage/ledger/checks/")["Location"]
    security.run_check(check_id=int(page.split("/")[-2]), clock=clock.now)
    assert "散列不符" in client.get(page).content.decode()
    assert "发现 1 处问题" in client.get("/manage/ledger/checks/").content.decode()


def test_a_check_that_breaks_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    auditor = world.official(duty=identity.Duty.AUDIT)
    check_id = security.ask_check(reader=auditor, now=NOW)

    def broken() -> None:
        raise RuntimeError

    monkeypatch.setattr("zhengtong.apps.foundation.security.queries.chain_heads", broken)
    with pytest.raises(RuntimeError):
        security.run_check(check_id=check_id, clock=clock.now)
    assert security.check(auditor, check_id).state == "failed"


def test_an_export_is_made_downloaded_and_verifies_elsewhere(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    act()
    client = audit_client()
    assert client.post("/manage/ledger/exports/").status_code == 302
    (job,) = ProcrastinateJob.objects.filter(task_name=security.EXPORT_TASK)
    export_id = job.args["export_id"]
    assert client.post(f"/manage/ledger/exports/{export_id}/download/").status_code == 404  # not yet
    security.run_export(export_id=export_id, clock=clock.now)
    assert "下载" in client.get("/manage/ledger/exports/").content.decode()
    answer = client.post(f"/manage/ledger/exports/{export_id}/download/")
    packed = b"".join(answer.streaming_content)  # type: ignore[arg-type]
    zipfile.ZipFile(io.BytesIO(packed)).extractall(tmp_path / "out")
    folder = tmp_path / "out/ledger"
    run = subprocess.run([sys.executable, "-I", folder / "verify_ledger.py", folder], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    security.unfold()
    assert [row.event for row in security.entries(security.EntryFilter(event="ledger:export:"))] == [
        "ledger:export:downloaded",
        "ledger:export:made",
        "ledger:export:asked",
    ]
    assert world.signed_in(world.auditor(world.office())).post(f"/manage/ledger/exports/{export_id}/download/").status_code == 403


def test_heads_are_listed_for_the_audit_administrator() -> None:
    act()
    answer = audit_client().get("/manage/ledger/heads/")
    assert [head.chain for head in answer.context["heads"]] == ["control"]


def test_offices_are_named_in_one_query_and_found_by_name() -> None:
    client = audit_client()
    offices = [world.office(f"云州市第{word}局") for word in "甲乙丙丁"]
    for number, office in enumerate(offices):
        act("sharing:named:made", minutes=number, office=office.code, provider=offices[0].code)
    act("sharing:named:made", minutes=9, office="not-an-office")
    security.unfold()
    with CaptureQueriesContext(connection) as few:
        client.get(f"/manage/ledger/?event=sharing:named:&office={offices[0].code}")
    with CaptureQueriesContext(connection) as many:
        page = client.get("/manage/ledger/?event=sharing:named:").content.decode()
    assert len(many) == len(few)
    for office in offices:
        assert office.name in page
        assert office.code in page
    assert "not-an-office" in page
    assert len(rows(client, "event=sharing:named:&office=第丙局")) == 1
    assert len(rows(client, "event=sharing:named:&office=云州市第")) == 4
    assert len(rows(client, f"event=sharing:named:&provider={offices[0].code.lower()}")) == 4
    nobody = client.get("/manage/ledger/?event=sharing:named:&office=没有这个局").content.decode()
    assert "没有名称含这几个字的单位" in nobody
