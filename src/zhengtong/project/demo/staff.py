"""The officials of the demo city: how their accounts are called, and how they act."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel.actors import Actor, Duty, Role

BY = "process:demo"
PASSWORD = "demo"  # noqa: S105 - the sign-in page prints it, and it opens nothing outside demo mode
FOUNDED = date(2019, 1, 1)
#: department key → how its accounts begin
STAFF = {
    "data_bureau": "bureau",
    "education": "edu",
    "civil_affairs": "civil",
    "public_security": "police",
    "human_resources": "hr",
    "natural_resources": "land",
    "housing_fund": "fund",
    "health": "health",
    "market_regulation": "market",
    "taxation": "tax",
}
APPROVER = "bureau.approver"


class Bars(Protocol):
    """Draws the progress of a step."""

    def begin(self, title: str, total: int | None = None) -> None:
        """A step begins."""

    def advance(self, done: int) -> None:
        """So much of the step is done."""


def prefix(office: str) -> str:
    """How the accounts of an office begin, by its key."""
    return STAFF.get(office, office)


def known() -> set[str]:
    """The names of all accounts."""
    return {one.username for one in identity.accounts(limit=1000)}


def account(
    username: str, name: str, office: str, there: set[str], now: datetime, *, role: Role | None = None, duty: Duty | None = None
) -> None:
    """Add a demo account with its role or duty unless it is ``there``."""
    if username in there:
        return
    account_id = identity.add_account(
        username=username, name=name, password=PASSWORD, by=BY, now=now, office=office, duty=duty, is_demo=True
    )
    if role is not None:
        identity.assign_role(by=BY, account_id=account_id, office=office, role=role, now=now, since=FOUNDED)


def actor_named(username: str, *, on: date) -> Actor:
    """
    A demo account as an actor.

    :raises AccountUnknown: if the city is not founded so far.
    """
    for one in identity.accounts(username, limit=5):
        if one.username == username:
            return identity.actor(one.id, on=on)
    raise identity.AccountUnknown
