"""A small world: regions, offices, officials, made through the same doors that the product uses."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count

from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.identity.models import Account
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel import clock

#: A working Wednesday.
NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
TODAY = date(2026, 6, 10)
PASSWORD = "Correct-horse-9"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_numbers = count(1)


def begin_at(number: int) -> None:
    """Number offices and officials from here on, where a database already has those of another run."""
    while next(_numbers) < number:
        pass


def credit_code(stem: str) -> str:
    """A valid unified social credit code from its first 17 characters (GB 32100)."""
    total = sum(_ALPHABET.index(one) * pow(3, place, 31) for place, one in enumerate(stem))
    return stem + _ALPHABET[(31 - total % 31) % 31]


def region(code: str = "37", name: str = "山东省") -> str:
    organisations.load_regions([(code, name)], actor="process:test", now=NOW)
    return code


def office(name: str = "", *, region_code: str = "", is_bureau: bool = False, short_name: str = "") -> organisations.OfficeView:
    number = next(_numbers)
    return organisations.add_office(
        code=credit_code(f"11370000{number:09d}"),
        name=name or f"第{number}局",
        short_name=short_name,
        level=3,
        region=region_code or region(),
        actor="process:test",
        now=NOW,
        valid_from=date(2019, 1, 1),
        is_bureau=is_bureau,
    )


def official(*roles: identity.Role, at: organisations.OfficeView | None = None, duty: identity.Duty | None = None) -> identity.Actor:
    """An official with roles for an office (or a duty); the password is :data:`PASSWORD`, already their own."""
    place = at or (None if duty else office())
    number = next(_numbers)
    account_id = identity.add_account(
        username=f"official{number}",
        name=f"经办人{number}",
        password=PASSWORD,
        by="process:test",
        now=NOW,
        office=place.code if place else "",
        duty=duty,
    )
    Account.objects.filter(pk=account_id).update(password_changed_at=clock.now())
    for role in roles:
        assert place is not None
        identity.assign_role(by="process:test", account_id=account_id, office=place.code, role=role, now=NOW, since=date(2020, 1, 1))
    return identity.actor(account_id, on=TODAY)


def signed_in(actor: identity.Actor) -> Client:
    """A browser in which somebody has signed in; an administrator sets up the second factor on the way, as they must."""
    client = Client()
    answer = client.post("/sign-in/", {"username": actor.username, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    if actor.duty is not None:
        client.get("/account/second-factor/")
        answer = client.post("/account/second-factor/", {"code": present_code(actor)})
        assert answer.status_code == 302, answer.content.decode()[:2000]
    return client


def present_code(actor: identity.Actor) -> str:
    """What the authenticator of somebody shows now; used codes count as unused again."""
    device = TOTPDevice.objects.get(user_id=actor.account_id)
    TOTPDevice.objects.filter(pk=device.pk).update(last_t=-1, throttling_failure_count=0, throttling_failure_timestamp=None)
    return f"{totp(device.bin_key, step=device.step, t0=device.t0, digits=device.digits, drift=device.drift):06d}"


def auditor(*places: organisations.OfficeView) -> identity.Actor:
    """Somebody who audits offices."""
    someone = official(at=places[0])
    for place in places:
        identity.assign_role(
            by="process:test", account_id=someone.account_id, office=place.code, role=identity.Role.AUDITOR, now=NOW, since=date(2020, 1, 1)
        )
    return identity.actor(someone.account_id, on=TODAY)
