"""Files as sources: look first, then read what was agreed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import file_digest
from itertools import islice
from pathlib import Path

import polars as pl

from zhengtong.engines.dataflow.connectors.base import BAD, CELLS, LINE, Capabilities, Closing, ConnectionReport, Phase, Window
from zhengtong.engines.dataflow.connectors.files.capabilities import CAPABILITIES
from zhengtong.engines.dataflow.connectors.files.config import FileKind, Inspection, Layout
from zhengtong.engines.dataflow.connectors.files.detection import delimiter_of, encoding_of, kind_of, said_encoding
from zhengtong.engines.dataflow.connectors.files.layouts import (
    Part,
    Placed,
    column_names,
    has_groups,
    header_lines,
    header_row,
    naming_warnings,
    placed,
)
from zhengtong.engines.dataflow.connectors.files.rows import rows_of, sample_text, sheet_names, sheet_of, text_rows
from zhengtong.engines.dataflow.conversion import NUL_SHOWN
from zhengtong.engines.dataflow.errors import BadPlan, UnreadableFile
from zhengtong.kernel.sentences import listed, say, to_text

_SAMPLE = 20
_FRAME_ROWS = 20_000
#: PostgreSQL keeps 1,600 columns in a table; the widest form of an office has some hundreds
MOST_COLUMNS = 1_000
_LONGEST_NAME = 500
GROUP_COLUMN = "分组"


def inspect(path: Path, *, sheet: str = "", header: int | None = None, lines: int | None = None, encoding: str = "") -> Inspection:
    """
    See how a file is laid out.

    :param sheet: the sheet to look at; the first visible one by default.
    :param header: the row (from 0) a person says the header is in.
    :param lines: how many rows a person says the header takes.
    :param encoding: the encoding a person says delimited text is in; found by itself if empty.
    :raises UnreadableFile: if it is no table that can be read, with the reason and the remedy.
    """
    if kind_of(path) is FileKind.WORKBOOK:
        return _inspect_workbook(path, sheet, header, lines)
    return _inspect_delimited(path, header, lines, encoding)


def _inspect_delimited(path: Path, header: int | None, lines: int | None, said: str) -> Inspection:
    encoding, certain = (said_encoding(path, said), True) if said else encoding_of(path)
    text = sample_text(path, encoding)
    delimiter, escape = delimiter_of(text)
    rows = [cells for _, cells in text_rows(text, delimiter, escape)]
    first = header_row(rows) if header is None else header
    heads = rows[first : first + (lines or 1)]
    layout = Layout(
        kind=FileKind.DELIMITED,
        columns=tuple(column_names(heads)),
        header_row=first,
        header_lines=len(heads),
        encoding=encoding,
        delimiter=delimiter,
        escape=escape,
    )
    warnings: list[str] = [] if certain else [say("文字编码不能确定,按 {encoding} 读取", encoding=encoding)]
    return _inspected(path, layout, (), warnings, heads)


def _inspect_workbook(path: Path, name: str, header: int | None, lines: int | None) -> Inspection:
    names = sheet_names(path)
    if not names:
        raise UnreadableFile("工作簿中没有可见的工作表", remedy="取消隐藏后重新提交")
    if name and name not in names:
        raise UnreadableFile(say("工作簿中没有工作表 {name}", name=name), remedy=say("可选:{names}", names=listed(names)))
    sheet = sheet_of(path, name or names[0])
    if not sheet.rows:
        raise UnreadableFile(say("工作表 {name} 是空的", name=sheet.name), remedy="选择其他工作表")
    first = header_row(sheet.rows) if header is None else header
    count = lines or header_lines(sheet, first)
    heads = sheet.rows[first : first + count]
    columns = tuple(column_names(heads, sheet.merged, first))
    layout = Layout(
        kind=FileKind.WORKBOOK,
        columns=columns,
        header_row=first,
        header_lines=count,
        group_column=_unused(GROUP_COLUMN, columns) if has_groups(sheet, first + count, len(columns)) else "",
        sheet=sheet.name,
    )
    warnings: list[str] = [say("另有 {count} 个工作表未读", count=len(names) - 1)] if len(names) > 1 else []
    if sheet.imprecise:
        warnings.append(say("有超过 15 位的数字,电子表格已丢失其末尾数位;证件号码等应设为文本格式后重新导出"))
    return _inspected(path, layout, names, warnings, heads)


def _unused(name: str, columns: Sequence[str]) -> str:
    while name in columns:
        name += "_"
    return name


def _require_ordinary(columns: tuple[str, ...]) -> None:
    """Refuse what no table of an office is: a page could not show it, and PostgreSQL could not keep it."""
    if len(columns) > MOST_COLUMNS:
        raise UnreadableFile(say("有 {number} 列,最多 {most} 列", number=len(columns), most=MOST_COLUMNS), remedy="只留需要的列后重新提交")
    if any(len(name) > _LONGEST_NAME for name in columns):
        raise UnreadableFile(say("有列名超过 {most} 个字,不像表头", most=_LONGEST_NAME), remedy="核对文件的第一行和分隔符后重新提交")


def _inspected(path: Path, layout: Layout, sheets: tuple[str, ...], warnings: list[str], heads: Sequence[Sequence[str]]) -> Inspection:
    _require_ordinary(layout.columns)
    if not layout.columns:
        raise UnreadableFile("没有找到表头", remedy="指定表头所在的行")
    if layout.header_row:
        warnings.append(say("表头之前有 {count} 行说明文字", count=layout.header_row))
    if layout.group_column:
        warnings.append(say("表中有分组标题行,已填入“{column}”列", column=layout.group_column))
    warnings += naming_warnings(heads, layout.columns)
    seen = list(islice(placed(rows_of(path, layout), layout), 10_000))
    bad = [row for row in seen if row.part is Part.BAD]
    notes = [row for row in seen if row.part is Part.NOTE]
    blanks = sum(1 for row in seen if row.part is Part.BLANK)
    warnings += [say("有 {count} 行的列数不对,读取时将隔离;首先是:{reason}", count=len(bad), reason=bad[0].reason)] if bad else []
    warnings += [say("表后有 {count} 行注释,不作为数据", count=len(notes))] if notes else []
    warnings += [say("有 {count} 个空行,已跳过", count=blanks)] if blanks else []
    data = [row for row in seen if row.part is Part.DATA]
    if not data and not bad:
        warnings.append(say("表头之下没有数据"))
    sample = tuple(tuple(_cells(row, layout)) for row in data[:_SAMPLE])
    return Inspection(layout, sheets, sample, tuple(warnings))


def _shown(cells: Sequence[str]) -> str:
    """Cells as JSON that a database takes: no escape for the NUL it cannot hold."""
    return json.dumps([cell.replace("\0", NUL_SHOWN) for cell in cells], ensure_ascii=False)


def _cells(row: Placed, layout: Layout) -> list[str]:
    return [*row.cells, row.group] if layout.group_column else row.cells


def test_file(path: Path) -> ConnectionReport:
    """See whether a file can be read as a table; say what is wrong and how to mend it."""
    try:
        found = inspect(path)
    except UnreadableFile as failure:
        return ConnectionReport(ok=False, sentence=failure.sentence, remedy=failure.remedy)
    layout = found.layout
    facts = (("kind", str(layout.kind)), ("columns", str(len(layout.columns))), ("header row", str(layout.header_row + 1)))
    return ConnectionReport(ok=True, sentence=say("可以读取,共 {count} 列", count=len(layout.names)), facts=facts)


def read(path: Path, layout: Layout, *, after: int = 0) -> Iterator[pl.DataFrame]:
    """
    The rows of a file as frames of text, in file order.

    Besides the layout's columns there are ``LINE`` (Int64, from 1), ``BAD`` (what is wrong with the row's shape, as
    ``sentences.to_text``, else null) and ``CELLS``
    (the cells of such a row as a JSON list, else null).

    :param after: leave out rows up to this line.
    :raises UnreadableFile: if the file breaks off or does not hold what the layout says.
    """
    kept = (row for row in placed(rows_of(path, layout), layout) if row.part in {Part.DATA, Part.BAD} and row.line > after)
    while batch := list(islice(kept, _FRAME_ROWS)):
        yield _frame(batch, layout)


def _frame(batch: Sequence[Placed], layout: Layout) -> pl.DataFrame:
    nothing = [None] * len(layout.names)
    rows = [_cells(row, layout) if row.part is Part.DATA else nothing for row in batch]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(layout.names, pl.String()), orient="row")
    return frame.with_columns(
        pl.Series(LINE, [row.line for row in batch], dtype=pl.Int64),
        pl.Series(BAD, [to_text(row.reason) or None for row in batch], dtype=pl.String),
        pl.Series(CELLS, [_shown(row.cells) if row.part is Part.BAD else None for row in batch], dtype=pl.String),
    )


@dataclass(frozen=True)
class FileSource:
    """A file under a layout, as a source of a job."""

    path: Path
    layout: Layout

    @classmethod
    def looked_at(cls, path: Path, *, sheet: str = "", group_column: str | None = None) -> FileSource:
        """
        A file under the layout ``inspect`` finds.

        :raises UnreadableFile: if it is no table that can be read.
        """
        layout = inspect(path, sheet=sheet).layout
        return cls(path, layout if group_column is None else replace(layout, group_column=group_column))

    @property
    def capabilities(self) -> Capabilities:
        """What files can do."""
        return CAPABILITIES

    @property
    def columns(self) -> Sequence[str]:
        """The columns of the layout."""
        return self.layout.names

    @property
    def order(self) -> tuple[str, ...]:
        """A file is read line after line."""
        return (LINE,)

    def snapshot(self, order: Sequence[str]) -> FileSnapshot:
        """The file as it is now."""
        if tuple(order) != self.order:
            raise BadPlan("文件只能按行顺序读取")
        return FileSnapshot(self)


class FileSnapshot(Closing):
    """A file while a run reads it; its fingerprint ties a stopped run to the very same bytes and layout."""

    def __init__(self, source: FileSource) -> None:
        self._source = source

    def fingerprint(self) -> str:
        """SHA-256 of the bytes, and the layout."""
        try:
            with self._source.path.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise UnreadableFile(say("文件打不开:{strerror}", strerror=error.strerror), remedy="核对路径与读取权限") from error
        return f"sha256:{digest} {json.dumps(self._source.layout.to_dict(), ensure_ascii=False, sort_keys=True)}"

    def upper_bound(self, cursor: str) -> str | None:
        """Files have no cursor."""
        raise BadPlan("文件不支持增量交换", field=cursor)

    def lower_bound(self, cursor: str, previous: str, overlap: str) -> str:  # noqa: ARG002 - what every source is asked
        """Files have no cursor."""
        raise BadPlan("文件不支持增量交换", field=cursor)

    def frames(self, window: Window) -> Iterator[pl.DataFrame]:
        """The rows after the window's place."""
        if window.phase is Phase.ORDERED:
            yield from read(self._source.path, self._source.layout, after=int(window.after[0]) if window.after else 0)

    def count(self, window: Window) -> int:
        """How many rows the window has, counted in a pass of its own; every row has a line, so none lacks its place."""
        if window.phase is not Phase.ORDERED:
            return 0
        after = int(window.after[0]) if window.after else 0
        layout = self._source.layout
        rows = placed(rows_of(self._source.path, layout), layout)
        return sum(1 for row in rows if row.part in {Part.DATA, Part.BAD} and row.line > after)

    def close(self) -> None:
        """Nothing is held open between readings."""
