"""
Quality rules as data, compiled into one pass over a chunk.

A rule names the items it looks at, has a stable ``id`` and says in Chinese what it asks and how to mend what breaks it. All rules but
``NotNull`` are silent about missing values. ``Checker`` turns a list of rules into Polars expressions: every row gets bitmask words in
which bit *n* means "rule *n* refuses this row"; rows with a bit set go to quarantine with the ids of the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import polars as pl
from polars.exceptions import ComputeError

from zhengtong.engines.dataflow import checksums
from zhengtong.engines.dataflow.blanks import NOT_BLANK
from zhengtong.engines.dataflow.errors import BadPlan
from zhengtong.engines.dataflow.items import Item, ItemType
from zhengtong.kernel.sentences import listed, say

_BEIJING = ZoneInfo("Asia/Shanghai")
#: hidden columns: the words of the mask, and whether the rules over single rows let a row pass
MASK, CLEAN = "\0mask:", "\0clean"
_WORD = 62


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What every rule has. ``id`` defaults to kind and item, and must be unique within a job."""

    kind: ClassVar[str] = ""
    remedy: ClassVar[str] = ""
    #: a rule over the whole run is decided where chunks meet, at the target
    whole_run: ClassVar[bool] = False
    item: str
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", f"{self.kind}:{self.item}")

    def sentence(self, label: str) -> str:
        """What the rule asks; ``label`` is what people call the item."""
        raise NotImplementedError

    def broken(self, item: Item) -> pl.Expr:
        """True where a row breaks the rule; the item's column holds converted values."""
        raise NotImplementedError

    def check(self, item: Item) -> None:
        """
        See whether the rule can apply to the item at all.

        :raises BadPlan: if it cannot.
        """

    def to_dict(self) -> dict[str, Any]:
        """The rule as a plain dict of JSON values; ``rule_from_dict`` reads it back."""
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {"kind": self.kind, **plain}

    def _needs_text(self, item: Item) -> None:
        if item.type is not ItemType.TEXT:
            raise BadPlan(say("规则 {id} 只能用于文本信息项", id=self.id), field=item.key)


@dataclass(frozen=True, kw_only=True)
class NotNull(Rule):
    """The value is there, and is not only blanks."""

    kind: ClassVar[str] = "not-null"
    remedy: ClassVar[str] = "补填该项,或在目录中将其改为可空"

    def sentence(self, label: str) -> str:
        return say("{label}不得为空", label=label)

    def broken(self, item: Item) -> pl.Expr:
        # by the raw value: one that is there but does not convert is not missing
        missing = pl.col(raw_name(item.key)).is_null()
        return missing | ~pl.col(item.key).str.contains(NOT_BLANK) if item.type is ItemType.TEXT else missing


@dataclass(frozen=True, kw_only=True)
class CodeList(Rule):
    """The value is one of the listed codes."""

    kind: ClassVar[str] = "code-list"
    remedy: ClassVar[str] = "改用代码表中的代码;代码表若已更新,请同步规则"
    codes: tuple[str, ...]
    #: the standard the codes come from, shown to people
    source: str = ""

    def sentence(self, label: str) -> str:
        shown = listed(self.codes[:10]) if len(self.codes) <= 10 else say("{codes}等", codes=listed(self.codes[:10]))  # noqa: PLR2004 - what fits a line
        if self.source:
            return say("{label}应为代码表({source})中的代码:{shown}", label=label, source=self.source, shown=shown)
        return say("{label}应为代码表中的代码:{shown}", label=label, shown=shown)

    def check(self, item: Item) -> None:
        self._needs_text(item)

    def broken(self, item: Item) -> pl.Expr:
        return ~pl.col(item.key).is_in(list(self.codes))


