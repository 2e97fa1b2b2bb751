"""OGC API - Features over the rows of datasets with a place. Refusals have the shape of the standard: a code and a description."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.rest.answers import encoded, kept, shared, site_of
from zhengtong.apps.flow.opendata.rest.values import value
from zhengtong.engines.rowquery.cursors import version_of
from zhengtong.engines.rowquery.question import MOST_VALUES, Condition, Filter, Group, Op, Question
from zhengtong.engines.rowquery.reading import condition
from zhengtong.engines.rowquery.refusals import BadCursor
from zhengtong.engines.rowquery.table import ROW, Kind, Table
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid, NotFound, ZhengtongError
from zhengtong.kernel.sentences import say

View = Callable[..., HttpResponse]
_MOST_COLLECTIONS = 1_000
_PLACED = api.Condition("placed")
_KNOWN = frozenset({"bbox", "datetime", "limit", "after", "f"})


class BadParameter(Invalid):
    """参数不正确。"""

    code = "InvalidParameterValue"
    status = 400


class NoCollection(NotFound):
    """没有这个集合。"""

    code = "NotFound"


class NoFeature(NotFound):
    """没有这个要素。"""

    code = "NotFound"


class OnlyReading(ZhengtongError):
    """这里只能读取。"""

    code = "MethodNotAllowed"
    status = 405


def _view(names: frozenset[str] = frozenset({"f"})) -> Callable[[View], View]:
    """A view that is only read, takes ``names`` (all, if empty) and refuses in the standard's shape."""

    def made(view: View) -> View:
        @functools.wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                if request.method not in {"GET", "HEAD"}:
                    raise OnlyReading
                if request.GET.get("f", "json") != "json":
                    raise BadParameter(say("只有 {forms}", forms="json"), field="f")
                unknown = [name for name in request.GET if names and name not in names]
                if unknown:
                    raise BadParameter(say("没有参数 {name}", name=unknown[0][:60]), field=unknown[0][:60])
                return view(request, *args, **kwargs)
            except ZhengtongError as exc:
                return _refused(exc)

        answered.csrf_exempt = True  # type: ignore[attr-defined]  # Django's mark: nothing is changed, and a refusal has its own shape
        return answered

    return made


def _refused(error: ZhengtongError) -> HttpResponse:
    described = " ".join(str(one) for one in (f"{error.field}:" if error.field else "", error.sentence, error.remedy) if one)
    status = 400 if error.status == 422 else error.status  # noqa: PLR2004 - the standard knows 400 alone
    answer = shared(HttpResponse(encoded({"code": error.code, "description": described}), status=status, content_type=api.ogc.JSON))
    if status == OnlyReading.status:
        answer["Allow"] = "GET, HEAD"
    return answer


@_view()
def landing(request: HttpRequest) -> HttpResponse:
    """Where a client begins."""
    return shared(HttpResponse(encoded(api.ogc.landing(site_of(request))), content_type=api.ogc.JSON))


@_view()
def conformance(_request: HttpRequest) -> HttpResponse:
    """The parts of the standard that are kept."""
    return shared(HttpResponse(encoded({"conformsTo": api.ogc.CONFORMS}), content_type=api.ogc.JSON))


@_view()
def description(request: HttpRequest) -> HttpResponse:
    """The interface in OpenAPI 3.0."""
    names = [one.name for one in api.published(api.Selection((), (_PLACED,), "id"), limit=_MOST_COLLECTIONS)]
    return shared(HttpResponse(encoded(api.ogc.api_document(site_of(request), names)), content_type=api.ogc.OPENAPI))


@_view()
def collections(request: HttpRequest) -> HttpResponse:
    """The datasets with a place, a thousand at most."""
    site = site_of(request)
    total, modified = api.published_state()

    def make() -> bytes:
        found = api.published(api.Selection((), (_PLACED,), "id"), limit=_MOST_COLLECTIONS)
        here = api.ogc.link(f"{site.address(api.ogc.ROOT)}collections", "self", api.ogc.JSON)
        return encoded({"links": [here], "collections": [api.ogc.collection(site, one) for one in found]})

    return kept(request, make, content_type=api.ogc.JSON, of=(total, modified), modified=modified)


