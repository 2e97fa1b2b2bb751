"""Datasets with a place as collections of OGC API - Features, Part 1: Core (OGC 17-069r4), and their rows as features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from zhengtong.apps.flow.opendata.rules.place import COORDINATE_LABELS, Place
from zhengtong.apps.flow.opendata.rules.published import Published, Site
from zhengtong.engines.rowquery.table import Kind, Table

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_CONFORMANCE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
CONFORMS = tuple(f"{_CONFORMANCE}{name}" for name in ("core", "oas30", "geojson"))
JSON, GEOJSON, OPENAPI = "application/json", "application/geo+json", "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
ROOT = "/open/ogc/"
_DATED = frozenset({"D", "T"})


def link(href: str, rel: str, kind: str, title: str = "") -> dict[str, str]:
    """A link; the title is left out where there is none."""
    whole = {"href": href, "rel": rel, "type": kind}
    return whole | {"title": title} if title else whole


def landing(site: Site) -> dict[str, Any]:
    """Where a client begins."""
    root = site.address(ROOT)
    return {
        "title": site.title,
        "description": "有位置的开放数据集",  # data: description of the service
        "links": [
            link(root, "self", JSON),
            link(f"{root}api", "service-desc", OPENAPI, "OpenAPI 3.0"),
            link(site.address("/open/"), "service-doc", "text/html"),
            link(f"{root}conformance", "conformance", JSON),
            link(f"{root}collections", "data", JSON),
        ],
    }


def dated_item(dataset: Published) -> str:
    """The item that ``datetime`` compares: the first that holds days or moments; empty without any."""
    return next((str(one["key"]) for one in dataset.columns if one["data_type"] in _DATED and one["mask"] == "none"), "")


def collection(site: Site, dataset: Published) -> dict[str, Any]:
    """One dataset."""
    facts, place = dataset.facts, Place.of(dataset.facts)
    here = f"{site.address(ROOT)}collections/{dataset.name}"
    extent: dict[str, Any] = {}
    if dataset.place.get("bbox"):
        extent["spatial"] = {"bbox": [dataset.place["bbox"]], "crs": CRS84}
    if dated_item(dataset):
        begins, ends = dataset.covers()
        extent["temporal"] = {"interval": [[f"{begins.isoformat()}T00:00:00+08:00", f"{ends.isoformat()}T23:59:59+08:00"]]}
    said = COORDINATE_LABELS[place.coordinates if place else "cgcs2000"]
    return {
        "id": dataset.name,
        "title": facts["title"],
        "description": f"{facts['summary']} {said}".strip(),
        "itemType": "feature",
        "crs": [CRS84],
        "keywords": list(dataset.keywords),
        "attribution": facts["attribution"],
        "extent": extent,
        "links": [
            link(here, "self", JSON),
            link(f"{here}/items", "items", GEOJSON),
            link(f"{here}/schema", "describedby", SCHEMA),
            link(site.dataset(dataset.id), "alternate", "text/html"),
            link(dataset.licence.url, "license", "text/html", dataset.licence.name),
            link(site.file(dataset, "data.geojson"), "enclosure", GEOJSON),
        ],
    }


def point(place: Place, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Where a row lies; None where its coordinates are missing or nowhere on earth."""
    longitude, latitude = row[place.longitude], row[place.latitude]
    there = longitude is not None and latitude is not None and abs(float(longitude)) <= 180 and abs(float(latitude)) <= 90  # noqa: PLR2004 - degrees
    return {"type": "Point", "coordinates": [float(longitude), float(latitude)]} if there else None


def feature(identifier: str, geometry: Mapping[str, Any] | None, row: Mapping[str, Any], *, number: Any) -> dict[str, Any]:
    """A row where it lies. ``identifier`` names the item that identifies it."""
    return {
        "type": "Feature",
        "id": row.get(identifier, number),
        "geometry": geometry,
        "properties": {key: value for key, value in row.items() if not key.startswith("_")},
    }


