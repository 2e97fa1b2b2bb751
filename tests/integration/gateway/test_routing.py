"""Snapshots: only trusted, only newer, and what they change is in force at once."""

from __future__ import annotations

import asyncpg
import msgspec

from factories.gateway import RESOURCE, TABLE, World, identity, make_grant, until
from zhengtong.contracts import routing
from zhengtong.contracts.grants import GrantedItem, GrantState
from zhengtong.engines.crypto.signing import PrivateKey, Scheme

FIND = f"sfzh={identity(3)}"


def test_a_revoked_grant_moves_nothing_any_more(play):
    async def scenario(service):
        assert (await service.get(FIND)).status_code == 200
        await service.publish(service.world.route(make_grant(), state=GrantState.TERMINATED))
        assert (await service.get(FIND)).json()["code"] == "grant-terminated"
        await service.publish()
        assert (await service.get(FIND)).json()["code"] == "no-grant"

    play(scenario)


def test_what_did_not_change_is_not_compiled_again(play):
    async def scenario(service):
        await service.get(FIND)
        before = service.gateway.watch.current
        await service.publish(service.world.route(make_grant()), service.world.route(make_grant(number="G-0002", resource="other")))
        after = service.gateway.watch.current
        assert after.by_source["G-0001"] is before.by_source["G-0001"]
        assert after.callers["mz-app"] is before.callers["mz-app"]
        assert after.by_source["G-0002"].grant.resource == "other"

    play(scenario)


def test_a_stranger_cannot_publish(play):
    async def scenario(service):
        await service.world.publish(key=PrivateKey.generate(Scheme.ED25519))
        await until(lambda: service.gateway.metrics.snapshots_refused == 1, "refusal")
        assert service.gateway.watch.current.version == 1
        assert (await service.get(FIND)).status_code == 200
        await service.publish(service.world.route(make_grant(), state=GrantState.SUSPENDED))
        assert (await service.get(FIND)).json()["code"] == "grant-suspended"

    play(scenario)


def test_an_older_snapshot_under_a_newer_number_is_refused(play):
    async def scenario(service):
        connection = await asyncpg.connect(service.world.url)
        await service.publish(service.world.route(make_grant(), state=GrantState.TERMINATED))
        await connection.execute(
            "insert into routing_snapshot (version, payload, scheme, key_id, signature) "
            "select 99, payload, scheme, key_id, signature from routing_snapshot where version = 1"
        )
        await until(lambda: service.gateway.metrics.snapshots_refused == 1, "refusal")
        await connection.close()
        assert (await service.get(FIND)).json()["code"] == "grant-terminated"

    play(scenario)


def test_a_snapshot_of_another_node_is_refused(play):
    async def scenario(service):
        world: World = service.world
        snapshot = msgspec.structs.replace(world.snapshot(world.route(make_grant())), node="county")
        document = world.signed(routing.encode(snapshot))
        connection = await asyncpg.connect(world.url)
        await connection.execute(
            "insert into routing_snapshot (version, payload, scheme, key_id, signature) values ($1, $2, $3, $4, $5)",
            *(snapshot.version, document.payload, document.scheme, document.key_id, document.signature),
        )
        await connection.close()
        await until(lambda: service.gateway.metrics.snapshots_refused == 1, "refusal")
        assert service.gateway.watch.current.node == "city"

    play(scenario)


def test_a_grant_that_nobody_trusted_signed_is_left_out(play):
    async def scenario(service):
        world = service.world
        forged = world.route(make_grant(number="G-0666", resource="forged"), key=PrivateKey.generate(Scheme.ED25519))
        broken = world.route(make_grant(number="G-0667", resource="broken", items=(GrantedItem("nowhere"),)))
        stolen = world.route(make_grant(number="G-0668", resource="stolen"), key=world.gateway)  # the gateway's own key signs no grant
        await service.publish(world.route(make_grant()), forged, broken, stolen)
        assert service.gateway.metrics.grants_refused == 3
        assert (await service.get(FIND)).status_code == 200
        for resource in ("forged", "broken", "stolen"):
            assert (await service.get(path=f"/v1/resources/{resource}/rows")).json()["code"] == "no-grant"

    play(scenario)


def test_of_several_grants_the_purpose_chooses(play):
    from factories.gateway import Purpose

    async def scenario(service):
        world = service.world
        other = make_grant(number="G-0002", purposes=(Purpose("shenji", "审计"),), items=(GrantedItem("nl"),))
        late = make_grant(number="G-0003", purposes=(Purpose("shenji", "审计"),))
        await service.publish(world.route(make_grant()), world.route(late, state=GrantState.SUSPENDED), world.route(other))
        assert list((await service.get("limit=1", purpose="shenji")).json()["data"][0]) == ["nl"]
        assert len((await service.get("limit=1", purpose="dibao")).json()["data"][0]) == 7

    play(scenario)


def test_a_table_that_is_not_there_is_the_providers_fault(play):
    async def scenario(service):
        gone = msgspec.structs.replace(TABLE, name="gone")
        await service.publish(service.world.route(make_grant(), table=gone))
        for query in (FIND, "limit=3"):
            answer = await service.get(query)
            assert (answer.status_code, answer.json()["code"], answer.json()["party"]) == (503, "binding-broken", "provider")

    play(scenario)


def test_descriptions_show_the_grant_and_nothing_else(play):
    async def scenario(service):
        listed = (await service.get(path="/v1/resources")).json()["resources"]
        assert [entry["code"] for entry in listed] == [RESOURCE]
        schema = (await service.get(path=f"/v1/resources/{RESOURCE.replace('/', '%2F')}/schema")).json()
        assert [item["key"] for item in schema["items"]] == [item.key for item in make_grant().items]
        openapi = (await service.get(path=f"/v1/resources/{RESOURCE}/openapi.json")).json()
        assert openapi["openapi"] == "3.1.0"
        assert "remark" not in msgspec.json.encode([listed, schema, openapi]).decode()
        assert set(openapi["paths"]) == {f"/v1/resources/{RESOURCE}/rows", f"/v1/resources/{RESOURCE}/verify"}
        names = {parameter["name"] for parameter in openapi["paths"][f"/v1/resources/{RESOURCE}/rows"]["get"]["parameters"]}
        assert {"sfzh", "nl__in", "limit"} <= names
        assert "sfzh__gte" not in names
        assert [entry.event for entry in await service.entries()] == [
            "gateway:resources:listed",
            "gateway:schema:read",
            "gateway:schema:read",
        ]

    play(scenario)


def test_health_and_metrics(play):
    async def scenario(service):
        await service.get(FIND)
        assert (await service.client.get("/healthz")).json()["status"] == "ok"
        assert (await service.client.get("/readyz")).status_code == 200
        service.gateway.tracer.ready = False
        assert (await service.client.get("/readyz")).status_code == 503
        assert (await service.client.get("/healthz")).status_code == 200
        service.gateway.tracer.ready = True
        text = (await service.client.get("/metrics")).text
        assert 'zhengtong_gateway_calls_total{kind="rows",outcome="ok"} 1.0' in text
        assert "zhengtong_gateway_snapshot_version 1.0" in text

    play(scenario)
