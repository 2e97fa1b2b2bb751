"""
A sheet as an Excel workbook (ECMA-376), written a part at a time by column expressions, so that a million rows take seconds and the memory
of one part.

Cells hold their texts themselves (``inlineStr``) and carry no addresses, both of which the standard allows and Excel, LibreOffice, openpyxl
and calamine read: no table of shared texts has to lie in memory. A worksheet that is full is followed by the next, with the head again.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape

import polars as pl

from zhengtong.apps.flow.opendata.rules import texts

#: what a cell holds at most; Excel calls a file with more damaged
_LONGEST = 32_767
#: days count from here (with the leap day of 1900 that never was)
_DAY_ONE = pl.date(1899, 12, 30)
#: days before 1 March 1900 have no number that all programs read alike
_FIRST_DAY = pl.date(1900, 3, 1)
#: fastest: markup shrinks to a tenth of its size at every level
_LEVEL = 1

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: two styles: as it is, and a day as 2026-01-31
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def write(head: Sequence[str], parts: Iterator[pl.DataFrame], path: Path, told: Callable[[int], None], *, room: int) -> tuple[int, int]:
    """
    Write all parts; returns the rows and the worksheets.

    :param room: the rows of one worksheet, its head included.
    """
    rows, sheets, left = 0, 1, room - 1
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as book:
        page = _begun(book, sheets, head)
        for part in parts:
            place = 0
            while place < part.height:
                if not left:
                    _ended(page)
                    sheets, left = sheets + 1, room - 1
                    page = _begun(book, sheets, head)
                taken = part.slice(place, left)
                page.write(_rows(taken).encode())
                place, left = place + taken.height, left - taken.height
            rows += part.height
            told(rows)
        _ended(page)
        for name, body in _frame(sheets):
            book.writestr(name, _XML + body)
    return rows, sheets


def _begun(book: zipfile.ZipFile, number: int, head: Sequence[str]) -> IO[bytes]:
    page = book.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True)
    cells = "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{escape(name)}</t></is></c>' for name in head)
    page.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData><row>{cells}</row>'.encode())
    return page


def _ended(page: IO[bytes]) -> None:
    page.write(b"</sheetData></worksheet>")
    page.close()


def _rows(frame: pl.DataFrame) -> str:
    cells = [_cell(name, kind) for name, kind in frame.schema.items()]
    lines = frame.select(*cells).select(pl.concat_str(pl.lit("<row>"), pl.all(), pl.lit("</row>")).alias("row"))
    return "".join(lines["row"].to_list())


def _cell(name: str, kind: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    text, number = ('<c t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"), ("<c><v>", "</v></c>")
    if kind == pl.Boolean():
        cell = texts.between('<c t="b"><v>', value.cast(pl.Int8).cast(pl.String), number[1])
    elif kind == pl.Date():
        days = texts.between('<c s="1"><v>', (value - _DAY_ONE).dt.total_days().cast(pl.String), number[1])
        cell = pl.when(value >= _FIRST_DAY).then(days).otherwise(texts.between(text[0], value.cast(pl.String), text[1]))
    elif kind.is_float():
        cell = pl.when(value.is_finite()).then(texts.between(number[0], value.cast(pl.String), number[1]))
    elif kind.is_numeric():
        cell = texts.between(number[0], value.cast(pl.String), number[1])
    else:
        plain = texts.plain(name, kind)
        cell = texts.between(text[0], texts.markup(plain.str.slice(0, _LONGEST)), text[1])
    return cell.fill_null("<c/>").alias(name)


def _frame(sheets: int) -> Iterator[tuple[str, str]]:
    """What a workbook holds besides its worksheets."""
    numbers = range(1, sheets + 1)
    kinds = "".join(f'<Override PartName="/xl/worksheets/sheet{one}.xml" ContentType="{_TYPES}.worksheet+xml"/>' for one in numbers)
    types = (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>{kinds}</Types>'
    )
    yield "[Content_Types].xml", types
    yield "_rels/.rels", _relations(_relation("rId1", "officeDocument", "xl/workbook.xml"))
    listed = "".join(f'<sheet name="data{one}" sheetId="{one}" r:id="rId{one}"/>' for one in numbers)
    yield "xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>'
    pages = [_relation(f"rId{one}", "worksheet", f"worksheets/sheet{one}.xml") for one in numbers]
    yield "xl/_rels/workbook.xml.rels", _relations(*pages, _relation(f"rId{sheets + 1}", "styles", "styles.xml"))
    yield "xl/styles.xml", _STYLES


def _relation(name: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{name}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'


def _relations(*listed: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(listed)}</Relationships>'
