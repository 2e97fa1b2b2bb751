"""Kinds of field: how a typed text becomes a value, how a value is read out, how long one takes to fill in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from zhengtong.kernel.codes import credit_code, identity_number, regions
from zhengtong.kernel.codes.faults import tidy
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say


class Kind(StrEnum):
    """A kind of field; the value is its format in JSON Schema, as far as it has one."""

    TEXT = "text"
    LINES = "lines"
    NAME = "cn-name"
    IDENTITY = "cn-identity"
    CREDIT_CODE = "cn-credit-code"
    REGION = "cn-region"
    ADDRESS = "cn-address"
    PHONE = "cn-phone"
    BANK_CARD = "bank-card"
    EMAIL = "email"
    NUMBER = "number"
    AMOUNT = "amount"
    DATE = "date"
    PERIOD = "period"
    YES_NO = "yes-no"
    CHOICE = "choice"
    CHOICES = "choices"
    FILE = "file"
    GROUP = "group"


KIND_LABELS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.TEXT: "一行文字",
        Kind.LINES: "多行文字",
        Kind.NAME: "姓名",
        Kind.IDENTITY: "公民身份号码",
        Kind.CREDIT_CODE: "统一社会信用代码",
        Kind.REGION: "行政区划",
        Kind.ADDRESS: "地址",
        Kind.PHONE: "电话",
        Kind.BANK_CARD: "银行卡号",
        Kind.EMAIL: "电子邮箱",
        Kind.NUMBER: "整数",
        Kind.AMOUNT: "金额(元)",
        Kind.DATE: "日期",
        Kind.PERIOD: "起止日期",
        Kind.YES_NO: "是或否",
        Kind.CHOICE: "单选",
        Kind.CHOICES: "多选",
        Kind.FILE: "上传文件",
        Kind.GROUP: "可重复的一组",
    }
)
#: members of JSON Schema that bound a kind; of all others its length
BOUND_NAMES: Mapping[Kind, tuple[str, str]] = MappingProxyType(
    {
        Kind.NUMBER: ("minimum", "maximum"),
        Kind.AMOUNT: ("minimum", "maximum"),
        Kind.CHOICES: ("minItems", "maxItems"),
        Kind.GROUP: ("minItems", "maxItems"),
    }
)
#: kinds whose values name or locate somebody
PERSONAL = frozenset({Kind.NAME, Kind.IDENTITY, Kind.ADDRESS, Kind.PHONE, Kind.BANK_CARD, Kind.EMAIL})

LONGEST_LINE, LONGEST_TEXT = 200, 2000
_NAME = re.compile(r"^[\u3400-\u9fff\U00020000-\U000323afA-Za-z〇][\u3400-\u9fff\U00020000-\U000323afA-Za-z〇·' .-]{0,49}$")
_MOBILE, _LANDLINE = re.compile(r"^1[3-9]\d{9}$"), re.compile(r"^0\d{2,3}-?[2-9]\d{6,7}(?:-\d{1,6})?$")
_EMAIL = re.compile(r"^[^@\s]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,63})+$")
_CARD = re.compile(r"^\d{16,19}$")
_WHOLE = re.compile(r"^-?\d{1,15}$")
_FILE = re.compile(r"^[0-9a-f]{32}$|^[0-9a-f-]{36}$")
_MOST_AMOUNT = Decimal("9999999999999.99")
#: dots that people type between the parts of a name of a minority: all of them mean U+00B7
_DOTS = re.compile(r"[•‧・∙⋅.．]")


class NotOfKind(Invalid):
    """填写的内容不合要求。"""

    code = "answer-invalid"


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise NotOfKind("这里只写一行", remedy="去掉换行")
    return " ".join(text.split())


def _name(text: str) -> str:
    name = _DOTS.sub("·", _line(text)) if re.search(r"[\u3400-\u9fff]", text) else _line(text)
    if not _NAME.fullmatch(name):
        raise NotOfKind("姓名只用汉字、字母和间隔号“·”,最多 50 个字", remedy="与身份证件上的写法一致")
    return name


def _identity(text: str) -> str:
    return identity_number.parse(tidy(text).upper()).text


def _credit_code(text: str) -> str:
    return credit_code.parse(tidy(text).upper()).text


def _region(text: str) -> str:
    return str(regions.parse(tidy(text)))


def _phone(text: str) -> str:
    phone = re.sub(r"[\s—–]", "", _ascii(text)).removeprefix("+86").removeprefix("0086")
    digits = phone.replace("-", "")
    if _MOBILE.fullmatch(digits):
        return digits
    if not _LANDLINE.fullmatch(phone):
        raise NotOfKind("电话应为 11 位手机号,或带区号的座机号", remedy="写成 13800001234 或 0531-66001234 的样子")
    return phone


def _bank_card(text: str) -> str:
    card = re.sub(r"[\s-]", "", _ascii(text))
    if not _CARD.fullmatch(card):
        raise NotOfKind("银行卡号应为 16 至 19 位数字", remedy="对照银行卡核对位数")
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(card))]
    if sum(one - 9 if one > 9 else one for one in doubled) % 10:  # noqa: PLR2004 - ISO/IEC 7812-1, Luhn
        raise NotOfKind("银行卡号的校验位不符", remedy="对照银行卡核对每一位")
    return card


def _email(text: str) -> str:
    address = _ascii(_line(text))
    if not _EMAIL.fullmatch(address):
        raise NotOfKind("电子邮箱的写法不正确", remedy="写成 name@example.cn 的样子")
    return address


def _number(text: str) -> int:
    plain = _ascii(text).strip().replace(",", "")
    if not _WHOLE.fullmatch(plain):
        raise NotOfKind("这里只填整数", remedy="只用数字,不带单位和小数")
    return int(plain)


def _amount(text: str) -> int:
    plain = _ascii(text).strip().replace(",", "").removeprefix("¥").removesuffix("元").strip()
    try:
        amount = Decimal(plain)
    except InvalidOperation as exc:
        raise NotOfKind("金额应为数字", remedy="以元为单位,写成 1200.50 的样子") from exc
    if not amount.is_finite() or abs(amount) > _MOST_AMOUNT:
        raise NotOfKind("金额超出了范围", remedy="核对单位是不是元")
    if amount != amount.quantize(Decimal("0.01")):
        raise NotOfKind("金额最多两位小数", remedy="四舍五入到分")
    return int(amount * 100)


def _date(text: str) -> str:
    plain = re.sub(r"[年月./]", "-", _ascii(text).strip()).removesuffix("日")
    if re.fullmatch(r"\d{8}", plain):
        plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    parts = plain.split("-")
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day).isoformat()
    except ValueError as exc:
        raise NotOfKind("没有这一天", remedy="写成 2026-03-01 的样子") from exc


def _period(text: str) -> dict[str, str]:
    begin, _slash, end = text.partition("/")
    found = {"from": _date(begin), "to": _date(end)} if end.strip() else {"from": _date(begin)}
    if "to" in found and found["to"] < found["from"]:
        raise NotOfKind("结束日期早于开始日期", remedy="核对两个日期")
    return found


def _file(text: str) -> str:
    if not _FILE.fullmatch(text):
        raise NotOfKind("没有收到文件", remedy="重新上传")
    return text


def _lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))


def _yes_no(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise NotOfKind("请选择是或否", remedy="选一项")
    return text == "yes"


_READ: Mapping[Kind, Callable[[str], Any]] = MappingProxyType(
    {
        Kind.TEXT: _line,
        Kind.LINES: _lines,
        Kind.NAME: _name,
        Kind.IDENTITY: _identity,
        Kind.CREDIT_CODE: _credit_code,
        Kind.REGION: _region,
        Kind.ADDRESS: _line,
        Kind.PHONE: _phone,
        Kind.BANK_CARD: _bank_card,
        Kind.EMAIL: _email,
        Kind.NUMBER: _number,
        Kind.AMOUNT: _amount,
        Kind.DATE: _date,
        Kind.PERIOD: _period,
        Kind.YES_NO: _yes_no,
        Kind.CHOICE: _line,
        Kind.FILE: _file,
    }
)


def read(kind: Kind, text: str) -> Any:
    """
    A typed text as the value that is kept: tidied, in its standard form; amounts in fen (分), dates as ISO 8601.

    A period is typed as ``from/to``, ``to`` may be missing. Not for groups and several choices, which are made of more than one text.

    :raises Invalid: if it is no such thing; the sentence says why, the remedy what to do.
    """
    return _READ[kind](text)


def is_value(kind: Kind, value: object) -> bool:
    """Whether a kept value, a text above all, is as :func:`read` leaves it: what JSON Schema calls its format."""
    if not isinstance(value, str):
        return True
    try:
        return bool(read(kind, value) == value)
    except Invalid:
        return False


def shown(kind: Kind, value: object) -> str:
    """A kept value as people read it; choices, files and groups are the caller's to name."""
    if value is None or value == "":
        return ""
    if kind is Kind.AMOUNT and isinstance(value, int):
        return f"{Decimal(value) / 100:,.2f}"
    if kind is Kind.YES_NO:
        return "是" if value else "否"
    if kind is Kind.PERIOD and isinstance(value, Mapping):
        return f"{value['from']} — {value.get('to', '')}".rstrip()
    if kind is Kind.BANK_CARD:
        return " ".join(re.findall(r".{1,4}", str(value)))
    return str(value)


