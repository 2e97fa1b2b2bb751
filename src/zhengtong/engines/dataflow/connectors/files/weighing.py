"""
Open a workbook in a process of its own before this one does.

A workbook of a kilobyte can name two cells at opposite corners of a sheet, or one cell repeated a billion times; the library that reads it
then asks for half a terabyte and ends its process, which would be the one that serves everybody's pages. So a child with little memory and
little time opens it first, and only what the child could open is opened here. One cell of a hundred million signs fits the child but is
nothing that a person typed: a part that shrinks so far when it is packed is refused before.
"""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

from zhengtong.engines.dataflow.errors import UnreadableFile

#: memory and processor time of the child: bytes, seconds
_MEMORY, _SECONDS = 2 << 30, 60
#: a part of a workbook that unfolds to so many bytes, and so many times what it takes packed, holds nothing but repetitions
_PART_BYTES, _PART_TIMES = 32 << 20, 150
#: cells of one sheet, counted from its first to its last corner
MOST_CELLS = 40_000_000
_CHILD = f"""
import io, resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}))
resource.setrlimit(resource.RLIMIT_CPU, ({_SECONDS}, {_SECONDS}))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
import python_calamine as calamine
try:
    book = calamine.load_workbook(sys.argv[1] if len(sys.argv) > 1 else io.BytesIO(sys.stdin.buffer.read()))
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_height * sheet.total_width > {MOST_CELLS}:
            sys.exit(3)
        del sheet
except MemoryError:
    sys.exit(4)
except Exception:
    # damaged or locked: whoever opens it next says so better
    sys.exit(0)
"""


def require_openable(workbook: Path | bytes) -> None:
    """
    Try a workbook out where it can do no harm.

    :raises UnreadableFile: if it cannot be opened within the memory and time of the child, a sheet spans too many cells, or a part of it is
        nothing but repetitions.
    """
    _require_plausible(workbook)
    place = [str(workbook)] if isinstance(workbook, Path) else []
    given = None if isinstance(workbook, Path) else workbook
    done = subprocess.run([sys.executable, "-I", "-c", _CHILD, *place], input=given, capture_output=True, check=False)
    if done.returncode != 0:
        raise UnreadableFile(
            "工作表大得无法打开,可能有远离数据的单元格或大段重复的空行空列", remedy="删去数据以外的行和列,或另存为 CSV 后提交"
        )


def _require_plausible(workbook: Path | bytes) -> None:
    """What the table of contents says; one that lies is found by the child."""
    try:
        with zipfile.ZipFile(workbook if isinstance(workbook, Path) else io.BytesIO(workbook)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError):
        # an older workbook is no zip file, a damaged one is described better by whoever opens it
        return
    if any(part.file_size > max(_PART_BYTES, _PART_TIMES * part.compress_size) for part in parts):
        raise UnreadableFile("工作簿里有大段重复的内容,解开后过大", remedy="检查过长的单元格,删去后另存,或另存为 CSV 后提交")
