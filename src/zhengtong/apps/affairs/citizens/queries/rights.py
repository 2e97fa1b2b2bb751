"""Reads of rights to act: what is held, what was given, what is in force now, and as whom somebody acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from zhengtong.apps.affairs.citizens import rules
from zhengtong.apps.affairs.citizens.models import ActingRight, Person
from zhengtong.apps.affairs.citizens.queries.keeping import opened
from zhengtong.apps.affairs.citizens.queries.persons import PersonView
from zhengtong.apps.affairs.citizens.rules import Right, RightState, Scope, Standing, Why
from zhengtong.kernel.codes import identity_number
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.parties import Party, PartyKind

_MOST = 200


class RightUnknown(NotFound):
    """没有这项授权,或与您无关。"""

    code = "right-unknown"


@dataclass(frozen=True)
class RightView:
    """A right to act for ``party``. ``why`` says why it is not in force on the day it was asked about."""

    id: int
    right: Right
    state: RightState
    party: Party
    holder_id: int
    holder_name: str
    giver_id: int | None
    giver_name: str
    scope: Scope
    items: tuple[str, ...]
    note: str
    since: date
    until: date | None
    checked_at: datetime | None
    settled_at: datetime | None
    settled_why: str
    made_at: datetime
    why: Why

    @property
    def in_force(self) -> bool:
        """Whether it may be used."""
        return self.why is Why.NONE

    @property
    def shown_party(self) -> str:
        """The party as pages name it."""
        return self.party.masked_name


@dataclass(frozen=True)
class ActingAs:
    """
    Who acts, for which party, by which right and until when; travels with everything that is done.

    For oneself: ``party`` is one's own, ``right`` and ``right_id`` are None. ``digest`` is how the ledger names the party.
    """

    person_id: int
    account_id: int
    label: str
    party: Party
    digest: str
    right: Right | None = None
    right_id: int | None = None
    scope: Scope = Scope.ALL
    items: tuple[str, ...] = ()
    until: date | None = None

    @property
    def oneself(self) -> bool:
        """Whether somebody acts for themselves."""
        return self.right is None

    def may(self, *, item: str = "", licences: bool = False) -> bool:
        """Whether the right covers a service item or the use of licences."""
        return rules.covers(self.scope, self.items, item=item, licences=licences)


def standing_of(row: ActingRight, *, on: date, giver_stands: bool) -> Why:
    """Why a right is not in force on a day."""
    born = None
    if row.right == Right.GUARDIAN:
        number = opened("person", row.party_sealed)
        # a declared ward of full age has no birthday that would end the right
        made, birth = row.since, identity_number.parse(number).birth_date
        born = None if rules.of_age(birth, on=made) else birth
    known = Standing(Right(row.right), RightState(row.state), row.since, row.until, born, not row.stale, giver_stands)
    return rules.standing(known, on=on)


def _givers_stand(rows: list[ActingRight], *, on: date) -> set[int]:
    """Of delegates' rights, those whose giver represents the company on the day."""
    lent = [row for row in rows if row.right == Right.DELEGATE]
    over = ActingRight.objects.filter(
        right=Right.REPRESENTATIVE, state=RightState.ACTIVE, party_digest__in={row.party_digest for row in lent}
    )
    represented = (
        {(one.holder_id, one.party_digest) for one in over if standing_of(one, on=on, giver_stands=True) is Why.NONE} if lent else set()
    )
    return {row.pk for row in rows if row.right != Right.DELEGATE or (row.giver_id, row.party_digest) in represented}


def _views(rows: list[ActingRight], *, on: date) -> list[RightView]:
    stand = _givers_stand(rows, on=on)
    return [
        RightView(
            id=row.pk,
            right=Right(row.right),
            state=RightState(row.state),
            party=Party(PartyKind(row.party_kind), opened(row.party_kind, row.party_sealed), row.party_name),
            holder_id=row.holder_id,
            holder_name=_masked(row.holder.name),
            giver_id=row.giver_id,
            giver_name=_masked(row.giver.name) if row.giver else "",
            scope=Scope(row.scope),
            items=tuple(row.items),
            note=row.note,
            since=row.since,
            until=row.until,
            checked_at=row.checked_at,
            settled_at=row.settled_at,
            settled_why=row.settled_why,
            made_at=row.made_at,
            why=standing_of(row, on=on, giver_stands=row.pk in stand),
        )
        for row in rows
    ]


def _masked(name: str) -> str:
    return f"{name[:1]}{'*' * (len(name) - 1)}"


def rights_held(person_id: int, *, on: date) -> list[RightView]:
    """All rights of a person to act for others, latest first, and how each stands on a day."""
    return _views(list(ActingRight.objects.filter(holder_id=person_id).select_related("holder", "giver")[:_MOST]), on=on)


def rights_given(person_id: int, *, on: date) -> list[RightView]:
    """All rights that a person gave others, latest first."""
    return _views(list(ActingRight.objects.filter(giver_id=person_id).select_related("holder", "giver")[:_MOST]), on=on)


def rights_over(person: PersonView, *, on: date) -> list[RightView]:
    """Rights by which others act for a person without their having given them: guardians."""
    rows = ActingRight.objects.filter(party_digest=person.digest, right=Right.GUARDIAN).select_related("holder", "giver")
    return _views(list(rows[:_MOST]), on=on) if person.digest else []


def claims(*, on: date, after: str = "", limit: int = 50) -> list[RightView]:
    """Guardianships that wait for an official to see the evidence, longest waiting first, after the id ``after``; names are masked."""
    rows = ActingRight.objects.filter(state=RightState.CLAIMED).select_related("holder", "giver").order_by("pk")
    if after.isdecimal():
        rows = rows.filter(pk__gt=int(after))
    return _views(list(rows[:limit]), on=on)


def claim(right_id: int, *, on: date) -> RightView:
    """
    A guardianship that was declared, waiting or settled by an official.

    :raises RightUnknown: if there is none of this id.
    """
    rows = ActingRight.objects.filter(pk=right_id, right=Right.GUARDIAN, checked_at__isnull=True).select_related("holder", "giver")
    found = _views(list(rows), on=on)
    if not found:
        raise RightUnknown
    return found[0]


def account_of(digest: str) -> int | None:
    """The account of the person whom the ledger names by a digest, None without one."""
    return Person.objects.filter(number_digest=digest).values_list("account_id", flat=True).first()


def usable_rights(person_id: int, *, on: date) -> list[RightView]:
    """The rights that a person may use on a day."""
    return [one for one in rights_held(person_id, on=on) if one.in_force]


def acting_as(person: PersonView, right_id: int | None, *, label: str, on: date) -> ActingAs:
    """
    As whom a person acts with a right that they chose, or for themselves without one; asked anew for every request.

    :raises RightUnknown: if the right is not theirs or not in force on the day.
    """
    if right_id is None:
        return ActingAs(person.id, person.account_id, label, person.party, person.digest)
    rows = list(ActingRight.objects.filter(pk=right_id, holder_id=person.id).select_related("holder", "giver"))
    found = next((one for one in _views(rows, on=on) if one.in_force), None)
    if found is None:
        raise RightUnknown
    return ActingAs(
        person.id, person.account_id, label, found.party, rows[0].party_digest, found.right, found.id, found.scope, found.items, found.until
    )