#: kind of a column → JSON Schema of its values
_TYPES: Mapping[Kind, Mapping[str, str]] = {
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.DECIMAL: {"type": "number"},
    Kind.DOUBLE: {"type": "number"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.MOMENT: {"type": "string", "format": "date-time"},
    Kind.BOOLEAN: {"type": "boolean"},
}


def schema(site: Site, dataset: Published, table: Table) -> dict[str, Any]:
    """What the properties of a feature are (JSON Schema), so that a reader need not guess types from the first page."""
    shape = "Point" if Place.of(dataset.facts) else "Polygon"
    properties = {one.key: {"title": one.name or one.key, **_TYPES[one.kind]} for one in table.columns}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{site.address(ROOT)}collections/{dataset.name}/schema",
        "type": "object",
        "title": dataset.facts["title"],
        "properties": {"geometry": {"x-ogc-role": "primary-geometry", "format": f"geometry-{shape.lower()}"}, **properties},
    }


def moments(text: str) -> tuple[str, str] | None:
    """
    The bounds of ``datetime``: a moment is both, ``..`` or nothing an open end (empty). None if it is no such text.
    """
    parts = text.split("/")
    if len(parts) > 2 or not text:  # noqa: PLR2004 - a beginning and an end
        return None
    bounds = ["" if one in {"", ".."} else one for one in parts]
    if any(one and not _is_moment(one) for one in bounds) or not any(bounds):
        return None
    return bounds[0], bounds[-1]


def _is_moment(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text))
    except ValueError:
        return False


def box(text: str) -> tuple[float, float, float, float] | None:
    """West, south, east, north of ``bbox``, heights left out; None if it is no box."""
    try:
        numbers = [float(one) for one in text.split(",")]
    except ValueError:
        return None
    if len(numbers) == 6:  # noqa: PLR2004 - with heights
        numbers = [numbers[place] for place in (0, 1, 3, 4)]
    if len(numbers) != 4 or not all(-1e6 < one < 1e6 for one in numbers) or numbers[1] > numbers[3]:  # noqa: PLR2004 - as above
        return None
    return numbers[0], numbers[1], numbers[2], numbers[3]


def api_document(site: Site, names: Sequence[str]) -> dict[str, Any]:
    """The interface in OpenAPI 3.0; ``names`` are some of the collections."""
    identifier: dict[str, Any] = {"name": "collectionId", "in": "path", "required": True, "schema": {"type": "string"}}
    if names:
        identifier["schema"] = {"type": "string", "enum": list(names)}
    item: dict[str, Any] = {
        "name": "featureId",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    }
    form: dict[str, Any] = {"name": "f", "in": "query", "schema": {"type": "string", "enum": ["json"]}}
    asked: list[dict[str, Any]] = [
        {"name": "bbox", "in": "query", "style": "form", "explode": False, "schema": _BOX, "description": "west,south,east,north"},
        {"name": "datetime", "in": "query", "schema": {"type": "string"}, "description": "RFC 3339 moment or interval"},
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}},
        {"name": "after", "in": "query", "schema": {"type": "string"}, "description": "from a next link, never made by hand"},
    ]
    paths: dict[str, tuple[str, list[dict[str, Any]], str]] = {
        "": ("landing", [form], JSON),
        "conformance": ("conformance", [form], JSON),
        "api": ("api", [form], "application/vnd.oai.openapi+json"),
        "collections": ("collections", [form], JSON),
        "collections/{collectionId}": ("collection", [identifier, form], JSON),
        "collections/{collectionId}/schema": ("schema", [identifier, form], SCHEMA),
        "collections/{collectionId}/items": ("items", [identifier, *asked, form], GEOJSON),
        "collections/{collectionId}/items/{featureId}": ("feature", [identifier, item, form], GEOJSON),
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": f"{site.title} OGC API Features", "version": "1.0.0"},
        "servers": [{"url": site.address(ROOT).rstrip("/")}],
        "paths": {f"/{path}": {"get": _operation(*facts)} for path, facts in paths.items()},
        "components": {"schemas": {"exception": _EXCEPTION}},
    }


LIMIT, MOST = 100, 1_000
_BOX = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_EXCEPTION = {
    "type": "object",
    "required": ["code", "description"],
    "properties": {"code": {"type": "string"}, "description": {"type": "string"}},
}


def _operation(name: str, parameters: Sequence[Mapping[str, Any]], kind: str) -> dict[str, Any]:
    refused = {"description": "refused", "content": {JSON: {"schema": {"$ref": "#/components/schemas/exception"}}}}
    answered = {"description": "found", "content": {kind: {"schema": {"type": "object"}}}}
    return {
        "operationId": name,
        "parameters": [dict(one) for one in parameters],
        "responses": {"200": answered, **dict.fromkeys(("400", "404", "405", "410"), refused)},
    }
