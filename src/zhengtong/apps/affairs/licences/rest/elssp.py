"""
The sharing interface of GB/T 36906 as provinces implement it: ``/elssp/v1/GetCertificateDataByHolder`` and ``…ByCertificateID``.

Threat model: see ``operations.sharing``. The key travels as ``Authorization: Bearer``; the caller's address is that of the connection.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from zhengtong.apps.affairs.licences import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid, NotFound, ZhengtongError
from zhengtong.kernel.parties import PartyKind, party

_KINDS = {one.code_type: one for one in PartyKind}


@csrf_exempt
@require_POST
def answer(request: HttpRequest, operation: str) -> HttpResponseBase:
    """One question of a system, answered as ``{"code": "0", "data": …}`` or with the refusal."""
    try:
        return JsonResponse({"code": "0", "data": _data(request, operation)})
    except ZhengtongError as error:
        return JsonResponse(error.as_dict(), status=error.status)


def _data(request: HttpRequest, operation: str) -> Any:
    try:
        asked = json.loads(request.body)
    except ValueError as exc:
        raise Invalid("请求不是 JSON", field="body", remedy="以 JSON 发送") from exc
    if not isinstance(asked, dict) or not isinstance(asked.get("useCause"), dict):
        raise Invalid("请求缺少 useCause", field="useCause", remedy="写明事由、调用类别、事项编码、事项名称、系统名称")
    facts = {
        "key": request.headers.get("Authorization", "").removeprefix("Bearer "),
        "address": request.META.get("REMOTE_ADDR") or "0.0.0.0",  # noqa: S104 - stands for nobody
        "cause": asked["useCause"],
        "now": clock.now(),
    }
    match operation:
        case "GetCertificateDataByHolder":
            kind = _KINDS.get(str(asked.get("CZZTDMLXDM", "")))
            if kind is None:
                raise Invalid("持证主体代码类型只有 111 和 001", field="CZZTDMLXDM")
            return api.data_by_holder(holder=party(kind, str(asked.get("CZZTDM", "")), "", field="CZZTDM"), **facts)
        case "GetCertificateDataByCertificateID":
            return api.data_by_identifier(identifier=str(asked.get("ZZBS", "")), **facts)
    raise NotFound("没有这个接口", remedy="可用 GetCertificateDataByHolder、GetCertificateDataByCertificateID")
