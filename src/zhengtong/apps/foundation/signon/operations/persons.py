"""
Writes about people who sign on: what they agree to, that they did, and that they leave.

Threat model. Somebody is led to agree to what they did not see (the page is ours, cannot be framed, names system, office and every item,
and its form is protected against forgery); a token is stolen and used twice (the second use ends all that came from the same sign-in, and
stands in the ledger); a person does not know where they are signed in (they see it, and end it).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from oauth2_provider.models import clear_expired

from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.foundation.signon.models import AccessToken, Consent, RefreshToken, RelyingSystem
from zhengtong.apps.foundation.signon.queries import SystemUnknown
from zhengtong.kernel.actors import Actor


@transaction.atomic
def give_consent(*, actor: Actor, client_id: str, scopes: Iterable[str], now: datetime) -> None:
    """Somebody agrees that a system may know this, besides what they agreed to before."""
    system = _system(client_id)
    given = Consent.objects.select_for_update().filter(account_id=actor.account_id, system=system).first()
    both = sorted({*scopes, *(given.scopes if given else ())})
    Consent.objects.update_or_create(account_id=actor.account_id, system=system, defaults={"scopes": both, "given_at": now})
    security.record(
        "signon:consent:given", at=now, actor=actor.label, office=system.office.code, detail={"system": client_id, "scopes": both}
    )


def _system(client_id: str) -> RelyingSystem:
    found = RelyingSystem.objects.select_related("office").filter(client_id=client_id).first()
    if found is None:
        raise SystemUnknown
    return found


@transaction.atomic
def sign_off(*, actor: Actor, client_id: str, now: datetime) -> None:
    """End one's tokens at a system, from all browsers, and take back what one agreed to."""
    system = _system(client_id)
    AccessToken.objects.filter(user_id=actor.account_id, application=system).delete()
    RefreshToken.objects.filter(user_id=actor.account_id, application=system).delete()
    Consent.objects.filter(account_id=actor.account_id, system=system).delete()
    security.record("signon:person:signed-off", at=now, actor=actor.label, office=system.office.code, detail={"system": client_id})


def note_sign_on(*, username: str, client_id: str, office: str, scopes: Iterable[str], now: datetime) -> None:
    """Record that a system was told who somebody is."""
    detail = {"system": client_id, "scopes": sorted(scopes)}
    security.record("signon:person:signed-on", at=now, actor=f"account:{username}", office=office, detail=detail)


def token_replayed(*, username: str, client_id: str, office: str, now: datetime) -> None:
    """Record that a refresh token came a second time, for which all that came from the same sign-in was ended."""
    security.record(
        "signon:token:replayed", at=now, outcome="token-replayed", actor=f"account:{username}", office=office, detail={"system": client_id}
    )


def tidy() -> None:
    """Remove codes and tokens that nothing can be done with any more."""
    clear_expired()
