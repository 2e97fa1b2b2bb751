"""
A licence leaves: shown by its holder, downloaded by them, or read by an official for a case. A trace stands in the ledger first.

Threat model. An official looks at a citizen's licence out of curiosity; a holder shows more than they mean to; somebody else's licence
is asked for by its identifier. An official must name purpose and case, is recorded before anything is opened, and a refusal is recorded
too. A holder names the fields. Every function here either records and commits, or returns nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from zhengtong.apps.affairs.licences.models import Licence
from zhengtong.apps.affairs.licences.queries import faces, ofd, pdf, verifying
from zhengtong.apps.affairs.licences.queries.contents import contents, labelled
from zhengtong.apps.affairs.licences.queries.licences import LicenceUnknown, LicenceView, rows, view_of
from zhengtong.apps.affairs.licences.rules import access, documents
from zhengtong.apps.affairs.licences.rules.types import Field
from zhengtong.apps.affairs.licences.rules.vocabulary import State
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.parties import Party
from zhengtong.toolkit.certificates import signer
from zhengtong.toolkit.keys import node_keys

_SHORTEST, _LONGEST = 4, 200


class Tampered(Conflict):
    """数据库里的证照与签名不符,已停止使用。"""

    code = "licence-tampered"


class NotInForce(Conflict):
    """只有有效的证照可以亮证。"""

    code = "licence-not-in-force"


class FileKind(StrEnum):
    """As what a licence is downloaded."""

    PDF = "pdf"
    OFD = "ofd"
    JSON = "json"


@dataclass(frozen=True)
class Read:
    """A licence that was opened under a trace: names and values in order, and the entry of the ledger."""

    licence: LicenceView
    fields: list[tuple[str, str, Field]]
    holder: str
    code: str
    entry: str


def of_party(party: Party, identifier: str) -> Licence:
    """:raises LicenceUnknown: unless the party holds it."""
    digest = security.subject_digest(party.kind.value, party.code)
    row = rows().filter(identifier=identifier, holder=digest, replaced_by=None).first()
    if row is None:
        raise LicenceUnknown
    return row


@transaction.atomic
def read(*, actor: identity.Actor, identifier: str, purpose: str, case: str, now: datetime) -> Read:
    """
    An official reads a licence for a case, whosever office issued it.

    :raises NotYours: unless they work on cases. :raises Invalid: without purpose and case. :raises LicenceUnknown: if there is none.
    :raises Tampered: if the row is not what was signed.
    """
    access.require_reader(actor)
    purpose, case = purpose.strip(), case.strip()
    if not _SHORTEST <= len(purpose) <= _LONGEST:
        raise Invalid("请写明用途,4 至 200 字", field="purpose", remedy="写明为哪个事项、核对什么")
    if not case or len(case) > 80:  # noqa: PLR2004 - as the column
        raise Invalid("请写明办件编号", field="case", remedy="没有办件不能调用证照")
    row = rows().filter(identifier=identifier).first()
    if row is None:
        raise LicenceUnknown
    if not verifying.intact(row):
        raise Tampered
    fields = labelled(row)
    entry = security.record(
        "licences:licence:read",
        at=now,
        actor=actor.label,
        office=actor.office,
        provider=row.office.code,
        purpose=purpose,
        case=case,
        items=("CZZT", "CZZTDM", *(one.key for _name, _value, one in fields)),
        subjects=(row.holder,),
        rows=1,
        detail={"identifier": row.identifier},
    )
    found = contents(row).fields
    return Read(view_of(row, actor), fields, found["CZZT"], found["CZZTDM"], entry)


@transaction.atomic
def present(*, party: Party, identifier: str, keys: Collection[str], by: str, now: datetime) -> str:
    """
    What the holder's QR code says for the next minutes: the signed body and the fields of ``keys`` (metadata keys) alone.

    :raises LicenceUnknown: unless the party holds it. :raises NotInForce: unless it is valid.
    :raises Invalid: if a key is none of its fields.
    """
    row = of_party(party, identifier)
    if row.state != State.VALID:
        raise NotInForce
    found = contents(row)
    unknown = [key for key in keys if key not in found.fields]
    if unknown:
        raise Invalid("证照没有这个字段", field="keys", remedy="从证照的字段里选")
    chosen = {key: (found.salts[key], found.fields[key]) for key in found.fields if key in keys}
    security.record(
        "licences:licence:presented",
        at=now,
        actor=by,
        provider=row.office.code,
        subjects=(row.holder,),
        items=tuple(chosen),
        rows=1,
        detail={"identifier": row.identifier},
    )
    return documents.present(row.body.encode(), documents.unb64(row.certified), chosen, signer(now=now).sign, now=now)


@transaction.atomic
def download(*, party: Party, identifier: str, kind: FileKind, address: str, by: str, now: datetime) -> bytes:
    """
    A holder's licence as a file.

    :param address: where the licence is verified; stands in the QR code of the face. :raises LicenceUnknown: unless the party holds it.
    """
    row = of_party(party, identifier)
    security.record(
        "licences:licence:downloaded",
        at=now,
        actor=by,
        provider=row.office.code,
        subjects=(row.holder,),
        rows=1,
        channel=kind.value,
        detail={"identifier": row.identifier},
    )
    return file_of(row, kind, address=address, now=now)


def file_of(row: Licence, kind: FileKind, *, address: str, now: datetime) -> bytes:
    """
    A licence as a file; the caller has recorded it.

    :raises Tampered: if the row is not what was signed.
    """
    if not verifying.intact(row):
        raise Tampered
    found, facts = contents(row), json.loads(row.body)
    if kind is FileKind.JSON:
        document = {
            "body": row.body,
            "fields": [[found.salts[key], key, value] for key, value in found.fields.items()],
            "key_id": row.key_id,
            "scheme": node_keys().trusted[row.key_id].scheme.value,
            "signature": row.signature,
            "certificate_id": row.certificate_id,
            "certified": row.certified,
        }
        return json.dumps(document, ensure_ascii=False, indent=1).encode()
    lines = [("持证主体", found.fields["CZZT"]), ("持证主体代码", found.fields["CZZTDM"])]
    lines += [(name, value) for name, value, _field in labelled(row, face=True)]
    term = " 至 ".join((facts["ZZYXQQSRQ"], facts["ZZYXQJZRQ"] or "长期"))
    lines += [("颁发机构", facts["ZZBFJG"]), ("颁发日期", facts["ZZBFRQ"]), ("有效期", term)]
    if kind is FileKind.PDF:
        face = faces.Face(facts["ZZMC"], row.identifier, facts["ZZBFJG"], row.made_by.legend, lines, f"{address}?id={row.identifier}")
        return pdf.sign(faces.draw(face), signer(now=now), office=facts["ZZBFJG"], now=now)
    metadata = {key: value for key, value in facts.items() if isinstance(value, str)} | found.fields
    keys = node_keys()
    return ofd.write(facts["ZZMC"], metadata, lines, scheme=keys.signing.scheme.value, sign=keys.signing.sign, now=now)
