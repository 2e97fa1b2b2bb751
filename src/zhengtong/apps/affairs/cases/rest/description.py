"""The interface for docked systems as an OpenAPI 3.1 document."""

from __future__ import annotations

from typing import Any

from zhengtong.apps.affairs.cases.operations.docked import KINDS

_TEXT, _NUMBER, _TRUTH = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
_VISIT_ID = {"name": "visit", "in": "path", "required": True, "schema": _NUMBER}
_PURPOSE = {"name": "Zhengtong-Purpose", "in": "header", "required": True, "schema": _TEXT, "description": "用途,记入留痕"}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


def _answers(schema: str) -> dict[str, Any]:
    refusals = {"401": "签名无效或已用过", "404": "不是本系统的环节", "422": "内容不合规则"}
    good = {"description": "已办理", "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}
    refused = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    return {"200": good, **{code: {"description": text, "content": refused} for code, text in refusals.items()}}


_SCHEMAS: dict[str, Any] = {
    "Visit": _object(
        ("visit", "revision", "case", "item", "step", "outcomes", "began", "due", "application"),
        visit=_NUMBER,
        revision={**_NUMBER, "description": "办理时原样带回"},
        case={**_TEXT, "description": "办件编号"},
        item=_object(("code", "name"), code=_TEXT, name=_TEXT),
        step=_object(("key", "name"), key=_TEXT, name=_TEXT),
        outcomes={"type": "array", "items": _TEXT},
        waiting={**_TEXT, "description": "等待什么;空为在办"},
        began={**_TEXT, "format": "date-time"},
        due={"type": ["string", "null"], "format": "date", "description": "按现行工作日历推算的到期日"},
        application={**_TEXT, "description": "读取申请内容的地址"},
    ),
    "Visits": _object(
        ("visits",), visits={"type": "array", "items": {"$ref": "#/components/schemas/Visit"}}, after={"type": ["integer", "null"]}
    ),
    "Application": _object(
        ("case",),
        case=_TEXT,
        applicant=_object(("kind", "name", "code"), kind=_TEXT, name=_TEXT, code=_TEXT),
        agent={"type": ["object", "null"]},
        contact=_TEXT,
        answers={"type": "object"},
    ),
    "Act": _object(
        ("act", "kind", "revision"),
        act={**_TEXT, "maxLength": 40, "description": "对方自定的动作标识;同一标识只办一次"},
        kind={**_TEXT, "enum": list(KINDS)},
        revision=_NUMBER,
        outcome=_TEXT,
        reason=_TEXT,
        missing={"type": "array", "items": _TEXT},
        lapsed=_TRUTH,
        procedure=_TEXT,
        documents={"type": "array", "items": _object(("name", "reference"), name=_TEXT, reference=_TEXT, source=_TEXT)},
    ),
    "Done": _object(
        ("case", "visit", "act", "repeated", "revision", "open"),
        case=_TEXT,
        visit=_NUMBER,
        act=_TEXT,
        repeated={**_TRUTH, "description": "此前已办,这次没有改变什么"},
        revision=_NUMBER,
        open=_TRUTH,
    ),
    "Refusal": _object(
        ("code", "message"),
        code=_TEXT,
        party=_TEXT,
        message=_TEXT,
        field=_TEXT,
        remedy=_TEXT,
        revision={**_NUMBER, "description": "现在的修订"},
    ),
}
_BODY = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Act"}}}}
_OLD = {
    "description": "修订已旧,带回现在的修订;或环节已办完",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}},
}
DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "并联审批对接", "version": "1", "description": "部门自建审批系统:本平台受理,部门系统办理,结果回传。"},
    "security": [{"signature": []}],
    "paths": {
        "/api/cases/v1/visits": {
            "get": {
                "operationId": "visits",
                "summary": "在办的环节,用于每日对账",
                "parameters": [
                    {"name": "open", "in": "query", "required": True, "schema": {"const": "1"}},
                    {"name": "after", "in": "query", "schema": _NUMBER},
                    _PURPOSE,
                ],
                "responses": _answers("Visits"),
            }
        },
        "/api/cases/v1/visits/{visit}/application": {
            "get": {
                "operationId": "application",
                "summary": "授权给本系统的申请内容;读取留痕",
                "parameters": [_VISIT_ID, _PURPOSE],
                "responses": _answers("Application"),
            }
        },
        "/api/cases/v1/visits/{visit}/acts": {
            "post": {
                "operationId": "act",
                "summary": "签收、补正、特别程序、办结",
                "parameters": [_VISIT_ID, _PURPOSE],
                "requestBody": _BODY,
                "responses": {**_answers("Done"), "409": _OLD},
            }
        },
    },
    "components": {
        "schemas": _SCHEMAS,
        "securitySchemes": {
            "signature": {
                "type": "apiKey",
                "in": "header",
                "name": "Signature",
                "description": "RFC 9421:@method, @path, @query, zhengtong-purpose,有内容时加 content-digest;created, nonce, keyid",
            }
        },
    },
}
