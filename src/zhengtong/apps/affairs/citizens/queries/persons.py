"""Reads of citizens: by their account, and which account a number opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zhengtong.apps.affairs.citizens.models import Person, RegisterToAsk
from zhengtong.apps.affairs.citizens.queries.keeping import digest_of, opened
from zhengtong.apps.affairs.citizens.rules import Level, level_of
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.parties import Party, PartyKind

_NUMBER_LENGTH = 18
_SHOWN_OF_A_PHONE = 4


class PersonUnknown(NotFound):
    """没有这个个人账户。"""

    code = "person-unknown"


@dataclass(frozen=True)
class PersonView:
    """A citizen. ``party`` carries name and number in the clear and is never shown as it is: pages show the masked forms."""

    id: int
    account_id: int
    #: how the ledger names the account
    label: str
    party: Party
    digest: str
    phone: str
    phone_confirmed: bool
    email: str
    email_confirmed: bool
    checked_at: datetime | None
    next_check_at: datetime | None
    registered_at: datetime

    @property
    def masked_phone(self) -> str:
        """138****1234."""
        return f"{self.phone[:3]}{'*' * 4}{self.phone[-_SHOWN_OF_A_PHONE:]}" if self.phone else ""

    @property
    def masked_email(self) -> str:
        """w***@example.org."""
        name, at, host = self.email.partition("@")
        return f"{name[:1]}***{at}{host}" if self.email else ""


@dataclass(frozen=True)
class Holder:
    """Who has signed in as a citizen, and how surely we know it in this session."""

    person: PersonView
    level: Level


def _view(row: Person) -> PersonView:
    return PersonView(
        id=row.pk,
        account_id=row.account_id,
        label=f"account:{row.account.username}",
        party=Party(PartyKind.PERSON, opened("person", row.number_sealed), row.name),
        digest=row.number_digest,
        phone=opened("phone", row.phone_sealed),
        phone_confirmed=row.phone_confirmed_at is not None,
        email=opened("email", row.email_sealed),
        email_confirmed=row.email_confirmed_at is not None,
        checked_at=row.checked_at,
        next_check_at=row.next_check_at,
        registered_at=row.registered_at,
    )


def person_of_account(account_id: int) -> PersonView:
    """
    The citizen whose account it is.

    :raises PersonUnknown: for an official's account.
    """
    found = Person.objects.select_related("account").filter(account_id=account_id).first()
    if found is None:
        raise PersonUnknown
    return _view(found)


def session_of(account_id: int, *, second_factor: bool) -> Holder:
    """
    The citizen whose account it is, as surely known as this session says.

    :raises PersonUnknown: for an official's account.
    """
    view = person_of_account(account_id)
    return Holder(view, level_of(checked=view.checked_at is not None, second_factor=second_factor))


def find_account(typed: str) -> tuple[str, str]:
    """
    The user name that an identity number, a confirmed phone or a confirmed e-mail address opens, and the digest to count failures by.

    Nobody's number gets a user name that no account has, so that signing in takes as long and says the same.
    """
    text = typed.strip()
    if "@" in text:
        kind, value, column = "email", text.lower(), "email"
    elif len(text) == _NUMBER_LENGTH:
        kind, value, column = "person", text.upper(), "number"
    else:
        kind, value, column = "phone", text, "phone"
    digest = digest_of(kind, value)
    wanted = {f"{column}_digest": digest} | ({} if column == "number" else {f"{column}_confirmed_at__isnull": False})
    username = Person.objects.filter(**wanted).values_list("account__username", flat=True).first()
    return str(username or f"p-{digest[:16]}"), digest


def account_of_number(number: str) -> int | None:
    """The account that an identity number has, None without one."""
    return Person.objects.filter(number_digest=digest_of("person", number)).values_list("account_id", flat=True).first()


def registers() -> dict[str, RegisterToAsk]:
    """The registers that have been set up to be asked, by source."""
    return {row.source: row for row in RegisterToAsk.objects.all()}
