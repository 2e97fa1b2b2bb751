"""
Codes of service items (GB/T 39554.1, ZWFW C0109.1).

Basic code 基本编码, 12 characters: region 2 (``00`` national, else the province) + type 2 + guiding department 2 + main item 3 +
sub-item 3, which may hold letters locally. Implementation code 实施编码, 31: credit code of the office 18 + level 1 + basic code 12.
Handling code 业务办理项编码, 33: the implementation code + 2.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from zhengtong.apps.affairs.services.rules.vocabulary import LEVEL_LABELS, TYPE_LABELS
from zhengtong.kernel.codes import credit_code
from zhengtong.kernel.codes.lists import PROVINCES
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

BASIC, IMPLEMENTATION, HANDLING = 12, 31, 33
#: the same forms as the database holds them to
BASIC_PATTERN = r"^[0-9]{6}[0-9A-Z]{6}$"
HANDLE_PATTERN = r"^[0-9A-Z]{2}$"
_NATION, _EXTENSIONS = "00", range(11, 30)
_BASE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class ItemCodeInvalid(Invalid):
    """事项编码不合规则。"""

    code = "item-code-invalid"


@dataclass(frozen=True)
class BasicCode:
    """The parts of a basic code; ``text`` is the whole."""

    region: str
    type: str
    department: str
    main: str
    sub: str

    @property
    def text(self) -> str:
        """The twelve characters."""
        return self.region + self.type + self.department + self.main + self.sub


@dataclass(frozen=True)
class ItemCode:
    """The parts of an implementation or handling code; ``handle`` is empty in the former."""

    office: str
    level: str
    basic: BasicCode
    handle: str = ""

    @property
    def task(self) -> str:
        """The implementation code, 31 characters."""
        return self.office + self.level + self.basic.text

    @property
    def text(self) -> str:
        """The whole code, 31 or 33 characters."""
        return self.task + self.handle


def _wrong(field: str, sentence: str, remedy: str) -> ItemCodeInvalid:
    return ItemCodeInvalid(sentence, field=field, remedy=remedy)


def parse_basic(code: str, *, field: str = "catalog_code") -> BasicCode:
    """
    Take a basic code apart.

    :raises ItemCodeInvalid: naming ``field`` and the part that is wrong.
    """
    if len(code) != BASIC:
        raise _wrong(field, say("基本编码应为 12 位,这里是 {count} 位", count=len(code)), "核对位数,去掉空格和连字符")
    if not re.fullmatch(BASIC_PATTERN, code):
        raise _wrong(field, "基本编码前 6 位是数字,后 6 位是数字或大写字母", "改用半角数字和大写字母")
    parts = BasicCode(code[:2], code[2:4], code[4:6], code[6:9], code[9:])
    if parts.region != _NATION and parts.region not in PROVINCES:
        raise _wrong(field, say("第 1 至 2 位 {part} 不是省级区划代码", part=parts.region), "全国统一的写 00,地方的写省级代码前两位")
    if parts.type not in TYPE_LABELS and int(parts.type) not in _EXTENSIONS:
        raise _wrong(
            field, say("第 3 至 4 位 {part} 不是事项类型代码", part=parts.type), "写 01 行政许可、07 行政确认、20 公共服务等类型代码"
        )
    return parts


def compose_basic(*, region: str, type_: str, department: str, main: str, sub: str = "000") -> BasicCode:
    """
    Make a basic code from its parts.

    :raises ItemCodeInvalid: naming the part whose length is wrong, or what :func:`parse_basic` finds.
    """
    for field, part, length in (
        ("region", region, 2),
        ("type", type_, 2),
        ("department", department, 2),
        ("main", main, 3),
        ("sub", sub, 3),
    ):
        if len(part) != length:
            raise _wrong(field, say("这一段应为 {length} 位,这里是 {count} 位", length=length, count=len(part)), "不足的在前面补 0")
    return parse_basic(region + type_ + department + main + sub)


def parse(code: str, *, field: str = "task_code") -> ItemCode:
    """
    Take an implementation code (31) or a handling code (33) apart.

    :raises ItemCodeInvalid: naming ``field`` and the part that is wrong.
    :raises InvalidCode: if the first 18 characters are no credit code.
    """
    if len(code) not in {IMPLEMENTATION, HANDLING}:
        sentence = say("实施编码应为 31 位,业务办理项编码为 33 位,这里是 {count} 位", count=len(code))
        raise _wrong(field, sentence, "由 18 位统一社会信用代码、1 位行使层级和 12 位基本编码组成")
    return compose(office=code[:18], level=code[18], basic=code[19:31], handle=code[31:], field=field)


def compose(*, office: str, level: str, basic: str, handle: str = "", field: str = "") -> ItemCode:
    """
    Make an item's code from its parts.

    :param field: the one field that holds the whole code; by default the part that is wrong is named.
    :raises ItemCodeInvalid: naming the field.
    :raises InvalidCode: if ``office`` is no credit code.
    """
    credit_code.parse(office, field=field or "office")
    if level not in LEVEL_LABELS:
        raise _wrong(field or "use_level", say("行使层级没有代码 {level}", level=level), "写 1 国家级至 7 分级管理中的一个")
    if handle and not re.fullmatch(HANDLE_PATTERN, handle):
        raise _wrong(field or "task_handle_item", "业务办理项序号是两位数字或大写字母", "从 01 起编")
    return ItemCode(office, level, parse_basic(basic, field=field or "catalog_code"), handle)


def local_basic(local: str, *, region: str, type_: str) -> BasicCode:
    """
    The basic code under which an item stands that a place numbers in its own way.

    Main and sub-item are six letters and digits from the digest of the local code, so that the same item gets the same code again; the
    department is ``00``, none. Such a code holds until the authority gives one.

    :param region: the province, two digits.
    """
    number, letters = int.from_bytes(hashlib.sha256(local.encode()).digest()[:8], "big"), ""
    for _place in range(6):
        number, rest = divmod(number, len(_BASE))
        letters += _BASE[rest]
    return compose_basic(region=region, type_=type_, department="00", main=letters[:3], sub=letters[3:])
