"""CKAN's actions over the rows. A docstring is the action's help."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.rest.ckan.catalogue import Action
from zhengtong.apps.flow.opendata.rest.ckan.errors import ParametersWrong
from zhengtong.apps.flow.opendata.rest.ckan.parameters import Parameters
from zhengtong.apps.flow.opendata.rest.ckan.rowquestions import ID, MOST_ROWS, name_of, question_of, table_of, type_of, wrong
from zhengtong.apps.flow.opendata.rest.values import value
from zhengtong.engines.rowquery.refusals import RowRefusal
from zhengtong.engines.rowquery.table import Column, Table

_FORMATS = {"objects": "", "lists": "", "csv": ",", "tsv": "\t"}
_CARRIED = ("resource_id", "filters", "q", "distinct", "fields", "sort", "include_total", "records_format", "limit")


def datastore_search(site: api.Site, given: Parameters) -> dict[str, Any]:
    """
    Search the rows of a resource. Parameters: resource_id, filters, q, distinct, limit (at most 32000), offset, fields, sort,
    include_total, records_format (objects, lists, csv, tsv).
    """
    name = given.required("resource_id", "id")
    table = table_of(site, name)
    form = given.text("records_format", "objects")
    if form not in _FORMATS:
        raise ParametersWrong({"records_format": [f"Must be one of: {', '.join(_FORMATS)}"]})
    question, offset = question_of(table, given, most=MOST_ROWS)
    counted = given.flag("include_total", default=True)
    # an offset that became a filter on the row's number says nothing about how many there are
    whole = question.offset == 0 and offset > 0
    try:
        page = api.rows(table, question, counted=counted and not whole)
    except RowRefusal as exc:
        raise wrong(exc) from exc
    columns = [table.column(key) for key in question.fields]
    limit = question.limit or 0
    answer: dict[str, Any] = {
        "resource_id": name,
        "fields": [{"id": name_of(column.key), "type": type_of(column.kind)} for column in columns],
        "records_format": form,
        "records": _records(columns, page.records(), form),
        "limit": limit,
        "_links": {"start": _link(given, 0), "next": _link(given, offset + limit)},
        "include_total": counted,
        "total_estimation_threshold": None,
    }
    if offset:
        answer["offset"] = offset
    if counted:
        answer["total"] = table.rows if whole else page.total
        answer["total_was_estimated"] = False
        if answer["total"] is None:
            answer["total_reason"] = str(page.total_reason)
    return answer


def _link(given: Parameters, offset: int) -> str:
    """The page from an offset on, under the address of the action."""
    asked = {name: given.raw(name) for name in _CARRIED if given.raw(name) is not None}
    plain = {name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for name, value in asked.items()}
    return "/api/3/action/datastore_search?" + urlencode(plain | ({"offset": str(offset)} if offset else {}))


def _records(columns: Sequence[Column], rows: Sequence[dict[str, Any]], form: str) -> list[Any] | str:
    if form == "objects":
        return [{name_of(column.key): value(column, row[column.key]) for column in columns} for row in rows]
    lists = [[value(column, row[column.key]) for column in columns] for row in rows]
    if form == "lists":
        return lists
    return written(lists, _FORMATS[form])


def written(lists: Sequence[Sequence[Any]], delimiter: str) -> str:
    """Rows as lines; nothing that is missing stands between two delimiters, truth is written as PostgreSQL writes it."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([_cell(one) for one in row] for row in lists)
    return out.getvalue()


def _cell(found: Any) -> Any:
    if isinstance(found, bool):
        return "t" if found else "f"
    return "'" + found if isinstance(found, str) and found[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"} else found


def datastore_info(site: api.Site, given: Parameters) -> dict[str, Any]:
    """Return the columns of a resource's rows and how many rows there are. Parameters: id."""
    name = given.required("id", "resource_id")
    table = table_of(site, name)
    return {
        "meta": {"id": name, "count": table.rows, "table_type": "BASE TABLE", "aliases": [], "version": table.version},
        "fields": [_described(table, column) for column in table.columns],
    }


def _described(table: Table, column: Column) -> dict[str, Any]:
    return {
        "id": column.key,
        "type": type_of(column.kind),
        "info": {"label": column.name},
        "schema": {
            "native_type": type_of(column.kind),
            "notnull": not column.nulls,
            "is_index": column.indexed,
            "uniquekey": table.keys == (column.key,),
            "index_name": None,
        },
    }


ACTIONS: dict[str, Action] = {action.__name__: action for action in (datastore_search, datastore_info)}
__all__ = ["ACTIONS", "ID", "datastore_info", "datastore_search", "written"]
