"""What kind of file it is, in which encoding, and between which delimiters; from its bytes, never from its name."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from charset_normalizer import from_bytes

from zhengtong.engines.dataflow.blanks import BLANKS
from zhengtong.engines.dataflow.connectors.files.config import FileKind
from zhengtong.engines.dataflow.connectors.files.contents import Content, content_of
from zhengtong.engines.dataflow.errors import UnreadableFile
from zhengtong.kernel.sentences import say


class CsvReader(Protocol):
    """What ``csv.reader`` returns."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


_HEAD = 64 << 10
_BLOCK = 1 << 20
_SAMPLE_RECORDS = 200
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = (",", "\t", ";", "|", "\uff0c", "\uff1b")
_ESCAPED_QUOTE = re.compile(r'\\"(?=[^,;|\t\r\n"])')
#: a wide share of zero bytes at one parity is UTF-16 without its mark
_ZERO_SHARE = 0.2
_CONTROLS = tuple(bytes([code]) for code in (*range(9), *range(14, 27), *range(28, 32)))
_CONTROL_SHARE = 0.02

_REFUSED = {
    Content.HTML: "这是一个网页,不是表格文件",
    Content.XML: "这是一个 XML 文件,不是表格文件",
    Content.PDF: "这是一个 PDF 文件,不是表格文件",
    Content.JSON: "这是一个 JSON 文件,不是表格文件",
    Content.IMAGE: "这是一张图片,不是表格文件",
    Content.ARCHIVE: "这是一个压缩包,请解压后再提交",
    Content.DAMAGED: "工作簿已损坏,或不是 xlsx、xls、ods 格式",
}


def kind_of(path: Path) -> FileKind:
    """
    Delimited text or a workbook.

    :raises UnreadableFile: if it is empty or something else.
    """
    content = content_of(path)
    if content is Content.EMPTY:
        raise UnreadableFile("文件是空的", remedy="核对导出是否成功后重新提交")
    if content in _REFUSED:
        raise UnreadableFile(_REFUSED[content], remedy="用 Excel 或 WPS 打开后另存为 xlsx 或 CSV 再提交")
    return FileKind.DELIMITED if content is Content.TEXT else FileKind.WORKBOOK


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError as error:
        raise UnreadableFile(say("文件打不开:{strerror}", strerror=error.strerror), remedy="核对路径与读取权限") from error


def encoding_of(path: Path) -> tuple[str, bool]:
    """
    The encoding of a text file, and whether it is certain.

    UTF-8 and GB18030 count as certain when every byte of the file decodes.

    :raises UnreadableFile: if no encoding fits.
    """
    head = _head(path)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding, True
    # a stray control character is a row's defect; many are another kind of file
    if sum(head.count(code) for code in _CONTROLS) > len(head) * _CONTROL_SHARE:
        for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            half = head[offset::2]
            if half.count(0) > len(half) * _ZERO_SHARE and _decodes(path, encoding):
                return encoding, False
        raise UnreadableFile("这是一个二进制文件,不是文本表格", remedy="另存为 xlsx 或 CSV 再提交")
    for encoding in ("utf-8", "gb18030"):
        if _decodes(path, encoding):
            return encoding, True
    guess = from_bytes(head).best()
    if guess is None or not _decodes(path, guess.encoding):
        raise UnreadableFile("无法判断文字编码", remedy="另存为 UTF-8 编码的 CSV 再提交")
    return guess.encoding, False


def said_encoding(path: Path, encoding: str) -> str:
    """
    The encoding a person named, if the whole file can be read in it.

    :raises UnreadableFile: if there is no such encoding, or the file is in another.
    """
    try:
        fits = _decodes(path, encoding)
    except LookupError as error:
        raise UnreadableFile(say("没有 {encoding} 这种文字编码", encoding=encoding), remedy="另选一种编码") from error
    if not fits:
        raise UnreadableFile(say("文件不能按 {encoding} 解码", encoding=encoding), remedy="另选一种编码,或让平台自行判断")
    return encoding


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def delimiter_of(text: str) -> tuple[str, str]:
    """The delimiter under which the sample's records agree best on their number of cells, and the escape character, if one is used."""
    escape = "\\" if _ESCAPED_QUOTE.search(text) else ""
    best, best_score = ",", (0, 0)
    for delimiter in _DELIMITERS:
        widths: Counter[int] = Counter()
        for record in reader_over(io.StringIO(text, newline=""), delimiter, escape):
            if any(cell.strip(BLANKS) for cell in record):
                widths[len(record)] += 1
            if widths.total() >= _SAMPLE_RECORDS:
                break
        agreeing = [(count, width) for width, count in widths.items() if width > 1]
        if agreeing and max(agreeing) > best_score:
            best, best_score = delimiter, max(agreeing)
    return best, escape


def reader_over(lines: io.TextIOBase, delimiter: str, escape: str) -> CsvReader:
    """A CSV reader that takes both ways of writing a quote inside quotes, and blanks after a delimiter."""
    csv.field_size_limit(_BLOCK << 4)
    return csv.reader(lines, delimiter=delimiter, escapechar=escape or None, skipinitialspace=True, strict=False)
