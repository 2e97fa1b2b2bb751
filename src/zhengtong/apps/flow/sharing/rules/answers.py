"""What a provider's answer may say: items asked for, masks that fit, rows that can be told apart, a scope that can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from zhengtong.contracts.grants import Channel, Mask, Operator, ScopeRule
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import listed, say

#: data types of 1272号 whose values have a year
_DATED = frozenset({"D", "T"})
_SINGLE = frozenset({Operator.GTE, Operator.LTE})
_PARSERS: Mapping[str, Any] = {
    "I": int,
    "N": Decimal,
    "Y": Decimal,
    "B": float,
    "F": float,
    "D": date.fromisoformat,
    "T": datetime.fromisoformat,
}


@dataclass(frozen=True)
class OfferedItem:
    """The parts of a catalog item that an answer depends on."""

    name: str
    data_type: str
    is_key: bool


def check_items(items: Sequence[str], *, asked: Sequence[str], filters: Sequence[str]) -> None:
    """
    See that the granted items are among those asked for and leave a look-up something to ask by.

    :raises Invalid: naming the item.
    """
    extra = sorted(set(items) - set(asked))
    if extra:
        raise Invalid(say("信息项 {item} 不在申请中", item=extra[0]), field="items")
    if filters and not set(filters) & set(items):
        raise Invalid(
            "去掉了全部查询条件,查询和核验将无法使用", field="items", remedy=say("保留 {filters} 中的至少一项", filters=listed(filters))
        )


def check_masks(
    masks: Mapping[str, str], items: Sequence[str], offered: Mapping[str, OfferedItem], channels: Sequence[str]
) -> dict[str, str]:
    """
    The masks of the granted items, without those that hide nothing.

    :raises Invalid: for an unknown mask, a year of what is no date, or a push whose rows could no longer be told apart.
    """
    try:
        chosen = {key: Mask(value) for key, value in masks.items() if key in items}
    except ValueError as exc:
        raise Invalid(say("没有这种脱敏方式:{mask}", mask=exc.args[0]), field="masks") from exc
    for key, mask in chosen.items():
        if mask is Mask.YEAR and offered[key].data_type not in _DATED:
            raise Invalid(say("“{name}”不是日期,不能只留年份", name=offered[key].name), field="masks", remedy="改用其他脱敏方式")
    if Channel.PUSH in channels:
        for key, item in offered.items():
            if item.is_key and (key not in items or chosen.get(key, Mask.NONE) is not Mask.NONE):
                raise Invalid(
                    say("推送按主键更新,主键项“{name}”须授权且不能脱敏", name=item.name),
                    field="masks",
                    remedy="保留该项原值,或以不予共享答复并请需求方改用查询、核验",
                )
    return {key: mask.value for key, mask in chosen.items() if mask is not Mask.NONE}


def check_scope(rules: Sequence[Mapping[str, Any]], offered: Mapping[str, OfferedItem]) -> list[dict[str, Any]]:
    """
    The row scope as plain rules of :class:`~contracts.grants.ScopeRule`.

    :raises Invalid: for an unknown item or comparison, a missing value, or one that is not of the item's type.
    """
    try:
        scope = [msgspec.convert(rule, ScopeRule) for rule in rules]
    except msgspec.ValidationError as exc:
        raise Invalid("行范围有误", field="row_scope", remedy=str(exc)) from exc
    for rule in scope:
        item = offered.get(rule.item)
        if item is None:
            raise Invalid(say("行范围中的信息项 {item} 不在目录中", item=rule.item), field="row_scope")
        if not all(value.strip() for value in rule.values) or not rule.values:
            raise Invalid(say("行范围“{name}”没有取值", name=item.name), field="row_scope", remedy="填写取值,或去掉这一行")
        if rule.operator in _SINGLE and len(rule.values) != 1:
            raise Invalid(say("行范围“{name}”只能有一个取值", name=item.name), field="row_scope")
        if rule.operator is not Operator.PREFIX:
            _check_values(item, rule.values)
    plain = msgspec.to_builtins(scope)
    return list(plain)


def _check_values(item: OfferedItem, values: Sequence[str]) -> None:
    parse = _PARSERS.get(item.data_type)
    for value in values:
        try:
            if parse is not None:
                parse(value)
        except (ValueError, InvalidOperation) as exc:
            raise Invalid(say("行范围“{name}”的取值 {value} 与信息项类型不符", name=item.name, value=value), field="row_scope") from exc
