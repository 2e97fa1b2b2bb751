"""
One sheet as files of several forms. Every writer takes the same frames in the same order and says how many rows it wrote.

Threat model. A text that a spreadsheet would run as a formula (CSV injection) begins with an apostrophe in CSV and XLSX; XML and Turtle are
escaped, and characters that XML cannot hold are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from zhengtong.apps.flow.opendata.rules import texts, workbook
from zhengtong.apps.flow.opendata.rules.sheet import Sheet
from zhengtong.apps.flow.opendata.rules.vocabulary import Form

#: rows of a worksheet, its head included
SHEET_ROWS = 1_048_576
_BOM = "\ufeff"
#: told after every part: how many rows of this form are written
Told = Callable[[int], None]


@dataclass(frozen=True)
class Written:
    """How many rows a writer wrote, and on how many worksheets where there are such."""

    rows: int
    sheets: int = 1


def _plain_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts that no spreadsheet runs; moments in Beijing time."""
    changed = [(name, kind) for name, kind in frame.schema.items() if kind == pl.String() or isinstance(kind, pl.Datetime)]
    return frame.with_columns(texts.plain(name, kind).alias(name) for name, kind in changed)


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
    head = [column.name for column in sheet.columns]
    return Written(*workbook.write(head, sheet.batches(), path, told, room=SHEET_ROWS))


def write_json(sheet: Sheet, path: Path, told: Told) -> Written:
    """A list of objects, one a line, so that a line can be read by itself. Decimals are texts: no digit is lost."""
    rows = 0
    with path.open("wb") as out:
        out.write(b"[")
        for batch in sheet.batches():
            exact = [pl.col(name).cast(pl.String) for name, kind in batch.schema.items() if isinstance(kind, pl.Decimal)]
            moments = [texts.moment(name) for name, kind in batch.schema.items() if isinstance(kind, pl.Datetime)]
            # a line break inside of a value is escaped, so every one that stands there ends an object
            lines = batch.with_columns(*exact, *moments).write_ndjson().rstrip("\n").replace("\n", ",\n")
            out.write((b"," if rows else b"") + b"\n" + lines.encode())
            rows += batch.height
            told(rows)
        out.write(b"\n]\n")
    return Written(rows)


def write_xml(sheet: Sheet, path: Path, told: Told) -> Written:
    """``<rows><row><key>value</key>…``; what is absent has no element."""
    rows = 0
    with path.open("wb") as out:
        out.write(b'<?xml version="1.0" encoding="UTF-8"?>\n<rows>\n')
        for batch in sheet.batches():
            cells = [
                texts.between(f"<{key}>", texts.markup(texts.written(key, kind)), f"</{key}>").fill_null("").alias(key)
                for key, kind in batch.schema.items()
            ]
            out.write(_lines(batch, cells, pl.lit("<row>"), pl.lit("</row>\n")))
            rows += batch.height
            told(rows)
        out.write(b"</rows>\n")
    return Written(rows)


def _lines(batch: pl.DataFrame, cells: Sequence[pl.Expr], before: pl.Expr, after: pl.Expr) -> bytes:
    """The cells of every row side by side, and the rows one after the other."""
    row = pl.concat_str(before, *(pl.col(name) for name in batch.columns), after).alias("_row")
    return "".join(batch.with_row_index("_place").with_columns(*cells).select(row)["_row"].to_list()).encode()


_LITERALS = {
    pl.Int64(): "xsd:integer",
    pl.Int32(): "xsd:integer",
    pl.Int16(): "xsd:integer",
    pl.Float64(): "xsd:double",
    pl.Date(): "xsd:date",
    pl.Boolean(): "xsd:boolean",
}


def _literal_type(kind: pl.DataType) -> str:
    if isinstance(kind, pl.Decimal):
        return "xsd:decimal"
    return "xsd:dateTime" if isinstance(kind, pl.Datetime) else _LITERALS.get(kind, "")


def write_turtle(sheet: Sheet, path: Path, told: Told) -> Written:
    """One subject a row, one property an item, named by its Chinese label in the head."""
    rows = 0
    with path.open("wb") as out:
        out.write(b"@prefix : <#> .\n@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n")
        out.write(b"@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n")
        for key, label in pl.DataFrame({c.key: [c.name] for c in sheet.columns}).select(texts.quoted(pl.all())).row(0, named=True).items():
            out.write(f':{key} rdfs:label "{label}"@zh .\n'.encode())
        for batch in sheet.batches():
            parts = [_statement(key, kind) for key, kind in batch.schema.items()]
            subject = texts.between(":row", (pl.col("_place") + rows + 1).cast(pl.String), " a :Row")
            out.write(_lines(batch, parts, subject, pl.lit(" .\n")))
            rows += batch.height
            told(rows)
    return Written(rows)


def _statement(key: str, kind: pl.DataType) -> pl.Expr:
    type_ = _literal_type(kind)
    ending = f'"^^{type_}' if type_ else '"'
    return texts.between(f' ;\n  :{key} "', texts.quoted(texts.written(key, kind)), ending).fill_null("").alias(key)


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
