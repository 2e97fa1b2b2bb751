"""
Make signed licences, many at a time, inside the caller's transaction.

Threat model. Two clerks issue at once; a worker is killed in the middle; somebody changes rows in the database. Serials come from a
database sequence and a constraint holds them, so none is given twice; licences and their entry in the ledger commit together; what a
licence says is signed twice (node's key, certificate's key), and personal values are sealed to the identifier, so that rows cannot be
swapped.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from zhengtong.apps.affairs.licences.models import Licence, TypeVersion
from zhengtong.apps.affairs.licences.rules import documents, statuslist, types
from zhengtong.apps.affairs.licences.rules.vocabulary import CODE_TYPE_LABELS, EXTENSION
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.sealing import seal
from zhengtong.kernel import canonical
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.codes import licence_identifier
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.parties import Party
from zhengtong.toolkit.certificates import signer
from zhengtong.toolkit.keys import node_keys

_SALT_BYTES = 16


@dataclass(frozen=True)
class Wanted:
    """One licence to be made. ``begins`` and ``ends`` are the term; ``ends`` None: as the type says."""

    holder: Party
    values: Mapping[str, str]
    begins: date
    ends: date | None = None
    case: str = ""


def check(version: TypeVersion, wanted: Wanted) -> Wanted:
    """
    ``wanted`` with its values in standard form and its term complete.

    :raises Invalid: naming the field.
    """
    if wanted.holder.kind != version.type.holder:
        raise Invalid("持证主体的种类与证照类型不符", field="holder", remedy="个人证照发给个人,单位证照发给单位")
    if not wanted.holder.name or len(wanted.holder.name) > 120:  # noqa: PLR2004 - what a page shows
        raise Invalid("没有持证主体名称,或超过 120 字", field="name", remedy="填写姓名或单位名称")
    fields = [types.Field.of(one) for one in version.fields]
    ends = wanted.ends or types.ends_on(wanted.begins, version.years)
    if ends is not None and ends < wanted.begins:
        raise Invalid("有效期止早于有效期起", field="ends", remedy="核对两个日期")
    return Wanted(wanted.holder, types.check_values(fields, wanted.values), wanted.begins, ends, wanted.case)


def numbers(count: int) -> list[int]:
    """So many new numbers, each given once for ever; a rolled back one is left out."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('licences_licence', 'id')) from generate_series(1, %s)", [count])
        return [row[0] for row in cursor.fetchall()]


def make(
    version: TypeVersion, office: organisations.OfficeView, wanted: Sequence[Wanted], *, now: datetime, replaces: Licence | None = None
) -> list[Licence]:
    """
    Licences that are signed and not stored, from values that :func:`check` has let through.

    :param replaces: the version before, of which the one made is the next.
    """
    keys, stamp = node_keys(), signer(now=now)
    made = []
    for number, one in zip(numbers(len(wanted)), wanted, strict=True):
        serial = replaces.serial if replaces else f"{local_date(now).year}{number:010d}"
        count = replaces.version + 1 if replaces else 1
        name = licence_identifier.compose(type_code=version.type.code, issuer=office.code, serial=serial, version=count)
        at, place = statuslist.place(number)
        facts: dict[str, Any] = {
            "ZZMC": version.name,
            "ZZLXDM": version.type.code,
            "ZZBH": serial,
            "ZZBS": name.text,
            "ZZBFJG": office.name,
            "ZZBFJGDM": office.code,
            "ZZBFRQ": local_date(now).isoformat(),
            "CZZTDMLXDM": one.holder.kind.code_type,
            "ZZYXQQSRQ": one.begins.isoformat(),
            "ZZYXQJZRQ": one.ends.isoformat() if one.ends else "",
            "status": [at, place],
        }
        fields = fields_of(one)
        salts = {key: documents.b64(os.urandom(_SALT_BYTES)) for key in fields}
        body = documents.body(facts, fields, salts)
        made.append(
            Licence(
                id=number,
                identifier=name.text,
                type=version.type,
                made_by=version,
                office_id=office.id,
                serial=serial,
                version=count,
                holder=security.subject_digest(one.holder.kind.value, one.holder.code),
                holder_shown=one.holder.masked_name,
                code_shown=one.holder.masked_code,
                valid_from=one.begins,
                valid_until=one.ends,
                issued_at=now,
                case=one.case,
                sealed=seal(keys.seal, canonical.encode({"f": fields, "s": salts}), f"licence:{name.text}"),
                body=body.decode(),
                signature=documents.b64(keys.signing.sign(documents.PREFIX + body)),
                key_id=keys.signing.key_id,
                certified=documents.b64(stamp.sign(documents.PREFIX + body)),
                certificate_id=stamp.key_id,
            )
        )
    return made


def fields_of(wanted: Wanted) -> dict[str, str]:
    """What a licence discloses only field by field: its holder, and the fields of its type."""
    holder = {"CZZT": wanted.holder.name, "CZZTDM": wanted.holder.code, "CZZTDMLX": CODE_TYPE_LABELS[wanted.holder.kind.code_type]}
    return holder | {EXTENSION + key: value for key, value in wanted.values.items()}
