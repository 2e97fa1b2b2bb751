"""
Codes to a phone or e-mail address: to prove that it is one's own, and to choose a new password.

Threat model. SIM swap: a code alone gives a new password, after the real name has been checked anew, and opens nothing where a second
factor is set up, for that is asked for all the same. Guessing: six digits, five tries, ten minutes, the latest code alone, and five codes
an hour. Enumeration: asking to recover says the same and costs the same whether the number has an account or not. A stolen phone: ends at
the second factor; sessions elsewhere end with the new password. Not defended: a lost second factor is taken away at a window only.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from zhengtong.apps.affairs.citizens.models import Person, SentCode
from zhengtong.apps.affairs.citizens.operations.asking import ask
from zhengtong.apps.affairs.citizens.operations.guarding import guard, note_failure
from zhengtong.apps.affairs.citizens.queries import digest_of, opened
from zhengtong.apps.affairs.citizens.rules import Kind, Outcome, Source
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.errors import Conflict, Invalid, Unavailable
from zhengtong.kernel.sentences import say

_GOOD_FOR = timedelta(minutes=10)
_MOST_TRIES, _MOST_AN_HOUR = 5, 5
_RECOVER = "recover"
_OUTLETS = {"phone": notices.Outlet.SMS, "email": notices.Outlet.EMAIL}


class CodeWrong(Invalid):
    """验证码不对,或已过期。"""

    code = "code-wrong"


@transaction.atomic
def send_code(*, person_id: int, purpose: str, now: datetime) -> None:
    """
    Send a code to one's phone (``phone``) or e-mail address (``email``), to prove that it is one's own.

    :raises Conflict: after five in an hour, or if there is no such address.
    :raises NoOutlet: if nothing leaves that way here.
    """
    _send(Person.objects.select_for_update().get(pk=person_id), purpose, purpose, now)


def _send(row: Person, purpose: str, channel: str, now: datetime) -> None:
    to = opened(channel, row.phone_sealed if channel == "phone" else row.email_sealed)
    if not to:
        raise Conflict("没有登记这种联系方式")
    if SentCode.objects.filter(person=row, made_at__gt=now - timedelta(hours=1)).count() >= _MOST_AN_HOUR:
        raise Conflict("验证码发送过于频繁", remedy="请一小时后再试")
    code = f"{secrets.randbelow(10**6):06}"
    until = now + _GOOD_FOR
    text = say("验证码 {code},10 分钟内有效。工作人员不会向您索要验证码。", code=code)
    notices.post(_OUTLETS[channel], to=to, text=text, good_until=until, now=now)
    digest = digest_of("code", f"{row.pk}:{purpose}:{code}")
    SentCode.objects.create(person=row, purpose=purpose, digest=digest, made_at=now, good_until=until)


def _spent(person_id: int, purpose: str, code: str, now: datetime) -> bool:
    """Whether it is the latest code, in time and not used so far; a wrong one is counted. Commits by itself, before anybody refuses."""
    with transaction.atomic():
        row = SentCode.objects.select_for_update().filter(person_id=person_id, purpose=purpose).order_by("-made_at", "-pk").first()
        if row is None or row.used_at is not None or now > row.good_until or row.tries >= _MOST_TRIES:
            return False
        row.tries += 1
        right = secrets.compare_digest(row.digest, digest_of("code", f"{person_id}:{purpose}:{code.strip()}"))
        row.used_at = now if right else None
        row.save(update_fields=["tries", "used_at"])
        return right


def confirm_contact(*, person_id: int, channel: str, code: str, now: datetime) -> None:
    """
    A phone or address is one's own from now on, and opens the door.

    :raises CodeWrong: if the code is not the latest one, or was tried too often.
    :raises Conflict: if somebody else has proven it theirs.
    """
    if not _spent(person_id, channel, code, now):
        raise CodeWrong(field="code", remedy="重新发送后再试")
    try:
        with transaction.atomic():
            row = Person.objects.select_related("account").get(pk=person_id)
            Person.objects.filter(pk=person_id).update(**{f"{channel}_confirmed_at": now})
            security.record("citizens:contact:confirmed", at=now, actor=f"account:{row.account.username}", detail={"channel": channel})
    except IntegrityError as exc:
        raise Conflict("已有别的账户确认了这个号码或邮箱", remedy="换一个,或到窗口办理") from exc


def begin_recovery(*, name: str, number: str, address: str, now: datetime) -> None:
    """
    Send a code to the confirmed phone or address of whoever has this name and number; says nothing of whether there is one.

    :raises TooManyTries: after too many tries about the number or from the address.
    """
    about = digest_of("person", number.strip().upper())
    guard(Kind.CODE, about=about, address=address, now=now)
    note_failure(Kind.CODE, about=about, address=address, now=now)
    row = Person.objects.filter(number_digest=about, name=name.strip(), account__is_active=True).first()
    channel = "" if row is None else "phone" if row.phone_confirmed_at else "email" if row.email_confirmed_at else ""
    if row is None or not channel:
        return
    try:
        with transaction.atomic():
            _send(row, _RECOVER, channel, now)
    except (Conflict, notices.NoOutlet):
        return


def finish_recovery(*, number: str, code: str, password: str, address: str, now: datetime) -> None:
    """
    Choose a new password with the code, after the real name has been checked anew; all sessions end.

    :raises CodeWrong: whatever is wrong with number or code.
    :raises PasswordRefused: if the password breaks the policy; the code is spent and another one is needed.
    :raises Unavailable: if the register does not answer.
    """
    about = digest_of("person", number.strip().upper())
    guard(Kind.CODE, about=about, address=address, now=now)
    row = Person.objects.select_related("account").filter(number_digest=about, account__is_active=True).first()
    if row is None or not _spent(row.pk, _RECOVER, code, now):
        note_failure(Kind.CODE, about=about, address=address, now=now)
        raise CodeWrong(field="code", remedy="重新找回,再收一次验证码")
    key = {"number": opened("person", row.number_sealed)}
    outcome = ask(Source.PERSONS, key=key, match={"name": row.name}, case=_RECOVER, now=now)
    if outcome is not Outcome.MATCH:
        raise Unavailable("实名暂时不能核验,密码没有更改", remedy="稍后重新找回,或到窗口办理")
    with transaction.atomic():
        identity.change_password(account_id=row.account_id, password=password, now=now)
        security.record("citizens:account:recovered", at=now, actor=f"account:{row.account.username}", subjects=(about,))
