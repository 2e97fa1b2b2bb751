"""
The language of choices, in processes and in forms: comparisons of named values, joined by ``and``, ``or``, ``not`` and parentheses.

``area >= 500 and (kind == "new" or not urgent)``. Values are texts, whole numbers and ``True``/``False``; amounts are whole numbers of
the smallest unit, as nothing here is a float. It is a subset of Python's expressions, so that other engines can run the same file, and it
is read by the parser below: nothing is ever evaluated as code.
"""

from __future__ import annotations

import keyword
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

Value: TypeAlias = str | int | bool
Answer: TypeAlias = Callable[[Mapping[str, Value]], Value]

LONGEST, DEEPEST = 500, 20
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"\\]*"|'[^'\\]*')|(?P<number>-?\d{1,18}(?![\w.]))|(?P<word>[^\W\d]\w*)|(?P<sign>[=!<>]=|[<>()]))"""
)
_COMPARISONS: Mapping[str, Callable[[Value, Value], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class InvalidCondition(Invalid):
    """条件的写法不正确。"""

    code = "invalid-condition"


class NoAnswer(Invalid):
    """条件要用的值没有给出,或不能比较。"""

    code = "condition-without-answer"


@dataclass(frozen=True)
class Condition:
    """A condition that can be asked."""

    text: str
    names: frozenset[str]
    _answer: Answer

    def holds(self, data: Mapping[str, Value]) -> bool:
        """
        Whether it is true of ``data``.

        :raises NoAnswer: if a value it needs is missing or cannot be compared like that.
        """
        return _truth(self._answer(data), self.text)


@lru_cache(maxsize=4_096)
def condition(text: str) -> Condition:
    """
    Read a condition.

    :raises InvalidCondition: naming where it cannot be read.
    """
    if len(text) > LONGEST:
        raise InvalidCondition(say("条件超过 {most} 个字符", most=LONGEST), field="condition", remedy="拆成几个环节判断")
    reader = _Reader(text)
    answer = reader.either(0)
    if reader.tokens[reader.place :]:
        raise reader.wrong()
    return Condition(text, frozenset(reader.names), answer)


def is_name(text: str) -> bool:
    """Whether a value or a step may be called this: a letter, then letters, digits and underscores, at most 64, and no word of Python."""
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", text) is not None and not keyword.iskeyword(text)


class _Reader:
    """A parser by recursive descent; every rule returns what answers it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: set[str] = set()
        self.tokens: list[tuple[str, str]] = []
        self.place = 0
        start = 0
        while text[start:].strip():
            found = _TOKEN.match(text, start)
            if found is None:
                raise self.wrong(text[start:].strip())
            self.tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            start = found.end()

    def wrong(self, rest: str = "") -> InvalidCondition:
        rest = rest or " ".join(token for _, token in self.tokens[self.place :])
        sentence = say("条件“{text}”从“{rest}”起读不懂", text=self.text, rest=rest) if rest else say("条件“{text}”不完整", text=self.text)
        return InvalidCondition(sentence, field="condition", remedy=say("写成 {example} 的样子", example='area >= 500 and kind == "new"'))

    def taken(self, *wanted: str) -> str:
        """The next token if it is one of the signs or words wanted."""
        if self.place < len(self.tokens):
            kind, token = self.tokens[self.place]
            if kind in ("sign", "word") and token in wanted:
                self.place += 1
                return token
        return ""

    def either(self, depth: int) -> Answer:
        if depth > DEEPEST:
            raise InvalidCondition(say("条件“{text}”的括号太深", text=self.text), field="condition", remedy="拆成几个环节判断")
        parts = [self.both(depth)]
        while self.taken("or"):
            parts.append(self.both(depth))
        text = self.text
        return parts[0] if len(parts) == 1 else lambda data: any(_truth(part(data), text) for part in parts)

    def both(self, depth: int) -> Answer:
        parts = [self.negated(depth)]
        while self.taken("and"):
            parts.append(self.negated(depth))
        text = self.text
        return parts[0] if len(parts) == 1 else lambda data: all(_truth(part(data), text) for part in parts)

    def negated(self, depth: int) -> Answer:
        if self.taken("not"):
            inner, text = self.negated(depth + 1) if depth < DEEPEST else self.either(depth + 1), self.text
            return lambda data: not _truth(inner(data), text)
        return self.compared(depth)

    def compared(self, depth: int) -> Answer:
        if self.taken("("):
            inner = self.either(depth + 1)
            if not self.taken(")"):
                raise self.wrong()
            return inner
        left = self.operand()
        sign = self.taken(*_COMPARISONS)
        return _comparison(sign, left, self.operand(), self.text) if sign else left

    def operand(self) -> Answer:
        if self.place >= len(self.tokens):
            raise self.wrong()
        kind, token = self.tokens[self.place]
        if kind == "sign" or token in ("and", "or", "not"):
            raise self.wrong()
        self.place += 1
        if kind == "word" and token not in ("True", "False"):
            self.names.add(token)
            return _named(token)
        value: Value = token[1:-1] if kind == "text" else int(token) if kind == "number" else token == str(True)
        return lambda _data: value


def _named(name: str) -> Answer:
    def answer(data: Mapping[str, Value]) -> Value:
        if name not in data:
            raise NoAnswer(say("还没有“{name}”的值,不能判断走哪一条路", name=name), field=name, remedy="办理本环节时一并填写")
        return data[name]

    return answer


def _comparison(sign: str, left: Answer, right: Answer, text: str) -> Answer:
    compare = _COMPARISONS[sign]

    def answer(data: Mapping[str, Value]) -> Value:
        one, other = left(data), right(data)
        if type(one) is not type(other) or (isinstance(one, bool) and sign not in ("==", "!=")):
            raise NoAnswer(
                say("条件“{text}”里的“{one}”和“{other}”不能比较", text=text, one=one, other=other),
                field="data",
                remedy="两边填写同一类的值",
            )
        return compare(one, other)

    return answer


def _truth(value: Value, text: str) -> bool:
    if not isinstance(value, bool):
        raise NoAnswer(say("条件“{text}”里的“{value}”不是是或否", text=text, value=value), field="data", remedy="填写是或否")
    return value
