"""
Somebody rates their case.

Threat model. An official who rates in a citizen's place: a link is made by name and on the ledger, and rates one case once. A rater who is
found out: the ledger names neither them nor the case, and the office sees nothing before it lies in a crowd. A second rating at the same
moment: the case's own row decides.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.ratings.models import Link, Rating, Ticket
from zhengtong.apps.affairs.ratings.queries import reasons
from zhengtong.apps.affairs.ratings.queries.figures import CHANGED
from zhengtong.apps.affairs.ratings.rules import showing
from zhengtong.apps.affairs.ratings.rules.vocabulary import (
    BAD,
    CHANGE_DAYS,
    GRADE_LABELS,
    LONGEST_TEXT,
    Channel,
    Grade,
    TicketState,
)
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.sealing import seal
from zhengtong.kernel.errors import Conflict, Invalid, NotFound
from zhengtong.kernel.sentences import listed, say
from zhengtong.toolkit.keys import node_keys
from zhengtong.toolkit.outbox import api as outbox

_GOOD_FOR = timedelta(days=30)
#: nobody who rated is named in the ledger, whose auditors belong to the rated offices
_RATER = "rater"
#: endings that are no decision about anybody's errand
_NOT_RATED = frozenset({cases.Result.VOID, cases.Result.MISTAKEN})


class NotRateable(Conflict):
    """这个办件现在不能评价。"""

    code = "case-not-rateable"


class LinkUnknown(NotFound):
    """评价链接不存在、已经用过或已过期。"""

    code = "rating-link-unknown"


@dataclass(frozen=True)
class Said:
    """What somebody says; ``contact`` where they want to be called back, which makes the rating a named one."""

    grade: int
    reasons: tuple[str, ...] = ()
    text: str = ""
    contact: str = ""


def rateable(number: str, *, parties: frozenset[str]) -> cases.Errand:
    """
    The case that one of ``parties`` may rate.

    :raises CaseUnknown: if it is none of theirs.
    :raises NotRateable: before it is decided, or if it was recorded by mistake.
    """
    errand = cases.errand(number)
    if not errand.parties & parties:
        raise cases.CaseUnknown(say("没有办件 {number},或您无权查看", number=number))
    return _decided(errand)


def _decided(errand: cases.Errand) -> cases.Errand:
    if errand.ended_at is None:
        raise NotRateable("办件还没有办结", field="grade", remedy="办结后再评价")
    if errand.result in _NOT_RATED:
        raise NotRateable("作废或误录的办件不评价", field="grade", remedy="如有意见,请拨打政务服务热线")
    return errand


@transaction.atomic
def rate(*, number: str, parties: frozenset[str], rater: str, channel: Channel, said: Said, now: datetime) -> None:
    """
    Rate one's case, or change what one said of it.

    :param parties: whose errands the rater may speak of: their own digest, and that of the party they act for.
    :param rater: the rater's own digest.
    :raises CaseUnknown, NotRateable: as :func:`rateable`; also once the days for changes are over, or the office has answered.
    :raises Invalid: naming the field that is wrong.
    """
    errand = rateable(number, parties=parties)
    _check(errand, said)
    there = Rating.objects.select_for_update().filter(case_id=errand.id).first()
    if there is None:
        _give(errand, rater, channel, said, now)
    else:
        _change(there, errand.names, said, now)


@transaction.atomic
def rate_by_link(*, code: str, said: Said, now: datetime) -> None:
    """
    Rate with a one-time code.

    :raises LinkUnknown: if the code is none, was used or is over.
    :raises NotRateable: if the case has been rated already.
    """
    link = _link(code, now, hold=True)
    errand = _decided(cases.errand_by_id(link.case_id))
    _check(errand, said)
    _give(errand, "", Channel(link.channel), said, now)
    link.used_at = now
    link.save(update_fields=["used_at"])


def by_link(code: str, *, now: datetime) -> cases.Errand:
    """
    The case that a one-time code rates.

    :raises LinkUnknown: if the code is none, was used or is over.
    """
    return cases.errand_by_id(_link(code, now).case_id)


@transaction.atomic
def make_link(*, actor: identity.Actor, number: str, channel: Channel, now: datetime) -> str:
    """
    A code for somebody who stands at the window or has no account; returns it once, it is kept as a digest.

    :raises CaseUnknown: for who is no clerk of the case's office.
    :raises NotRateable: before the case is decided, or if it has been rated.
    """
    errand = cases.errand(number)
    if not actor.has(identity.Role.CLERK, errand.office):
        raise cases.CaseUnknown(say("没有办件 {number},或您无权查看", number=number))
    _decided(errand)
    if Rating.objects.filter(case_id=errand.id).exists():
        raise NotRateable("这个办件已经评价过", field="number", remedy="每件只评价一次")
    code = secrets.token_urlsafe(12)
    Link.objects.create(case_id=errand.id, digest=_digest(code), channel=channel, made_at=now, good_until=now + _GOOD_FOR)
    facts = {"office": errand.office, "case": number, "detail": {"channel": str(channel)}}
    security.record("ratings:link:made", at=now, actor=actor.label, **facts)
    return code


def _digest(code: str) -> str:
    return security.subject_digest("rating-link", code)


def _link(code: str, now: datetime, *, hold: bool = False) -> Link:
    rows = Link.objects.select_for_update() if hold else Link.objects.all()
    found = rows.filter(digest=_digest(code), used_at__isnull=True, good_until__gt=now).first()
    if found is None:
        raise LinkUnknown(remedy="请登录“我的空间”评价,或请窗口重新出示二维码")
    return found


def _check(errand: cases.Errand, said: Said) -> None:
    if said.grade not in set(Grade):
        raise Invalid("请选择满意程度", field="grade", remedy=listed(say(one) for one in GRADE_LABELS.values()))
    known = {one.code for one in reasons.offered(online=errand.online, grade=said.grade)}
    if not set(said.reasons) <= known:
        raise Invalid("有一项理由不适用于这个评价", field="reasons", remedy="只选页面上列出的理由")
    if len(said.text) > LONGEST_TEXT:
        raise Invalid(say("最多 {count} 个字", count=LONGEST_TEXT), field="text", remedy="请缩短")
    if said.contact and not (len(said.contact) <= 20 and said.contact.lstrip("+").replace("-", "").isdecimal()):  # noqa: PLR2004 - E.164 and a little room
        raise Invalid("回访电话只能有数字", field="contact", remedy="例如 13800000000;不愿被回访就留空")


def _give(errand: cases.Errand, rater: str, channel: Channel, said: Said, now: datetime) -> None:
    try:
        with transaction.atomic():
            row = Rating.objects.create(
                case_id=errand.id,
                office_id=errand.office_id,
                item_code=errand.item_code,
                item_name=errand.item_name,
                rater_digest=rater,
                channel=channel,
                grade=said.grade,
                reasons=sorted(said.reasons),
                text=showing.without(errand.names, said.text.strip()),
                contact_sealed=_sealed(errand.id, said.contact),
                given_at=now,
            )
    except IntegrityError as exc:
        raise NotRateable("这个办件已经评价过", field="grade", remedy="每件只评价一次") from exc
    if row.grade in BAD:
        Ticket.objects.create(key=secrets.token_hex(6), rating=row)
    security.record("ratings:rating:given", at=now, actor=_RATER, detail={"grade": row.grade, "channel": str(channel)})
    outbox.publish(CHANGED, {"case": errand.id}, at=now)


def _change(row: Rating, names: frozenset[str], said: Said, now: datetime) -> None:
    ticket = Ticket.objects.select_for_update().filter(rating=row).first()
    if now > row.given_at + timedelta(days=CHANGE_DAYS):
        raise NotRateable(say("评价满 {count} 天后不能修改", count=CHANGE_DAYS), field="grade", remedy="如有新情况,请拨打政务服务热线")
    if ticket is not None and (ticket.state == TicketState.ANSWERED or ticket.appeal):
        raise NotRateable("单位已经答复或申诉,不能再修改", field="grade", remedy="如有新情况,请拨打政务服务热线")
    before, bad = row.grade, said.grade in BAD
    row.grade, row.reasons, row.text, row.changed_at = said.grade, sorted(said.reasons), showing.without(names, said.text.strip()), now
    row.contact_sealed = _sealed(row.case_id, said.contact)
    if ticket is None and bad:
        Ticket.objects.create(key=secrets.token_hex(6), rating=row)
        # the office sees it anew, in the next crowd
        row.released_at = None
    elif ticket is not None:
        ticket.state = TicketState.WITHDRAWN if not bad else TicketState.OPEN if ticket.began_at else TicketState.WAITING
        ticket.save(update_fields=["state"])
    row.save()
    security.record("ratings:rating:changed", at=now, actor=_RATER, detail={"grade": row.grade, "before": before})
    outbox.publish(CHANGED, {"case": row.case_id}, at=now)


def _sealed(case_id: int, contact: str) -> str:
    return seal(node_keys().seal, contact.encode(), f"rating:{case_id}") if contact else ""
