"""
Answers that nobody gave: one value for each kind of field, of the right shape, drawn from a seeded source.

Numbers and texts that the form's conditions compare with are drawn oftener than others, so that both sides of a condition are reached. What
is drawn is made of its parts by the same rules as it is read, with a right check character; it is nobody's, unless by chance.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from zhengtong.engines.conditions import Condition
from zhengtong.engines.forms.answers import asked_fields
from zhengtong.engines.forms.document import Field, Form, Page
from zhengtong.engines.forms.kinds import Kind
from zhengtong.kernel.codes import credit_code, identity_number

#: of questions that may be left open, so many are answered
_ANSWERED = 0.6
#: of values that conditions compare with something, so many are drawn near it
_NEAR = 0.5
_MOST_ENTRIES = 3
_FAMILY, _GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文建国兰"
_WORDS = "云州市场街道经营服务登记办理材料说明房屋面积用途地址项目单位联系情况申请"
_REGIONS = ("110105", "310104", "330106", "370102", "370202", "440305", "510104", "610102")
_FIRST_DAY, _DAYS = date(1950, 1, 1), 26_000
_NUMBER = re.compile(r"(?P<name>[A-Za-z]\w*)\s*(?:[=!<>]=|[<>])\s*(?P<value>-?\d{1,15})(?![\w.])")
_TEXT = re.compile(r"""(?P<name>[A-Za-z]\w*)\s*[=!]=\s*(?P<quote>["'])(?P<value>[^"']*)(?P=quote)""")
_REGION = "370102"

Hints = Mapping[str, tuple[int | str, ...]]


def hints(form: Form) -> Hints:
    """What the conditions of a form compare each field with."""
    found: dict[str, list[int | str]] = {}
    for condition in _conditions(form):
        for number in _NUMBER.finditer(condition.text):
            found.setdefault(number["name"], []).append(int(number["value"]))
        for text in _TEXT.finditer(condition.text):
            found.setdefault(text["name"], []).append(text["value"])
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items()}


def _conditions(form: Form) -> list[Condition]:
    fields = [each for one in form.fields.values() for each in (one, *one.fields)]
    held = [*(one.when for one in fields), *(page.when for page in form.pages), *(when for when, _sentence in form.refusals)]
    return [one for one in held if one is not None]


def applicant(form: Form, known: Hints, draw: Random) -> dict[str, Any]:
    """The answers of one applicant, question after question, each condition looked at as filing does."""
    answers: dict[str, Any] = {}
    for one in asked_fields(form, answers):
        if one.required or draw.random() < _ANSWERED:
            answers[one.key] = value(one, known.get(one.key, ()), known, draw)
    return answers


def value(one: Field, near: tuple[int | str, ...], known: Hints, draw: Random) -> Any:
    """A value that the field's own rules accept; ``near`` is what conditions compare it with."""
    made: Any
    match one.kind:
        case Kind.NUMBER | Kind.AMOUNT:
            made = _whole(one, [each for each in near if isinstance(each, int)], draw)
        case Kind.GROUP:
            made = _entries(one, known, draw)
        case Kind.CHOICE:
            made = draw.choice(one.options)[0]
        case Kind.CHOICES:
            values = [each for each, _label in one.options]
            most = min(one.most or len(values), len(values))
            made = draw.sample(values, draw.randint(min(max(1, one.least or 1), most), most))
        case Kind.YES_NO:
            made = draw.random() < 0.5  # noqa: PLR2004 - either answer is as likely
        case Kind.PERIOD:
            begin = _day(draw)
            made = {"from": begin.isoformat(), "to": (begin + timedelta(days=draw.randint(30, 3650))).isoformat()}
        case _:
            made = _text(one, [each for each in near if isinstance(each, str) and each], draw)
    return made


def _whole(one: Field, near: list[int], draw: Random) -> int:
    low = one.least if one.least is not None else 0
    high = one.most if one.most is not None else max(low + 1_000, low * 100, 100_000_00 if one.kind is Kind.AMOUNT else 1_000)
    if near and draw.random() < _NEAR:
        place = draw.choice(near) + draw.choice((-1, 0, 1))
        return min(max(place, low), high)
    # small values are commoner than large ones
    return min(high, low + int((high - low) * draw.random() ** 3))


def _entries(group: Field, known: Hints, draw: Random) -> list[dict[str, Any]]:
    least = max(1, group.least or 1)
    entry = Page("entry", group.title, "", tuple(one.key for one in group.fields))
    inner = Form(group.title, {one.key: one for one in group.fields}, (entry,), (), {})
    most = max(least, min(group.most or _MOST_ENTRIES, _MOST_ENTRIES))
    return [applicant(inner, known, draw) for _number in range(draw.randint(least, most))]


def _day(draw: Random) -> date:
    return _FIRST_DAY + timedelta(days=draw.randrange(_DAYS))


def _text(one: Field, near: list[str], draw: Random) -> str:
    made = _SHAPED[one.kind](draw) if one.kind in _SHAPED else ""
    if made:
        return made
    low, high = one.least or 0, one.most or 200
    fitting = [each for each in near if low <= len(each) <= high]
    if fitting and draw.random() < _NEAR:
        return draw.choice(fitting)
    length = draw.randint(max(1, low), max(1, low, min(high, max(12, low))))
    return "".join(draw.choice(_WORDS) for _place in range(length))


def _name(draw: Random) -> str:
    return draw.choice(_FAMILY) + "".join(draw.choice(_GIVEN) for _place in range(draw.randint(1, 2)))


def _identity(draw: Random) -> str:
    return identity_number.compose(region=_REGION, birth_date=_day(draw), sequence=draw.randrange(1000))


def _credit_code(draw: Random) -> str:
    body = "MA" + "".join(draw.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _place in range(6))
    return credit_code.compose(authority="9", category="1", region=_REGION, organisation=body)


def _card(draw: Random) -> str:
    body = "62" + "".join(str(draw.randrange(10)) for _place in range(16))
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    return body + str(-sum(one - 9 if one > 9 else one for one in doubled) % 10)  # noqa: PLR2004 - ISO/IEC 7812-1, Luhn


_SHAPED: Mapping[Kind, Callable[[Random], str]] = {
    Kind.NAME: _name,
    Kind.IDENTITY: _identity,
    Kind.CREDIT_CODE: _credit_code,
    Kind.REGION: lambda draw: draw.choice(_REGIONS),
    Kind.PHONE: lambda draw: f"1{draw.randint(3, 9)}{draw.randrange(10**9):09}",
    Kind.BANK_CARD: _card,
    Kind.EMAIL: lambda draw: f"user{draw.randrange(10**6)}@example.cn",
    Kind.DATE: lambda draw: _day(draw).isoformat(),
    Kind.FILE: lambda draw: f"{draw.getrandbits(128):032x}",
}
