"""Whatever is killed, at whatever moment: no answer without a trace, no trace twice, and the gateway comes back by itself."""

from __future__ import annotations

import asyncio
import random
import shutil
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from factories.gateway import World, identity, make_grant, until
from zhengtong.gateway import tracing
from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres

from .conftest import Running, running

ROOT = Path(__file__).parents[3]


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that a test may crash."""
    folder = ROOT / "var" / f"crash-{uuid.uuid4().hex[:8]}"
    server = EmbeddedPostgres.under(folder)
    server.start({"shared_buffers": "'32MB'", "max_connections": "50", "max_wal_size": "'256MB'"})
    yield server
    server.stop("immediate")
    shutil.rmtree(server.root, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


class Load:
    """Callers who never stop asking, and what they got."""

    def __init__(self, service: Running) -> None:
        self.service = service
        self.answered: list[str] = []
        self.codes: Counter[str] = Counter()
        self.going = True

    async def caller(self, seed: int) -> None:
        chance = random.Random(seed)
        while self.going:
            answer = await self.service.get(f"sfzh={identity(chance.randrange(100))}")
            body = answer.json()
            self.codes[body.get("code", "ok")] += 1
            if answer.status_code == 200:
                self.answered.append(body["request_id"])
            else:
                assert (answer.status_code, body["party"]) == (503, "platform"), body
                await asyncio.sleep(0.01)

    async def answers(self, more: int) -> None:
        goal = len(self.answered) + more
        await until(lambda: len(self.answered) >= goal, "answers")


async def under_load(service: Running, disturb) -> None:
    load = Load(service)
    callers = [asyncio.create_task(load.caller(seed)) for seed in range(12)]
    await load.answers(50)
    await disturb(load)
    await load.answers(50)
    load.going = False
    await asyncio.gather(*callers)
    entries = await service.entries()
    reads = Counter(entry.id for entry in entries if entry.event == "gateway:rows:read" and entry.outcome == "ok")
    assert not set(load.answered) - set(reads), "answers without a trace"
    assert set(reads.values()) == {1}, "traces written twice"
    unanswered = sum(entry.detail["unanswered"] for entry in entries if entry.event == "gateway:trace:recovered")
    assert len(reads) - len(load.answered) <= unanswered


def test_lost_connections(play):
    async def scenario(service):
        async def disturb(load: Load) -> None:
            for _ in range(5):
                connection = await asyncpg.connect(service.world.url)
                await connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where datname = current_database() and application_name like 'zhengtong-gateway%'"
                )
                await connection.close()
                await load.answers(20)

        await under_load(service, disturb)

    play(scenario)


@pytest.mark.parametrize("patience", [5.0, 0.0])
def test_a_crashed_database(own_server, tmp_path, patience):
    async def script() -> None:
        world = World(own_server.url(), tmp_path)
        await world.create()
        await world.publish(world.route(make_grant()))
        async with running(world, trace_patience=patience or 0.05) as service:

            async def disturb(load: Load) -> None:
                for _ in range(2):
                    await asyncio.to_thread(own_server.stop, "immediate")
                    await until(lambda: not service.gateway.ready, "the gateway sees it")
                    await asyncio.to_thread(own_server.start)
                    await load.answers(30)

            await under_load(service, disturb)

    asyncio.run(script())


def test_a_block_in_doubt_is_found_when_it_was_committed(play, monkeypatch):
    """The connection breaks after the commit and before the answer: the block must not be written again."""

    async def scenario(service):
        tracer = service.gateway.tracer
        append = tracer._append

        class Broken:
            async def fetchval(self, *fields, **_):
                await append.fetchval(*fields)
                tracer._connection.terminate()
                raise ConnectionResetError

        tracer._append = Broken()
        answer = await service.get(f"sfzh={identity(3)}")
        assert answer.status_code == 200
        [entry] = await service.entries()
        assert entry.id == answer.json()["request_id"]

    play(scenario)


def test_a_block_in_doubt_is_sent_again_when_it_was_not(play):
    async def scenario(service):
        tracer = service.gateway.tracer

        class Broken:
            async def fetchval(self, *_, **__):
                tracer._connection.terminate()
                raise ConnectionResetError

        tracer._append = Broken()
        answer = await service.get(f"sfzh={identity(3)}")
        assert answer.status_code == 200
        assert [entry.id for entry in await service.entries()] == [answer.json()["request_id"]]

    play(scenario)


def test_nobody_is_answered_from_a_block_whose_chain_somebody_else_moved(play):
    async def scenario(service):
        connection = await asyncpg.connect(service.world.url)
        assert (await service.get(f"sfzh={identity(3)}")).status_code == 200
        await connection.execute("update ledger_chain set hash = repeat('a', 64)")
        answer = await service.get(f"sfzh={identity(3)}")
        assert (answer.status_code, answer.json()["code"]) == (503, "trace-unavailable")
        await connection.close()

    play(scenario)


def test_no_ledger_no_data_and_the_nonce_is_not_used_up(play):
    from factories.gateway import sign

    from .conftest import ROWS

    async def scenario(service):
        headers = sign(f"{ROWS}?sfzh={identity(3)}")
        service.gateway.tracer.ready = False
        refused = await service.get(f"sfzh={identity(3)}", headers=headers)
        assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "trace-unavailable", "1")
        service.gateway.tracer.ready = True
        assert (await service.get(f"sfzh={identity(3)}", headers=headers)).status_code == 200

    play(scenario)


def test_two_gateways_hold_two_chains(play):
    async def scenario(service):
        async with running(service.world) as other:
            assert other.gateway.tracer.chain == "gateway:city:1"
            assert service.gateway.tracer.chain == "gateway:city:0"
            await other.get(f"sfzh={identity(3)}")
            await service.get(f"sfzh={identity(3)}")
        assert len(await service.entries()) == 2
        async with running(service.world) as again:
            assert again.gateway.tracer.chain == "gateway:city:1"
            assert again.gateway.tracer._height == 1

    play(scenario)


def test_slots_differ_by_node():
    assert tracing._lock_number("city", 0) != tracing._lock_number("county", 0)
