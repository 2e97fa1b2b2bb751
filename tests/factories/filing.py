"""A citizen, an item with a form, sources that are granted, and a small HTTP server that stands for the gateway."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from factories import people, sharing, world
from factories import services as service_items
from factories.cases import text_of
from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.citizens import api as citizens
from zhengtong.apps.affairs.citizens.models import Person
from zhengtong.apps.affairs.filing import api as filing
from zhengtong.apps.affairs.filing.operations import asking
from zhengtong.apps.affairs.services import api as services
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.sharing import api as grants
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts.grants import Channel
from zhengtong.kernel.parties import Party, PartyKind
from zhengtong.toolkit.environment import environment

NOW = world.NOW
PURPOSE = "service-filing"
GARBAGE, NOTHING, SLOW = "garbage", "nothing", "slow"


@dataclass
class Gateway:
    """
    Answers look-ups as it is told: rows by resource, or a status, garbage, nothing (the line is cut), or nothing in time.

    ``asked`` keeps the queries and purposes that came.
    """

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    says: dict[str, int | str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, list[str]], str]] = field(default_factory=list)
    delay: float = 0.0
    url: str = ""

    def count(self, resource: str) -> int:
        return sum(one == resource for one, _query, _purpose in self.asked)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        resource = unquote(parts.path.removeprefix("/v1/resources/").removesuffix("/rows"))
        self.asked.append((resource, parse_qs(parts.query), handler.headers["zhengtong-purpose"]))
        assert handler.headers["signature"]
        time.sleep(self.delay)
        told = self.says.get(resource, 200)
        if told == NOTHING:
            handler.close_connection = True
            return
        if told == SLOW:
            time.sleep(1.2)
        status = told if isinstance(told, int) else 200
        body = self._page(resource) if status == 200 else {"code": _CODES.get(status, "unexpected")}

        text = b"<html>Bad day</html>" if told == GARBAGE else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("content-length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def _page(self, resource: str) -> dict[str, Any]:
        return {"data": self.rows.get(resource, []), "next": None, "request_id": f"r{len(self.asked):06d}"}


_CODES = {403: "grant-suspended", 404: "not-found", 429: "rate-exceeded", 401: "unknown-key"}


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """A server on this machine that the platform takes for its gateway."""
    there = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there.answer(self)

        def log_message(self, *_given: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    there.url = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setattr(asking, "environment", lambda: replace(environment(), gateway_url=there.url))
    monkeypatch.setattr(asking, "SECONDS", 0.8)
    # review lets forms name resources that have data; the rows of these lie in the server above
    monkeypatch.setattr(exchange, "bound_resources", catalog.published_ids)
    yield there
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Town:
    """An office that takes filings, sources that the platform is granted, and the process that cases run on."""

    gateway: Gateway

    def __post_init__(self) -> None:
        self.desk = service_items.desk()
        self.circle = sharing.Circle(provider=world.office("市公安局"), bureau=self.desk.city.bureau)
        identity.add_key(by=self.circle.steward, system_id=self.circle.system, algorithm="hmac-sha256", now=NOW)
        filing.connect(by="process:test", system=self.circle.system, purpose=PURPOSE, now=NOW)
        self.sources: dict[str, str] = {}
        self.publish_process("promised")

    def publish_process(self, name: str) -> None:
        code, version = cases.take_process(actor=self.desk.approver, file=text_of(name), now=NOW)
        lanes = cases.lanes(cases.template(code, version).process)
        cases.assign_lanes(actor=self.desk.approver, code=code, offices=dict.fromkeys(lanes, ""), posts={}, now=NOW)
        cases.publish_process(actor=self.desk.approver, code=code, now=NOW)

    def source(self, name: str, **changes: Any) -> str:
        """A resource that filing may look up; its code."""
        resource = sharing.resource(self.circle.provider, name=name)
        answer = grants.Answer(agree=True, masks={})
        facts = {"purpose_code": PURPOSE, "purpose": "办理政务服务事项", "channels": (Channel.LOOKUP,), **changes}
        self.circle.granted(resource=resource, answer=answer, **facts)
        code = catalog.resource(resource).code
        self.sources[name] = code
        return code

    def item(self, form: dict[str, Any], **changes: Any) -> services.ItemView:
        facts: dict[str, Any] = {"materials": (), "process": "promised", **changes}
        return self.desk.published(form=form, **facts)

    def staff(self) -> dict[str, identity.Actor]:
        """Who works on cases in the office that takes filings."""
        role = identity.Role
        return {one.value: world.official(one, at=self.desk.office) for one in (role.CLERK, role.HANDLER, role.APPROVER)}


def person(name: str = "张小明", born: date = date(1990, 5, 17)) -> citizens.PersonView:
    """A citizen whose name has been checked, whatever the register of this test."""
    made = citizens.register(stated=people.stated(people.number(born), name), address="10.0.0.9", now=NOW)
    Person.objects.filter(pk=made.id).update(checked_at=NOW, next_check_at=None)
    return citizens.person_of_account(made.account_id)


def filer(who: citizens.PersonView, **changes: Any) -> filing.Filer:
    facts: dict[str, Any] = {
        "account_id": who.account_id,
        "label": who.label,
        "party": who.party,
        "digest": who.digest,
        "channel": "2",
        "contact": who.phone,
    }
    return filing.Filer(**{**facts, **changes})


def company() -> Party:
    return Party(PartyKind.COMPANY, world.credit_code("91370100MA3C0000X"), "泉城数图科技有限公司")


def source(resource: str, item: str, **more: str) -> dict[str, Any]:
    return {"x-from": {"resource": resource, "item": item, **more}}


def simple_form(resource: str) -> dict[str, Any]:
    """Two pages: who applies (one locked field, one that may be corrected), and what for."""
    return {
        "type": "object",
        "title": "老年人优待证办理",
        "properties": {
            "name": {"type": "string", "format": "cn-name", "title": "姓名", **source(resource, "xm"), "x-lock": True},
            "phone": {"type": "string", "format": "cn-phone", "title": "联系电话", **source(resource, "sjh")},
            "why": {"type": "string", "format": "lines", "title": "申请事由"},
            "living": {"type": "boolean", "title": "是否独居"},
        },
        "required": ["name", "phone", "why"],
        "x-pages": [
            {"key": "who", "title": "申请人", "fields": ["name", "phone"]},
            {"key": "what", "title": "申请事由", "fields": ["why", "living"]},
        ],
    }


def answered(who: filing.Filer, item: str, *, now: datetime = NOW, **values: Any) -> Any:
    """A draft in which everything has been said; its public number."""
    public = filing.begin(filer=who, item_code=item, now=now)
    filing.save(filer=who, public=public, values={"why": "行动不便", **values}, now=now)
    return public
