"""
The interface for docked systems: their open visits, what somebody applied with, their acts.

Signed as calls of the gateway are (RFC 9421, a shared secret of the system); threat model in ``operations.docking``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.affairs.cases import api
from zhengtong.apps.affairs.cases.rest.description import DESCRIPTION
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.crypto.requests import Unsigned, check, content_digest, stated
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid, ZhengtongError

_LARGEST = 256 * 1024


class SystemUnproven(ZhengtongError):
    """请求没有有效的签名。"""

    code = "signature-refused"
    status = 401


class Document(msgspec.Struct, forbid_unknown_fields=True):
    """A document of the result, by reference."""

    name: str
    reference: str
    source: str = "10"


class Given(msgspec.Struct, forbid_unknown_fields=True):
    """The body of an act."""

    act: str
    kind: str
    revision: int
    outcome: str = ""
    reason: str = ""
    missing: list[str] = []
    lapsed: bool = False
    procedure: str = ""
    documents: list[Document] = []


def _proven(request: HttpRequest) -> api.DockedCaller:
    now, body = clock.now(), request.body
    headers = {name.lower(): value for name, value in request.headers.items()}
    if len(body) > _LARGEST:
        raise Invalid("请求超过 256 KB", field="body")
    try:
        one = stated(headers, body=body)
        found = identity.key_to_check(one.key_id, at=now)
        if found is None:
            raise SystemUnproven(field="keyid", remedy="核对密钥标识,或更换密钥")
        system, _office, key = found
        query = request.META.get("QUERY_STRING", "")
        check(one, key, headers, method=request.method or "", path=request.path, query=query, body=body)
    except Unsigned as exc:
        raise SystemUnproven(field="signature", remedy="按 RFC 9421 签名,覆盖方法、路径、查询、用途和内容摘要") from exc
    if body and headers.get("content-digest") != content_digest(body):
        raise SystemUnproven("内容摘要与内容不符。", field="content-digest", remedy="重新计算摘要")
    if abs(now.timestamp() - one.created) > api.SIGNATURE_WINDOW:
        raise SystemUnproven("签名的时间不在允许的范围内。", field="created", remedy="核对时钟")
    if not headers.get("zhengtong-purpose", "").strip():
        raise SystemUnproven("缺少用途。", field="zhengtong-purpose", remedy="写明用途")
    networks = [ipaddress.ip_network(text) for text in identity.system(system).networks]
    if networks and not any(ipaddress.ip_address(request.META.get("REMOTE_ADDR") or "::") in network for network in networks):
        raise SystemUnproven("这个地址不在系统允许的网段里。", field="address", remedy="由本单位登记网段")
    who = api.docked_caller(system)
    if who is None:
        raise SystemUnproven("这个系统没有对接。", field="keyid", remedy="由数据局办理对接")
    if not api.use_nonce(one.key_id, one.nonce, now=now):
        raise SystemUnproven("这个签名已经用过。", field="nonce", remedy="每个请求用新的 nonce")
    return who


def _answering(view: Callable[..., dict[str, Any]]) -> Callable[..., HttpResponseBase]:
    """A view of a proven system; refusals as JSON."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        try:
            return JsonResponse(view(request, _proven(request), **parts))
        except api.RevisionOld as refusal:
            return JsonResponse({**refusal.as_dict(), "revision": refusal.revision}, status=refusal.status)
        except ZhengtongError as refusal:
            return JsonResponse(refusal.as_dict(), status=refusal.status)

    return answered


@require_GET
@_answering
def visits(request: HttpRequest, who: api.DockedCaller) -> dict[str, Any]:
    """What is open at the system's office, by id."""
    if request.GET.get("open") != "1":
        raise Invalid("只列出在办的环节", field="open", remedy="加上 open=1")
    after = request.GET.get("after", "0")
    if not after.isdecimal() or len(after) > 18:  # noqa: PLR2004 - a row's number
        raise Invalid("after 应是上一页最后一个环节的标识", field="after")
    rows = api.docked_visits(who, after=int(after))
    return {"visits": rows, "after": rows[-1]["visit"] if rows else None}


@require_GET
@_answering
def application(request: HttpRequest, who: api.DockedCaller, visit: int) -> dict[str, Any]:
    """The granted fields of what somebody applied with; the purpose of the signature stands in the ledger."""
    row = api.docked_visit(who, visit)
    found = api.read_application(actor=who.actor, number=row.case.number, purpose=request.headers["zhengtong-purpose"], now=clock.now())
    every: dict[str, Any] = {
        "applicant": {"kind": str(found.applicant.kind), "name": found.applicant.name, "code": found.applicant.code},
        "agent": {"name": found.agent.name, "code": found.agent.code, "basis": found.agent_basis} if found.agent else None,
        "contact": found.contact,
        "answers": found.answers,
    }
    return {"case": found.number, **{name: every[name] for name in who.fields}}


@require_POST
@_answering
def acts(request: HttpRequest, who: api.DockedCaller, visit: int) -> dict[str, Any]:
    """Do something with a visit, once."""
    try:
        given = msgspec.json.decode(request.body, type=Given)
    except msgspec.DecodeError as exc:
        raise Invalid("请求的内容读不出来", field="body", remedy=str(exc)) from exc
    documents = [api.MaterialGiven(one.name, one.source, one.reference) for one in given.documents]
    act = api.SystemAct(
        given.act,
        given.kind,
        given.revision,
        given.outcome,
        given.reason,
        given.missing,
        given.lapsed,
        given.procedure,
        documents,
    )
    return msgspec.to_builtins(api.act_of(who, visit=visit, act=act, now=clock.now()))  # type: ignore[no-any-return]


@require_GET
def description(_request: HttpRequest) -> HttpResponseBase:
    """The interface as OpenAPI."""
    return JsonResponse(DESCRIPTION)
