"""What a grant's key opens of the row interface: the granted items, from one dataset, as long as the grant holds, never without a trace."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from django.db import connection

from factories.applying import Applying
from factories.opening import Opening, copies
from factories.sharing import NOW, days
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import OpenKey, Usage
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.rowquery import reading, statements
from zhengtong.gateway.app import AsgiCall
from zhengtong.gateway.calls import ClientGone
from zhengtong.gateway.moments import Moments
from zhengtong.gateway.open_rows import OpenRowsApp
from zhengtong.gateway.opendata import keys, streaming
from zhengtong.gateway.opendata.asking import asked
from zhengtong.gateway.opendata.desk import OpenDesk, OpenSettings
from zhengtong.gateway.opendata.fairness import Share
from zhengtong.gateway.opendata.traces import OwnTraces
from zhengtong.gateway.refusals import TraceUnavailable
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.environment import environment

EVERY = ("", "rows", "rows?format=csv", "rows?format=ndjson", "facets?items=dm", "aggregate", "schema", "openapi.json")


class Silent:
    """A ledger that is away."""

    async def commit(self, _entry: bytes) -> None:
        raise TraceUnavailable


class Reader:
    """Asks a desk of its own at a moment, with traces."""

    def __init__(self, url: str, *, at: datetime = NOW, share: Share | None = None) -> None:
        self.url, self.at, self.share = url, at, share or Share(per_second=0)

    def get(self, *paths: str, key: str = "", traces: Any = None, **more: str) -> list[httpx.Response]:
        async def asked() -> list[httpx.Response]:
            moments = Moments(lambda: int(self.at.timestamp() * 1_000_000_000))
            installation = environment()
            own = OwnTraces(url=self.url, keys=installation.keys, node=installation.node, moments=moments)
            desk = OpenDesk(OpenSettings(self.url, self.share), traces or own, moments)
            sent = {name: text.encode() for name, text in {**more, **({"authorization": f"Bearer {key}"} if key else {})}.items()}
            try:
                transport = httpx.ASGITransport(OpenRowsApp(desk))
                async with httpx.AsyncClient(transport=transport, base_url="http://open", headers=sent) as client:
                    return [await client.get(path) for path in paths]
            finally:
                await desk.close()
                await own.close()

        return asyncio.run(asked())

    def code(self, path: str, key: str, **more: Any) -> tuple[int, str]:
        """Status and code of a refusal, which has a remedy or names the field."""
        (answer,) = self.get(path, key=key, **more)
        told = answer.json()
        assert told.get("remedy") or told.get("field"), told
        return answer.status_code, told["code"]


@pytest.fixture
def applying(opening: Opening) -> Applying:
    return Applying(opening).granted()


@pytest.fixture
def reader(hub: str) -> Reader:
    return Reader(hub)


def path(number: int, rest: str = "rows") -> str:
    return f"/open/v1/datasets/{number}/{rest}"


def traces() -> list[Any]:
    security.unfold()
    found = security.entries(security.EntryFilter(), limit=500)
    return [one for one in found if one.event.startswith("opendata:granted:")][::-1]


def test_the_key_opens_the_granted_items_in_every_form(applying: Applying, reader: Reader) -> None:
    number, key = applying.dataset, applying.key
    rows, text, lines, facets, measured, schema, document, told = reader.get(
        *(
            path(number, one)
            for one in ("rows?limit=2&sort=-dm", "rows?format=csv", "rows?format=ndjson&dm=370103", "facets?items=dm&limit=1")
        ),
        *(path(number, one) for one in ("aggregate", "schema", "openapi.json", "")),
        key=key,
    )
    assert rows.json()["data"] == [{"dm": "370111"}, {"dm": "370110"}]
    assert rows.headers["cache-control"] == "no-store"
    assert "authorization" in rows.headers["vary"]
    assert [one["dm"] for one in csv.DictReader(io.StringIO(text.text))] == [f"3701{place:02d}" for place in range(12)]
    assert json.loads(lines.text) == {"dm": "370103"}
    assert facets.json()["facets"]["dm"]["values"][0]["value"] == "370100"
    assert measured.json()["data"] == [{"count": 12}]
    assert [one["key"] for one in schema.json()["columns"]] == ["_row", "dm"]
    assert "rks" not in document.text
    assert ([one["key"] for one in told.json()["columns"]], told.json()["granted"], told.json()["rows"]) == (["dm"], True, 12)


def test_what_was_not_granted_does_not_exist(applying: Applying, reader: Reader) -> None:
    """Neither shown, nor asked about: a filter would tell the values of a column that nobody granted."""
    asked = (
        *(
            "rows?rks__gte=1",
            "rows?fields=dm,rks",
            "rows?sort=rks",
            "rows?lxr=x",
            "rows?distinct=true&fields=mc",
            "rows?format=csv&fields=mc",
        ),
        *('rows?where={"item":"mc","op":"contains","value":"1"}', "facets?items=rks", "aggregate?measures=sum:rks", "aggregate?group=mc"),
    )
    for answer in reader.get(*(path(applying.dataset, one) for one in asked), key=applying.key):
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown-item"), answer.url
    assert [one.event for one in traces()] == []


def test_every_wrong_key_is_refused(applying: Applying, reader: Reader) -> None:
    for key in ("zt_wrong", applying.key[:-1], applying.key.upper(), "x" * 500, "zt_" + "y" * 500, applying.secret, "ztd_wrong", "ключ"):
        for answer in reader.get(*(path(applying.dataset, rest) for rest in EVERY), key=key):
            assert (answer.status_code, answer.json()["code"]) == (401, "key-refused"), key
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.json()["remedy"]
    for answer in reader.get(*(path(applying.dataset, rest) for rest in EVERY)):
        assert (answer.status_code, answer.json()["code"]) == (403, "dataset-conditional")
        assert answer.json()["remedy"].endswith("/apply/")
    (answer,) = reader.get(path(applying.dataset), authorization=f"Basic {applying.key}")
    assert answer.json()["code"] == "dataset-conditional"
    assert [one.event for one in traces()] == []


def test_another_datasets_key_opens_nothing(applying: Applying, reader: Reader) -> None:
    request = OpenKey.objects.get().grant.request
    (request.dataset_id,) = copies(applying.dataset, 1)
    request.save(update_fields=["dataset"])
    for answer in reader.get(*(path(applying.dataset, rest) for rest in EVERY), key=applying.key):
        assert (answer.status_code, answer.json()["code"]) == (401, "key-refused")


def expired(applying: Applying) -> datetime:
    return days(101)


def nothing(_applying: Applying) -> datetime:
    return NOW


def suspended(applying: Applying) -> datetime:
    circle = applying.opening.circle
    opendata.change_grant(actor=circle.chief, number=applying.number, act=opendata.RequestAct.SUSPEND, reason="超出用途", now=NOW)
    return NOW


def ended(applying: Applying) -> datetime:
    circle = applying.opening.circle
    opendata.change_grant(actor=circle.approver, number=applying.number, act=opendata.RequestAct.END, reason="查实转让", now=NOW)
    return NOW


def revoked(applying: Applying) -> datetime:
    opendata.revoke_key(number=applying.number, proven=applying.proven, key=OpenKey.objects.get().pk, now=NOW)
    return NOW


def replaced(applying: Applying) -> datetime:
    opendata.replace_key(number=applying.number, proven=applying.proven, now=NOW)
    return NOW + timedelta(days=7, seconds=1)


def withdrawn(applying: Applying) -> datetime:
    opendata.withdraw(actor=applying.opening.circle.approver, number=applying.dataset, reason="清单调整", now=NOW)
    return NOW


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (nothing, ""),
        (expired, "key-refused"),
        (suspended, "access-grant-stopped"),
        (ended, "access-grant-stopped"),
        (revoked, "key-refused"),
        (replaced, "key-refused"),
        (withdrawn, "dataset-gone"),
    ],
)
def test_rows_stop_when_files_do(applying: Applying, hub: str, change: Callable[[Applying], datetime], code: str) -> None:
    """The interface of rows and the door of the app have one answer, whatever became of the grant."""
    at = change(applying)
    try:
        opendata.admit(applying.key, applying.dataset, now=at)
        found = ""
    except ZhengtongError as exc:
        found = exc.code
    assert found == code
    for answer in Reader(hub, at=at).get(*(path(applying.dataset, rest) for rest in EVERY), key=applying.key):
        assert (answer.json()["code"] if answer.status_code != 200 else "") == code


def test_a_suspension_that_is_lifted_opens_again(applying: Applying, reader: Reader) -> None:
    suspended(applying)
    assert reader.code(path(applying.dataset), applying.key) == (403, "access-grant-stopped")
    circle = applying.opening.circle
    opendata.change_grant(actor=circle.chief, number=applying.number, act=opendata.RequestAct.RESUME, reason="已整改", now=NOW)
    assert reader.get(path(applying.dataset), key=applying.key)[0].status_code == 200


def test_every_answer_leaves_a_trace_and_a_refusal_none(applying: Applying, reader: Reader) -> None:
    answers = reader.get(
        *(path(applying.dataset, one) for one in ("rows?limit=5", "rows?format=csv", "facets?items=dm", "schema")), key=applying.key
    )
    grant = applying.seen().grant
    assert grant is not None
    found = traces()
    told = [(one.event.rpartition(":")[2], one.channel, one.rows, one.detail["kind"], one.outcome) for one in found]
    assert sorted(told) == sorted(
        [
            ("read", "lookup", 5, "rows", "ok"),
            ("read", "download", 0, "rows", "ok"),
            ("completed", "download", 12, "rows", "ok"),
            ("read", "lookup", 12, "facets", "ok"),
            ("read", "lookup", 0, "schema", "ok"),
        ]
    )
    assert {(one.grant, tuple(one.items), one.actor) for one in found} == {(grant.number, ("dm",), f"key:{OpenKey.objects.get().pk}")}
    assert {one.provider for one in found} == {applying.opening.circle.provider.code}
    assert answers[0].json()["request_id"] in {one.id for one in found}
    for personal in ("127.0.0.1", applying.key, "泉城数图", "赵经办", "13800001234"):
        assert not [one for one in found if personal in str(one)]


def test_without_a_trace_nothing_leaves(applying: Applying, reader: Reader) -> None:
    for answer in reader.get(*(path(applying.dataset, rest) for rest in EVERY), key=applying.key, traces=Silent()):
        assert (answer.status_code, answer.json()["code"]) == (503, "trace-unavailable")
        assert "370100" not in answer.text


def test_a_stream_ends_when_the_grant_does(applying: Applying, hub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that hands its rows over one by one, and a grant that is suspended after the third."""
    monkeypatch.setattr(streaming, "_BLOCK", 1)
    monkeypatch.setattr(streaming, "_LOOK_SECONDS", -1.0)
    number = applying.dataset
    sent: list[bytes] = []

    async def streamed() -> None:
        moments = Moments(lambda: int(NOW.timestamp() * 1_000_000_000))
        own = OwnTraces(url=hub, keys=environment().keys, node=environment().node, moments=moments)
        desk = OpenDesk(OpenSettings(hub, Share(per_second=0)), own, moments)
        headers = [(b"authorization", f"Bearer {applying.key}".encode())]
        call = AsgiCall({"method": "GET", "path": path(number), "query_string": b"format=csv", "headers": headers}, send)
        call.now_ns, call.request_id = moments.read(), "f" * 32
        question = asked(call)
        async with desk.lines.take() as line:
            found = await desk.tables.of(line, number, None, await keys.found(line, applying.key, now_ns=call.now_ns))
        stream = streaming.Stream(desk, call, question, found, ("dm",))

        async def copied(_copy: Any) -> None:
            for place in range(6):
                await stream._taken(f"3701{place:02d}\n".encode())
                if place == 2:
                    await asyncio.to_thread(suspended_elsewhere)

        monkeypatch.setattr(stream, "_copied", copied)
        try:
            with pytest.raises(ClientGone):
                await stream.send(statements.stream(found.table, reading.stream_question(found.table, []), "csv"), b"")
        finally:
            await desk.close()
            await own.close()

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))

    def suspended_elsewhere() -> None:
        suspended(applying)
        connection.close()

    asyncio.run(streamed())
    assert b"".join(sent) == b"dm\n370100\n370101\n370102\n"
    read, last = traces()
    assert (read.event, last.event, last.outcome) == ("opendata:granted:read", "opendata:granted:completed", "access-grant-stopped")
    assert last.rows == 4  # the fourth was on its way when the suspension was seen


