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
_LONGEST = 200


def values_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """
    The fields of an entry that are to have new values; what is left empty stays as it is.

    :raises Invalid: if nothing is to change, a field may not be changed this way, or a value is none of those to choose from.
    """
    values = {name: value for name, value in said.items() if value}
    if not values:
        raise Invalid("没有填写要改成什么", field="update_cycle", remedy="至少填写一项;留空的项不变")
    for name, value in values.items():
        label = say(FIELD_LABELS.get(name, name))
        if name not in FIELDS:
            raise Invalid(say("{label}不能成批修改", label=label), field=name)
        if name in _CHOSEN and value not in _CHOSEN[name]:
            raise Invalid(say("{label}没有这个选项", label=label), field=name)
        if any(len(one) > _LONGEST for one in ([value] if isinstance(value, str) else value)):
            raise Invalid(say("{label}太长", label=label), field=name)
    if "update_cycle" in values:
        values["update_cycle_text"] = ""  # it explained the former cycle
    return values