@dataclass(frozen=True, kw_only=True)
class Range(Rule):
    """
    The number, date or moment lies between two bounds, both included; a bound left out is open.

    Bounds are text: ``"0.5"``, ``"2024-01-31"``, ``"2024-01-31T08:00:00"`` (Beijing time unless it says otherwise).
    """

    kind: ClassVar[str] = "range"
    remedy: ClassVar[str] = "核对数值与单位"
    low: str | None = None
    high: str | None = None

    def sentence(self, label: str) -> str:
        if self.low is None:
            return say("{label}不得大于 {high}", label=label, high=self.high)
        return (
            say("{label}不得小于 {low}", label=label, low=self.low)
            if self.high is None
            else say("{label}应在 {low} 与 {high} 之间", label=label, low=self.low, high=self.high)
        )

    def check(self, item: Item) -> None:
        if item.type in {ItemType.TEXT, ItemType.BOOLEAN}:
            raise BadPlan(say("规则 {id} 只能用于数值、日期或时间", id=self.id), field=item.key)
        if self.low is None and self.high is None:
            raise BadPlan(say("规则 {id} 没有上下限", id=self.id), field=item.key)
        for bound in (self.low, self.high):
            if bound is not None:
                bound_value(item, bound)

    def broken(self, item: Item) -> pl.Expr:
        value, parts = pl.col(item.key), []
        if self.low is not None:
            parts.append(value < bound_value(item, self.low))
        if self.high is not None:
            parts.append(value > bound_value(item, self.high))
        return parts[0] if len(parts) == 1 else parts[0] | parts[1]


@dataclass(frozen=True, kw_only=True)
class Length(Rule):
    """The text has between ``least`` and ``most`` characters."""

    kind: ClassVar[str] = "length"
    remedy: ClassVar[str] = "核对是否多填、少填或含有多余空格"
    least: int = 0
    most: int | None = None

    def sentence(self, label: str) -> str:
        if self.most is None:
            return say("{label}不得少于 {least} 个字符", label=label, least=self.least)
        return (
            say("{label}应为 {least} 至 {most} 个字符", label=label, least=self.least, most=self.most)
            if self.least
            else say("{label}不得多于 {most} 个字符", label=label, most=self.most)
        )

    def check(self, item: Item) -> None:
        self._needs_text(item)
        if self.least < 0 or (self.most is not None and self.most < self.least):
            raise BadPlan(say("规则 {id} 的长度上下限不成立", id=self.id), field=item.key)

    def broken(self, item: Item) -> pl.Expr:
        length = pl.col(item.key).str.len_chars()
        low = length < self.least
        return low if self.most is None else low | (length > self.most)


@dataclass(frozen=True, kw_only=True)
class Pattern(Rule):
    """The whole text matches a regular expression (linear-time syntax: no look-around, no back-references)."""

    kind: ClassVar[str] = "pattern"
    remedy: ClassVar[str] = "按规定的格式填写"
    pattern: str
    #: the format in words, shown to people instead of the expression
    meaning: str = ""

    def sentence(self, label: str) -> str:
        return say("{label}应符合格式:{pattern}", label=label, pattern=self.meaning or self.pattern)

    def check(self, item: Item) -> None:
        self._needs_text(item)
        try:
            pl.Series([""]).str.contains(self._whole)
        except ComputeError as error:
            raise BadPlan(say("规则 {id} 的正则表达式不成立", id=self.id), field=item.key, remedy="不支持环视与反向引用") from error

    @property
    def _whole(self) -> str:
        return f"^(?:{self.pattern})$"

    def broken(self, item: Item) -> pl.Expr:
        return ~pl.col(item.key).str.contains(self._whole)


@dataclass(frozen=True, kw_only=True)
class IdentityNumber(Rule):
    """The text is a citizen identity number (GB 11643). ``legacy`` also accepts the 15 digits of before 1999."""

    kind: ClassVar[str] = "identity-number"
    remedy: ClassVar[str] = "核对证件号码;末位字母须为大写 X"
    legacy: bool = False

    def sentence(self, label: str) -> str:
        return say("{label}应为有效的公民身份号码(18 位,出生日期与校验码正确)", label=label)

    def check(self, item: Item) -> None:
        self._needs_text(item)

    def broken(self, item: Item) -> pl.Expr:
        value = pl.col(item.key)
        return value.is_not_null() & ~checksums.is_identity_number(value, legacy=self.legacy)