def test_a_day_has_so_many_answers(applying: Applying, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhengtong.gateway.opendata.desk.GRANT_ANSWERS_A_DAY", 2)
    answers = reader.get(*[path(applying.dataset)] * 3, key=applying.key)
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "too-many"
    assert int(answers[2].headers["retry-after"]) > 0


def test_use_is_counted_for_the_holder_and_the_provider(applying: Applying, reader: Reader) -> None:
    reader.get(*[path(applying.dataset)] * 3, key=applying.key)
    reader.get(path(applying.dataset, "rows?nichts=1"), key=applying.key)
    opendata.give(key=applying.key, number=applying.dataset, name="data.csv", now=NOW)
    grant = applying.seen().grant
    assert grant is not None
    (day,) = grant.uses.days
    assert (day.day.isoformat(), day.answers, day.files, day.refused) == ("2026-06-10", 4, 1, 1)
    assert grant.uses.last_at == NOW
    for actor in (applying.opening.circle.keeper, applying.opening.circle.chief, applying.opening.circle.approver):
        seen = opendata.request(applying.number, actor=actor, now=NOW).grant
        assert seen is not None
        assert seen.uses == grant.uses
    assert not Usage.objects.filter(caller__contains="127.0.0.1").exists()


def test_guessing_keys_is_slowed_down_and_hurts_no_neighbour(applying: Applying, hub: str) -> None:
    reader = Reader(hub, share=Share())
    answers = reader.get(*[path(applying.dataset)] * 40, key="zt_" + "a" * 43)
    assert [one.status_code for one in answers] == [401] * 30 + [429] * 10


def test_an_open_dataset_needs_no_key_and_takes_one(opening: Opening, hub: str) -> None:
    number = opening.opened()
    assert Reader(hub).get(path(number))[0].status_code == 200
    assert Reader(hub).code(path(number), "zt_wrong") == (401, "key-refused")
