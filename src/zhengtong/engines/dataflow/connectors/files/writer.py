"""Frames into files for people and programs: CSV or XLSX, complete or not there at all."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from zhengtong.engines.dataflow.connectors.base import Closing
from zhengtong.engines.dataflow.conversion import as_text
from zhengtong.engines.dataflow.errors import BadPlan
from zhengtong.kernel.sentences import say

#: a worksheet ends here, header included
_SHEET_ROWS = 1_048_576


@dataclass(frozen=True)
class WrittenFile:
    """What was written: rows without the header, bytes, SHA-256 as hexadecimal."""

    path: Path
    rows: int
    size: int
    sha256: str


class FileWriter(Closing):
    """
    Writes frames to ``path``; the suffix (``.csv``, ``.tsv``, ``.xlsx``) chooses the form, and ``encoding`` is for text (Excel in China
    opens both ``utf-8-sig`` and ``gb18030``).

    The file appears under its name only with ``finish``; all values are text, so that no spreadsheet cuts a long number.

    :raises BadPlan: for another suffix.
    """

    def __init__(self, path: Path, columns: list[str], *, encoding: str = "utf-8-sig") -> None:
        if path.suffix not in {".csv", ".tsv", ".xlsx"}:
            raise BadPlan(say("不能写出 {suffix} 文件", suffix=path.suffix), remedy="使用 .csv、.tsv 或 .xlsx")
        self._path, self._columns, self._rows = path, columns, 0
        self._partial = path.with_name(f".{path.name}.partial")
        self._book: Any = None
        self._text: Any = None
        if path.suffix == ".xlsx":
            self._book = openpyxl.Workbook(write_only=True)
            self._sheet = self._book.create_sheet("数据")
            self._sheet.append(columns)
        else:
            self._separator = "\t" if path.suffix == ".tsv" else ","
            self._text = self._partial.open("w", encoding=encoding, newline="")
            self._text.write(pl.DataFrame(schema=dict.fromkeys(columns, pl.String())).write_csv(separator=self._separator))

    def write(self, frame: pl.DataFrame) -> None:
        """
        Add rows.

        :raises BadPlan: if a worksheet cannot hold them.
        """
        texts = frame.select(as_text(pl.col(name), frame.schema[name]).alias(name) for name in self._columns)
        self._rows += frame.height
        if self._text is not None:
            self._text.write(texts.write_csv(include_header=False, separator=self._separator))
            return
        if self._rows >= _SHEET_ROWS:
            raise BadPlan(say("一个工作表放不下 {rows} 行", rows=self._rows), remedy="改用 CSV")
        for row in texts.iter_rows():
            self._sheet.append([None if cell is None else ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row])

    def finish(self) -> WrittenFile:
        """Put the file under its name, replacing what was there."""
        if self._text is not None:
            self._text.close()
        else:
            self._book.save(self._partial)
        self._partial.replace(self._path)
        with self._path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        return WrittenFile(self._path, self._rows, self._path.stat().st_size, digest)

    def close(self) -> None:
        """Drop what was not finished."""
        if self._text is not None:
            self._text.close()
        elif self._book is not None:
            with contextlib.suppress(Exception):  # an unsaved workbook only frees its temporary files
                self._book.close()
        self._partial.unlink(missing_ok=True)