@dataclass(frozen=True, kw_only=True)
class CreditCode(Rule):
    """The text is a unified social credit code (GB 32100)."""

    kind: ClassVar[str] = "credit-code"
    remedy: ClassVar[str] = "核对营业执照或登记证上的代码;字母须为大写,且不含 I、O、S、V、Z"

    def sentence(self, label: str) -> str:
        return say("{label}应为有效的统一社会信用代码(18 位,校验码正确)", label=label)

    def check(self, item: Item) -> None:
        self._needs_text(item)

    def broken(self, item: Item) -> pl.Expr:
        value = pl.col(item.key)
        return value.is_not_null() & ~checksums.is_credit_code(value)


@dataclass(frozen=True, kw_only=True)
class Unique(Rule):
    """
    No two accepted rows of one run share the value (with ``also``: the values together). The first row stays, later ones are refused.

    Rows with a missing part are not compared.
    """

    kind: ClassVar[str] = "unique"
    remedy: ClassVar[str] = "合并或改正重复的记录"
    whole_run: ClassVar[bool] = True
    also: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        """All items that are unique together."""
        return (self.item, *self.also)

    def sentence(self, label: str) -> str:
        if self.also:
            return say("{label}与{also}的组合在一次交换中不得重复", label=label, also=listed(self.also))
        return say("{label}在一次交换中不得重复", label=label)

    def broken(self, item: Item) -> pl.Expr:  # noqa: ARG002 - the rule names its items itself
        """True for the later ones among this chunk's rows that no other rule refuses; earlier chunks are compared at the target."""
        whole = pl.all_horizontal(pl.col(key).is_not_null() for key in self.items)
        return pl.col(CLEAN) & whole & ~pl.struct(CLEAN, *self.items).is_first_distinct()


_SQL_TYPE_OF_MOMENTS = "timestamp with time zone"


@dataclass(frozen=True, kw_only=True)
class Convertible(Rule):
    """Every value converts exactly to the item's declared type. Every item has this rule by itself."""

    kind: ClassVar[str] = "type"
    remedy: ClassVar[str] = "按信息项的类型与长度改正来源数据,或在目录中修改信息项定义"
    type: str = ""

    def sentence(self, label: str) -> str:
        said = say("{label}应能无损转换为 {type}", label=label, type=self.type or say("声明的类型"))
        if self.type != _SQL_TYPE_OF_MOMENTS:
            return said
        # a moment in the first hours of the year 1 in China is before that year in UTC, and nobody would guess why it was refused
        return say("{rule}(世界时公元 1 年至 9999 年)", rule=said)

    def broken(self, item: Item) -> pl.Expr:
        return pl.col(item.key).is_null() & pl.col(raw_name(item.key)).is_not_null()


KINDS: Mapping[str, type[Rule]] = {
    rule.kind: rule for rule in (NotNull, CodeList, Range, Length, Pattern, IdentityNumber, CreditCode, Unique, Convertible)
}


def rule_from_dict(document: Mapping[str, Any]) -> Rule:
    """
    Read ``to_dict`` back.

    :raises BadPlan: for an unknown kind or unknown parts.
    """
    kind = KINDS.get(str(document.get("kind")))
    if kind is None:
        raise BadPlan(say("没有“{kind}”这种规则", kind=document.get("kind")), field="kind")
    parts: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in document.items() if name != "kind"}
    unknown = parts.keys() - {field.name for field in fields(kind)}
    if unknown or "item" not in parts:
        raise BadPlan(
            say("规则 {kind} 的内容无法识别:{parts}", kind=kind.kind, parts=listed(sorted(unknown)) or say("缺少 item")), field="item"
        )
    try:
        return kind(**parts)
    except TypeError as error:
        raise BadPlan(say("规则 {kind} 的内容不完整", kind=kind.kind)) from error


