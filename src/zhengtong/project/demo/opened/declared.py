"""
What datasets there are: read from text files beside this module, three parts a dataset, apart by an empty line::

    table | title | office | theme | update cycle | rows or axes | department that answers
    what it is in a sentence
    name=generator(arguments) …

A column with ``!`` before it is a key. ``&place`` and the like stand for columns that many datasets share. Where rows are counted by axes
(``日期:days(365)*站点:list(甲,乙)``) there is one row for every combination, and the axes are key columns in front of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

_COLUMN = re.compile(r"(!?)([^=\s]+)=([a-z]+)(?:\((.*)\))?")
_AXIS = re.compile(r"([^:*\s]+):([a-z]+)(?:\(([^)]*)\))?")
_SHARED = {
    "&place": "所属区县=county 所属镇街=town 地址=address 经度=longitude 纬度=latitude",
    "&area": "所属区县=county 所属镇街=town 区划代码=towncode",
    "&tel": "咨询电话=phone",
    "&open": "开放时间=hours",
    "&company": "单位名称=company 统一社会信用代码=credit",
    "&new": "更新日期=recent(60)",
}


@dataclass(frozen=True)
class Made:
    """A column as it is made: its name, the generator with its arguments, whether it is a key."""

    name: str
    generator: str
    arguments: tuple[str, ...] = ()
    key: bool = False


@dataclass(frozen=True)
class Declared:
    """A dataset as it is declared. ``rows`` is None where axes count them."""

    table: str
    title: str
    summary: str
    office: str
    theme: str
    cycle: str
    contact: str
    rows: int | None
    axes: tuple[Made, ...]
    columns: tuple[Made, ...]


def datasets() -> tuple[Declared, ...]:
    """Every dataset, file by file in the order of their names."""
    files = sorted((one for one in resources.files(__package__).iterdir() if one.name.endswith(".txt")), key=lambda one: one.name)
    return tuple(one for file in files for one in _read(file.read_text(encoding="utf-8")))


def _read(text: str) -> Iterator[Declared]:
    for block in re.split(r"\n\s*\n", text.strip()):
        head, summary, *rest = block.splitlines()
        table, title, office, theme, cycle, size, contact = (part.strip() for part in head.split("|"))
        words = [word for word in " ".join(rest).split() for word in _SHARED.get(word, word).split()]
        axes = () if size.isdigit() else tuple(_axis(part) for part in _AXIS.finditer(size))
        columns = tuple(_column(word) for word in words)
        yield Declared(table, title, summary.strip(), office, theme, cycle, contact, int(size) if size.isdigit() else None, axes, columns)


def _axis(found: re.Match[str]) -> Made:
    name, generator, arguments = found.groups()
    return Made(name, generator, tuple((arguments or "").split(",")) if arguments else (), key=True)


def _column(word: str) -> Made:
    found = _COLUMN.fullmatch(word)
    if found is None:
        raise ValueError(word)
    key, name, generator, arguments = found.groups()
    return Made(name, generator, tuple(arguments.split(",")) if arguments else (), key=bool(key))
