"""
Questions compiled to SQL. Every statement binds its values as texts, numbered ``$1`` onwards, and casts them to the column's type.

COPY takes no parameters. A stream therefore reads its values from settings of its own transaction (``current_setting``), which are set by
a statement that binds them; no value is ever part of the text of a statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from zhengtong.engines.rowquery import cursors, permitted
from zhengtong.engines.rowquery.question import AggregateQuestion, Condition, FacetQuestion, Filter, Measure, Op, Question
from zhengtong.engines.rowquery.refusals import BadCursor
from zhengtong.engines.rowquery.table import ROW, SQL_TYPES, Column, Kind, Table
from zhengtong.engines.rowquery.values import behind_prefix, checked

#: rows that are counted for a question before the answer says "more"
COUNTED_ROWS = 10_000
#: bytes with which a spreadsheet takes a text for a formula
_FORMULAS = "'{9,10,13,43,45,61,64}'::int[]"
_SIGNS = {Op.EQ: "=", Op.NE: "<>", Op.GT: ">", Op.GTE: ">=", Op.LT: "<", Op.LTE: "<="}
Value = str | list[str]


@dataclass(frozen=True)
class Statement:
    """SQL with its values, in order."""

    sql: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Copy:
    """
    Statements of a transaction: ``before`` sets the values, then ``COPY (select) TO STDOUT (FORMAT csv, …)``. ``head`` is the first line,
    empty for NDJSON, whose ``delimiter`` and ``quote`` are signs that JSON cannot hold, so that every line is as it was made.
    """

    before: Statement
    select: str
    head: bytes
    delimiter: str = ","
    quote: str = '"'

    @property
    def sql(self) -> str:
        """The whole statement."""
        return f"copy ({self.select}) to stdout (format csv, delimiter '{self.delimiter}', quote '{self.quote}')"


@dataclass
class _Values:
    """The values of one statement as they are met; ``settings``: as settings for COPY, not as parameters."""

    settings: bool = False
    held: list[Value] = field(default_factory=list)

    def bind(self, column: Column, text: str) -> str:
        return self._bound(text, SQL_TYPES[column.kind], "text")

    def bind_all(self, column: Column, texts: Sequence[str]) -> str:
        return self._bound(list(texts), f"{SQL_TYPES[column.kind]}[]", "text[]")

    def _bound(self, value: Value, cast: str, sent: str) -> str:
        self.held.append(value)
        place = len(self.held)
        return f"current_setting('opened.p{place}')::{cast}" if self.settings else f"${place}::{sent}::{cast}"

    def setting(self) -> Statement:
        """The statement that makes the values settings until the transaction ends; dates leave as ISO 8601 has them."""
        parts = ["set_config('datestyle', 'ISO, YMD', true)"]
        parts += [
            f"set_config('opened.p{place}', ${place}::text{'[]::text' if isinstance(value, list) else ''}, true)"
            for place, value in enumerate(self.held, start=1)
        ]
        return Statement(f"select {', '.join(parts)}", tuple(self.held))


# --------------------------------------------------------------------------- filters
def _filter(table: Table, where: Filter, values: _Values) -> str:
    if isinstance(where, Condition):
        return _condition(table.column(where.item), where, values)
    joined = (" or " if where.either else " and ").join(_filter(table, part, values) for part in where.parts)
    return f"({joined})"


def _condition(column: Column, one: Condition, values: _Values) -> str:
    name = column.sql
    match one.op:
        case Op.ISNULL:
            return f"{name} is null" if one.values == ("true",) else f"{name} is not null"
        case Op.IN:
            return f"{name} = any({values.bind_all(column, one.values)})"
        case Op.CONTAINS:
            return f"strpos({name}, {values.bind(column, one.values[0])}) > 0"
        case Op.STARTSWITH:
            prefix = one.values[0]
            behind = behind_prefix(prefix)
            least = f"{name} >= {values.bind(column, prefix)}"
            return least if behind is None else f"({least} and {name} < {values.bind(column, behind)})"
        case _:
            return f"{name} {_SIGNS[one.op]} {values.bind(column, one.values[0])}"


def _where(parts: Sequence[str]) -> str:
    kept = [part for part in parts if part]
    return f" where {' and '.join(kept)}" if kept else ""


# --------------------------------------------------------------------------- order
@dataclass(frozen=True)
class _Order:
    """The columns that put the rows in one order, with the direction of each; missing values last."""

    parts: tuple[tuple[Column, bool], ...]

    @classmethod
    def of(cls, table: Table, question: Question) -> _Order:
        parts = [(table.column(one.item), one.descending) for one in question.sort]
        named = {column.key for column, _ in parts}
        if question.distinct:
            parts += [(table.column(item), False) for item in question.fields if item not in named]
        elif ROW.key not in named:
            parts.append((ROW, parts[-1][1] if parts else False))
        return cls(tuple(parts))

    def sql(self) -> str:
        return ", ".join(self._one(column, descending) for column, descending in self.parts)

    @staticmethod
    def _one(column: Column, descending: bool) -> str:  # noqa: FBT001 - one of a pair
        return f"{column.sql}{' desc' if descending else ''}{' nulls last' if column.nulls and descending else ''}"

    def behind(self, place: Sequence[str | None], values: _Values) -> str:
        """What holds for rows behind a place."""
        alternatives, equal = [], ""
        for (column, descending), text in zip(self.parts, place, strict=True):
            if text is None:
                equal += f"{column.sql} is null and "
                continue
            bound = values.bind(column, text)
            missing = f" or {column.sql} is null" if column.nulls else ""
            alternatives.append(f"({equal}({column.sql} {'<' if descending else '>'} {bound}{missing}))")
            equal += f"{column.sql} = {bound} and "
        return f"({' or '.join(alternatives)})" if alternatives else "false"


def _place(table: Table, order: _Order, question: Question) -> tuple[str | None, ...] | None:
    """The checked values of the cursor, None without one."""
    if not question.after:
        return None
    place = cursors.read(question.after, question)
    if place.version != table.version or len(place.values) != len(order.parts):
        raise BadCursor(field="after")
    return tuple(
        None if text is None else checked(column, text) for (column, _descending), text in zip(order.parts, place.values, strict=True)
    )


def _selected(table: Table, question: Question, values: _Values, columns: Sequence[Column], most: int | None) -> str:
    """
    The rows of a question, ``columns`` of them, in no order that holds outside.

    Where an index holds all that chooses and sorts the rows, it finds their numbers without reading any of them, and then the few of the
    page are read: with twenty million rows, thirty times as fast.
    """
    if most is not None and _found_first(table, question):
        found = _ordered(table, question, values, [column for column, _ in _Order.of(table, question).parts], most)
        names = ", ".join(column.sql for column in columns)
        return f"select {names} from {table.sql} where {ROW.sql} = any(array(select {ROW.sql} from ({found}) w))"  # noqa: S608 - as below
    return _ordered(table, question, values, columns, most)


def _found_first(table: Table, question: Question) -> bool:
    if question.distinct or question.where is None:
        return False
    used = {one.item for one in permitted.conditions(question.where)} | {one.item for one in question.sort}
    return len(used - {ROW.key}) > 1 and used <= {ROW.key, *table.covered}


def _ordered(table: Table, question: Question, values: _Values, columns: Sequence[Column], most: int | None) -> str:
    """The rows of a question in their order, ``columns`` of them."""
    order = _Order.of(table, question)
    place = _place(table, order, question)
    fitting = _filter(table, question.where, values) if question.where else ""
    names = ", ".join(column.sql for column in columns)
    cut = f" limit {int(most)}" if most is not None else ""
    cut += f" offset {int(question.offset)}" if question.offset else ""
    first, descending = order.parts[0]
    if question.distinct:
        rows = f"select distinct {names} from {table.sql}{_where([fitting])}"  # noqa: S608 - described identifiers, bound values
        behind = order.behind(place, values) if place else ""
        return f"select {names} from ({rows}) d{_where([behind])} order by {order.sql()}{cut}"  # noqa: S608 - as above
    if len(question.sort) == 1 and first.nulls and not question.offset:
        return _in_two_parts(table, order, place, fitting, names, cut, values)
    if place and not any(column.nulls or way is not descending for column, way in order.parts):
        sides = (", ".join(column.sql for column, _ in order.parts), ", ".join(_bound(order, place, values)))
        behind = f"({sides[0]}) {'<' if descending else '>'} ({sides[1]})"
    else:
        behind = order.behind(place, values) if place else ""
    return f"select {names} from {table.sql}{_where([fitting, behind])} order by {order.sql()}{cut}"  # noqa: S608 - as above


def _bound(order: _Order, place: Sequence[str | None], values: _Values) -> list[str]:
    return [values.bind(column, text) for (column, _), text in zip(order.parts, place, strict=True) if text is not None]


def _in_two_parts(
    table: Table, order: _Order, place: Sequence[str | None] | None, fitting: str, names: str, cut: str, values: _Values
) -> str:
    """
    Rows sorted by one column that has missing values: those with a value first, each part straight from the index.

    Both parts are cut, so that the sort over them sees two pages at most.
    """
    (column, descending), (row, _) = order.parts
    sign, way = ("<", " desc") if descending else (">", "")
    given, missing = f"{column.sql} is not null", f"{column.sql} is null"
    start = ""
    if place and place[0] is not None:
        start = f"({column.sql}, {row.sql}) {sign} ({', '.join(_bound(order, place, values))})"
    parts = []
    if place is None or place[0] is not None:
        ordered = f"{column.sql}{way}, {row.sql}{way}"
        parts.append(f"(select {names} from {table.sql}{_where([fitting, given, start])} order by {ordered}{cut})")  # noqa: S608 - as above
    end = f"{row.sql} {sign} {values.bind(row, place[1])}" if place and place[0] is None and place[1] is not None else ""
    parts.append(f"(select {names} from {table.sql}{_where([fitting, missing, end])} order by {row.sql}{way}{cut})")  # noqa: S608 - as above
    return f"select * from ({' union all '.join(parts)}) u order by {order.sql()}{cut}"  # noqa: S608 - as above


# --------------------------------------------------------------------------- statements
def _shown(table: Table, question: Question) -> list[Column]:
    return [table.column(key) for key in question.fields] if question.fields else list(table.columns)


def page(table: Table, question: Question) -> Statement:
    """
    One page and one row more, if there is one: each as JSON text, then the values of its order as texts.

    :raises NotIndexed: if the table is large and no index carries the question.
    :raises BadCursor: if the cursor is not of this question and version.
    """
    permitted.require_rows(table, question)
    values = _Values()
    shown, order = _shown(table, question), [column for column, _ in _Order.of(table, question).parts]
    inner = _selected(
        table, question, values, list(dict.fromkeys([*shown, *order])), None if question.limit is None else question.limit + 1
    )
    told = ", ".join(f"{column.json_sql('p.')} as {column.sql}" for column in shown)
    ends = ", ".join(f"{column.text_sql('p.')} as k{place}" for place, column in enumerate(order))
    sorted_again = ", ".join(f"p.{_Order._one(column, way)}" for column, way in _Order.of(table, question).parts)  # noqa: SLF001 - same module
    sql = f"select (select row_to_json(_r) from (select {told}) _r)::text, {ends} from ({inner}) p order by {sorted_again}"  # noqa: S608 - as above
    return Statement(sql, tuple(values.held))


def count(table: Table, where: Filter) -> Statement | None:
    """How many rows fit, up to one more than is counted; None where counting would read rows in vain."""
    if not table.small and not permitted.wholly_carried(table, where):
        return None
    values = _Values()
    most = table.rows if table.small else COUNTED_ROWS + 1
    fitting = _filter(table, where, values)
    return Statement(f"select count(*) from (select 1 from {table.sql} where {fitting} limit {most}) c", tuple(values.held))  # noqa: S608 - as above


def facet(table: Table, item: str, question: FacetQuestion) -> Statement:
    """The values of one column with their counts, one more than is asked for if there are more."""
    values = _Values()
    column = table.column(item)
    fitting = _filter(table, question.where, values) if question.where else ""
    sql = (
        f"select {column.text_sql('f.')}, _n from (select {column.sql}, count(*) as _n from {table.sql}{_where([fitting])}"  # noqa: S608 - as above
        f" group by {column.sql} order by _n desc, {column.sql} limit {int(question.limit) + 1}) f order by _n desc, f.{column.sql}"
    )
    return Statement(sql, tuple(values.held))


def aggregate(table: Table, question: AggregateQuestion) -> Statement:
    """
    Groups with their measures as JSON text, one more than is asked for if there are more.

    :raises NotIndexed: if the table is large and no index carries the question.
    """
    permitted.require_aggregate(table, question)
    values = _Values()
    group = [table.column(key) for key in question.group]
    fitting = _filter(table, question.where, values) if question.where else ""
    measures = [f'{_measured(table, one)} as "{one.name}"' for one in question.measures]
    inner = ", ".join([*(column.sql for column in group), *measures])
    grouped = f" group by {', '.join(column.sql for column in group)}" if group else ""
    known = {column.key for column in group}
    named = {one.item for one in question.sort}
    order = [f'"{one.item}"{" desc nulls last" if one.descending else ""}' for one in question.sort if one.item in known | _names(question)]
    order += [column.sql for column in group if column.key not in named]
    ordered = f" order by {', '.join(order)}" if order else ""
    told = [f"{column.json_sql('a.')} as {column.sql}" for column in group]
    told += [f'{_told(table, one)} as "{one.name}"' for one in question.measures]
    sql = (
        f"select (select row_to_json(_r) from (select {', '.join(told)}) _r)::text from"  # noqa: S608 - as above
        f" (select {inner} from {table.sql}{_where([fitting])}{grouped}{ordered} limit {int(question.limit) + 1}) a{ordered}"
    )
    return Statement(sql, tuple(values.held))


def _names(question: AggregateQuestion) -> set[str]:
    return {one.name for one in question.measures}


def _measured(table: Table, one: Measure) -> str:
    if not one.item:
        return "count(*)"
    value = table.column(one.item).sql
    return f"avg({value})::double precision" if one.function == "avg" else f"{one.function}({value})"


def _told(table: Table, one: Measure) -> str:
    """Least and greatest values look as in a row; a sum of decimals is a text, as a decimal is."""
    name = f'a."{one.name}"'
    if one.function in {"min", "max"}:
        column = Column("measured", table.column(one.item).kind)
        return column.json_sql("a.").replace('a."measured"', name)
    return f"{name}::text" if one.function == "sum" and table.column(one.item).kind is Kind.DECIMAL else name


def stream(table: Table, question: Question, form: str) -> Copy:
    """
    All rows of a question as one stream from the server: ``csv`` as RFC 4180 with heads, or ``ndjson``.

    A text that a spreadsheet would run as a formula begins with an apostrophe in CSV, as in the files.

    :raises NotIndexed: if the table is large and no index carries the question.
    """
    permitted.require_rows(table, question)
    values = _Values(settings=True)
    shown, order = _shown(table, question), [column for column, _ in _Order.of(table, question).parts]
    inner = _selected(table, question, values, list(dict.fromkeys([*shown, *order])), question.limit)
    ordered = ", ".join(f"p.{_Order._one(column, way)}" for column, way in _Order.of(table, question).parts)  # noqa: SLF001 - same module
    if form == "csv":
        told = ", ".join(_harmless(column) for column in shown)
        select = f"select {told} from ({inner}) p order by {ordered}"  # noqa: S608 - as above
        return Copy(values.setting(), select, (",".join(column.key for column in shown) + "\n").encode())
    told = ", ".join(f"{column.json_sql('p.')} as {column.sql}" for column in shown)
    rows = f"select (select row_to_json(_r) from (select {told}) _r)::text from ({inner}) p order by {ordered}"  # noqa: S608 - as above
    return Copy(values.setting(), rows, b"", delimiter="\x02", quote="\x01")


def _harmless(column: Column) -> str:
    value = f"p.{column.sql}"
    if column.kind in {Kind.MOMENT, Kind.BOOLEAN}:
        return column.text_sql("p.")
    if column.kind is not Kind.TEXT or not column.formulas:
        return value
    return f"case when ascii({value}) = any({_FORMULAS}) then '''' || {value} else {value} end"