def bound_value(item: Item, text: str) -> int | float | Decimal | date | datetime:
    """
    A bound of ``Range`` as a value of the item's type.

    :raises BadPlan: if it is none.
    """
    try:
        match item.type:
            case ItemType.DATE:
                return date.fromisoformat(text)
            case ItemType.DATETIME:
                moment = datetime.fromisoformat(text)
                return (moment if moment.tzinfo else moment.replace(tzinfo=_BEIJING)).astimezone(UTC)
            case ItemType.INTEGER:
                return int(text)
            case ItemType.DOUBLE:
                return float(text)
            case _:
                return Decimal(text)
    except (ValueError, InvalidOperation) as error:
        raise BadPlan(say("“{text}”不是 {label} 的上下限", text=text, label=item.label), field=item.key) from error


def raw_name(key: str) -> str:
    """The hidden column that keeps an item's value before conversion."""
    return f"\0raw:{key}"


class Checker:
    """
    Rules compiled for a set of items.

    Numbers of rules are positions in ``rules``; word ``w`` of the mask holds rules ``62·w`` to ``62·w + 61``.
    """

    def __init__(self, items: Sequence[Item], rules: Sequence[Rule]) -> None:
        """
        :raises BadPlan: if a rule names no item, does not fit its item, or shares its id.
        """
        self.items = {item.key: item for item in items}
        self.rules = tuple(rules)
        ids: set[str] = set()
        for rule in self.rules:
            if rule.id in ids:
                raise BadPlan(say("规则编号 {id} 重复", id=rule.id), field=rule.item)
            ids.add(rule.id)
            for key in rule.items if isinstance(rule, Unique) else (rule.item,):
                if key not in self.items:
                    raise BadPlan(say("规则 {id} 的信息项 {key} 不存在", id=rule.id, key=key), field=key)
            rule.check(self.items[rule.item])
        self.words = [f"{MASK}{word}" for word in range((len(self.rules) + _WORD - 1) // _WORD)]

    def apply(self, frame: pl.LazyFrame, *, exact: frozenset[str] = frozenset()) -> pl.LazyFrame:
        """
        Add the mask words and ``CLEAN`` to a frame of converted columns and their ``raw_name`` twins.

        :param exact: items whose values cannot fail to convert, so that ``Convertible`` need not look.
        """
        frame = frame.with_columns(self._word(word, whole_run=False, exact=exact) for word in range(len(self.words)))
        frame = frame.with_columns(self._clean())
        if not any(rule.whole_run for rule in self.rules):
            return frame
        frame = frame.with_columns(
            (pl.col(name) + self._word(word, whole_run=True, exact=exact)).alias(name) for word, name in enumerate(self.words)
        )
        return frame.with_columns(self._clean())

    def _word(self, word: int, *, whole_run: bool, exact: frozenset[str]) -> pl.Expr:
        bits = [
            rule.broken(self.items[rule.item]).fill_null(value=False).cast(pl.Int64) * (1 << bit)
            for bit, rule in enumerate(self.rules[word * _WORD : (word + 1) * _WORD])
            if rule.whole_run is whole_run and not (isinstance(rule, Convertible) and rule.item in exact)
        ]
        return pl.sum_horizontal(pl.lit(0, pl.Int64), *bits).alias(self.words[word])

    def _clean(self) -> pl.Expr:
        return pl.all_horizontal(pl.lit(value=True), *(pl.col(name) == 0 for name in self.words)).alias(CLEAN)

    def ids(self, masks: Sequence[int]) -> list[str]:
        """The ids behind one row's mask words."""
        return [
            rule.id
            for word, mask in enumerate(masks)
            for bit, rule in enumerate(self.rules[word * _WORD : (word + 1) * _WORD])
            if mask >> bit & 1
        ]

    def sentences(self) -> dict[str, tuple[str, str]]:
        """Per rule id: what it asks, and the remedy."""
        return {rule.id: (rule.sentence(self.items[rule.item].label), rule.remedy) for rule in self.rules}
