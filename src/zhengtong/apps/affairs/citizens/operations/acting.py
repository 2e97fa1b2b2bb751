"""
Rights to act for others: bound, given, accepted, revoked, checked anew.

Threat model: see ``rules.rights``.
Every use asks anew whether the right is in force, so a revocation works with the next request. Probing of
registers through companies and families: wrong tries are counted as those of names are. Somebody is made to act for another without
knowing: whoever is invited accepts first. A chain of delegates: the holder's own right is asked for before one is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse

from zhengtong.apps.affairs.citizens import rules
from zhengtong.apps.affairs.citizens.models import ActingRight, Person
from zhengtong.apps.affairs.citizens.operations.asking import ask
from zhengtong.apps.affairs.citizens.operations.guarding import guard, note_failure
from zhengtong.apps.affairs.citizens.queries import (
    ActingAs,
    PersonView,
    RightUnknown,
    account_of,
    digest_of,
    opened,
    sealed,
    standing_of,
)
from zhengtong.apps.affairs.citizens.rules import Kind, Outcome, Right, RightState, Scope, Source, Why
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.codes import identity_number
from zhengtong.kernel.errors import Conflict, Invalid, Refused, Unavailable
from zhengtong.kernel.parties import Party, PartyKind, party
from zhengtong.kernel.sentences import say

_RECHECK = timedelta(days=1)
_AGAIN = timedelta(minutes=15)
_LONGEST_TERM = 1096
_AT_ONCE = 20


class NotRepresentative(Refused):
    """只有登记的法定代表人可以这样做。"""

    code = "not-representative"


class RegisterSilent(Unavailable):
    """登记信息暂时无法核验。"""

    code = "register-silent"


@dataclass(frozen=True)
class Term:
    """What is lent, from when, until when; ``items`` only with the scope of items."""

    since: date
    until: date
    scope: Scope = Scope.ALL
    items: tuple[str, ...] = ()
    note: str = ""


def _settled(outcome: Outcome, *, about: str, address: str, now: datetime, sentence: str, field: str) -> None:
    """Let a yes pass; a no is counted and told, silence is told."""
    if outcome is Outcome.MISMATCH:
        note_failure(Kind.NAME, about=about, address=address, now=now)
        raise Invalid(sentence, field=field, remedy="核对后再试;多次不符会暂时锁定")
    if outcome is not Outcome.MATCH:
        raise RegisterSilent(remedy="过几分钟再试;您填写的内容没有保存")


def _saved(row: ActingRight, event: str, by: PersonView, now: datetime) -> int:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as exc:
        if "right_to_act_for_one_party_once" in str(exc):
            raise Conflict("已有一项有效或待接受的授权", remedy="先撤销原有的授权") from exc
        raise
    _record(event, row, by.label, now)
    return row.pk


def _record(event: str, row: ActingRight, label: str, now: datetime) -> None:
    detail = {"right": row.right, "number": row.pk, "scope": row.scope, "until": row.until.isoformat() if row.until else ""}
    security.record(event, at=now, actor=label, subjects=(row.party_digest, row.holder.number_digest), detail=detail)


def _require_checked(person: PersonView) -> None:
    if person.checked_at is None:
        raise rules.AssuranceTooLow(rules.Level.CHECKED, remedy="先完成实名核验")


def bind_company(*, person: PersonView, code: str, name: str, address: str, now: datetime) -> int:
    """
    Bind a company to its legal representative, as the register of companies has it; returns the right's id.

    :raises InvalidCode: if the code cannot be one.
    :raises Invalid: if the register says that code, name and representative do not belong together, whichever it is.
    :raises RegisterSilent: if nobody could say now.
    """
    _require_checked(person)
    company = party(PartyKind.COMPANY, code.strip().upper(), name, field="code")
    about = digest_of("company", company.code)
    guard(Kind.NAME, about=about, address=address, now=now)
    match = {"name": company.name, "representative": person.party.name, "representative_number": person.party.code}
    outcome = ask(Source.COMPANIES, key={"code": company.code}, match=match, case="company-binding", now=now)
    sentence = "统一社会信用代码、名称与您作为法定代表人的登记不符"
    _settled(outcome, about=about, address=address, now=now, sentence=sentence, field="code")
    with transaction.atomic():
        # the same representative binds anew what had gone stale
        ActingRight.objects.filter(
            holder_id=person.id, party_digest=about, right=Right.REPRESENTATIVE, state=RightState.ACTIVE, stale=True
        ).update(state=RightState.REVOKED, ended_at=now, next_check_at=None)
        row = _right(Right.REPRESENTATIVE, company, person.id, now, state=RightState.ACTIVE, since=local_date(now), checked_at=now)
        row.next_check_at = now + _RECHECK
        return _saved(row, "citizens:company:bound", person, now)


def _right(right: Right, whom: Party, holder_id: int, now: datetime, **rest: object) -> ActingRight:
    return ActingRight(
        right=right,
        party_kind=whom.kind,
        party_digest=digest_of(whom.kind, whom.code),
        party_sealed=sealed(whom.kind, whom.code),
        party_name=whom.name,
        holder_id=holder_id,
        made_at=now,
        **rest,
    )


def _another(person: PersonView, name: str, number: str, address: str, now: datetime) -> Person:
    """
    A citizen with an account and a checked name, by name and number; the same refusal whichever is wrong. Asked outside a transaction, for
    wrong tries are counted.
    """
    guard(Kind.NAME, about=person.digest, address=address, now=now)
    found = Person.objects.filter(
        number_digest=digest_of("person", number.strip().upper()), name=name.strip(), checked_at__isnull=False
    ).first()
    if found is None or found.pk == person.id:
        note_failure(Kind.NAME, about=person.digest, address=address, now=now)
        raise Invalid("没有这样的实名账户", field="number", remedy="请对方先注册并完成实名核验;不能授权给自己")
    return found


def _checked_term(term: Term, *, on: date) -> None:
    if term.until < term.since or term.until < on:
        raise Invalid("结束日期早于开始日期", field="until")
    if (term.until - term.since).days > _LONGEST_TERM:
        raise Invalid("一次授权最长三年", field="until", remedy="到期后可以再授权")
    if term.scope is Scope.ITEMS and not term.items:
        raise Invalid("请列出事项编码", field="items")


def give_delegate(*, person: PersonView, right_id: int, name: str, number: str, term: Term, address: str, now: datetime) -> int:
    """
    Let an official of a company act for it; they accept first. Returns the right's id.

    :raises NotRepresentative: unless the giver's own right is a representative's and in force: a delegate lends nothing on.
    :raises Invalid: if the person is unknown, or the term is no term.
    """
    on = local_date(now)
    _checked_term(term, on=on)
    _own_right(person, right_id, on)
    taker = _another(person, name, number, address, now)
    with transaction.atomic():
        own = _own_right(person, right_id, on)
        whom = Party(PartyKind.COMPANY, opened("company", own.party_sealed), own.party_name)
        return _saved(_lent(Right.DELEGATE, whom, taker.pk, person, term, now), "citizens:right:given", person, now)


def _own_right(person: PersonView, right_id: int, on: date) -> ActingRight:
    own = ActingRight.objects.filter(pk=right_id, holder_id=person.id).first()
    if own is None or not rules.may_delegate(Right(own.right), standing_of(own, on=on, giver_stands=True)):
        raise NotRepresentative(remedy="受托人不能转委托")
    return own


def give_agent(*, person: PersonView, name: str, number: str, term: Term, address: str, now: datetime) -> int:
    """
    Let another citizen do an errand in one's name; they accept first. Returns the right's id.

    :raises Invalid: if the person is unknown, the errand is not named, or the term is no term.
    """
    _require_checked(person)
    _checked_term(term, on=local_date(now))
    if not term.note.strip():
        raise Invalid("请写明委托办理什么事", field="note")
    taker = _another(person, name, number, address, now)
    with transaction.atomic():
        return _saved(_lent(Right.AGENT, person.party, taker.pk, person, term, now), "citizens:right:given", person, now)


def _lent(right: Right, whom: Party, holder_id: int, giver: PersonView, term: Term, now: datetime) -> ActingRight:
    lent: Mapping[str, object] = {
        "state": RightState.INVITED,
        "giver_id": giver.id,
        "scope": term.scope,
        "items": list(term.items),
        "note": term.note.strip(),
        "since": term.since,
        "until": term.until,
    }
    return _right(right, whom, holder_id, now, **lent)


def add_guardian(*, person: PersonView, name: str, number: str, household: str, evidence: str, address: str, now: datetime) -> int:
    """
    Act for a child or dependant. With the number of the household the register is asked whether both belong to it; for others, and for
    those of age, it is claimed with evidence and counts for nothing until an official has seen it (``confirming``); the ward is told.
    Returns the right's id.

    :raises InvalidCode: if the number cannot be one.
    :raises Invalid: if the register says no, or neither household nor evidence is given.
    :raises RegisterSilent: if nobody could say now.
    """
    _require_checked(person)
    on = local_date(now)
    ward = party(PartyKind.PERSON, number.strip().upper(), name, field="number")
    if ward.code == person.party.code:
        raise Invalid("不能为自己登记监护", field="number")
    minor = not rules.of_age(identity_number.parse(ward.code).birth_date, on=on)
    about = digest_of("person", ward.code)
    guard(Kind.NAME, about=about, address=address, now=now)
    by_household = bool(minor and household.strip())
    if not by_household and not evidence.strip():
        raise Invalid("请填写户号,或写明监护的依据", field="evidence", remedy="例如:监护公证书 (2026) 云证字第 12 号")
    match = {"name": ward.name} | ({"household": household.strip()} if by_household else {})
    outcome = ask(Source.PERSONS, key={"number": ward.code}, match=match, case="guardian", now=now)
    if outcome is Outcome.MATCH and by_household:
        outcome = ask(Source.PERSONS, key={"number": person.party.code}, match={"household": household.strip()}, case="guardian", now=now)
    sentence = "姓名、号码或户号与登记不符"
    _settled(outcome, about=about, address=address, now=now, sentence=sentence, field="number")
    state = RightState.ACTIVE if by_household else RightState.CLAIMED
    row = _right(Right.GUARDIAN, ward, person.id, now, state=state, since=on, note=evidence.strip())
    row.checked_at = now if by_household else None
    with transaction.atomic():
        made = _saved(row, "citizens:guardian:declared", person, now)
        warded = account_of(row.party_digest)
        if warded is not None:
            text = say("{name}登记为您的监护人。不是这样的,请在“代办与授权”里结束它。", name=person.party.masked_name)
            notices.tell_account(warded, text, address=reverse("citizens:rights"), now=now)
        return made


@transaction.atomic
def accept_right(*, person: PersonView, right_id: int, accept: bool, now: datetime) -> None:
    """
    Accept or decline an invitation to act for another.

    :raises RightUnknown: if it is not one's own.
    :raises Conflict: if it waits no longer.
    """
    row = ActingRight.objects.select_for_update(of=("self",)).select_related("holder").filter(pk=right_id, holder_id=person.id).first()
    if row is None:
        raise RightUnknown
    if row.state != RightState.INVITED:
        raise Conflict("这项授权不在等待接受")
    row.state = RightState.ACTIVE if accept else RightState.DECLINED
    row.ended_at = None if accept else now
    row.save(update_fields=["state", "ended_at"])
    _record("citizens:right:accepted" if accept else "citizens:right:declined", row, person.label, now)


@transaction.atomic
def revoke_right(*, person: PersonView, right_id: int, now: datetime) -> None:
    """
    End a right at once: by who gave it, who holds it, or the person who is acted for.

    :raises RightUnknown: for everybody else.
    :raises Conflict: if it has ended.
    """
    row = ActingRight.objects.select_for_update(of=("self",)).select_related("holder").filter(pk=right_id).first()
    # a ward who is of age may end what was declared about them
    concerned = row is not None and (person.id in {row.giver_id, row.holder_id} or (row.party_digest == person.digest != ""))
    if row is None or not (concerned or _represents(person, row, now)):
        raise RightUnknown
    if row.state not in rules.OPEN_STATES:
        raise Conflict("这项授权已经结束")
    row.state, row.ended_at, row.next_check_at = RightState.REVOKED, now, None
    row.save(update_fields=["state", "ended_at", "next_check_at"])
    _record("citizens:right:revoked", row, person.label, now)


def _represents(person: PersonView, row: ActingRight, now: datetime) -> bool:
    """Whether somebody represents the company that a right is about: a new representative ends what the old one gave."""
    own = ActingRight.objects.filter(
        holder_id=person.id, party_digest=row.party_digest, right=Right.REPRESENTATIVE, state=RightState.ACTIVE
    ).first()
    return own is not None and standing_of(own, on=local_date(now), giver_stands=True) is Why.NONE


def act_as(*, acting: ActingAs, now: datetime) -> None:
    """Record that somebody began to act for a party, or went back to acting for themselves."""
    detail = {"right": acting.right or "", "number": acting.right_id or 0}
    security.record("citizens:acting:chosen", at=now, actor=acting.label, subjects=(acting.digest,) if acting.digest else (), detail=detail)


def heal_rights(*, now: datetime) -> int:
    """
    Ask the register of companies again about bindings that are due; where the representative is another one, the binding and all that was
    given under it rest. Returns how many were asked about.
    """
    due = list(ActingRight.objects.filter(next_check_at__lte=now, state=RightState.ACTIVE).select_related("holder")[:_AT_ONCE])
    asked = 0
    for row in due:
        match = {"representative": row.holder.name, "representative_number": opened("person", row.holder.number_sealed)}
        outcome = ask(Source.COMPANIES, key={"code": opened("company", row.party_sealed)}, match=match, case="company-binding", now=now)
        _note_checked(row, outcome, now)
        if outcome not in {Outcome.MATCH, Outcome.MISMATCH}:
            break
        asked += 1
    return asked


@transaction.atomic
def _note_checked(row: ActingRight, outcome: Outcome, now: datetime) -> None:
    locked = ActingRight.objects.select_for_update(of=("self",)).select_related("holder").get(pk=row.pk)
    if locked.state != RightState.ACTIVE:
        return
    if outcome is Outcome.MATCH:
        locked.checked_at, locked.next_check_at = now, now + _RECHECK
    elif outcome is Outcome.MISMATCH:
        locked.stale, locked.next_check_at = True, None
        _record("citizens:company:stale", locked, "process:citizens", now)
    else:
        locked.next_check_at = now + _AGAIN
    locked.save()
