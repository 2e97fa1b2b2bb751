"""What a file holds, told from its bytes alone, and whether its name says the same."""

from __future__ import annotations

import re
import zipfile
from enum import StrEnum
from pathlib import Path

from zhengtong.engines.dataflow.errors import UnreadableFile
from zhengtong.kernel.sentences import say

_HEAD = 64 << 10


class Content(StrEnum):
    """What a file holds."""

    EMPTY = "empty"
    TEXT = "text"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    HTML = "html"
    XML = "xml"
    PDF = "pdf"
    JSON = "json"
    IMAGE = "image"
    ARCHIVE = "archive"
    #: begins like a workbook, and is none that can be opened
    DAMAGED = "damaged"


CONTENT_LABELS = {
    Content.EMPTY: "空文件",
    Content.TEXT: "文本表格",
    Content.XLSX: "xlsx 工作簿",
    Content.XLS: "xls 工作簿",
    Content.ODS: "ods 工作簿",
    Content.HTML: "网页",
    Content.XML: "XML",
    Content.PDF: "PDF",
    Content.JSON: "JSON",
    Content.IMAGE: "图片",
    Content.ARCHIVE: "压缩包",
    Content.DAMAGED: "损坏的工作簿",
}
#: what the ending of a name promises; other endings promise nothing
PROMISED = {
    ".csv": (Content.TEXT,),
    ".tsv": (Content.TEXT,),
    ".txt": (Content.TEXT,),
    ".xlsx": (Content.XLSX,),
    ".xlsm": (Content.XLSX,),
    ".xls": (Content.XLS,),
    # WPS writes both under this ending
    ".et": (Content.XLS, Content.XLSX),
    ".ods": (Content.ODS,),
}
_SIGNS = (
    (Content.HTML, re.compile(rb"^\s*(<!doctype html|<html|<table|<head|<body|<meta|<style)", re.IGNORECASE)),
    (Content.XML, re.compile(rb"^\s*<\?xml")),
    (Content.PDF, re.compile(rb"^%PDF")),
    (Content.JSON, re.compile(rb"^\s*[\[{]\s*[\[{\"]")),
    (Content.IMAGE, re.compile(rb"^(\x89PNG|\xff\xd8\xff|GIF8)")),
    (Content.ARCHIVE, re.compile(rb"^(Rar!|7z\xbc\xaf|\x1f\x8b)")),
    (Content.XLS, re.compile(rb"^\xd0\xcf\x11\xe0")),
)


def content_of(path: Path) -> Content:
    """
    What a file holds.

    :raises UnreadableFile: if it cannot be opened.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise UnreadableFile(say("文件打不开:{strerror}", strerror=error.strerror), remedy="核对路径与读取权限") from error
    head = head.removeprefix(b"\xef\xbb\xbf")
    if not head.strip():
        return Content.EMPTY
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path)
    return next((content for content, sign in _SIGNS if sign.match(head)), Content.TEXT)


def _zipped(path: Path) -> Content:
    """Workbooks are zips; their parts tell which. Only the directory is read, nothing is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return Content.DAMAGED
    if any(name.startswith("xl/") for name in names):
        return Content.XLSX
    return Content.ODS if {"mimetype", "content.xml"} <= names else Content.ARCHIVE


def keeps_promise(file_name: str, content: Content) -> bool:
    """Whether a file holds what the ending of its name promises."""
    promised = PROMISED.get(Path(file_name).suffix.lower())
    return promised is None or content in promised
