"""
One sheet as files of several forms. Every writer takes the same frames in the same order and says how many rows it wrote.

Threat model. A text that a spreadsheet would run as a formula (CSV injection) begins with an apostrophe in CSV and XLSX; XML and Turtle are
escaped, and characters that XML cannot hold are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import polars as pl
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from zhengtong.apps.flow.opendata.rules.sheet import Sheet
from zhengtong.apps.flow.opendata.rules.vocabulary import Form
from zhengtong.kernel.clock import CHINA

#: rows of a worksheet, its head included
SHEET_ROWS = 1_048_576
_BOM = "\ufeff"
#: how a text begins that a spreadsheet would run
FORMULA = r"^[=+\-@\t\r\n]"
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
#: told after every part: how many rows of this form are written
Told = Callable[[int], None]


@dataclass(frozen=True)
class Written:
    """How many rows a writer wrote, and on how many worksheets where there are such."""

    rows: int
    sheets: int = 1


def _plain_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts that no spreadsheet runs; moments in Beijing time."""
    texts = [
        pl.when(pl.col(name).str.contains(FORMULA)).then(pl.lit("'") + pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name, kind in frame.schema.items()
        if kind == pl.String()
    ]
    return frame.with_columns(*texts, *_moments(frame))


def _moments(frame: pl.DataFrame) -> list[pl.Expr]:
    zone = "Asia/Shanghai"
    return [
        pl.col(name).dt.convert_time_zone(zone).dt.to_string("iso:strict").alias(name)
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.Datetime)
    ]


def write_csv(sheet: Sheet, path: Path, told: Told) -> Written:
    """RFC 4180 in UTF-8 with the mark by which Excel knows it; heads are the items' keys."""
    rows = 0
    with path.open("wb") as out:
        out.write(_BOM.encode())
        out.write(pl.DataFrame(schema=sheet.frame.collect_schema()).write_csv().encode())
        for batch in sheet.batches():
            out.write(_plain_text(batch).write_csv(include_header=False).encode())
            rows += batch.height
            told(rows)
    return Written(rows)


def write_xlsx(sheet: Sheet, path: Path, told: Told) -> Written:
    """Worksheets one after the other, each with its head; a full one is followed by the next, so that no row is lost."""
    book = Workbook(write_only=True)
    head = [column.name for column in sheet.columns]
    rows, sheets, room, page = 0, 0, 0, None
    for batch in sheet.batches():
        for row in _plain_text(batch).iter_rows():
            if room == 0:
                sheets, room = sheets + 1, SHEET_ROWS - 1
                page = book.create_sheet(f"data{sheets}")
                page.append(head)
            assert page is not None  # noqa: S101 - made above
            page.append([ILLEGAL_CHARACTERS_RE.sub("", one) if isinstance(one, str) else one for one in row])
            room -= 1
        rows += batch.height
        told(rows)
    if page is None:
        book.create_sheet("data1").append(head)
    book.save(path)
    return Written(rows, max(sheets, 1))


def _value(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return value.astimezone(CHINA).isoformat()
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _records(sheet: Sheet) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    rows = 0
    for batch in sheet.batches():
        rows += batch.height
        yield rows, [{key: _value(value) for key, value in row.items()} for row in batch.iter_rows(named=True)]


def write_json(sheet: Sheet, path: Path, told: Told) -> Written:
    """A list of objects, one a line, so that a line can be read by itself. Decimals are texts: no digit is lost."""
    rows = 0
    with path.open("w", encoding="utf-8") as out:
        out.write("[")
        for total, records in _records(sheet):
            lines = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=str) for one in records)
            out.write(("\n" if rows == 0 else ",\n") + lines)
            rows = total
            told(rows)
        out.write("\n]\n")
    return Written(rows)


def _xml_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _NOT_XML.sub("", str(value))


def write_xml(sheet: Sheet, path: Path, told: Told) -> Written:
    """``<rows><row><key>value</key>…``; what is absent has no element."""
    rows = 0
    with path.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<rows>\n')
        for total, records in _records(sheet):
            for one in records:
                cells = "".join(f"<{key}>{escape(_xml_text(value))}</{key}>" for key, value in one.items() if value is not None)
                out.write(f"<row>{cells}</row>\n")
            rows = total
            told(rows)
        out.write("</rows>\n")
    return Written(rows)


_LITERALS = {
    pl.Int64(): "xsd:integer",
    pl.Int32(): "xsd:integer",
    pl.Int16(): "xsd:integer",
    pl.Float64(): "xsd:double",
    pl.Date(): "xsd:date",
    pl.Boolean(): "xsd:boolean",
}
_TURTLE = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def _literal_type(kind: pl.DataType) -> str:
    if isinstance(kind, pl.Decimal):
        return "xsd:decimal"
    return "xsd:dateTime" if isinstance(kind, pl.Datetime) else _LITERALS.get(kind, "")


def write_turtle(sheet: Sheet, path: Path, told: Told) -> Written:
    """One subject a row, one property an item, named by its Chinese label in the head."""
    kinds = {name: _literal_type(kind) for name, kind in sheet.frame.collect_schema().items()}
    rows = 0
    with path.open("w", encoding="utf-8") as out:
        out.write("@prefix : <#> .\n@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n")
        out.write("@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n")
        for column in sheet.columns:
            out.write(f':{column.key} rdfs:label "{column.name.translate(_TURTLE)}"@zh .\n')
        for total, records in _records(sheet):
            for place, one in enumerate(records, start=rows + 1):
                parts = [f":{key} {_literal(value, kinds[key])}" for key, value in one.items() if value is not None]
                out.write(f":row{place} a :Row" + "".join(f" ;\n  {part}" for part in parts) + " .\n")
            rows = total
            told(rows)
    return Written(rows)


def _literal(value: Any, kind: str) -> str:
    text = _xml_text(value).translate(_TURTLE)
    return f'"{text}"^^{kind}' if kind else f'"{text}"'


def write_parquet(sheet: Sheet, path: Path, told: Told) -> Written:
    """Typed columns; one row group a part."""
    rows = 0
    schema = pl.DataFrame(schema=sheet.frame.collect_schema()).to_arrow().schema
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in sheet.batches():
            writer.write_table(batch.to_arrow())
            rows += batch.height
            told(rows)
    return Written(rows)


WRITERS: dict[Form, Callable[[Sheet, Path, Told], Written]] = {
    Form.CSV: write_csv,
    Form.XLSX: write_xlsx,
    Form.JSON: write_json,
    Form.XML: write_xml,
    Form.TURTLE: write_turtle,
    Form.PARQUET: write_parquet,
}
