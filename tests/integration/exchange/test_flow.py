"""From a department's table through the hub into a receiver's front database, with proofs at every step."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection

from factories import world
from factories.exchange import BAD, MAPPING, RULES, addressed, bind, collected, identity, source
from factories.sharing import NOW, Circle
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.exchange.models import Binding, FrontDatabase, Push, Run
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as accounts
from zhengtong.apps.foundation.security import api as security
from zhengtong.contracts import routing
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, NotFound
from zhengtong.toolkit.keys import node_keys

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def circle(hub: str) -> Circle:
    return Circle()


@pytest.fixture
def department(database_url: str) -> str:
    source(database_url)
    return database_url


def front(circle: Circle, url: str) -> int:
    with psycopg.connect(url) as target:
        target.execute("create schema if not exists inbox")
    return exchange.add_front_database(
        by=circle.steward, office=circle.consumer.code, name="主前置库", url=addressed(url), schema="inbox", now=NOW
    )


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as target:
        return target.execute(statement).fetchall()  # type: ignore[call-overload,no-any-return]


# ------------------------------------------------------------------ collect
def test_collecting_adds_up_and_keeps_what_was_refused(circle: Circle, department: str) -> None:
    run = collected(circle, department)
    assert run.counts == {"read": 31, "inserted": 30, "updated": 0, "unchanged": 0, "quarantined": 1, "duplicates": 0}
    [refused] = exchange.rejects(run, actor=circle.keeper)
    assert refused.rules == ["identity-number:sfzh"]
    assert BAD in refused.row.values()
    for who in (circle.chief, circle.steward):
        with pytest.raises(NotFound):
            exchange.rejects(run, actor=who)
    key = node_keys().trusted[run.receipt_key_id]
    assert key.verify(run.receipt.encode(), bytes.fromhex(run.receipt_signature))
    assert not key.verify(run.receipt.replace("30", "31").encode(), bytes.fromhex(run.receipt_signature))
    assert json.loads(run.receipt)["counts"]["read"] == 31
    bound = exchange.binding(circle.resource)
    assert bound is not None
    assert (bound.rows, bound.landed_at is not None) == (30, True)
    again = exchange.request_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
    exchange.carry_out(again)
    assert exchange.run(again, actor=circle.keeper).counts["unchanged"] == 30


def test_the_password_of_a_source_is_nowhere_to_be_read(circle: Circle, department: str) -> None:
    bind(circle, department)
    row = Binding.objects.get()
    assert "secret-word" not in f"{row.sealed_url}{row.place}"
    security.unfold()
    assert "secret-word" not in repr(security.entries(security.EntryFilter()))


@pytest.mark.parametrize(
    "changes",
    [
        {"table": "missing"},
        {"mapping": {**MAPPING, "xm": "NOPE"}},
        {"mapping": {key: value for key, value in MAPPING.items() if key != "xm"}},
        {"mode": "incremental", "cursor": "NOPE"},
        {"rules": [{"kind": "unheard-of", "item": "xm"}]},
        {"rules": [{"kind": "length", "item": "je", "most": 3}]},
        {"rules": [{"kind": "pattern", "item": "xm", "pattern": "("}]},
    ],
)
def test_a_binding_that_cannot_work_is_refused(circle: Circle, department: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        bind(circle, department, **changes)
    assert not Binding.objects.exists()


def test_addresses_of_the_platform_itself_and_secret_options_are_refused(circle: Circle, hub: str) -> None:
    for url in (addressed(hub), "postgresql://a:b@c/d?passfile=/etc/passwd", "file:///etc/passwd", "postgresql://host/db"):
        with pytest.raises(exchange.BadAddress):
            exchange.test_connection(actor=circle.keeper, office=circle.provider.code, url=url)
    report = exchange.test_connection(actor=circle.keeper, office=circle.provider.code, url="postgresql://a:b@127.0.0.1:9/d")
    assert not report.ok
    assert report.remedy


def test_only_the_providers_keepers_bind_and_collect(circle: Circle, department: str) -> None:
    for who in (circle.chief, circle.steward, circle.stranger):
        with pytest.raises(accounts.NotYours):
            exchange.bind_table(
                by=who, resource_id=circle.resource, wanted=exchange.TableBinding(addressed(department), "civil", "dbdx", MAPPING), now=NOW
            )
    bind(circle, department)
    with pytest.raises(accounts.NotYours):
        exchange.start_collect(by=circle.steward, resource_id=circle.resource, now=NOW)
    with pytest.raises(accounts.NotYours):
        exchange.set_schedule(actor=circle.steward, resource_id=circle.resource, every_minutes=5, now=NOW)


def test_asking_and_handing_to_the_worker_are_one(circle: Circle, department: str) -> None:
    bind(circle, department)
    run = exchange.start_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("select queue_name, args->>'run_id' from procrastinate_jobs where task_name = 'exchange.carry_out'")
        assert (("exchange", str(run))) in cursor.fetchall()
    with pytest.raises(exchange.RunOpen):
        exchange.start_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)


def test_a_run_is_stopped_and_done_again(circle: Circle, department: str) -> None:
    bind(circle, department)
    run = exchange.request_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
    with pytest.raises(accounts.NotYours):
        exchange.stop(actor=circle.steward, run_id=run, now=NOW)
    exchange.stop(actor=circle.keeper, run_id=run, now=NOW)
    assert exchange.carry_out(run) is exchange.RunState.STOPPED
    with pytest.raises(Conflict):
        exchange.stop(actor=circle.keeper, run_id=run, now=NOW)
    again = exchange.retry(actor=circle.keeper, run_id=run, now=NOW)
    assert exchange.carry_out(again) is exchange.RunState.FINISHED
    with pytest.raises(exchange.RunUnknown):
        exchange.retry(actor=circle.keeper, run_id=uuid.uuid4(), now=NOW)


def test_a_run_killed_while_stopping_does_not_block_the_next(circle: Circle, department: str) -> None:
    bind(circle, department)
    run = exchange.request_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
    Run.objects.filter(pk=run).update(state=exchange.RunState.STOPPING)
    assert exchange.carry_out(run) is exchange.RunState.STOPPED
    exchange.request_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)


def test_a_fault_of_ours_closes_the_run(circle: Circle, department: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bind(circle, department)
    run = exchange.request_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
    monkeypatch.setattr("zhengtong.apps.flow.exchange.operations.runs.run_job", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        exchange.carry_out(run)
    view = exchange.run(run, actor=circle.keeper)
    assert (view.state, view.failure["code"]) == ("failed", "run-broken")


def test_a_source_that_is_gone_names_its_provider(circle: Circle, department: str) -> None:
    bind(circle, department)
    with psycopg.connect(department) as there:
        there.execute("drop table civil.dbdx")
    run = exchange.request_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
    assert exchange.carry_out(run) is exchange.RunState.FAILED
    assert exchange.run(run, actor=circle.keeper).failure["party"] == "provider"
    assert exchange.failed_since(circle.keeper, since=clock.now() - timedelta(minutes=5)) == 1
    assert exchange.failed_since(circle.stranger, since=NOW) == 0


def test_incremental_runs_take_what_changed(circle: Circle, department: str) -> None:
    bind(circle, department, mode="incremental", cursor="GXSJ", overlap="10 minutes")
    exchange.carry_out(exchange.request_collect(by=circle.keeper, resource_id=circle.resource, now=NOW))
    with psycopg.connect(department) as there:
        there.execute("""update civil.dbdx set "XM" = '新名', "GXSJ" = now() + interval '1 hour' where "SFZH" = %s""", (identity(3),))
    run = exchange.request_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
    assert exchange.carry_out(run) is exchange.RunState.FINISHED
    assert exchange.run(run, actor=circle.keeper).counts["updated"] == 1


# ------------------------------------------------------------------ push
def test_a_push_lands_masked_scoped_and_with_a_receipt(circle: Circle, department: str) -> None:
    collected(circle, department)
    scope = [{"item": "qh", "operator": "eq", "values": ["370102"]}]
    answer = sharing.Answer(agree=True, masks={"xm": "name", "sjh": "phone", "csrq": "year"}, row_scope=scope)
    grant = circle.pushed(answer=answer)
    push = exchange.add_push(by=circle.steward, grant_number=grant, front_id=front(circle, department), table="people", now=NOW)
    run = exchange.request_push(by=circle.steward, push_id=push, now=NOW)
    assert exchange.carry_out(run) is exchange.RunState.FINISHED, exchange.run(run, actor=circle.steward).failure
    view = exchange.run(run, actor=circle.keeper)
    assert view.counts["inserted"] == 15
    assert node_keys().trusted[view.receipt_key_id].verify(view.receipt.encode(), bytes.fromhex(view.receipt_signature))
    found = {row[0]: row[1:] for row in rows(department, "select sfzh, xm, sjh, csrq, qh from inbox.people")}
    assert found[identity(3)] == ("王*", "138****0003", "1949", "370102")
    assert {row[-1] for row in found.values()} == {"370102"}
    assert sharing.grant(grant).delivered_at is not None
    security.unfold()
    [trace] = [one for one in security.entries(security.EntryFilter()) if one.event == "exchange:run:pushed" and one.grant == grant]
    assert trace.rows == 15


def test_nothing_is_pushed_without_a_grant_in_force(circle: Circle, department: str) -> None:
    collected(circle, department)
    grant = circle.pushed()
    target = front(circle, department)
    for who in (circle.keeper, circle.stranger):
        with pytest.raises((accounts.NotYours, NotFound)):
            exchange.add_push(by=who, grant_number=grant, front_id=target, table="people", now=NOW)
    push = exchange.add_push(by=circle.steward, grant_number=grant, front_id=target, table="people", now=NOW)
    with pytest.raises(Conflict):
        exchange.add_push(by=circle.steward, grant_number=grant, front_id=target, table="people", now=NOW)
    sharing.suspend(actor=circle.chief, number=grant, reason="超范围", now=NOW)
    run = exchange.request_push(by=circle.steward, push_id=push, now=NOW)
    assert exchange.carry_out(run) is exchange.RunState.FAILED
    assert exchange.run(run, actor=circle.steward).failure["code"] == "grant-not-in-force"
    with pytest.raises(exchange.GrantNotInForce):
        exchange.add_push(by=circle.steward, grant_number=grant, front_id=target, table="others", now=NOW)
    assert rows(department, "select to_regclass('inbox.people')") == [(None,)]


def test_a_push_rests_goes_on_and_ends(circle: Circle, department: str) -> None:
    grant = circle.pushed()
    target = front(circle, department)
    push = exchange.add_push(by=circle.steward, grant_number=grant, front_id=target, table="people", every_minutes=5, now=NOW)
    with pytest.raises(accounts.NotYours):
        exchange.end_push(actor=circle.keeper, push_id=push, now=NOW)
    exchange.set_push_active(actor=circle.steward, push_id=push, active=False, now=NOW)
    assert exchange.due(now=NOW + timedelta(hours=1)) == []
    with pytest.raises(NotFound):
        exchange.request_push(by=circle.steward, push_id=push, now=NOW)
    exchange.set_push_active(actor=circle.steward, push_id=push, active=True, now=NOW)
    exchange.schedule_push(actor=circle.steward, push_id=push, every_minutes=60, now=NOW)
    [run] = exchange.due(now=NOW + timedelta(hours=1))
    with pytest.raises(Conflict):
        exchange.end_push(actor=circle.steward, push_id=push, now=NOW)
    exchange.stop(actor=circle.steward, run_id=run, now=NOW)
    exchange.end_push(actor=circle.steward, push_id=push, now=NOW)
    assert exchange.push_of_grant(grant) is None
    assert [one.id for one in exchange.runs(circle.steward)] == [run]
    assert exchange.add_push(by=circle.steward, grant_number=grant, front_id=target, table="people", now=NOW) != push
    with pytest.raises(Conflict):
        exchange.remove_front_database(actor=circle.steward, front_id=target, now=NOW)
    assert Push.objects.count() == 2


def test_front_databases_belong_to_an_office(circle: Circle, department: str) -> None:
    with pytest.raises(accounts.NotYours):
        exchange.add_front_database(by=circle.keeper, office=circle.consumer.code, name="x", url=addressed(department), now=NOW)
    with pytest.raises(Invalid):
        exchange.add_front_database(
            by=circle.steward, office=circle.consumer.code, name="x", url=addressed(department), schema="no", now=NOW
        )
    target = front(circle, department)
    with pytest.raises(Conflict):
        front(circle, department)
    assert [one.name for one in exchange.front_databases(circle.steward)] == ["主前置库"]
    assert exchange.front_databases(circle.keeper) == []
    exchange.remove_front_database(actor=circle.steward, front_id=target, now=NOW)
    assert not FrontDatabase.objects.exists()


# ------------------------------------------------------------------ download
def test_a_download_is_masked_and_recorded_before_its_first_byte(circle: Circle, department: str) -> None:
    collected(circle, department)
    grant = circle.pushed()
    now = clock.now()
    found = exchange.download(actor=circle.steward, number=grant, purpose="enrol", now=now)
    security.unfold()
    events = [one.event for one in security.entries(security.EntryFilter()) if one.grant == grant and one.channel == "download"]
    assert events == ["exchange:download:read"]
    [batch] = list(found.batches)
    assert len(batch) == 30
    assert batch[0][found.heads.index("姓名")].endswith("*")
    security.unfold()
    [finished] = [
        one for one in security.entries(security.EntryFilter()) if one.event == "exchange:download:finished" and one.grant == grant
    ]
    assert (finished.rows, finished.outcome) == (30, "ok")
    assert sharing.grant(grant).delivered_at is not None


def test_a_download_broken_off_says_so(circle: Circle, department: str) -> None:
    collected(circle, department)
    grant = circle.pushed()
    found = exchange.download(actor=circle.steward, number=grant, purpose="enrol", now=clock.now())
    next(found.batches)
    found.batches.close()  # type: ignore[attr-defined]
    security.unfold()
    [ended] = [one for one in security.entries(security.EntryFilter()) if one.event == "exchange:download:finished" and one.grant == grant]
    assert ended.outcome == "broken-off"


def test_downloads_are_refused_without_right_purpose_or_force(circle: Circle, department: str) -> None:
    grant = circle.pushed()
    with pytest.raises(exchange.NothingToPush):
        exchange.download(actor=circle.steward, number=grant, purpose="enrol", now=clock.now())
    collected(circle, department)
    with pytest.raises(Invalid):
        exchange.download(actor=circle.steward, number=grant, purpose="curiosity", now=clock.now())
    for who in (circle.keeper, circle.head):
        with pytest.raises(accounts.NotYours):
            exchange.download(actor=who, number=grant, purpose="enrol", now=clock.now())
    with pytest.raises(sharing.GrantUnknown):
        exchange.download(actor=circle.stranger, number=grant, purpose="enrol", now=clock.now())
    for moment in (NOW - timedelta(days=30), NOW + timedelta(days=500)):
        with pytest.raises(exchange.GrantNotInForce):
            exchange.download(actor=circle.steward, number=grant, purpose="enrol", now=moment)
    sharing.suspend(actor=circle.chief, number=grant, reason="x", now=NOW)
    with pytest.raises(exchange.GrantNotInForce):
        exchange.download(actor=circle.steward, number=grant, purpose="enrol", now=clock.now())


# ------------------------------------------------------------------ routing
def snapshot() -> tuple[int, routing.Snapshot]:
    with connection.cursor() as cursor:
        cursor.execute("select version, payload, key_id, signature from routing_snapshot order by version desc limit 1")
        version, payload, key_id, signature = cursor.fetchone()
    assert node_keys().trusted[key_id].verify(payload.encode(), bytes(signature))
    return version, routing.decode(payload)


def test_a_snapshot_holds_what_is_granted_and_changes_only_with_it(circle: Circle, department: str) -> None:
    accounts.add_key(by=circle.steward, system_id=circle.system, algorithm="hmac-sha256", now=NOW)
    grant = circle.granted()
    first = exchange.publish(now=NOW)
    assert grant not in [sharing.grant(grant).number for _route in snapshot()[1].routes]
    collected(circle, department)
    second = exchange.publish(now=NOW)
    assert second == first + 1
    assert exchange.publish(now=NOW + timedelta(minutes=1)) == second
    _version, published = snapshot()
    [route] = published.routes
    assert route.state == "active"
    assert route.table.unique == ("sfzh",)
    assert [caller.id for caller in published.callers if caller.keys] == [circle.system]
    assert sharing.grant(grant).delivered_at == NOW
    sharing.suspend(actor=circle.chief, number=grant, reason="x", now=NOW)
    assert exchange.publish(now=NOW) == second + 1
    assert snapshot()[1].routes[0].state == "suspended"


def test_runs_of_one_moment_are_all_paged(circle: Circle, department: str) -> None:
    bind(circle, department)
    for _ in range(3):
        run = exchange.request_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
        exchange.stop(actor=circle.keeper, run_id=run, now=NOW)
    seen, after = [], ""
    while page := exchange.runs(circle.keeper, after=after, limit=1):
        seen.append(page[0].id)
        after = page[0].place
    assert len(set(seen)) == 3
    with pytest.raises(Invalid):
        exchange.runs(circle.keeper, after="nonsense")
    assert exchange.runs(world.official(accounts.Role.STEWARD)) == []


def test_the_database_itself_holds_the_counts_and_one_open_run(circle: Circle, department: str) -> None:
    bind(circle, department)
    exchange.request_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
    bound = Binding.objects.get()
    with pytest.raises(DatabaseError):
        Run.objects.create(kind="collect", binding=bound, mode="full", requested_by="x", queued_at=NOW)


# ------------------------------------------------------------------ the wizard's questions
def test_exploring_suggests_a_mapping_and_shows_masked_rows(circle: Circle, department: str) -> None:
    explored = exchange.explore(actor=circle.keeper, resource_id=circle.resource, url=addressed(department))
    assert explored.report.ok
    assert "secret-word" not in explored.token + explored.place
    facts: dict[str, Any] = {"actor": circle.keeper, "resource_id": circle.resource, "token": explored.token}
    assert [(one.schema, one.name) for one in exchange.source_tables(**facts)] == [("civil", "dbdx")]
    fit = exchange.fit(**facts, schema="civil", table="dbdx")
    suggested = {one.item: one.column for one in fit.suggestions}
    assert suggested["sfzh"] == "SFZH"
    assert suggested["je"] == "JE"
    sample = exchange.sample(**facts, schema="civil", table="dbdx", chosen=MAPPING)
    assert sample[0]["sfzh"].count("*") == 8
    assert sample[0]["xm"].endswith("*")
    assert sample[0]["csrq"] == "1949"
    with pytest.raises(exchange.SourceForgotten):
        exchange.source_tables(actor=circle.keeper, resource_id=circle.resource, token="tampered")
    other = world.official(accounts.Role.STEWARD, at=circle.provider)
    with pytest.raises(exchange.SourceForgotten):
        exchange.source_tables(actor=other, resource_id=circle.resource, token=explored.token)
    with pytest.raises(exchange.SourceForgotten):
        exchange.explore(actor=circle.keeper, resource_id=circle.resource, url="")
    wanted = exchange.TableBinding("", "civil", "dbdx", MAPPING, RULES)
    exchange.bind_explored(actor=circle.keeper, resource_id=circle.resource, token=explored.token, wanted=wanted, now=NOW)
    assert exchange.explore(actor=circle.keeper, resource_id=circle.resource, url="").place == explored.place
