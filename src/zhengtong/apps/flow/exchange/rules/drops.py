"""What a drop folder and its files may be called, and when a file is complete."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from zhengtong.kernel.errors import Invalid

#: an empty file of this name beside another says that the other is complete
MARKER = ".done"
#: without a marker, a file is complete when it has not changed for so long
SETTLED = timedelta(seconds=20)
_FOLDER = re.compile(r"\w[\w.-]{0,63}")
_PATTERN = re.compile(r"[\w*?][\w*?. -]{0,99}")


#: file name → size, modification, since when it has been so (ISO 8601)
Remembered = dict[str, list[object]]


@dataclass(frozen=True)
class Lying:
    """A file as it lies in the folder: size in bytes, modification in nanoseconds."""

    name: str
    size: int
    modified: int


def check_folder(name: str) -> str:
    """
    The name of a folder: one part, no way up or out.

    :raises Invalid: otherwise.
    """
    name = name.strip()
    if not _FOLDER.fullmatch(name) or ".." in name:
        raise Invalid("文件夹名只能由文字、数字、下划线、连字符和点组成,不能含斜杠", field="folder", remedy="例如 population")
    return name


def check_pattern(pattern: str) -> str:
    """
    A pattern of file names with ``*`` and ``?``.

    :raises Invalid: if it could be anything else.
    """
    pattern = pattern.strip()
    if not _PATTERN.fullmatch(pattern) or pattern.endswith(MARKER):
        raise Invalid("文件名样式只能由文字、数字、*、?、点和连字符组成", field="pattern", remedy="例如 *.csv")
    return pattern


def look(lying: Iterable[Lying], pattern: str, seen: Remembered, now: datetime) -> tuple[list[Lying], Remembered]:
    """
    The files that fit the pattern and are complete, oldest first, and what to remember of the rest for the next look.

    A file is complete when a marker lies beside it, or when size and modification stayed the same for ``SETTLED``.
    """
    files = {one.name: one for one in lying}
    complete: list[Lying] = []
    remembered: Remembered = {}
    for name, one in files.items():
        if name.startswith(".") or name.endswith(MARKER) or not fnmatchcase(name, pattern):
            continue
        before = seen.get(name, [])
        since = str(before[2]) if before[:2] == [one.size, one.modified] else now.isoformat()
        if name + MARKER in files or now - datetime.fromisoformat(since) >= SETTLED:
            complete.append(one)
        remembered[name] = [one.size, one.modified, since]
    return sorted(complete, key=lambda one: (one.modified, one.name)), remembered
