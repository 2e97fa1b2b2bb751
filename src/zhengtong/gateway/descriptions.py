"""What a caller may know about its grants: the list, the schema of one, and OpenAPI 3.1 for one."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from zhengtong.contracts.grants import Channel, Mask
from zhengtong.contracts.projection import comparison_type
from zhengtong.gateway.refusals import Refusal
from zhengtong.gateway.routes import CompiledRoute

_TYPES: dict[str, dict[str, str]] = {
    "smallint": {"type": "integer"},
    "integer": {"type": "integer"},
    "bigint": {"type": "integer", "format": "int64"},
    "numeric": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "timestamptz": {"type": "string", "format": "date-time"},
    "timestamp with time zone": {"type": "string", "format": "date-time"},
    "boolean": {"type": "boolean"},
    "uuid": {"type": "string", "format": "uuid"},
}
_ERROR = {
    "type": "object",
    "required": ["code", "party", "message", "request_id"],
    "properties": {
        "code": {"type": "string"},
        "party": {"enum": ["client", "platform", "provider"]},
        "message": {"type": "string"},
        "field": {"type": "string"},
        "remedy": {"type": "string"},
        "request_id": {"type": "string"},
    },
}


def resources(routes: tuple[CompiledRoute, ...]) -> dict[str, Any]:
    """The grants of a caller."""
    return {
        "resources": [
            {
                "code": route.grant.resource,
                "name": route.grant.resource_name,
                "provider": {"code": route.grant.provider.code, "name": route.grant.provider.name},
                "grant": route.grant.number,
                "state": route.state.value,
                "channels": [channel.value for channel in route.grant.channels],
                "purposes": [{"code": purpose.code, "text": purpose.text} for purpose in route.grant.purposes],
                "not_before": route.grant.not_before,
                "not_after": route.grant.not_after,
                "rows": _path(route, "rows"),
            }
            for route in routes
        ]
    }


def schema(route: CompiledRoute) -> dict[str, Any]:
    """The items of a grant and how they may be used."""
    quota = route.grant.quota
    return {
        "resource": route.grant.resource,
        "name": route.grant.resource_name,
        "grant": route.grant.number,
        "items": [
            {
                "key": key,
                "name": route.columns[key].name,
                "description": route.columns[key].description,
                "type": comparison_type(route.columns[key].type),
                "mask": item.granted.mask.value,
                "filterable": item.granted.filterable and item.check is not None,
            }
            for key, item in route.items.items()
        ],
        "required_filters": list(route.grant.required_filters),
        "purposes": sorted(route.purposes),
        "channels": [channel.value for channel in route.grant.channels],
        "quota": {"per_second": quota.per_second, "per_day": quota.per_day, "page_rows": quota.page_rows},
    }


def openapi(route: CompiledRoute, origin: str) -> dict[str, Any]:
    """OpenAPI 3.1 for one grant, as its caller sees it."""
    paths: dict[str, Any] = {}
    if route.allows(Channel.LOOKUP):
        paths[_path(route, "rows")] = {"get": _rows(route)}
    if route.allows(Channel.VERIFY):
        paths[_path(route, "verify")] = {"post": _verify(route)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": route.grant.resource_name,
            "version": route.grant.number,
            "description": f"授权 {route.grant.number}",  # data: a document for machines
        },
        **({"servers": [{"url": origin}]} if origin else {}),
        "paths": paths,
        "components": {
            "schemas": {"Row": _row(route), "Error": _ERROR},
            "securitySchemes": {
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Signature",
                    "description": "RFC 9421 HTTP Message Signatures: @method, @path, @query, zhengtong-purpose; created, nonce, keyid",
                }
            },
        },
        "security": [{"signature": []}],
    }


def error_codes() -> dict[str, int]:
    """Every code the gateway refuses with, and its HTTP status."""
    found: dict[str, int] = {}
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        for child in waiting.pop().__subclasses__():
            waiting.append(child)
            found[child.code] = child.status
    return dict(sorted(found.items()))


def _path(route: CompiledRoute, kind: str) -> str:
    return f"/v1/resources/{quote(route.grant.resource, safe='/')}/{kind}"


def _type(route: CompiledRoute, key: str, mask: Mask) -> dict[str, Any]:
    known = {"type": "string"} if mask is not Mask.NONE else _TYPES.get(comparison_type(route.columns[key].type), {"type": "string"})
    described = {**known, "title": route.columns[key].name}
    if route.columns[key].nullable or mask is Mask.HIDDEN:
        described["type"] = [known["type"], "null"]  # type: ignore[assignment]  # JSON Schema allows a list here
    return described


def _row(route: CompiledRoute) -> dict[str, Any]:
    return {"type": "object", "properties": {key: _type(route, key, item.granted.mask) for key, item in route.items.items()}}


def _purpose(route: CompiledRoute) -> dict[str, Any]:
    codes = "|".join(re.escape(code) for code in sorted(route.purposes))
    return {
        "name": "Zhengtong-Purpose",
        "in": "header",
        "required": True,
        "schema": {"type": "string", "pattern": f"^({codes})(;case=.+)?$"},
    }


def _rows(route: CompiledRoute) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [_purpose(route)]
    for key, item in route.items.items():
        if not item.granted.filterable or item.check is None:
            continue
        suffixes = ("", "__in", "__gte", "__lte") if item.granted.mask is Mask.NONE else ("",)
        parameters += [{"name": key + suffix, "in": "query", "required": False, "schema": {"type": "string"}} for suffix in suffixes]
    parameters += [
        {"name": "fields", "in": "query", "schema": {"type": "string"}},
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": route.grant.quota.page_rows}},
        {"name": "after", "in": "query", "schema": {"type": "string"}},
    ]
    page = {
        "type": "object",
        "required": ["data", "next", "request_id"],
        "properties": {
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
            "next": {"type": ["string", "null"]},
            "request_id": {"type": "string"},
        },
    }
    content = {"application/json": {"schema": page}, "application/x-ndjson": {}, "text/csv": {}}
    return {"summary": "查询", "parameters": parameters, "responses": _responses({"description": "查询结果", "content": content})}


def _verify(route: CompiledRoute) -> dict[str, Any]:
    values = {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}
    body = {"type": "object", "required": ["key", "match"], "properties": {"key": values, "match": values}}
    answer = {"type": "object", "properties": {"result": {"type": "boolean"}, "request_id": {"type": "string"}}}
    return {
        "summary": "核验",
        "parameters": [_purpose(route)],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": _responses({"description": "核验结果", "content": {"application/json": {"schema": answer}}}),
    }


def _responses(ok: dict[str, Any]) -> dict[str, Any]:
    refused = {"description": "拒绝", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    return {"200": ok, "4XX": refused, "5XX": refused}
