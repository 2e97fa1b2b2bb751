"""What a licence type says of its fields, and whether values fit it."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from zhengtong.apps.affairs.licences.rules.vocabulary import METADATA, FieldKind
from zhengtong.kernel.codes import credit_code, identity_number
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.parties import PartyKind
from zhengtong.kernel.sentences import say

_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,6})?")
MOST_FIELDS, _LONGEST, _MOST_YEARS = 40, 400, 100


@dataclass(frozen=True)
class Field:
    """
    One field of a licence.

    ``face``: stands on the face 照面. ``personal``: shown masked unless somebody may see it. ``choices`` of a choice.
    """

    key: str
    name: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = True
    face: bool = True
    personal: bool = False
    choices: tuple[str, ...] = ()

    def as_document(self) -> dict[str, Any]:
        """As a table keeps it."""
        return {**asdict(self), "kind": self.kind.value, "choices": list(self.choices)}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Field:
        """What ``as_document`` made."""
        return cls(**{**document, "kind": FieldKind(document["kind"]), "choices": tuple(document["choices"])})


@dataclass(frozen=True)
class TypeDraft:
    """A licence type as its office writes it. ``years`` of validity; 0: without end. ``suffix`` are the last 3 characters of its code."""

    name: str
    suffix: str
    holder: PartyKind
    fields: tuple[Field, ...]
    years: int = 0
    #: words on the face below the title
    legend: str = ""
    #: how many should hold one by the office's register; None: not known
    expected: int | None = None


def check_type(draft: TypeDraft) -> None:
    """:raises Invalid: naming the field, the rule and the remedy."""
    if not 2 <= len(draft.name.strip()) <= 60:  # noqa: PLR2004 - said in the sentence
        raise Invalid("名称为 2 至 60 字", field="name")
    if not re.fullmatch(r"[0-9A-Z]{3}", draft.suffix):
        raise Invalid("类型代码的后三位是数字或大写字母", field="suffix", remedy="例如 001")
    if not 0 <= draft.years <= _MOST_YEARS:
        raise Invalid("有效期为 0 至 100 年", field="years", remedy="长期有效填 0")
    if not 1 <= len(draft.fields) <= MOST_FIELDS:
        raise Invalid("一种证照有 1 至 40 个字段", field="fields", remedy="每行写一个字段")
    keys = [one.key for one in draft.fields]
    for one in draft.fields:
        if not _KEY.fullmatch(one.key):
            raise Invalid(say("字段代码“{key}”应以小写字母开头,只用小写字母、数字和下划线", key=one.key), field="fields")
        if not one.name.strip() or keys.count(one.key) > 1:
            raise Invalid(say("字段“{key}”没有名称或重复", key=one.key), field="fields", remedy="每个字段写一次,写明名称")
        if one.kind is FieldKind.CHOICE and not one.choices:
            raise Invalid(say("选项字段“{key}”没有选项", key=one.key), field="fields", remedy="写出全部选项")
    if not any(one.face for one in draft.fields):
        raise Invalid("照面上没有字段", field="fields", remedy="至少一个字段放在照面")


def check_values(fields: Sequence[Field], values: Mapping[str, str]) -> dict[str, str]:
    """
    The values in the order of the fields, in their standard form; empty ones are left out.

    :raises Invalid: naming the field that lacks a value or has one that does not fit. The sentence never repeats the value.
    """
    for unknown in values.keys() - {one.key for one in fields}:
        raise Invalid("这种证照没有这个字段", field=unknown, remedy="按证照类型的字段填写")
    kept = {}
    for one in fields:
        text = values.get(one.key, "").strip()
        if text:
            kept[one.key] = _fitting(one, text)
        elif one.required:
            raise Invalid(say("“{name}”没有填", name=one.name), field=one.key, remedy="补上这个值")
    return kept


def _fitting(one: Field, text: str) -> str:
    if len(text) > _LONGEST or any(ord(character) < 32 for character in text):  # noqa: PLR2004 - control characters
        raise Invalid(say("“{name}”太长或含有控制字符", name=one.name), field=one.key, remedy="最多 400 字")
    match one.kind:
        case FieldKind.DATE:
            try:
                return date.fromisoformat(text).isoformat()
            except ValueError as exc:
                raise Invalid(say("“{name}”不是日期", name=one.name), field=one.key, remedy="写成 2026-06-30 的样子") from exc
        case FieldKind.NUMBER if not _NUMBER.fullmatch(text):
            raise Invalid(say("“{name}”不是数值", name=one.name), field=one.key, remedy="只写数字,可以有小数")
        case FieldKind.IDENTITY:
            return identity_number.parse(text, field=one.key).text
        case FieldKind.CREDIT_CODE:
            return credit_code.parse(text, field=one.key).text
        case FieldKind.CHOICE if text not in one.choices:
            raise Invalid(say("“{name}”不在选项里", name=one.name), field=one.key, remedy="从选项里选一个")
    return text


def ends_on(begins: date, years: int) -> date | None:
    """The last day of a term of so many years; None without end. A term from 29 February ends on 28 February."""
    if not years:
        return None
    year = begins.year + years
    day = min(begins.day, calendar.monthrange(year, begins.month)[1])
    same = date(year, begins.month, day)
    return same if day < begins.day else same - timedelta(days=1)


def shown(one: Field, value: str) -> str:
    """A value as somebody sees it who may not see personal data: of a personal one the first character alone."""
    return f"{value[:1]}{'*' * min(len(value) - 1, 8)}" if one.personal and value else value


def metadata_names(fields: Sequence[Field]) -> dict[str, str]:
    """Every key that a licence of the type carries in its files, with its name: GB/T 36903, then ``KZ_`` fields."""
    return dict(METADATA) | {f"KZ_{one.key}": one.name for one in fields}