def masked(kind: Kind, value: object) -> str:
    """A personal value with most of it hidden: 张**, 138****1234, the first six and last four of a number, a place without its street."""
    text = shown(kind, value)
    if kind not in PERSONAL or not text:
        return text
    if kind is Kind.NAME:
        return text[0] + "*" * (len(text) - 1)
    if kind is Kind.EMAIL:
        return f"{text[0]}***@{text.rpartition('@')[2]}"
    kept = _KEPT[kind]
    plain = text.replace(" ", "")
    return f"{plain[: kept.front]}{'*' * max(1, len(plain) - kept.front - kept.end)}{plain[len(plain) - kept.end :]}"


@dataclass(frozen=True)
class _Kept:
    front: int
    end: int


_KEPT = {Kind.IDENTITY: _Kept(6, 4), Kind.PHONE: _Kept(3, 4), Kind.BANK_CARD: _Kept(0, 4), Kind.ADDRESS: _Kept(6, 0)}


def said_shape(kind: Kind) -> str:
    """How a field of this kind is filled in, as a hint; empty where nothing needs saying."""
    return _SHAPES.get(kind, "")


_SHAPES: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.IDENTITY: say("18 位,最后一位可能是 X。"),
        Kind.CREDIT_CODE: say("18 位数字和大写字母。"),
        Kind.PHONE: say("手机号,或带区号的座机号。"),
        Kind.AMOUNT: say("以元为单位,最多两位小数。"),
        Kind.DATE: say("如 2026-03-01。"),
        Kind.REGION: say("6 位、9 位或 12 位代码。"),
    }
)
