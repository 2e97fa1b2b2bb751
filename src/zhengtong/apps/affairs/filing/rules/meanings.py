"""
What a source said of the fields that it was asked for.

Found, not there, nobody could say, and our own key or grant refused are four things: the first fills the field, the second is the
register's word about the applicant, the third passes and the fourth is the platform's to mend. What cannot be read as what the field asks
for is no answer: an outage must neither fill a field nor say of anybody that they are not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from zhengtong.contracts.answers import Sense, code_in, document_in, sense_of
from zhengtong.engines.forms.document import Field
from zhengtong.engines.forms.kinds import Kind, read
from zhengtong.kernel.errors import Invalid


class Meaning(StrEnum):
    """What came of asking a source for a field."""

    FOUND = "found"
    #: the source has no row of the applicant, or no value in it
    MISSING = "missing"
    #: rows that say different things
    AMBIGUOUS = "ambiguous"
    #: nobody could say now; asked again later
    FAILED = "failed"
    #: our own key, grant or question was refused; the operator is told
    REFUSED = "refused"


#: the source has not spoken: the law may need it before anything is decided
SILENT = frozenset({Meaning.FAILED, Meaning.REFUSED})
MEANING_LABELS: Mapping[str, str] = {
    Meaning.FOUND: "已取得",
    Meaning.MISSING: "没有记录",
    Meaning.AMBIGUOUS: "有多条记录",
    Meaning.FAILED: "暂时没有应答",
    Meaning.REFUSED: "平台的调用被拒绝",
}
_YES, _NO = frozenset({"是", "1", "true", "yes", "y"}), frozenset({"否", "0", "false", "no", "n"})


@dataclass(frozen=True)
class Said:
    """What one source said about several fields: the value of each that was found, else what it means, and the evidence of the call."""

    meanings: Mapping[str, Meaning]
    values: Mapping[str, Any] = field(default_factory=dict)
    #: the request id of the gateway, by which the trace is found
    evidence: str = ""
    #: the code of a refusal
    code: str = ""


def said_of(fields: Iterable[Field], status: int, body: bytes) -> Said:
    """What an answer of ``rows`` means for the fields that its items fill; every field must have a source."""
    wanted = list(fields)
    sense = sense_of(status, body)
    if sense is not Sense.ANSWERED:
        meaning = {Sense.FAILED: Meaning.FAILED, Sense.REFUSED: Meaning.REFUSED, Sense.MISSING: Meaning.MISSING}[sense]
        return all_alike(wanted, meaning, code=code_in(body), evidence=_evidence(body))
    rows = document_in(body).get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return all_alike(wanted, Meaning.FAILED, code="unreadable")
    meanings: dict[str, Meaning] = {}
    values: dict[str, Any] = {}
    for one in wanted:
        meanings[one.key], value = _of_rows(one, rows)
        if meanings[one.key] is Meaning.FOUND:
            values[one.key] = value
    return Said(meanings, values, _evidence(body))


def all_alike(fields: Iterable[Field], meaning: Meaning, *, code: str = "", evidence: str = "") -> Said:
    """The same for every field."""
    return Said({one.key: meaning for one in fields}, evidence=evidence, code=code)


def _evidence(body: bytes) -> str:
    return str(document_in(body).get("request_id", ""))[:64]


def _of_rows(one: Field, rows: list[dict[str, Any]]) -> tuple[Meaning, Any]:
    if not rows:
        return Meaning.MISSING, None
    item = one.source.item if one.source else ""
    if any(item not in row for row in rows):
        return Meaning.FAILED, None
    found: list[Any] = []
    for raw in (row[item] for row in rows if row[item] not in {None, ""}):
        try:
            value = as_value(one, raw)
        except Invalid:
            return Meaning.FAILED, None
        if value not in found:
            found.append(value)
    if not found:
        return Meaning.MISSING, None
    return (Meaning.FOUND, found[0]) if len(found) == 1 else (Meaning.AMBIGUOUS, None)


def as_value(one: Field, raw: object) -> Any:
    """
    A value of a source as the field keeps it.

    :raises Invalid: if it is no such thing.
    """
    text = str(raw).strip()
    if one.kind is Kind.YES_NO:
        lowered = text.lower()
        if lowered not in _YES | _NO:
            raise Invalid("来源的值不是“是”或“否”")
        return lowered in _YES
    if one.kind is Kind.CHOICE:
        matching = next((value for value, label in one.options if text in {value, label}), None)
        if matching is None:
            raise Invalid("来源的值不在选项里")
        return matching
    if one.kind in {Kind.CHOICES, Kind.GROUP, Kind.FILE, Kind.PERIOD}:
        raise Invalid("这一种字段不能由一个信息项填写")
    if one.kind is Kind.DATE:
        # a moment gives its day
        text = text[:10] if "T" in text or " " in text else text
    return read(one.kind, text)
