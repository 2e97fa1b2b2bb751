"""
The sharing interface for systems of other offices (GB/T 36906 family): who may ask, for what, how often.

Threat model. A stolen key, a system that reads everybody, one that reads for no reason. A key is kept as a digest and counts from its
networks alone; an allowance is one licence type with the fields it names, so many times a day, counted in the database before anything
is opened; every question carries useCause and leaves a trace before the answer. Personal values are masked unless the allowance says
otherwise.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any

from django.db import connection, transaction

from zhengtong.apps.affairs.licences.models import Allowance, Licence, LicenceType
from zhengtong.apps.affairs.licences.queries.contents import contents
from zhengtong.apps.affairs.licences.queries.licences import LicenceUnknown, rows
from zhengtong.apps.affairs.licences.queries.types import TypeUnknown
from zhengtong.apps.affairs.licences.rules import access
from zhengtong.apps.affairs.licences.rules.types import Field, shown
from zhengtong.apps.affairs.licences.rules.vocabulary import EXTENSION
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Invalid, NotFound, Refused
from zhengtong.kernel.parties import Party, PartyKind

_CAUSE = ("事由", "调用类别", "事项编码", "事项名称", "系统名称")
_LONGEST_CAUSE, _MOST_A_DAY = 200, 1_000_000


class KeyRefused(Refused):
    """调用密钥无效、已停用,或不从允许的网络调用。"""

    code = "licence-key-refused"


class DayFull(Refused):
    """今天的调用次数已用完。"""

    code = "licence-day-full"
    status = 429


class AllowanceUnknown(NotFound):
    """没有这个调用许可。"""

    code = "licence-allowance-unknown"


@dataclass(frozen=True)
class AllowanceView:
    """An allowance as its giver sees it."""

    id: int
    system: str
    office_name: str
    fields: tuple[str, ...]
    personal: bool
    networks: tuple[str, ...]
    per_day: int
    given_at: datetime
    ended_at: datetime | None


@transaction.atomic
def allow(
    *,
    actor: identity.Actor,
    type_code: str,
    office: str,
    system: str,
    fields: Sequence[str],
    personal: bool,
    networks: Sequence[str],
    per_day: int,
    now: datetime,
) -> str:
    """
    Let a system of ``office`` read licences of a type; returns its key, which is shown this once.

    :raises NotYours: unless the actor decides for the office that defines the type. :raises TypeUnknown: if there is none.
    :raises Invalid: naming the field.
    """
    row = LicenceType.objects.select_related("office", "current").filter(code=type_code, current__isnull=False).first()
    if row is None or row.current is None:
        raise TypeUnknown
    access.require_decider(actor, row.office.code)
    known = {one["key"] for one in row.current.fields}
    if not fields or not set(fields) <= known:
        raise Invalid("字段不是这种证照的", field="fields", remedy="至少选一个字段")
    if not system.strip() or len(system) > 60:  # noqa: PLR2004 - as the column
        raise Invalid("请写系统名称,至多 60 字", field="system")
    if not 1 <= per_day <= _MOST_A_DAY:
        raise Invalid("每日次数为 1 至 1,000,000", field="per_day")
    try:
        allowed = [str(ip_network(one)) for one in networks]
    except ValueError as exc:
        raise Invalid("网络写法不对", field="networks", remedy="写成 10.1.0.0/16 的样子") from exc
    if not allowed:
        raise Invalid("请写允许调用的网络", field="networks", remedy="写成 10.1.0.0/16 的样子")
    key = f"ztl_{secrets.token_urlsafe(32)}"
    made = Allowance.objects.create(
        type=row,
        office_id=organisations.office(office).id,
        system=system.strip(),
        digest=_digest(key),
        fields=list(fields),
        personal=personal,
        networks=allowed,
        per_day=per_day,
        given_at=now,
        given_by=actor.label,
    )
    security.record(
        "licences:allowance:given",
        at=now,
        actor=actor.label,
        office=row.office.code,
        provider=row.office.code,
        items=tuple(fields),
        detail={"allowance": made.pk, "type": type_code, "to": office, "personal": personal, "per_day": per_day},
    )
    return key


@transaction.atomic
def end_allowance(*, actor: identity.Actor, number: int, now: datetime) -> None:
    """:raises AllowanceUnknown: if there is none in force. :raises NotYours: unless the actor decides for the office."""
    row = Allowance.objects.select_for_update(of=("self",)).select_related("type__office").filter(pk=number, ended_at=None).first()
    if row is None:
        raise AllowanceUnknown
    access.require_decider(actor, row.type.office.code)
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    security.record(
        "licences:allowance:ended",
        at=now,
        actor=actor.label,
        office=row.type.office.code,
        provider=row.type.office.code,
        detail={"allowance": row.pk},
    )


def allowances(type_code: str) -> list[AllowanceView]:
    """The allowances of a type, newest first."""
    found = Allowance.objects.select_related("office").filter(type__code=type_code).order_by("-pk")
    return [
        AllowanceView(
            row.pk,
            row.system,
            row.office.name,
            tuple(row.fields),
            row.personal,
            tuple(row.networks),
            row.per_day,
            row.given_at,
            row.ended_at,
        )
        for row in found
    ]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _caller(key: str, address: str) -> Allowance:
    row = Allowance.objects.select_related("type", "office").filter(digest=_digest(key), ended_at=None).first()
    if row is None or not any(ip_address(address) in ip_network(one) for one in row.networks):
        raise KeyRefused
    return row


def _cause(cause: Mapping[str, Any]) -> str:
    """:raises Invalid: unless every part of useCause is told."""
    for part in _CAUSE:
        if not isinstance(cause.get(part), str) or not cause[part].strip():
            raise Invalid("useCause 缺少一部分", field=part, remedy="写明事由、调用类别、事项编码、事项名称、系统名称")
    text = ";".join(cause[part].strip() for part in _CAUSE)
    if len(text) > _LONGEST_CAUSE:
        raise Invalid("useCause 超过 200 字", field="useCause", remedy="写短一些")
    return text


_COUNT = """
    insert into licences_allowanceuse (allowance_id, day, count) values (%s, %s, 1)
    on conflict on constraint licence_allowance_day_once do update set count = licences_allowanceuse.count + 1
    where licences_allowanceuse.count < %s returning count
