"""What may be changed in many entries at once: what has one answer for all of them, and what nobody else has to be asked about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zhengtong.apps.resources.catalog.rules.content import FIELD_LABELS
from zhengtong.apps.resources.catalog.rules.vocabulary import CYCLE_LABELS, DATA_LEVEL_LABELS, UpdateCycle
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

#: fields that are changed together by one who keeps many entries, and the values that some of them are chosen from
FIELDS = ("update_cycle", "data_level", "contact", "themes", "tags")
#: a cycle of its own needs words of its own, entry by entry
CYCLES = {code: label for code, label in CYCLE_LABELS.items() if code != UpdateCycle.CUSTOM}
_CHOSEN: Mapping[str, frozenset[str]] = {
    "update_cycle": frozenset(str(code) for code in CYCLES),
    "data_level": frozenset(DATA_LEVEL_LABELS),
}
_LONGEST = {"contact": 200, "themes": 60, "tags": 120}
#: lists to which something can be added, or from which it can be taken, whatever else each entry has there
LISTS = ("themes", "tags")
ADD, REMOVE = "_add", "_remove"
BULK_LABELS = FIELD_LABELS | {
    "themes_add": "增加主题",
    "themes_remove": "去掉主题",
    "tags_add": "增加标签",
    "tags_remove": "去掉标签",
}


def field_of(name: str) -> str:
    """The field that a value is for: ``tags_add`` and ``tags_remove`` are both for ``tags``."""
    return next((field for field in LISTS if name in {field + ADD, field + REMOVE}), name)


def values_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """
    What is to change in an entry, by field; ``tags_add`` and the like name what is added to a list or taken from it. What is left empty
    stays as it is.

    :raises Invalid: if nothing is to change, a field may not be changed this way, a value is none of those to choose from, or a list is
        to be replaced and added to at once.
    """
    values = {name: value for name, value in said.items() if value}
    if not values:
        raise Invalid("没有填写要改成什么", field="update_cycle", remedy="至少填写一项;留空的项不变")
    for name, value in values.items():
        label = say(BULK_LABELS.get(name, name))
        if field_of(name) not in FIELDS:
            raise Invalid(say("{label}不能成批修改", label=label), field=name)
        if name in _CHOSEN and value not in _CHOSEN[name]:
            raise Invalid(say("{label}没有这个选项", label=label), field=name)
        longest = _LONGEST.get(field_of(name))
        if longest and any(len(one) > longest for one in ([value] if isinstance(value, str) else value)):
            raise Invalid(say("{label}太长", label=label), field=name)
    _require_one_way(values)
    if "update_cycle" in values:
        values["update_cycle_text"] = ""  # it explained the former cycle
    return values


def _require_one_way(values: Mapping[str, Any]) -> None:
    for field in LISTS:
        steps = [name for name in (field + ADD, field + REMOVE) if name in values]
        if field in values and steps:
            label = say(FIELD_LABELS[field])
            raise Invalid(say("{label}不能既整个换掉又增减", label=label), field=steps[0], remedy="只填一种")
        both = sorted(set(values.get(field + ADD, ())) & set(values.get(field + REMOVE, ())))
        if both:
            raise Invalid(say("“{word}”不能既增加又去掉", word=both[0]), field=field + REMOVE, remedy="只填在一处")


def outcome(values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields of an entry say afterwards that said ``before``; ``values`` as :func:`values_of` gives them."""
    after = {name: value for name, value in values.items() if field_of(name) == name}
    for field in LISTS:
        added, removed = values.get(field + ADD, ()), set(values.get(field + REMOVE, ()))
        if added or removed:
            left = [one for one in before[field] if one not in removed]
            after[field] = [*left, *(one for one in dict.fromkeys(added) if one not in left)]
    return after
