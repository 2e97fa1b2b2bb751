"""Pages of exchange: the wizard, runs with their proofs, rejects and downloads that nobody's spreadsheet runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from factories import world
from factories.exchange import MAPPING, addressed, bind, collected, source
from factories.sharing import NOW, Circle
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.exchange.models import Binding
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.security import api as security
from zhengtong.toolkit import csv_text

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def circle(hub: str) -> Circle:
    return Circle()


@pytest.fixture
def department(database_url: str) -> str:
    source(database_url)
    return database_url


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_the_wizard_binds_a_table_and_never_keeps_the_password_in_the_session(circle: Circle, department: str) -> None:
    browser = world.signed_in(circle.keeper)
    at = f"/work/bindings/{circle.resource}/"
    assert browser.get(f"{at}table/")["Location"] == at
    refused = browser.post(at, {"url": "postgresql://a:b@127.0.0.1:9/d"})
    assert refused.status_code == 200
    assert "alert-danger" in refused.content.decode()
    assert browser.post(at, {"url": "file:///etc/passwd"}).status_code == 422
    assert browser.post(at, {"url": addressed(department)})["Location"] == f"{at}table/"
    assert "secret-word" not in json.dumps(dict(browser.session.items()), default=str)
    tables = browser.get(f"{at}table/").content.decode()
    assert "civil.dbdx" in tables
    assert browser.post(f"{at}table/", {"table": "civil\x1fdbdx"})["Location"] == f"{at}mapping/"
    page = browser.get(f"{at}mapping/").content.decode()
    assert '<option value="SFZH" selected>' in page
    assert "110105********" in page
    columns = {f"column_{key}": column for key, column in MAPPING.items()}
    data = {**columns, "mode": "incremental", "cursor": "GXSJ", "overlap": "10 minutes", "every": "60", "rules_sfzh": ["identity-number"]}
    data |= {"low_xm": "1", "high_xm": "20", "low_je": "0", "codes_qh": "370102,370201"}
    wrong = browser.post(f"{at}mapping/", {**data, "column_xm": ""})
    assert wrong.status_code == 422
    assert "没有对应的来源列" in wrong.content.decode()
    assert browser.post(f"{at}mapping/", {**data, "low_je": "many"}).status_code == 422
    assert browser.post(f"{at}mapping/", {**data, "look": "1"}).status_code == 200
    assert not Binding.objects.exists()
    assert browser.post(f"{at}mapping/", data)["Location"] == at
    row = Binding.objects.get()
    assert (row.mode, row.cursor, row.every_minutes) == ("incremental", "GXSJ", 60)
    assert {rule["kind"] for rule in row.rules} == {"identity-number", "length", "range", "code-list"}
    started = browser.post(f"{at}collect/")
    assert started["Location"].startswith("/work/runs/")
    assert browser.post(f"{at}schedule/", {"every": "7"}).status_code == 422
    assert browser.post(f"{at}schedule/", {"every": ""}).status_code == 302
    assert Binding.objects.get().every_minutes is None


def test_pages_open_for_the_right_people_alone(circle: Circle, department: str) -> None:
    run = collected(circle, department)
    keepers, watchers, everyone = {"keeper"}, {"keeper", "chief"}, {"keeper", "chief", "steward", "stranger"}
    wanted = {
        "/work/bindings/": everyone,
        "/work/runs/": everyone,
        "/work/fronts/": everyone,
        f"/work/bindings/{circle.resource}/": keepers,
        f"/work/runs/{run.id}/": watchers,
        f"/work/runs/{run.id}/progress/": watchers,
        f"/work/runs/{run.id}/receipt.json": watchers,
        f"/work/runs/{run.id}/rejects/": keepers,
        f"/work/runs/{run.id}/rejects.csv": keepers,
    }
    for who in sorted(everyone):
        browser = world.signed_in(getattr(circle, who))
        for address, right in wanted.items():
            answer = browser.get(address)
            assert (answer.status_code == 200) == (who in right), (who, address, answer.status_code)
            assert answer.status_code in {200, 403, 404}
    for address in wanted:
        assert Client().get(address)["Location"].startswith("/sign-in/")
    for act in ("stop", "retry"):
        assert world.signed_in(circle.chief).post(f"/work/runs/{run.id}/{act}/").status_code == 403


def test_progress_asks_for_itself_until_the_run_has_ended(circle: Circle, department: str) -> None:
    bind(circle, department)
    browser = world.signed_in(circle.keeper)
    run = exchange.start_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
    waiting = browser.get(f"/work/runs/{run}/progress/").content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    exchange.carry_out(run)
    ended = browser.get(f"/work/runs/{run}/progress/").content.decode()
    assert "hx-trigger" not in ended
    assert "读取 31 行,去向明确 31 行" in ended
    receipt = json.loads(browser.get(f"/work/runs/{run}/receipt.json").content)
    assert json.loads(receipt["payload"])["counts"]["read"] == 31
    assert browser.post(f"/work/runs/{run}/stop/").status_code == 409


def test_rejects_leave_harmless_and_with_a_trace(circle: Circle, department: str) -> None:
    run = collected(circle, department)
    browser = world.signed_in(circle.keeper)
    assert "identity-number:sfzh" in browser.get(f"/work/runs/{run.id}/rejects/").content.decode()
    text = body(browser.get(f"/work/runs/{run.id}/rejects.csv")).decode()
    assert "'=cmd()" in text
    assert ",=cmd()" not in text
    security.unfold()
    assert [
        one.rows for one in security.entries(security.EntryFilter(actor=circle.keeper.label)) if one.event == "exchange:rejects:downloaded"
    ] == [1]


def test_a_download_streams_what_the_grant_lets_out(circle: Circle, department: str) -> None:
    collected(circle, department)
    grant = circle.pushed(until=NOW.date().replace(year=2099))
    browser = world.signed_in(circle.steward)
    answer = browser.get(f"/share/grants/{grant}/download.csv?purpose=enrol")
    assert answer.status_code == 200
    content = body(answer)
    assert content.startswith(csv_text.MARK)
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[0].split(",")[1] == "姓名"
    assert len(lines) == 31
    assert all(line.split(",")[1].startswith("王*") for line in lines[1:])
    assert browser.get(f"/share/grants/{grant}/download.csv?purpose=other").status_code == 422
    assert world.signed_in(circle.keeper).get(f"/share/grants/{grant}/download.csv?purpose=enrol").status_code == 403
    assert world.signed_in(circle.stranger).get(f"/share/grants/{grant}/download.csv?purpose=enrol").status_code == 404
    sharing.suspend(actor=circle.chief, number=grant, reason="x", now=NOW)
    assert browser.get(f"/share/grants/{grant}/download.csv?purpose=enrol").status_code == 403


def test_a_push_is_made_run_changed_and_ended_by_pages(circle: Circle, department: str) -> None:
    collected(circle, department)
    grant = circle.pushed(until=NOW.date().replace(year=2099))
    browser = world.signed_in(circle.steward)
    assert "登记前置库" in browser.get(f"/share/grants/{grant}/push/").content.decode()
    front = {"office": circle.consumer.code, "name": "主前置库", "url": addressed(department), "schema": "public"}
    assert "连接正常" in browser.post("/work/fronts/", {**front, "test": "1"}).content.decode()
    assert browser.post("/work/fronts/", {**front, "schema": "nowhere"}).status_code == 422
    assert browser.post("/work/fronts/", front).status_code == 302
    assert "secret-word" not in browser.get("/work/fronts/").content.decode()
    target = exchange.front_databases(circle.steward)[0].id
    assert browser.post(f"/share/grants/{grant}/push/", {"front": target, "table": "Bad Name", "every": ""}).status_code == 422
    assert browser.post(f"/share/grants/{grant}/push/", {"front": target, "table": "people", "every": "60"}).status_code == 302
    push = exchange.push_of_grant(grant)
    assert push is not None
    started = browser.post(f"/work/pushes/{push.id}/run/")["Location"]
    assert exchange.carry_out(exchange.runs(circle.steward)[0].id) is exchange.RunState.FINISHED
    assert "已完成" in browser.get(started).content.decode()
    for change in ("stop", "resume"):
        assert browser.post(f"/work/pushes/{push.id}/change/", {"change": change}).status_code == 302
    assert "前置库里已有的数据不动" in browser.get(f"/work/pushes/{push.id}/end/").content.decode()
    assert browser.post(f"/work/pushes/{push.id}/end/").status_code == 302
    assert browser.post(f"/work/pushes/{push.id}/end/").status_code == 404
    assert browser.post(f"/work/fronts/{target}/remove/").status_code == 409


def test_the_list_of_runs_asks_no_more_for_many(circle: Circle, department: str) -> None:
    bind(circle, department)
    browser = world.signed_in(circle.keeper)

    def another() -> None:
        run = exchange.request_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
        exchange.stop(actor=circle.keeper, run_id=run, now=NOW)

    another()
    browser.get("/work/runs/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/work/runs/")
    for _ in range(6):
        another()
    with CaptureQueriesContext(connection) as many:
        browser.get("/work/runs/")
    assert len(many) <= len(few)


@pytest.mark.parametrize(
    ("value", "text"), [("=1+1", "'=1+1"), ("@x", "'@x"), ("-5", "'-5"), (-5, "-5"), (None, ""), (True, "true"), ("张三", "张三")]
)
def test_cells_are_never_formulas(value: object, text: str) -> None:
    assert csv_text.cell(value) == text
