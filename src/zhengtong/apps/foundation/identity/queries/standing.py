"""
Where somebody stands at this moment: who they are, what they hold, whether their session is still listed.

Every page of a signed-in official asks this, so it is one statement. It is asked anew for each request and kept nowhere: a session that is
ended, a role that is withdrawn and an account that is closed count from the next request on, in every process.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from zhengtong.apps.foundation.identity.rules import AccountKind
from zhengtong.kernel.actors import Actor, Duty, Role
from zhengtong.kernel.errors import NotFound


class AccountUnknown(NotFound):
    """没有这个账户。"""

    code = "account-unknown"


@dataclass(frozen=True)
class Standing:
    """
    An actor; of what kind the account is; when the session asked about was last seen (None: it is not listed); whether a second factor
    is set up.
    """

    actor: Actor
    kind: AccountKind
    seen_at: datetime | None
    second_factor: bool


# own roles and those of whoever has delegated theirs, in force on the day, for offices that have not ended
_STANDING = """
    select a.username, a.name, a.kind, a.duty, coalesce(o.code, ''), coalesce(o.name, ''),
        array(
            select array[r.role, f.code]::text[]
            from identity_roleassignment r join organisations_office f on f.id = r.office_id
            where r.valid_from <= %(on)s and (r.valid_until is null or r.valid_until >= %(on)s) and f.valid_until is null
                and (r.account_id = a.id or r.account_id in (
                    select d.giver_id from identity_delegation d join identity_account g on g.id = d.giver_id and g.is_active
                    where d.taker_id = a.id and d.revoked_at is null and d.valid_from <= %(on)s and d.valid_until >= %(on)s
                ))
        ),
        (select s.seen_at from identity_sessionrecord s where s.session_key = %(session_key)s and s.account_id = a.id),
        exists (select from otp_totp_totpdevice t where t.user_id = a.id and t.confirmed)
            or exists (select from identity_passkey p where p.user_id = a.id)
    from identity_account a left join organisations_office o on o.id = a.office_id
    where a.id = %(account)s and a.is_active
"""


def standing(account_id: int, *, on: date, session_key: str = "") -> Standing:
    """
    Who an account is on a day, its own roles in force and those delegated to it, and how its session stands; one query.

    :raises AccountUnknown: if the account does not exist or is closed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"account": account_id, "on": on, "session_key": session_key})
        row = cursor.fetchone()
    if row is None:
        raise AccountUnknown
    username, name, kind, duty, office, office_name, roles, seen_at, second_factor = row
    held = frozenset((Role(role), code) for role, code in roles)
    actor = Actor(account_id, username, name, office, office_name, held, Duty(duty) if duty else None)
    return Standing(actor, AccountKind(kind), seen_at, second_factor)


def actor(account_id: int, *, on: date) -> Actor:
    """
    Who an account is on a day: its own roles in force and those delegated to it.

    :raises AccountUnknown: if the account does not exist or is closed.
    """
    return standing(account_id, on=on).actor
