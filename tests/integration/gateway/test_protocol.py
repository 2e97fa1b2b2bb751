"""The gateway's own HTTP/1.1, over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import uvicorn
from uvicorn.server import ServerState

from factories.gateway import district, identity, sign, until
from zhengtong.gateway.app import GatewayApp
from zhengtong.gateway.protocol import HttpProtocol

from .conftest import ROWS, Running


@contextlib.asynccontextmanager
async def listening(service: Running) -> AsyncIterator[tuple[int, ServerState]]:
    """Listen on a free port with the gateway's protocol."""
    config = uvicorn.Config(GatewayApp(service.gateway), http=HttpProtocol, interface="asgi3", proxy_headers=False, log_config=None)
    config.load()
    state = ServerState()
    state.default_headers = [(b"date", b"Sun, 01 Mar 2026 00:00:00 GMT")]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: HttpProtocol(config, state, {}), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], state
    finally:
        server.close()
        for connection in list(state.connections):
            connection.shutdown()


def request(target: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """A request as it stands on the wire."""
    lines = {"host": "gateway", **(headers if headers is not None else sign(target, method=method, body=body))}
    if body:
        lines["content-length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """One answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    if headers.get("transfer-encoding") == "chunked":
        parts = []
        while size := int(await reader.readline(), 16):
            parts.append((await reader.readexactly(size + 2))[:-2])
        await reader.readline()
        return int(head[0].split()[1]), headers, b"".join(parts)
    return int(head[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


FIND = f"{ROWS}?sfzh={identity(3)}"


def test_answers_one_after_the_other_on_one_connection(play):
    async def scenario(service):
        async with listening(service) as (port, state):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(3):
                writer.write(request(FIND))
                status, headers, body = await answer(reader)
                assert (status, headers["date"], headers["cache-control"]) == (200, "sun, 01 mar 2026 00:00:00 gmt", "no-store")
                assert json.loads(body)["data"][0]["nl"] == 3
            writer.close()
            assert state.total_requests == 3

    play(scenario)


def test_pipelined_requests_are_answered_in_their_order(play):
    async def scenario(service):
        async with listening(service) as (port, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            numbers = [number for number in range(40) if district(number).startswith("1101")]
            writer.write(b"".join(request(f"{ROWS}?sfzh={identity(number)}&fields=nl") for number in numbers))
            found = [json.loads((await answer(reader))[2])["data"][0]["nl"] for _ in numbers]
            assert found == numbers
            writer.close()

    play(scenario)


def test_bytes_may_come_one_by_one(play):
    async def scenario(service):
        async with listening(service) as (port, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            body = json.dumps({"key": {"sfzh": identity(3)}, "match": {"nl": "3"}}).encode()
            path = ROWS.replace("/rows", "/verify")
            for byte in request(path, method="POST", body=body):
                writer.write(bytes([byte]))
                await writer.drain()
            assert json.loads((await answer(reader))[2])["result"] is True
            writer.close()

    play(scenario)


def test_streams_come_in_chunks_and_the_connection_stays(play):
    async def scenario(service):
        async with listening(service) as (port, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(2):
                headers = sign(ROWS, extra={"accept": "application/x-ndjson"})
                writer.write(request(ROWS, headers=headers))
                status, _, body = await answer(reader)
                assert (status, len(body.splitlines())) == (200, 2_700)
            writer.close()

    play(scenario, rows=3_000)


def test_a_client_that_leaves_during_a_stream_is_in_the_ledger(play):
    async def scenario(service):
        async with listening(service) as (port, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request(ROWS, headers=sign(ROWS, extra={"accept": "text/csv"})))
            await reader.readuntil(b"\r\n\r\n")
            writer.transport.abort()
            await until(lambda: not service.gateway._tasks, "the stream ends")
            [completed] = [entry for entry in await service.entries() if entry.event == "gateway:rows:completed"]
            assert completed.outcome == "client-gone"
            assert completed.rows < 54_000
        assert (await service.get(f"sfzh={identity(3)}")).status_code == 200

    play(scenario, rows=60_000)


async def broken(service, data: bytes, *, status: int, code: str) -> None:
    async with listening(service) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        got, headers, body = await answer(reader)
        assert (got, json.loads(body)["code"], headers["connection"]) == (status, code, "close")
        assert await reader.read() == b""
        writer.close()
    assert any(entry.outcome == code for entry in await service.entries())


def test_what_is_too_large_ends_the_connection(play):
    async def scenario(service):
        await broken(service, b"GET /" + b"a" * 9_000, status=413, code="too-large")
        await broken(service, b"GET / HTTP/1.1\r\nx: " + b"a" * 30_000, status=413, code="too-large")
        await broken(service, b"GET / HTTP/1.1\r\n" + b"x: a\r\n" * 10_000, status=413, code="too-large")
        long = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 70000\r\n\r\n" + b"a" * 70_000
        await broken(service, long, status=413, code="too-large")

    play(scenario)


def test_what_is_not_http_ends_the_connection(play):
    async def scenario(service):
        await broken(service, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", status=400, code="not-http")
        smuggled = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET"
        await broken(service, smuggled, status=400, code="not-http")

    play(scenario)


def test_the_end_waits_for_what_is_in_flight(play):
    async def scenario(service):
        async with listening(service) as (port, state):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            idle_reader, idle_writer = await asyncio.open_connection("127.0.0.1", port)
            await until(lambda: len(state.connections) == 2, "both are connected")
            writer.write(request(f"{ROWS}?limit=20&nl__gte=0"))
            await until(lambda: any(connection._current for connection in state.connections), "a call is in flight")
            for connection in list(state.connections):
                connection.shutdown()
            assert await idle_reader.read() == b""
            status, headers, _ = await answer(reader)
            assert (status, headers["connection"]) == (200, "close")
            assert await reader.read() == b""
            writer.close()
            idle_writer.close()

    play(scenario)


def test_a_client_that_asks_to_be_closed_is(play):
    async def scenario(service):
        async with listening(service) as (port, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request("/healthz", headers={"connection": "close"}))
            assert (await answer(reader))[0] == 200
            assert await reader.read() == b""
            writer.close()

    play(scenario)
