"""Interfaces beside the rows are asked fairly too: by address, and by a developer's key."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.gateway.open_rows import FairBeside
from zhengtong.gateway.opendata.desk import OpenDesk, OpenSettings
from zhengtong.gateway.opendata.fairness import Share

from .test_developers import Holder

SCARCE = Share(per_second=0.001, burst=2, at_once=2)


async def _served(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await asyncio.sleep(0.05)
    await send({"type": "http.response.body", "body": scope["path"].encode()})


def _asked(url: str, *paths: str, at_once: bool = False, bound: float = 20.0, **headers: str) -> list[httpx.Response]:
    async def asked() -> list[httpx.Response]:
        desk = OpenDesk(OpenSettings(url, Share(per_second=bound)))
        transport = httpx.ASGITransport(FairBeside(desk, _served, SCARCE))
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://open", headers=headers) as client:
                if at_once:
                    return list(await asyncio.gather(*(client.get(path) for path in paths)))
                return [await client.get(path) for path in paths]
        finally:
            await desk.close()

    return asyncio.run(asked())


@pytest.mark.parametrize(
    "path", ["/api/3/action/package_list", "/datastore/dump/1", "/open/ogc/collections", "/open/catalog.ttl", "/data.json"]
)
def test_an_address_has_its_share_and_reads_how_much_is_left(hub: str, path: str) -> None:
    first, second, third = _asked(hub, path, path, path)
    assert [first.status_code, second.status_code, third.status_code] == [200, 200, 429]
    assert (first.headers["ratelimit-remaining"], first.headers["ratelimit-policy"]) == ("1", "2;w=2000")
    assert int(third.headers["retry-after"]) > 0
    assert third.json()["code"] == "rate-exceeded"
    assert third.json()["remedy"]


def test_only_so_many_questions_are_open_at_once(hub: str) -> None:
    answers = _asked(hub, *["/data.json"] * 8, at_once=True)
    assert sorted(one.status_code for one in answers) == [200] * 2 + [429] * 6


def test_pages_are_not_counted_and_a_platform_without_bounds_counts_nothing(hub: str) -> None:
    assert {one.status_code for one in _asked(hub, *["/open/"] * 5)} == {200}
    assert {one.status_code for one in _asked(hub, *["/data.json"] * 5, bound=0)} == {200}


def test_a_developers_key_raises_the_rate_and_is_counted(hub: str) -> None:
    holder = Holder()
    key = holder.key()
    answers = _asked(hub, *["/api/3/action/package_list"] * 5, authorization=f"Bearer {key}")
    assert [one.status_code for one in answers] == [200] * 5
    assert [one.status_code for one in _asked(hub, *["/data.json"] * 4, authorization=key)] == [200] * 4  # as ckanapi sends it
    (day,) = holder.seen().uses.days
    assert day.answers == 9


def test_a_key_that_does_not_work_is_refused_and_guessing_is_slow(hub: str) -> None:
    holder = Holder()
    key = holder.key()
    view = holder.seen()
    opendata.revoke_developer_key(**holder.mine, key=view.keys[0].id)
    (answer,) = _asked(hub, "/data.json", authorization=f"Bearer {key}")
    assert (answer.status_code, answer.json()["code"]) == (401, "key-refused")
    answers = _asked(hub, *["/data.json"] * 40, authorization="Bearer ztd_guess")
    assert {one.status_code for one in answers} == {401, 429}
