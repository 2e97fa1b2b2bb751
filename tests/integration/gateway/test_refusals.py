"""Every refusal has its own code, gives nothing away, and stands in the ledger."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from factories.gateway import ITEMS, RESOURCE, SECRET, Quota, identity, make_grant, national, sign
from zhengtong.contracts.grants import Channel, GrantedItem, GrantState, Mask
from zhengtong.engines.crypto.signing import PrivateKey, Scheme

from .conftest import ROWS

FIND = f"sfzh={identity(3)}"
VALID = ROWS + "?" + FIND


def mangled(**changes: str) -> dict[str, str]:
    """Signed headers, changed after signing."""
    return sign(VALID) | {name.replace("_", "-"): value for name, value in changes.items()}


UNIDENTIFIED = {
    "signature-missing": (401, {}),
    "signature-malformed": (400, {"signature-input": "nonsense", "signature": "sig=::"}),
    "signature-incomplete": (401, sign(VALID, components=("@method", "@path", "zhengtong-purpose"))),
    "unknown-key": (401, sign(VALID, key_id="k-none")),
    "key-expired": (401, sign(VALID, key_id="k-old")),
    "wrong-signature": (401, sign(VALID, secret=b"guess")),
    "signature-expired": (401, sign(VALID, created=1_700_000_000)),
}


@pytest.mark.parametrize("code", UNIDENTIFIED)
def test_strangers(play, code):
    status, headers = UNIDENTIFIED[code]

    async def scenario(service):
        answer = await service.get(FIND, headers=headers)
        body = answer.json()
        assert (answer.status_code, body["code"], body["party"]) == (status, code, "client")
        assert set(body) <= {"code", "party", "message", "request_id", "field", "remedy"}
        again = await service.get(FIND, headers=headers)
        assert again.json()["code"] == code
        counted = [entry for entry in await service.entries() if entry.outcome == code]
        assert {entry.event for entry in counted} == {"gateway:refusals:counted"}
        assert sum(entry.detail["count"] for entry in counted) == 2

    play(scenario)


@pytest.mark.parametrize(
    "change",
    [
        {"path": ROWS + "?" + FIND.replace("3", "4")},
        {"headers": {"zhengtong-purpose": "yanglao"}},
        {"method": "POST"},
    ],
)
def test_what_is_signed_cannot_be_changed(play, change):
    async def scenario(service):
        headers = sign(VALID) | change.get("headers", {})
        answer = await service.client.request(change.get("method", "GET"), change.get("path", VALID), headers=headers)
        assert answer.json()["code"] in {"wrong-signature", "wrong-method"}

    play(scenario)


def test_a_call_counts_once(play):
    async def scenario(service):
        headers = sign(VALID)
        answers = [await service.get(FIND, headers=headers) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 409, 409]
        assert answers[1].json()["code"] == "replayed"
        old = national()
        first, second = await service.get(FIND, headers=old | {"zhengtong-purpose": "dibao"}), await service.get("nl=1", headers=old)
        assert (first.status_code, second.json()["data"]["code"]) == (200, "replayed")
        entries = await service.entries()
        assert sum(entry.detail["count"] for entry in entries if entry.outcome == "replayed") == 3

    play(scenario)


def test_a_body_is_bound_to_its_digest(play):
    path = f"/v1/resources/{RESOURCE}/verify"
    body = msgspec.json.encode({"key": {"sfzh": identity(3)}, "match": {"nl": "3"}})

    async def scenario(service):
        headers = sign(path, method="POST", body=body)
        changed = await service.client.post(path, content=body.replace(b'"3"', b'"4"'), headers=headers)
        assert changed.json()["code"] == "digest-mismatch"
        headers = sign(path, method="POST", body=body, components=("@method", "@target-uri", "zhengtong-purpose"))
        uncovered = await service.client.post(path, content=body, headers=headers)
        assert uncovered.json()["code"] == "signature-incomplete"

    play(scenario)


@pytest.mark.parametrize("name", ["zhengtong-purpose", "signature-input", "host"])
def test_a_header_that_decides_must_not_come_twice(play, name):
    async def scenario(service):
        headers = sign(VALID) | {"host": "gateway"}
        lines = [*headers.items(), (name, headers[name])]
        answer = await service.client.get(VALID, headers=lines)
        assert answer.json()["code"] == "duplicate-header"

    play(scenario)


PAST, FUTURE = datetime(2021, 1, 1, tzinfo=UTC), datetime(2089, 1, 1, tzinfo=UTC)
IDENTIFIED: dict[str, tuple[int, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    # code: status, changes to the grant, changes to the route, the call
    "no-grant": (403, {}, {}, {"path": "/v1/resources/999999/rows"}),
    "grant-suspended": (403, {}, {"state": GrantState.SUSPENDED}, {}),
    "grant-terminated": (403, {}, {"state": GrantState.TERMINATED}, {}),
    "grant-expired": (403, {"not_after": PAST}, {}, {}),
    "grant-not-yet": (403, {"not_before": FUTURE}, {}, {}),
    "wrong-channel": (403, {"channels": (Channel.PUSH,)}, {}, {}),
    "purpose-missing": (400, {}, {}, {"purpose": None}),
    "purpose-malformed": (400, {}, {}, {"purpose": "dibao;why=curious"}),
    "purpose-refused": (403, {}, {}, {"purpose": "marketing"}),
    "foreign-item": (403, {}, {}, {"query": "bz=1"}),
    "not-filterable": (403, {}, {}, {"query": "xm=1"}),
    "masked-range": (403, {}, {}, {"query": "sfzh__gte=1"}),
    "bad-query": (400, {}, {}, {"query": "limit=none"}),
    "bad-value": (400, {}, {}, {"query": "nl=abc"}),
    "filter-required": (400, {"required_filters": ("sfzh",)}, {}, {"query": "nl=3"}),
    "too-many-filters": (400, {}, {}, {"query": "nl__in=" + ",".join(["1"] * 101)}),
    "page-too-large": (400, {}, {}, {"query": "limit=21"}),
    "bad-cursor": (400, {}, {}, {"query": "limit=2&after=a256gcm.x.y"}),
    "not-acceptable": (406, {}, {}, {"extra": {"accept": "image/png"}}),
    "wrong-method": (405, {}, {}, {"path": f"/v1/resources/{RESOURCE}/verify"}),
}


@pytest.mark.parametrize("code", IDENTIFIED)
def test_known_callers(play, code):
    status, grant, route, call = IDENTIFIED[code]
    call = dict(call)
    query = call.pop("query", FIND)

    async def scenario(service):
        answer = await service.get(query, **call)
        body = answer.json()
        assert (answer.status_code, body["code"]) == (status, code)
        assert "data" not in body
        refused = [entry for entry in await service.entries() if entry.outcome == code]
        assert len(refused) == 1
        if code != "wrong-method":
            assert refused[0].actor == "caller:mz-app"
            assert refused[0].id == body["request_id"]

    play(scenario, grant=grant, route=route)


def test_the_network_decides(play):
    async def scenario(service):
        caller = msgspec.structs.replace(service.world.callers[0], networks=("10.0.0.0/8",))
        await service.publish(service.world.route(make_grant()), callers=(caller,))
        answer = await service.get(FIND)
        assert (answer.status_code, answer.json()["code"]) == (403, "network-refused")
        caller = msgspec.structs.replace(caller, networks=("10.0.0.0/8", "127.0.0.0/8"))
        await service.publish(service.world.route(make_grant()), callers=(caller,))
        assert (await service.get(FIND)).status_code == 200

    play(scenario)


def test_the_service_id_must_fit_the_resource(play):
    async def scenario(service):
        answer = await service.get(FIND, headers=national(sid="s_other") | {"zhengtong-purpose": "dibao"})
        assert answer.json()["data"]["code"] == "service-mismatch"

    play(scenario)


def test_the_days_quota_ends_and_survives_a_restart(play):
    async def scenario(service):
        from .conftest import running

        assert [(await service.get(FIND)).status_code for _ in range(3)] == [200, 200, 200]
        answer = await service.get(FIND)
        assert (answer.status_code, answer.json()["code"]) == (429, "quota-exhausted")
        assert int(answer.headers["retry-after"]) > 0
        async with running(service.world) as other:
            assert (await other.get(FIND)).json()["code"] == "quota-exhausted"
        counted = [entry for entry in await service.entries() if entry.outcome == "quota-exhausted"]
        assert {(entry.actor, entry.grant) for entry in counted} == {("caller:mz-app", "G-0001")}

    play(scenario, grant={"quota": Quota(per_second=1000, per_day=3, page_rows=10)})


def test_the_rate_is_held(play):
    async def scenario(service):
        at = time.time_ns()
        service.gateway.moments.time_ns = lambda: at
        answers = await asyncio.gather(*(service.get(FIND) for _ in range(8)))
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [200] * 5 + [429] * 3
        assert {answer.json()["code"] for answer in answers if answer.status_code == 429} == {"rate-exceeded"}

    play(scenario, grant={"quota": Quota(per_second=5, per_day=100, page_rows=10)})


def test_cursors_are_not_transferable(play):
    async def scenario(service):
        first = (await service.get("limit=5&nl__gte=1")).json()["next"]
        assert (await service.get(f"limit=7&nl__gte=1&after={first}")).status_code == 200
        for query in ("limit=5&nl__gte=2", "limit=5", "limit=5&nl__gte=1&fields=nl"):
            assert (await service.get(f"{query}&after={first}")).json()["code"] == "bad-cursor"
        turned = first[:-3] + ("AAA" if not first.endswith("AAA") else "BBB")
        assert (await service.get(f"limit=5&nl__gte=1&after={turned}")).json()["code"] == "bad-cursor"
        assert identity(5) not in first

    play(scenario)


def test_a_stranger_cannot_fill_the_ledger(play):
    async def scenario(service):
        for _ in range(50):
            await service.get(FIND, headers={})
        entries = await service.entries()
        assert sum(entry.detail["count"] for entry in entries) == 50
        assert len(entries) < 10

    play(scenario)


@pytest.mark.parametrize("algorithm", ["hmac-sm3", "ed25519", "sm2-sm3"])
def test_every_algorithm_opens_the_door_to_its_own_key_only(play, algorithm):
    async def scenario(service):
        world = service.world
        key_id, secret, digest = {
            "hmac-sm3": ("k-sm3", SECRET, "sm3"),
            "ed25519": ("k-ed", world.ed25519, ""),
            "sm2-sm3": ("k-sm2", world.sm2, ""),
        }[algorithm]
        stated = f';alg="{algorithm}"'
        good = await service.get(FIND, key_id=key_id, secret=secret, digest=digest, parameters=stated)
        assert good.status_code == 200, good.text
        stranger: bytes | PrivateKey = b"guess" if isinstance(secret, bytes) else PrivateKey.generate(Scheme(secret.scheme))
        bad = await service.get(FIND, key_id=key_id, secret=stranger, digest=digest)
        assert bad.json()["code"] == "wrong-signature"
        confused = await service.get(FIND, key_id=key_id, secret=secret, digest=digest, parameters=';alg="hmac-sha256"')
        assert confused.json()["code"] == "signature-malformed"

    play(scenario)


def test_an_unfilterable_type_is_said_to_be_so(play):
    items = (*ITEMS, GrantedItem("bz", Mask.NONE, filterable=True))
    from factories.gateway import TABLE

    columns = tuple(msgspec.structs.replace(column, type="jsonb") if column.key == "bz" else column for column in TABLE.columns)

    async def scenario(service):
        assert (await service.get("bz=1")).json()["code"] == "not-filterable"

    play(scenario, grant={"items": items}, route={"table": msgspec.structs.replace(TABLE, columns=columns)})
