"""Reads of what people have agreed to and where they are signed on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.signon.models import Consent, RefreshToken


@dataclass(frozen=True)
class SignedOn:
    """A system that somebody is signed in to from here, or that may know them without asking again."""

    client_id: str
    name: str
    office_name: str
    scopes: tuple[str, ...]
    since: datetime
    #: browsers from which they are signed in there now; none if only consent stands
    browsers: int
    consented: bool


def consented(account_id: int, client_id: str, wanted: Iterable[str]) -> bool:
    """Whether somebody has agreed that a system may know all of this."""
    given = Consent.objects.filter(account_id=account_id, system__client_id=client_id).values_list("scopes", flat=True).first()
    return given is not None and set(wanted) <= set(given)


def signed_on(account_id: int) -> list[SignedOn]:
    """Where an account is signed on now, and what it has agreed to, by name of the system."""
    held: dict[str, set[str]] = {}
    found: dict[str, SignedOn] = {}
    tokens = RefreshToken.objects.filter(user_id=account_id, revoked__isnull=True, application__is_active=True)
    agreed = {one.system_id: one for one in Consent.objects.filter(account_id=account_id).select_related("system__office")}
    for token in tokens.select_related("application__office", "access_token").order_by("-created"):
        if identity.open_session(handle=token.session) is None:
            continue
        system = token.application
        held.setdefault(system.client_id, set()).add(token.session)
        given = agreed.get(system.pk)
        scopes = tuple(token.access_token.scope.split()) if token.access_token else tuple(system.scopes)
        found[system.client_id] = SignedOn(
            system.client_id,
            system.name,
            system.office.name,
            scopes,
            token.signed_in_at or token.created,
            len(held[system.client_id]),
            given is not None,
        )
    for one in agreed.values():
        alone = SignedOn(one.system.client_id, one.system.name, one.system.office.name, tuple(one.scopes), one.given_at, 0, consented=True)
        found.setdefault(one.system.client_id, alone)
    return sorted(found.values(), key=lambda one: one.name)
