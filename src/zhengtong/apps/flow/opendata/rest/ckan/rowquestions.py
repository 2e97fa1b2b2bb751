"""Questions of CKAN's datastore as questions of our engine, which compiles and answers them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.rest.ckan.errors import NotThere, ParametersWrong
from zhengtong.apps.flow.opendata.rest.ckan.parameters import Parameters
from zhengtong.engines.rowquery.question import FURTHEST, Condition, Filter, Group, Op, Question, Sort
from zhengtong.engines.rowquery.reading import condition
from zhengtong.engines.rowquery.refusals import RowRefusal
from zhengtong.engines.rowquery.table import ROW, Kind, Table
from zhengtong.kernel.errors import NotFound, Refused

#: CKAN's name of the row's number
ID = "_id"
#: CKAN's ckan.datastore.search.rows_max, and its default
MOST_ROWS, _ROWS = 32_000, 100
_MOST_OFFSET = 10**12
_TYPES = {
    Kind.TEXT: "text",
    Kind.INTEGER: "int8",
    Kind.DECIMAL: "numeric",
    Kind.DOUBLE: "float8",
    Kind.DATE: "date",
    Kind.MOMENT: "timestamptz",
    Kind.BOOLEAN: "bool",
}
_RANGES = {"eq": Op.EQ, "ne": Op.NE, "gt": Op.GT, "gte": Op.GTE, "lt": Op.LT, "lte": Op.LTE, "in": Op.IN}


def table_of(site: api.Site, text: str) -> Table:
    """
    The rows that a resource stands for.

    :raises NotThere: if it is no resource with rows, or not open.
    """
    found = site.read(text)
    if found is None or found[1] is not api.ckan.DATASTORE_FORM:
        raise NotThere("Resource")
    try:
        return api.row_schema(found[0])
    except (NotFound, Refused) as exc:  # what goes to applicants alone is not among what CKAN lists
        raise NotThere("Resource") from exc


def type_of(kind: Kind) -> str:
    """CKAN's name of a column's type."""
    return _TYPES[kind]


def name_of(key: str) -> str:
    """CKAN's name of a column."""
    return ID if key == ROW.key else key


def _key(name: str) -> str:
    return ROW.key if name == ID else name


def question_of(table: Table, given: Parameters, *, most: int | None) -> tuple[Question, int]:
    """
    What is asked, with the rows' number first where no fields are named, and the offset as it was given.

    :param most: rows at most; None for dumps.
    :raises ParametersWrong: naming the parameter.
    """
    named = [_key(name) for name in given.words("fields")]
    fields = tuple(named) or (ROW.key, *(column.key for column in table.columns))
    limit = given.number("limit", _ROWS, most=most) if most is not None else _unlimited(given)
    offset = given.number("offset", 0, most=_MOST_OFFSET)
    try:
        where = _all([*_filters(table, given), *_words(table, given)])
        sort = tuple(_sorts(given.text("sort")))
        # without a filter the number of a row is its place, so any offset is one look into an index
        straight = where is None and not sort and not given.flag("distinct")
        if straight and offset:
            where = condition(table, ROW.key, Op.GT, [str(offset)])
        elif offset > FURTHEST:
            raise ParametersWrong({"offset": [f"Must be at most {FURTHEST} with filters, sort or distinct; dump the rows instead"]})
        distinct = given.flag("distinct") and bool(named)
        return Question(where, fields, sort, limit, "", 0 if straight else offset, distinct), offset
    except RowRefusal as exc:
        raise wrong(exc) from exc


def wrong(refusal: RowRefusal) -> ParametersWrong:
    """A refusal of the engine in CKAN's shape: the field with the sentence, and what to do instead."""
    return ParametersWrong({refusal.field or "query": [f"{refusal.sentence} {refusal.remedy}".strip()]})


def _unlimited(given: Parameters) -> int | None:
    return given.number("limit", 0, most=2**31) if given.raw("limit") is not None else None


def _all(parts: list[Filter]) -> Filter | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Group(tuple(parts))


def _filters(table: Table, given: Parameters) -> Iterator[Filter]:
    for name, value in (given.structure("filters", dict) or {}).items():
        key = _key(str(name))
        match value:
            case None | []:
                yield condition(table, key, Op.ISNULL, ["true"])
            case list():
                yield condition(table, key, Op.IN, [_text(key, one) for one in value])
            case dict():
                for op, limit in value.items():
                    if op not in _RANGES:
                        raise ParametersWrong({"filters": [f"Unknown operator {str(op)[:20]}; known: {', '.join(_RANGES)}"]})
                    values = limit if isinstance(limit, list) else [limit]
                    yield condition(table, key, _RANGES[op], [_text(key, one) for one in values])
            case _:
                yield condition(table, key, Op.EQ, [_text(key, value)])


def _text(key: str, value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float() | str():
            return str(value)
    raise ParametersWrong({"filters": [f"{key[:60]}: not a text, a number or a list of such"]})


def _words(table: Table, given: Parameters) -> Iterator[Filter]:
    """Every word must occur: in any column of text, or in the column it is asked for."""
    raw = given.raw("q")
    if isinstance(raw, dict) or (isinstance(raw, str) and raw.lstrip().startswith("{")):
        for name, text in given.structure("q", dict).items():
            yield from (condition(table, _key(str(name)), Op.CONTAINS, [word]) for word in str(text).split())
        return
    columns = [column.key for column in table.columns if column.kind is Kind.TEXT]
    for word in given.text("q").split():
        found: list[Condition] = [condition(table, key, Op.CONTAINS, [word]) for key in columns]
        if not found:
            raise ParametersWrong({"q": ["This resource has no column of text"]})
        yield Group(tuple(found), either=True)


def _sorts(text: str) -> Iterator[Sort]:
    for part in text.split(","):
        words = part.split()
        if not words:
            continue
        name, direction = words[0].strip('"'), " ".join(words[1:]).lower().replace(" nulls last", "")
        if direction not in {"", "asc", "desc"}:
            raise ParametersWrong({"sort": [f"Must be column asc or column desc: {part.strip()[:60]}"]})
        yield Sort(_key(name), direction == "desc")