"""


def _count(row: Allowance, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [row.pk, local_date(now), row.per_day])
        if cursor.fetchone() is None:
            raise DayFull(remedy="明天再调用,或请颁发机构提高次数")


@transaction.atomic
def data_by_holder(*, key: str, address: str, holder: Party, cause: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """
    The holder's licences of the allowed type: metadata of GB/T 36903 and the allowed fields. Counted and traced before it is opened.

    :raises KeyRefused: unless the key counts from ``address``. :raises DayFull: beyond the day's count. :raises Invalid: without a cause.
    """
    caller, why = _caller(key, address), _cause(cause)
    digest = security.subject_digest(holder.kind.value, holder.code)
    _count(caller, now)
    found = list(rows().filter(holder=digest, type=caller.type, replaced_by=None).order_by("pk"))
    _trace(caller, why, cause, digest, found, now)
    return [_answer(caller, row) for row in found]


@transaction.atomic
def data_by_identifier(*, key: str, address: str, identifier: str, cause: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """
    One licence, as :func:`data_by_holder`.

    :raises LicenceUnknown: if there is none of the allowed type.
    """
    caller, why = _caller(key, address), _cause(cause)
    _count(caller, now)
    row = rows().filter(identifier=identifier, type=caller.type).first()
    if row is None:
        raise LicenceUnknown
    _trace(caller, why, cause, row.holder, [row], now)
    return _answer(caller, row)


def _trace(caller: Allowance, why: str, cause: Mapping[str, Any], subject: str, found: Sequence[Licence], now: datetime) -> None:
    security.record(
        "licences:licence:shared",
        at=now,
        actor=f"caller:licence-{caller.pk}",
        office=caller.office.code,
        provider=found[0].office.code if found else "",
        purpose=why,
        case=cause.get("办件编号", ""),
        items=tuple(caller.fields),
        subjects=(subject,),
        rows=len(found),
        detail={"allowance": caller.pk, "identifiers": [row.identifier for row in found]},
    )


def _answer(caller: Allowance, row: Licence) -> dict[str, Any]:
    found = contents(row).fields
    holder = Party(PartyKind(row.type.holder), found["CZZTDM"], found["CZZT"])
    fields = {one.key: one for one in map(Field.of, row.made_by.fields)}
    answer = {
        "ZZMC": row.made_by.name,
        "ZZLXDM": row.type.code,
        "ZZBS": row.identifier,
        "ZZBFJG": row.office.name,
        "ZZBFJGDM": row.office.code,
        "ZZYXQQSRQ": row.valid_from.isoformat(),
        "ZZYXQJZRQ": row.valid_until.isoformat() if row.valid_until else "",
        "ZZZT": row.state,
        "CZZT": holder.name if caller.personal else holder.masked_name,
        "CZZTDM": holder.code if caller.personal else holder.masked_code,
        "CZZTDMLXDM": holder.kind.code_type,
    }
    for key in caller.fields:
        value = found.get(EXTENSION + key, "")
        answer[EXTENSION + key] = value if caller.personal or key not in fields else shown(fields[key], value)
    return answer
