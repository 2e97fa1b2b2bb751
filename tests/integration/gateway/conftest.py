"""A gateway in a little world, called through ASGI."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from factories.gateway import RESOURCE, World, make_grant, sign, until
from zhengtong.contracts.routing import Route
from zhengtong.contracts.traces import Entry
from zhengtong.gateway.app import GatewayApp
from zhengtong.gateway.service import Gateway

ROWS = f"/v1/resources/{RESOURCE}/rows"


@dataclass
class Running:
    """A gateway that runs, and a client of it."""

    world: World
    gateway: Gateway
    client: httpx.AsyncClient

    async def get(self, query: str = "", *, path: str = ROWS, headers: dict[str, str] | None = None, **signing: Any) -> httpx.Response:
        """A signed GET."""
        target = path + ("?" + query if query else "")
        return await self.client.get(target, headers=headers if headers is not None else sign(target, **signing))

    async def entries(self) -> list[Entry]:
        """Every entry so far, counted refusals among them; the chain is checked."""
        await self.gateway.flush()
        return await self.world.entries()

    async def publish(self, *routes: Route, **more: Any) -> None:
        """Publish a snapshot and wait until the gateway has it."""
        version = await self.world.publish(*routes, **more)
        await until(lambda: self.gateway.watch.current is not None and self.gateway.watch.current.version == version, "snapshot")


@contextlib.asynccontextmanager
async def running(world: World, **settings: Any) -> AsyncIterator[Running]:
    """Start a gateway, wait until it is ready, stop it."""
    gateway = Gateway(world.settings(**settings))
    await gateway.start()
    try:
        await until(lambda: gateway.ready, "ready")
        transport = httpx.ASGITransport(GatewayApp(gateway))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield Running(world, gateway, client)
    finally:
        await gateway.stop()


Scenario = Callable[[Running], Coroutine[Any, Any, None]]


@pytest.fixture
def play(database_url: str, tmp_path: Path) -> Callable[..., None]:
    """Run a scenario against a gateway that serves one grant; ``grant`` changes that grant, ``settings`` the gateway."""

    def run(
        scenario: Scenario, *, rows: int = 100, grant: dict[str, Any] | None = None, route: dict[str, Any] | None = None, **settings: Any
    ) -> None:
        async def script() -> None:
            world = World(database_url, tmp_path)
            await world.create(rows)
            await world.publish(world.route(make_grant(**(grant or {})), **(route or {})))
            async with running(world, **settings) as service:
                await scenario(service)

        asyncio.run(script())

    return run
