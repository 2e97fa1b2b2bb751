"""How a file is laid out: what ``inspect`` finds, a person may correct, and ``read`` follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from zhengtong.engines.dataflow.errors import BadPlan


class FileKind(StrEnum):
    """What holds the rows."""

    DELIMITED = "delimited"
    WORKBOOK = "workbook"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """
    Where the table lies in the file.

    ``header_row`` counts rows (records) of the file from 0, ``header_lines`` how many of them name the columns. ``columns`` are the names
    rows are read under: unique, never blank. ``group_column`` names the column that receives the headings of group rows; empty if the file
    has none. ``encoding``, ``delimiter`` and ``escape`` belong to delimited text, ``sheet`` to workbooks.
    """

    kind: FileKind
    columns: tuple[str, ...]
    header_row: int = 0
    header_lines: int = 1
    group_column: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    escape: str = ""
    sheet: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All columns of a reading, the group column last."""
        return (*self.columns, self.group_column) if self.group_column else self.columns

    def to_dict(self) -> dict[str, Any]:
        """The layout as a plain dict; ``from_dict`` reads it back."""
        return {**asdict(self), "kind": str(self.kind), "columns": list(self.columns)}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """
        Read ``to_dict`` back.

        :raises BadPlan: for unknown parts.
        """
        try:
            return cls(**{**document, "kind": FileKind(document["kind"]), "columns": tuple(document["columns"])})
        except (KeyError, TypeError, ValueError) as error:
            raise BadPlan("文件版式无法识别") from error


@dataclass(frozen=True)
class Inspection:
    """What a file looks like: its layout, the sheets to choose from, the first rows, and what a person should look at."""

    layout: Layout
    sheets: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    warnings: tuple[str, ...]
