"""``/api/3/openapi.json``: the actions in OpenAPI 3.0, made of the actions themselves."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.opendata.rest.answers import encoded, shared, site_of
from zhengtong.apps.flow.opendata.rest.ckan.catalogue import VERSION
from zhengtong.apps.flow.opendata.rest.ckan.views import ACTIONS

_NUMBERS = frozenset({"limit", "offset", "rows", "start", "page", "facet.limit", "facet.mincount"})
_FLAGS = frozenset({"all_fields", "include_datasets", "include_total", "distinct", "facet"})
#: what each action takes besides nothing; an asterisk marks what must be given
_PARAMETERS = {
    "package_list": "limit offset",
    "package_show": "id*",
    "package_search": "q fq rows start sort facet facet.field facet.limit facet.mincount fl",
    "current_package_list_with_resources": "limit offset page",
    "organization_list": "all_fields organizations limit offset sort",
    "organization_show": "id* include_datasets",
    "group_list": "all_fields groups limit offset sort",
    "group_show": "id* include_datasets",
    "tag_list": "query all_fields",
    "tag_show": "id* include_datasets",
    "resource_show": "id*",
    "resource_search": "query* limit offset",
    "datastore_search": "resource_id* filters q distinct limit offset fields sort include_total records_format",
    "datastore_info": "id*",
}


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """The whole description."""
    site = site_of(request)
    whole = {
        "openapi": "3.0.3",
        "info": {"title": f"{site.title} CKAN action API", "version": VERSION},
        "servers": [{"url": site.address("/api/3/action")}],
        "paths": {f"/{name}": {"get": _operation(name)} for name in ACTIONS},
        "components": {"schemas": {"answer": _ANSWER}},
    }
    return shared(HttpResponse(encoded(whole), content_type="application/vnd.oai.openapi+json;version=3.0"))


_ANSWER = {
    "type": "object",
    "required": ["help", "success"],
    "properties": {"help": {"type": "string"}, "success": {"type": "boolean"}, "result": {}, "error": {"type": "object"}},
}


def _operation(name: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/answer"}}}
    responses: dict[str, Any] = {"200": {"description": "success", "content": content}}
    responses |= {status: {"description": "refused", "content": content} for status in ("400", "404", "409")}
    return {
        "operationId": name,
        "description": " ".join((ACTIONS[name].__doc__ or "").split()),
        "parameters": [_parameter(one) for one in _PARAMETERS.get(name, "").split()],
        "responses": responses,
    }


def _parameter(text: str) -> dict[str, Any]:
    name = text.rstrip("*")
    kind: dict[str, Any] = {"type": "string"}
    if name in _NUMBERS:
        kind = {"type": "integer", "minimum": 0}
    elif name in _FLAGS:
        kind = {"type": "boolean"}
    return {"name": name, "in": "query", "required": text.endswith("*"), "schema": kind}
