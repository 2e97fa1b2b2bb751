"""
行政区划代码: GB/T 2260 (six digits), GB/T 10114 (three more for a town) and the twelve digits of statistics (three more for a village).

This module knows the structure, not the list: which region a code belongs to, at which level, and how the 2-, 4-, 6-, 9- and 12-digit forms
translate into each other. Names are data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from zhengtong.kernel.codes.faults import InvalidCode
from zhengtong.kernel.codes.lists import PROVINCES
from zhengtong.kernel.sentences import say


class Level(IntEnum):
    """Levels of government, highest first; the value counts from the province."""

    PROVINCE = 1
    CITY = 2
    COUNTY = 3
    TOWN = 4
    VILLAGE = 5

    @property
    def label(self) -> str:
        """The Chinese name of the level."""
        return ("省级", "市级", "县级", "乡级", "村级")[self - 1]


#: where the digits of a level end
_ENDS = {Level.PROVINCE: 2, Level.CITY: 4, Level.COUNTY: 6, Level.TOWN: 9, Level.VILLAGE: 12}
_FULL = 12


@dataclass(frozen=True, order=True)
class Region:
    """A region by its twelve digits, zero-filled. Sorting by it is sorting by the official order."""

    twelve: str

    @property
    def level(self) -> Level:
        """The lowest level whose digits are not all zero."""
        start = 0
        level = Level.PROVINCE
        for candidate, end in _ENDS.items():
            if self.twelve[start:end].strip("0"):
                level = candidate
            start = end
        return level

    @property
    def six(self) -> str:
        """The GB/T 2260 form; for a town or a village, that of its county."""
        return self.twelve[:6]

    @property
    def nine(self) -> str:
        """The GB/T 10114 form; for a village, that of its town."""
        return self.twelve[:9]

    @property
    def significant(self) -> str:
        """The digits that tell it apart: 2, 4, 6, 9 or 12 of them. A region's descendants start with them."""
        return self.twelve[: _ENDS[self.level]]

    @property
    def parent(self) -> Region | None:
        """
        The next higher region; None for a province.

        A town of a city without counties (东莞, 中山, 嘉峪关) belongs to the city.
        """
        for level in reversed(Level):
            if level < self.level:
                higher = Region(self.twelve[: _ENDS[level]].ljust(_FULL, "0"))
                if higher != self and higher.level == level:
                    return higher
        return None

    @property
    def ancestors(self) -> tuple[Region, ...]:
        """Parent, grandparent and so on, up to the province."""
        parent = self.parent
        return () if parent is None else (parent, *parent.ancestors)

    def contains(self, other: Region) -> bool:
        """Whether ``other`` is this region or lies in it."""
        return other.twelve.startswith(self.significant)

    def __str__(self) -> str:
        return self.twelve if self.level is Level.VILLAGE else self.nine if self.level is Level.TOWN else self.six


def parse(code: str, *, field: str = "region") -> Region:
    """
    Read a code of 2, 4, 6, 9 or 12 digits.

    :param field: the name of the field that holds it, for the error.
    :raises InvalidCode: with rule ``alphabet``, ``length``, ``province`` (no such province) or ``structure`` (a gap between levels).
    """
    if not (code.isascii() and code.isdigit()):
        raise InvalidCode("行政区划代码应为半角数字", field=field, rule="alphabet", remedy="全角数字请改为半角")
    if len(code) not in _ENDS.values():
        raise InvalidCode(
            say("行政区划代码应为 2、4、6、9 或 12 位,这里是 {count} 位", count=len(code)), field=field, rule="length", remedy="核对位数"
        )
    if code[:2] not in PROVINCES:
        raise InvalidCode(say("没有以 {digits} 开头的省级行政区划", digits=code[:2]), field=field, rule="province", remedy="核对前两位")
    full = code.ljust(_FULL, "0")
    has_city, has_county, has_town, has_village = (int(full[a:b]) > 0 for a, b in ((2, 4), (4, 6), (6, 9), (9, 12)))
    if (has_county and not has_city) or (has_town and not has_city) or (has_village and not has_town):
        raise InvalidCode("下级代码不为零而上级代码为零", field=field, rule="structure", remedy="核对是否错位或漏位")
    return Region(full)


def normalise(code: str, digits: int, *, field: str = "region") -> str:
    """
    The same region in another form.

    :param digits: 6, 9 or 12.
    :raises InvalidCode: as :func:`parse`; with rule ``precision`` if the form is too short for the region's level.
    """
    region = parse(code, field=field)
    if digits not in (6, 9, 12):
        raise InvalidCode("行政区划代码的标准形式为 6、9 或 12 位", field=field, rule="length", remedy="在 6、9、12 中选择")
    if len(region.significant) > digits:
        raise InvalidCode(
            say("{label}代码不能缩成 {digits} 位", label=say(region.level.label), digits=digits),
            field=field,
            rule="precision",
            remedy="改用更长的形式",
        )
    return region.twelve[:digits]
