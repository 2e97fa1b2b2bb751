"""``/datastore/dump/<resource>``: all rows of a resource, streamed, as CSV, TSV, JSON or XML in the shapes that CKAN gives them."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Sequence
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape, quoteattr

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.rest.answers import encoded, shared, site_of
from zhengtong.apps.flow.opendata.rest.ckan import datastore
from zhengtong.apps.flow.opendata.rest.ckan.errors import CkanError, ParametersWrong
from zhengtong.apps.flow.opendata.rest.ckan.parameters import Parameters
from zhengtong.apps.flow.opendata.rest.ckan.rowquestions import name_of, question_of, table_of, type_of, wrong
from zhengtong.apps.flow.opendata.rest.values import value
from zhengtong.engines.rowquery.refusals import RowRefusal
from zhengtong.engines.rowquery.table import Column
from zhengtong.toolkit.ui.streaming import stream

_BOM = "\ufeff".encode()
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "json": "application/json",
    "xml": "text/xml; charset=utf-8",
}
#: what XML 1.0 cannot hold
_NOT_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
_Pieces = Generator[bytes, None, None]


@require_safe
def dump(request: HttpRequest, resource_id: UUID) -> HttpResponseBase:
    """Parameters: format, bom, and those of datastore_search."""
    given = Parameters({name: values[-1] for name, values in request.GET.lists()})
    try:
        form = given.text("format", "csv").lower()
        if form not in _TYPES:
            raise ParametersWrong({"format": [f"Must be one of: {', '.join(_TYPES)}"]})
        table = table_of(site_of(request), str(resource_id))
        question, _offset = question_of(table, given, most=None)
        pieces = api.dump(table, question, "csv" if form == "csv" else "ndjson")
    except CkanError as exc:
        return _refused(exc)
    except RowRefusal as exc:
        return _refused(wrong(exc))
    columns = [table.column(key) for key in question.fields]
    body = _WRITERS[form](columns, pieces)
    if given.flag("bom") and form in {"csv", "tsv"}:
        body = _marked(body)
    return shared(stream(request, body, content_type=_TYPES[form], filename=f"{resource_id}.{form}"))


def _refused(error: CkanError) -> HttpResponse:
    document = {"success": False, "error": error.document()}
    return shared(HttpResponse(encoded(document), status=error.status, content_type="application/json;charset=utf-8"))


def _marked(pieces: _Pieces) -> _Pieces:
    yield _BOM
    yield from pieces


def _csv(columns: Sequence[Column], pieces: _Pieces) -> _Pieces:
    """As the server writes it, under CKAN's heads."""
    next(pieces)
    yield (",".join(name_of(column.key) for column in columns) + "\n").encode()
    yield from pieces


def _rows(pieces: Iterable[bytes]) -> Generator[list[dict[str, Any]], None, None]:
    """Rows, as many at a time as have come."""
    rest = b""
    for piece in pieces:
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()
        if lines:
            yield [json.loads(line) for line in lines if line]
    if rest:
        yield [json.loads(rest)]


def _lists(columns: Sequence[Column], pieces: _Pieces) -> Generator[list[list[Any]], None, None]:
    for rows in _rows(pieces):
        yield [[value(column, row[column.key]) for column in columns] for row in rows]


def _tsv(columns: Sequence[Column], pieces: _Pieces) -> _Pieces:
    yield ("\t".join(name_of(column.key) for column in columns) + "\n").encode()
    for lists in _lists(columns, pieces):
        yield datastore.written(lists, "\t").encode()


def _json(columns: Sequence[Column], pieces: _Pieces) -> _Pieces:
    fields = [{"id": name_of(column.key), "type": type_of(column.kind)} for column in columns]
    yield b'{\n  "fields": ' + encoded(fields) + b',\n  "records": ['
    joint = b"\n    "
    for lists in _lists(columns, pieces):
        if lists:
            yield joint + b",\n    ".join(encoded(one) for one in lists)
            joint = b",\n    "
    yield b"\n]}\n"


def _xml(columns: Sequence[Column], pieces: _Pieces) -> _Pieces:
    yield b'<data xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
    shown = [column for column in columns if name_of(column.key) != datastore.ID]
    numbered = next((column.key for column in columns if name_of(column.key) == datastore.ID), "")
    for rows in _rows(pieces):
        yield "".join(_xml_row(shown, row, row.get(numbered)) for row in rows).encode()
    yield b"</data>\n"


def _xml_row(columns: Sequence[Column], row: dict[str, Any], number: Any) -> str:
    cells = "".join(
        f'<{column.key} xsi:nil="true"/>' if row[column.key] is None else f"<{column.key}>{_text(row[column.key])}</{column.key}>"
        for column in columns
    )
    return f"<row{f' _id={quoteattr(str(number))}' if number is not None else ''}>{cells}</row>\n"


def _text(found: Any) -> str:
    if isinstance(found, bool):
        return "true" if found else "false"
    return escape(str(found).translate(_NOT_XML))


_WRITERS = {"csv": _csv, "tsv": _tsv, "json": _json, "xml": _xml}