@_view()
def collection(request: HttpRequest, name: str) -> HttpResponse:
    """One dataset."""
    dataset, _place = _found(name)
    document = api.ogc.collection(site_of(request), dataset)
    return kept(
        request, lambda: encoded(document), content_type=api.ogc.JSON, of=(dataset.modified_at, document), modified=dataset.modified_at
    )


def _found(name: str) -> tuple[api.Published, api.Where]:
    tail = name.removeprefix("dataset-")
    if tail == name or not tail.isdecimal() or len(tail) > 18:  # noqa: PLR2004 - a bigint has no more digits
        raise NoCollection
    dataset = api.published_one(int(tail))
    place = api.declared_place(dataset.facts)
    if place is None or not dataset.has_rows:
        raise NoCollection(remedy="列在 /open/ogc/collections 中的才有")
    return dataset, place


@_view(frozenset())
def items(request: HttpRequest, name: str) -> HttpResponse:
    """Features of a dataset: in a box, of a time, with values of items; a page at a time."""
    dataset, place = _found(name)
    table = _table(dataset, request.GET.get("after", ""))
    limit = _limit(request.GET.get("limit", str(api.ogc.LIMIT)))
    parts = list(_filters(request, dataset, place, table))
    where = None if not parts else parts[0] if len(parts) == 1 else Group(tuple(parts))
    shown = (ROW.key, *(column.key for column in table.columns))
    page = api.rows(table, Question(where, shown, (), limit, request.GET.get("after", "")))
    features = _features(table, place, page.records())
    site = site_of(request)
    here = f"{site.address(api.ogc.ROOT)}collections/{dataset.name}"
    links = [api.ogc.link(request.build_absolute_uri(), "self", api.ogc.GEOJSON), api.ogc.link(here, "collection", api.ogc.JSON)]
    if page.next:
        following = urlencode({**{key: values for key, values in request.GET.lists() if key != "after"}, "after": page.next}, doseq=True)
        links.append(api.ogc.link(f"{here}/items?{following}", "next", api.ogc.GEOJSON))
    document = {
        "type": "FeatureCollection",
        "timeStamp": clock.now().isoformat(timespec="seconds"),
        "numberReturned": len(features),
        **({"numberMatched": page.total} if page.total is not None else {}),
        "links": links,
        "features": features,
    }
    return shared(HttpResponse(encoded(document), content_type=api.ogc.GEOJSON))


def _table(dataset: api.Published, after: str) -> Table:
    """The rows that a page is of: a reader under way stays in the version that was begun, for as long as that is kept."""
    if not after:
        return api.row_schema(dataset.id)
    try:
        return api.row_schema(dataset.id, version=version_of(after))
    except api.RowsUnknown as exc:
        raise BadCursor(field="after", remedy="数据已更新,请从第一页重新读取") from exc


def _limit(text: str) -> int:
    if not text.isdecimal() or not text.strip("0"):
        raise BadParameter(say("{name} 应为 1 到 {most} 的整数。", name="limit", most=api.ogc.MOST), field="limit")
    return api.ogc.MOST if len(text) > len(str(api.ogc.MOST)) else min(int(text), api.ogc.MOST)


def _filters(request: HttpRequest, dataset: api.Published, place: api.Where, table: Table) -> Iterator[Filter]:
    for name, values in request.GET.lists():
        if len(values) > 1:
            raise BadParameter(say("参数 {name} 重复。", name=name[:60]), field=name[:60])
        if name == "bbox":
            yield _boxed(dataset, table, place, values[0])
        elif name == "datetime":
            yield from _dated(table, api.ogc.dated_item(dataset), values[0])
        elif name not in _KNOWN:
            if name not in table.by_key or name == ROW.key:
                raise BadParameter(say("没有参数 {name}", name=name[:60]), field=name[:60])
            yield condition(table, name, Op.EQ, [values[0]])


