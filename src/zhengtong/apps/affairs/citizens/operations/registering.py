"""
Registering, and the check of the real name.

Threat model. Enumeration of the register: an unknown number and a wrong name get the same sentence, wrong tries are counted
(``rules.guessing``), and the answer to somebody who knows name and number of an account's owner says no more than that they should sign in.
Somebody takes a number while the register is silent: the account stays declared, opens nothing that asks for a checked name, and is closed
with its number set free when the register answers no. Session fixation: see ``identity.operations.entering``. Not defended: see
``rules.assurance``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from zhengtong.apps.affairs.citizens.models import Person
from zhengtong.apps.affairs.citizens.operations.asking import ask
from zhengtong.apps.affairs.citizens.operations.guarding import guard, note_failure
from zhengtong.apps.affairs.citizens.queries import PersonView, digest_of, opened, person_of_account, sealed
from zhengtong.apps.affairs.citizens.rules import Kind, Outcome, Source
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.codes import identity_number
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.parties import Party, PartyKind

_PHONE = re.compile(r"1\d{10}")
_YOUNGEST = 16
#: how long until the register is asked again after it could not say
_AGAIN = timedelta(minutes=1)
_AT_ONCE = 20
_CASE = "real-name"


class NameRefused(Invalid):
    """姓名与公民身份号码核验未通过。"""

    code = "name-refused"


@dataclass(frozen=True)
class Registration:
    """What somebody states about themselves."""

    name: str
    number: str
    phone: str
    email: str = ""
    password: str = field(default="", repr=False)


def register(*, stated: Registration, address: str, now: datetime, is_demo: bool = False) -> PersonView:
    """
    Open an account after the register was asked; where nobody could say, it is declared alone and asked about again.

    :raises InvalidCode: if the number cannot be one.
    :raises NameRefused: if the register says no, whatever the reason.
    :raises TooManyTries: after too many wrong tries about the number or from the address.
    :raises Conflict: if the number has an account.
    :raises PasswordRefused: if the password breaks the policy.
    """
    number = stated.number.strip().upper()
    parsed = identity_number.parse(number, field="number", on=local_date(now))
    if parsed.age_on(local_date(now)) < _YOUNGEST:
        raise Invalid("未满 16 周岁不能自行注册", field="number", remedy="请监护人注册后代为办理")
    if not _PHONE.fullmatch(stated.phone.strip()):
        raise Invalid("手机号码应为 1 开头的 11 位数字", field="phone", remedy="核对号码")
    party = Party(PartyKind.PERSON, number, stated.name.strip())
    outcome = check_name(party, address=address, now=now)
    with transaction.atomic():
        account_id = identity.add_person(name=party.masked_name, password=stated.password, by="process:citizens", now=now, is_demo=is_demo)
        row = Person(
            account_id=account_id,
            name=party.name,
            number_digest=digest_of("person", number),
            number_sealed=sealed("person", number),
            phone_digest=digest_of("phone", stated.phone.strip()),
            phone_sealed=sealed("phone", stated.phone.strip()),
            email_digest=digest_of("email", stated.email.strip().lower()) if stated.email else "",
            email_sealed=sealed("email", stated.email.strip().lower()),
            checked_at=now if outcome is Outcome.MATCH else None,
            next_check_at=None if outcome is Outcome.MATCH else now + _AGAIN,
            registered_at=now,
        )
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as exc:
            raise Conflict("这个号码已有账户", field="number", remedy="请直接登录;忘记密码可以找回") from exc
        _record(row, "citizens:person:registered", outcome, now)
    return person_of_account(account_id)


def check_name(party: Party, *, address: str, now: datetime) -> Outcome:
    """
    Ask the register of persons whether name and number belong together.

    :raises NameRefused: if they do not, or the number is not there: outsiders are told the same.
    :raises TooManyTries: after too many wrong tries.
    """
    about = digest_of("person", party.code)
    guard(Kind.NAME, about=about, address=address, now=now)
    outcome = ask(Source.PERSONS, key={"number": party.code}, match={"name": party.name}, case=_CASE, now=now)
    if outcome is Outcome.MISMATCH:
        note_failure(Kind.NAME, about=about, address=address, now=now)
        raise NameRefused(field="number", remedy="核对姓名和号码;多次不符会暂时锁定")
    return outcome


def _record(row: Person, event: str, outcome: Outcome, now: datetime) -> None:
    result = "ok" if outcome is Outcome.MATCH else outcome.value
    security.record(event, at=now, actor=f"account:{row.account.username}", outcome=result, subjects=(row.number_digest,))


def check_again(person_id: int, *, now: datetime) -> Outcome:
    """
    Ask the register again about a declared name. A no closes the account and sets its number free; anything else waits for the next time.

    :raises Conflict: if nothing is open.
    """
    row = Person.objects.filter(pk=person_id, checked_at__isnull=True).exclude(number_digest="").first()
    if row is None:
        raise Conflict("这个账户的实名没有待核验的")
    match = {"name": row.name}
    outcome = ask(Source.PERSONS, key={"number": opened("person", row.number_sealed)}, match=match, case=_CASE, now=now)
    with transaction.atomic():
        locked = Person.objects.select_for_update().filter(pk=row.pk, checked_at__isnull=True).exclude(number_digest="").first()
        if locked is None:  # another worker was first
            return outcome
        if outcome is Outcome.MATCH:
            locked.checked_at, locked.next_check_at = now, None
            _record(locked, "citizens:name:checked", outcome, now)
        elif outcome is Outcome.MISMATCH:
            _record(locked, "citizens:name:checked", outcome, now)
            identity.close_person(account_id=locked.account_id, by="process:citizens", now=now)
            locked.number_digest = locked.number_sealed = ""
            locked.next_check_at = None
        else:
            locked.next_check_at = now + _AGAIN
        locked.save()
    return outcome


def heal_names(*, now: datetime) -> int:
    """Ask again about declared names that are due; returns how many were settled. Safe to run in several workers."""
    due = list(Person.objects.filter(next_check_at__lte=now).order_by("next_check_at").values_list("pk", flat=True)[:_AT_ONCE])
    settled = 0
    for person_id in due:
        outcome = check_again(person_id, now=now)
        if outcome not in {Outcome.MATCH, Outcome.MISMATCH}:
            break  # nobody answers: the others need not be asked now
        settled += 1
    return settled
