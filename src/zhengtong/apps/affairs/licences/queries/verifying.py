"""
Say what a licence is worth: by identifier, by a file, by what a QR code shows.

Threat model. Anybody may ask, with anything: forged and changed files, codes of yesterday, identifiers that are tried one after another. An
answer says the verdict, the kind of licence, who issued it and its term, all of which stand on its face; never who holds it, except in
fields that the holder's own presentation discloses. A check character and random places in a sequence make guessing tell little.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from zhengtong.apps.affairs.licences.models import Licence
from zhengtong.apps.affairs.licences.queries import ofd, pdf
from zhengtong.apps.affairs.licences.queries.licences import LicenceView, rows, view_of
from zhengtong.apps.affairs.licences.rules import documents, states
from zhengtong.apps.affairs.licences.rules.documents import PREFIX, Presented
from zhengtong.apps.affairs.licences.rules.vocabulary import VERDICT_LABELS, VERDICT_TONES, State, Verdict
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.codes import licence_identifier
from zhengtong.kernel.codes.faults import InvalidCode
from zhengtong.kernel.errors import Invalid
from zhengtong.toolkit.certificates import signer
from zhengtong.toolkit.keys import node_keys

MOST_BYTES = 4 * 2**20
_AHEAD = timedelta(minutes=2)


@dataclass(frozen=True)
class Checked:
    """What checking found: the verdict, the licence as its face says, and the fields that a presentation discloses by metadata key."""

    verdict: Verdict
    licence: LicenceView | None = None
    fields: dict[str, str] = field(default_factory=dict)
    #: a presentation whose minutes are over: the licence may be in force, the showing is not
    over: bool = False

    @property
    def label(self) -> str:
        """The verdict in words."""
        return "亮证码已过期,请持证人重新亮证" if self.over else VERDICT_LABELS[self.verdict]

    @property
    def tone(self) -> str:
        """How the verdict is coloured."""
        return "refused" if self.over else VERDICT_TONES[self.verdict]


def by_identifier(text: str, *, now: datetime) -> Checked:
    """
    By the identifier as somebody copied it.

    :raises InvalidCode: if it cannot be one: a typing error, not an unknown licence.
    """
    name = licence_identifier.parse(text).text
    row = rows().filter(identifier=name).defer("sealed", "body").first()
    if row is None:
        return Checked(Verdict.UNKNOWN)
    return Checked(states.verdict(State(row.state), row.valid_from, row.valid_until, local_date(now)), view_of(row))


def by_text(text: str, *, now: datetime) -> Checked:
    """
    By what a QR code held, by a licence's data, or by an identifier.

    :raises Invalid: if it is none of them.
    """
    text = text.strip()
    if text.startswith(documents.QR_PREFIX):
        return _presented(documents.read_presentation(text, signer(now=now).holds), now)
    return by_data(text.encode(), now=now) if text.startswith("{") else by_identifier(text, now=now)


def by_data(raw: bytes, *, now: datetime) -> Checked:
    """
    By the data file of a licence.

    :raises Invalid: if it is none.
    """
    try:
        found = json.loads(raw)
        body, signature = found["body"].encode(), documents.unb64(found["signature"])
        facts = json.loads(body)
        disclosed = [documents.digest(*one) for one in found["fields"]]
        key = node_keys().trusted.get(found["key_id"])
        stamp = signer(now=now)
        agreed = (
            key is not None
            and key.verify(PREFIX + body, signature)
            and stamp.holds(PREFIX + body, documents.unb64(found["certified"]))
            and (found["scheme"], found["certificate_id"]) == (key.scheme.value, stamp.key_id)
            and set(disclosed) <= set(facts["sd"])
        )
        identifier = facts["ZZBS"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise Invalid("这不是证照的数据文件", field="file", remedy="请上传从本平台下载的证照文件") from exc
    return _known(identifier, now) if agreed else Checked(Verdict.TAMPERED)


def by_file(raw: bytes, *, now: datetime) -> Checked:
    """
    By a PDF, an OFD container or a data file.

    :raises Invalid: if it is none of them or too large.
    """
    if len(raw) > MOST_BYTES:
        raise Invalid("文件超过 4 MB", field="file", remedy="请上传从本平台下载的证照文件")
    stamp = signer(now=now)
    try:
        if raw.startswith(b"%PDF"):
            identifier = pdf.identifier_in(raw, stamp)
        elif raw.startswith(b"PK"):
            metadata = ofd.read(raw, _of_node)
            identifier = metadata["ZZBS"] if metadata else None
        else:
            return by_data(raw, now=now)
    except (pdf.NotPdf, ofd.NotOfd, KeyError) as exc:
        raise Invalid("这不是本平台签发的证照文件", field="file", remedy="请上传从本平台下载的 PDF、OFD 或数据文件") from exc
    return _known(identifier, now) if identifier else Checked(Verdict.TAMPERED)


def _of_node(message: bytes, signature: bytes) -> bool:
    return any(key.verify(message, signature) for key in node_keys().trusted.values())


def _known(identifier: str, now: datetime) -> Checked:
    try:
        return by_identifier(identifier, now=now)
    except InvalidCode:
        return Checked(Verdict.UNKNOWN)


def _presented(shown: Presented | None, now: datetime) -> Checked:
    if shown is None:
        return Checked(Verdict.TAMPERED)
    found = _known(shown.facts["ZZBS"], now)
    over = now > shown.until or shown.begins > now + _AHEAD
    return Checked(found.verdict, found.licence, {} if over else shown.fields, over)


def intact(row: Licence) -> bool:
    """Whether what stands in the database is what was signed."""
    key = node_keys().trusted.get(row.key_id)
    return key is not None and key.verify(PREFIX + row.body.encode(), documents.unb64(row.signature))
