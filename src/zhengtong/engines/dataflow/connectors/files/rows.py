"""Numbered rows of text out of a file, whatever holds them. Delimited text streams; a workbook is read whole, as its format demands."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import python_calamine as calamine

from zhengtong.engines.dataflow.connectors.files.config import FileKind, Layout
from zhengtong.engines.dataflow.connectors.files.detection import reader_over
from zhengtong.engines.dataflow.connectors.files.weighing import require_openable
from zhengtong.engines.dataflow.errors import UnreadableFile
from zhengtong.kernel.sentences import say

_EXACT = 10**15
#: the most bytes a workbook, which is an archive, may unpack to; a full sheet of ordinary rows is well below
MOST_UNPACKED = 1 << 30
_LOCKED, _UNLOCK = "工作簿设有打开密码", "在 Excel 或 WPS 中取消密码后重新提交"

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: rows of text, and the merged cells as (row, column) to (row, column), both included, from 0."""

    name: str
    rows: list[list[str]]
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...]
    #: whether a number has more digits than a spreadsheet keeps
    imprecise: bool


def delimited_rows(path: Path, encoding: str, delimiter: str, escape: str) -> Iterator[Row]:
    """
    The records of delimited text with the line each begins on, from 1.

    :raises UnreadableFile: if it breaks off inside a character, or a quote is never closed.
    """
    with path.open("r", encoding=encoding, newline="") as file:
        reader, line = reader_over(file, delimiter, escape), 1
        try:
            for record in reader:
                yield line, record
                line = reader.line_num + 1
        except UnicodeDecodeError as error:
            raise UnreadableFile(say("第 {line} 行之后有无法解码的字节", line=line), remedy="核对文字编码") from error
        except csv.Error as error:
            raise UnreadableFile(say("第 {line} 行起引号没有闭合或单元格过大", line=line), remedy="改正该行的引号") from error


def sample_text(path: Path, encoding: str, size: int = 256 << 10) -> str:
    """The beginning of a text file, cut after its last whole line."""
    with path.open("r", encoding=encoding, newline="") as file:
        text = file.read(size)
        if len(text) == size:
            text = text[: text.rfind("\n") + 1] or text
    return text


def sheet_names(path: Path) -> tuple[str, ...]:
    """
    The visible sheets of a workbook.

    :raises UnreadableFile: if it is encrypted, damaged or no workbook.
    """
    with _open(path) as workbook:
        visible = calamine.SheetVisibleEnum.Visible
        work = calamine.SheetTypeEnum.WorkSheet
        return tuple(sheet.name for sheet in workbook.sheets_metadata if sheet.visible == visible and sheet.typ == work)


def _is_locked(path: Path) -> bool:
    """Whether a workbook has a password; the library says so only under the ending that belongs to the content, which names may lack."""
    with TemporaryDirectory() as folder:
        for ending in (".xls", ".xlsx"):
            named = Path(folder) / f"workbook{ending}"
            named.symlink_to(path.absolute())
            try:
                calamine.load_workbook(named)
            except calamine.PasswordError:
                return True
            except (calamine.CalamineError, zipfile.BadZipFile):
                continue
    return False


def _require_reasonable(path: Path) -> None:
    """Refuse an archive that unpacks beyond measure, before anything unpacks it."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > MOST_UNPACKED:
        raise UnreadableFile(say("工作簿解开后超过 {most} MB", most=MOST_UNPACKED >> 20), remedy="分成几个文件,或另存为 CSV 后提交")


def _open(path: Path) -> Any:
    try:
        _require_reasonable(path)
        require_openable(path)
        return calamine.load_workbook(path)
    except calamine.PasswordError as error:
        raise UnreadableFile(_LOCKED, remedy=_UNLOCK) from error
    except (calamine.CalamineError, zipfile.BadZipFile) as error:
        if _is_locked(path):
            raise UnreadableFile(_LOCKED, remedy=_UNLOCK) from error
        raise UnreadableFile("工作簿已损坏,或不是 xlsx、xls、ods 格式", remedy="重新导出,或另存为 xlsx 后提交") from error


def sheet_of(path: Path, name: str) -> Sheet:
    """
    One sheet, whole.

    :raises UnreadableFile: if there is no such sheet.
    """
    with _open(path) as workbook:
        try:
            sheet = workbook.get_sheet_by_name(name)
        except (calamine.CalamineError, calamine.WorksheetNotFound) as error:
            raise UnreadableFile(say("工作簿中没有工作表 {name}", name=name), remedy="重新选择工作表") from error
        cells = sheet.to_python(skip_empty_area=False)
        merged = tuple(((first[0], first[1]), (last[0], last[1])) for first, last in sheet.merged_cell_ranges or ())
    imprecise = any(isinstance(cell, float) and abs(cell) >= _EXACT for row in cells for cell in row)
    return Sheet(name, [[cell_text(cell) for cell in row] for row in cells], merged, imprecise)


def cell_text(cell: object) -> str:
    """A cell as text: whole numbers without a point, dates as 2024-01-31, truth as true and false."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT * 1000 else repr(cell)
        case dt.datetime():
            return cell.isoformat(" ")
        case dt.date() | dt.time():
            return cell.isoformat()
        case _:
            return str(cell)


def rows_of(path: Path, layout: Layout) -> Iterator[Row]:
    """All rows of the file under a layout, headers and notes included, with their numbers from 1."""
    try:
        if layout.kind is FileKind.DELIMITED:
            yield from delimited_rows(path, layout.encoding, layout.delimiter, layout.escape)
        else:
            yield from enumerate(sheet_of(path, layout.sheet).rows, start=1)
    except OSError as error:
        raise UnreadableFile(say("文件打不开:{strerror}", strerror=error.strerror or error), remedy="核对路径与读取权限") from error


def text_rows(text: str, delimiter: str, escape: str) -> list[Row]:
    """The records of a sample."""
    reader, line, rows = reader_over(io.StringIO(text, newline=""), delimiter, escape), 1, []
    for record in reader:
        rows.append((line, record))
        line = reader.line_num + 1
    return rows
