"""
The state of one field: value, where it came from and when, whether that still holds, and the evidence.

A field never loses what somebody typed, and what the law takes from a register is never theirs to change. What a silent source owes is
remembered: the filing goes on, the decision waits (``unresolved``), and the field heals when the source speaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from zhengtong.apps.affairs.filing.rules.meanings import SILENT, Meaning
from zhengtong.engines.forms.document import Field
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say


class FieldState(StrEnum):
    """How much a value may be relied on."""

    #: the source gave it, and has not been contradicted
    OK = "ok"
    #: the source gave it, and could not be asked again
    STALE = "stale"
    #: the source is silent and nobody has typed a value
    DEGRADED = "degraded"
    #: the applicant says so
    DECLARED = "declared"


STATE_LABELS: Mapping[str, str] = {
    FieldState.OK: "来源数据",
    FieldState.STALE: "来源数据,待重新核对",
    FieldState.DEGRADED: "来源没有应答",
    FieldState.DECLARED: "本人填写",
}
STATE_TONES: Mapping[str, str] = {
    FieldState.OK: "done",
    FieldState.STALE: "waiting",
    FieldState.DEGRADED: "waiting",
    FieldState.DECLARED: "",
}


class FieldLocked(Invalid):
    """这一项以登记为准,不能在这里改。"""

    code = "field-locked"


@dataclass(frozen=True)
class Held:
    """
    A field as a draft holds it. ``said`` is what the source says where the applicant says something else; ``meaning`` what the source last
    answered, None where it was never asked.
    """

    key: str
    value: Any = None
    state: FieldState = FieldState.DECLARED
    resource: str = ""
    item: str = ""
    provider: str = ""
    fetched_at: datetime | None = None
    evidence: str = ""
    meaning: Meaning | None = None
    said: Any = None

    @property
    def empty(self) -> bool:
        """Whether there is no value."""
        return self.value is None or self.value in ("", [], {})

    @property
    def corrected(self) -> bool:
        """Whether the applicant contradicts the source."""
        return self.said is not None


@dataclass(frozen=True)
class Told:
    """What a source said about one field, and when."""

    meaning: Meaning
    at: datetime
    value: Any = None
    resource: str = ""
    item: str = ""
    provider: str = ""
    evidence: str = ""


def heard(one: Field, held: Held | None, told: Told, *, filed: bool = False) -> Held:
    """
    A field after its source was asked.

    :param filed: whether it has been handed in: then what the applicant said stays beside what the source says, for the office to see.
    """
    before = held or Held(one.key)
    origin = replace(before, meaning=told.meaning, resource=told.resource, item=told.item, provider=told.provider or before.provider)
    if told.meaning is Meaning.FOUND:
        return _found(one, origin, told, filed=filed)
    if told.meaning in SILENT:
        if before.state is FieldState.OK and not before.empty:
            return replace(origin, state=FieldState.STALE)
        return origin if not before.empty else replace(origin, state=FieldState.DEGRADED)
    # the source has spoken and has nothing to give: what it gave before is withdrawn, what somebody typed stays
    if before.state in {FieldState.OK, FieldState.STALE} and not filed:
        return replace(origin, value=None, said=None, state=FieldState.DECLARED, fetched_at=None, evidence=told.evidence)
    return replace(origin, state=FieldState.DECLARED, evidence=told.evidence)


def _found(one: Field, before: Held, told: Told, *, filed: bool) -> Held:
    given = replace(before, fetched_at=told.at, evidence=told.evidence)
    theirs = before.state is FieldState.DECLARED and not before.empty
    if not theirs or before.value == told.value or (one.locked and not filed):
        if filed and not before.empty and before.value != told.value:
            # it was handed in as the source gave it then; the office sees both
            return replace(given, state=FieldState.DECLARED, said=told.value)
        return replace(given, value=told.value, said=None, state=FieldState.OK)
    return replace(given, said=told.value)


def may_type(one: Field, held: Held | None) -> bool:
    """Whether the applicant may type a value: never over what a trusted source gave, or where it says that there is nothing."""
    if not one.locked or one.source is None or held is None or held.meaning is None:
        return True
    return held.meaning in SILENT | {Meaning.AMBIGUOUS} and held.state is not FieldState.STALE


def typed(one: Field, held: Held | None, value: Any) -> Held:
    """
    A field after the applicant typed a value; a locked one is refused, however the request was made.

    :raises FieldLocked: naming the field.
    """
    before = held or Held(one.key)
    if value == before.value:
        return before
    if not may_type(one, held):
        office = before.provider
        remedy = say("与实际不符的,请先到{office}更正登记", office=office) if office else "与实际不符的,请先更正登记"
        raise FieldLocked(say("“{title}”以登记为准,不能在这里改", title=one.title), field=one.key, remedy=remedy)
    if before.state in {FieldState.OK, FieldState.STALE}:
        return replace(before, value=value, said=before.value, state=FieldState.DECLARED)
    if before.corrected and value == before.said:
        return replace(before, value=value, said=None, state=FieldState.OK)
    return replace(before, value=value, state=FieldState.DECLARED if value not in (None, "", [], {}) else _unsaid(before))


def _unsaid(before: Held) -> FieldState:
    return FieldState.DEGRADED if before.meaning in SILENT else FieldState.DECLARED


def unresolved(one: Field, held: Held | None) -> bool:
    """Whether nothing may be decided before the source has spoken: the law takes this field from it, and it is silent."""
    return one.required and one.locked and one.source is not None and held is not None and held.meaning in SILENT


def blocked(one: Field, held: Held | None) -> bool:
    """Whether the filing cannot go on because a trusted register says that there is nothing: that is an answer, no outage."""
    return one.required and one.locked and held is not None and held.meaning is Meaning.MISSING and held.empty