def _boxed(dataset: api.Published, table: Table, place: api.Where, text: str) -> Filter:
    found = api.ogc.box(text)
    if found is None:
        raise BadParameter("bbox 应为西、南、东、北四个数,以逗号分隔", field="bbox")
    if isinstance(place, api.Area):
        return _among(table, place, api.codes_within(dataset, found))
    west, south, east, north = found

    def one(item: str, op: Op, number: float) -> Condition:
        return condition(table, item, op, [f"{number:.9f}"])

    lying: list[Filter] = [one(place.latitude, Op.GTE, south), one(place.latitude, Op.LTE, north)]
    sides = (one(place.longitude, Op.GTE, west), one(place.longitude, Op.LTE, east))
    # a box over the 180th meridian has its west in the east
    return Group((*lying, Group(sides, either=True))) if west > east else Group((*sides, *lying))


def _among(table: Table, place: api.Area, codes: Sequence[str]) -> Filter:
    """Rows with one of some codes, in as many lists as one question takes."""
    if not codes:
        return condition(table, ROW.key, Op.LT, ["0"])
    lists = [codes[start : start + MOST_VALUES] for start in range(0, len(codes), MOST_VALUES)]
    parts = tuple(condition(table, place.region_item, Op.IN, one) for one in lists)
    return parts[0] if len(parts) == 1 else Group(parts, either=True)


def _dated(table: Table, item: str, text: str) -> Iterator[Filter]:
    bounds = api.ogc.moments(text)
    if bounds is None and text != "../..":
        raise BadParameter("datetime 应为时间或“开始/结束”", field="datetime", remedy="例如 2026-01-01/2026-06-30")
    if bounds is None or not item:  # without a date every feature is of all times (Core, requirement 26)
        return
    days = table.column(item).kind is Kind.DATE
    for op, bound in ((Op.GTE, bounds[0]), (Op.LTE, bounds[1])):
        if bound:
            whole = f"{bound}T{'00:00:00' if op is Op.GTE else '23:59:59'}+08:00"
            yield condition(table, item, op, [bound[:10] if days else bound if "T" in bound else whole])


def _identifier(table: Table) -> str:
    """The item that names a feature: the only identifying one, else the number of the row."""
    return table.keys[0] if len(table.keys) == 1 and table.column(table.keys[0]).kind in {Kind.TEXT, Kind.INTEGER} else ROW.key


def _features(table: Table, place: api.Where, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as features; the outlines of their regions are looked up once."""
    areas = api.areas_of(place, rows)
    found = []
    for row in rows:
        plain = {key: value(table.column(key), one) for key, one in row.items()}
        geometry = areas.get(str(row[place.region_item]).strip()) if isinstance(place, api.Area) else api.ogc.point(place, plain)
        found.append(api.ogc.feature(_identifier(table), geometry, plain, number=row[ROW.key]))
    return found


@_view()
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """What the properties of the features are."""
    dataset, _place = _found(name)
    document = api.ogc.schema(site_of(request), dataset, api.row_schema(dataset.id))
    return shared(HttpResponse(encoded(document), content_type=api.ogc.SCHEMA))


@_view()
def feature(request: HttpRequest, name: str, feature_id: str) -> HttpResponse:
    """One feature."""
    dataset, place = _found(name)
    table = api.row_schema(dataset.id)
    shown = (ROW.key, *(column.key for column in table.columns))
    try:
        where = condition(table, _identifier(table), Op.EQ, [feature_id])
    except ZhengtongError as exc:
        raise NoFeature from exc
    page = api.rows(table, Question(where, shown, (), 1), counted=False)
    if not page.rows:
        raise NoFeature
    here = f"{site_of(request).address(api.ogc.ROOT)}collections/{dataset.name}"
    links = [api.ogc.link(request.build_absolute_uri(), "self", api.ogc.GEOJSON), api.ogc.link(here, "collection", api.ogc.JSON)]
    return shared(HttpResponse(encoded(_features(table, place, page.records())[0] | {"links": links}), content_type=api.ogc.GEOJSON))
