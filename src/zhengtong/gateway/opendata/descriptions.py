"""What a dataset's interface says about itself: its columns, and OpenAPI 3.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from zhengtong.engines.rowquery.question import FUNCTIONS, LARGEST_PAGE, PAGE, Op
from zhengtong.engines.rowquery.table import NUMBERS, ROW, Column, Kind, Table
from zhengtong.gateway.opendata import sandbox

if TYPE_CHECKING:
    from zhengtong.gateway.database import Line

_FACTS = "select summary, office, theme, licence, attribution, made_at, data_at, place from opened.published where relation = $1"
_KINDS = ("rows", "facets", "aggregate", "schema")
_TYPES: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer", "format": "int64"},
    Kind.DECIMAL: {"type": "string", "format": "decimal"},
    Kind.DOUBLE: {"type": "number", "format": "double"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.MOMENT: {"type": "string", "format": "date-time"},
    Kind.BOOLEAN: {"type": "boolean"},
}


def operators(column: Column) -> list[str]:
    """How a column can be compared."""
    ordered = [Op.GT, Op.GTE, Op.LT, Op.LTE] if column.kind is not Kind.BOOLEAN else []
    texts = [Op.CONTAINS, Op.STARTSWITH] if column.kind is Kind.TEXT else []
    return [str(op) for op in (Op.EQ, Op.NE, Op.IN, Op.ISNULL, *ordered, *texts)]


def schema(table: Table) -> dict[str, Any]:
    """The columns with their kinds, comparisons and indexes; how many rows; which version."""
    return {
        "dataset": table.dataset,
        "title": table.title,
        "version": table.version,
        "rows": table.rows,
        "key": list(table.keys),
        "every_question": table.small,
        "columns": [
            {
                "key": column.key,
                "name": column.name,
                "kind": column.kind.value,
                "indexed": column.indexed,
                "counted": column.counted is not None,
                "missing": column.nulls,
                "operators": operators(column),
                "measures": [one for one in FUNCTIONS if column.kind in NUMBERS or one == "count" or _ordered(column, one)],
            }
            for column in (ROW, *table.columns)
        ],
    }


async def facts(line: Line, table: Table) -> dict[str, Any]:
    """What is said about a dataset beside its columns, in the words of the version."""
    if table.dataset == sandbox.NUMBER:
        return sandbox.FACTS
    found = await line.fetch(_FACTS, table.relation)
    told = {name: value if isinstance(value, str) else value.isoformat() for name, value in found[0].items()} if found else {}
    return told | {"place": msgspec.json.decode(told.get("place") or "{}") or None}


def dataset(table: Table, words: dict[str, Any], origin: str, *, granted: bool) -> dict[str, Any]:
    """A dataset described: its words, how many rows, its columns by kind, and where everything about it is."""
    base = f"{origin}/open/v1/datasets/{table.dataset}"
    shown = {"page": f"{origin}/open/datasets/{table.dataset}/"} if table.dataset != sandbox.NUMBER else {}
    return {
        "dataset": table.dataset,
        "title": table.title,
        **words,
        "granted": granted,
        "version": table.version,
        "rows": table.rows,
        "key": list(table.keys),
        "columns": [{"key": one.key, "name": one.name, "kind": one.kind.value} for one in table.columns],
        "links": {"self": f"{base}/", **{kind: f"{base}/{kind}" for kind in _KINDS}, "openapi": f"{base}/openapi.json", **shown},
    }


def _ordered(column: Column, function: str) -> bool:
    return function in {"min", "max"} and column.kind is not Kind.BOOLEAN


def _parameter(name: str, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema or {"type": "string"}}


def _filters(table: Table) -> list[dict[str, Any]]:
    found = []
    for column in table.columns:
        kind = {"type": "string", "maxLength": 512}
        for op in operators(column):
            name = column.key if op == Op.EQ else f"{column.key}__{op}"
            schema = {"type": "string", "enum": ["true", "false"]} if op == Op.ISNULL else kind
            found.append(_parameter(name, f"{column.name} {op}", schema))
    return found


_LIMIT = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE}
_WHERE = 'JSON: {"item", "op", "value"}, {"and": […]}, {"or": […]}'


def openapi(table: Table, origin: str) -> dict[str, Any]:
    """OpenAPI 3.1 of one dataset's interface."""
    row = {"type": "object", "properties": {one.key: {**_TYPES[one.kind], "title": one.name} for one in table.columns}}
    for column in table.columns:
        if column.nulls:
            row["properties"][column.key]["type"] = [row["properties"][column.key]["type"], "null"]  # type: ignore[index]  # made above
    filters = [_parameter("where", _WHERE), *_filters(table)]
    rows = [
        _parameter("fields", "keys, comma-separated"),
        _parameter("distinct", "each combination of fields once", {"type": "string", "enum": ["true", "false"]}),
        _parameter("sort", "keys, comma-separated; - in front: descending"),
        _parameter("limit", "rows of a page", _LIMIT),
        _parameter("after", "next of the page before"),
        _parameter("format", "json: a page; ndjson, csv: all rows", {"type": "string", "enum": ["json", "ndjson", "csv"]}),
    ]
    page = {"type": "object", "required": ["data", "next", "total"], "properties": {"data": {"type": "array", "items": row}}}
    page["properties"] |= {"next": {"type": ["string", "null"]}, "total": {"type": ["integer", "null"]}}  # type: ignore[operator]  # a dict
    things: dict[str, Any] = {"type": "object"}
    provoked = _parameter("provoke", _provocations(), {"type": "string", "enum": list(sandbox.PROVOKED)})
    more = [provoked] if table.dataset == sandbox.NUMBER else []
    items = [{**_parameter("items", "keys, comma-separated"), "required": True}, _parameter("limit", "values of an item", _LIMIT)]
    measures = [
        _parameter("measures", "comma-separated: count, sum:key, avg:key, min:key, max:key"),
        _parameter("group", "keys, comma-separated"),
        _parameter("sort", "keys or measures such as sum_key, comma-separated; - in front: descending"),
        _parameter("limit", "groups", _LIMIT),
    ]
    base = f"/open/v1/datasets/{table.dataset}"
    texts = {kind: {"schema": {"type": "string"}} for kind in ("application/x-ndjson", "text/csv")}
    return {
        "openapi": "3.1.0",
        "info": {"title": table.title, "version": str(table.version)},
        **({"servers": [{"url": origin}]} if origin else {}),
        "paths": {
            f"{base}/": {"get": _operation("dataset", more, _DATASET)},
            f"{base}/rows": {"get": _operation("rows", [*rows, *filters, *more], page, texts)},
            f"{base}/facets": {"get": _operation("facets", [*items, *filters, *more], things)},
            f"{base}/aggregate": {"get": _operation("aggregate", [*measures, *filters, *more], things)},
            f"{base}/schema": {"get": _operation("schema", more, things)},
        },
        "security": [{}, {"key": []}],
        "components": {"schemas": {"Refusal": _REFUSAL}, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


def _provocations() -> str:
    return "of the sandbox alone, refuse on purpose: " + "; ".join(f"{name} {does}" for name, does in sandbox.PROVOKED.items())


_DATASET = {
    "type": "object",
    "required": ["dataset", "title", "version", "rows", "columns", "links"],
    "properties": {
        "dataset": {"type": "integer"},
        "title": {"type": "string"},
        "version": {"type": "integer"},
        "rows": {"type": "integer"},
        "granted": {"type": "boolean"},
        "columns": {"type": "array", "items": {"type": "object"}},
        "links": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
_REFUSAL = {
    "type": "object",
    "required": ["code", "party", "message", "request_id"],
    "properties": {name: {"type": "string"} for name in ("code", "party", "message", "field", "remedy", "request_id")},
}


def _operation(name: str, parameters: list[dict[str, Any]], answer: dict[str, Any], more: dict[str, Any] | None = None) -> dict[str, Any]:
    refused = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    words = {
        "400": "refused as asked",
        "401": "the key does not work",
        "403": "for applicants alone, or the key was stopped",
        "404": "unknown",
        "406": "no such form",
        "410": "withdrawn, or this version is gone",
        "429": "too fast, or used up for today",
        "503": "not now",
    }
    return {
        "operationId": name,
        "parameters": parameters,
        "responses": {
            "200": {"description": "ok", "content": {"application/json": {"schema": answer}, **(more or {})}},
            **{status: {"description": text, "content": refused} for status, text in words.items()},
        },
    }
