"""Whose data something is about, and which bureau looks after it."""

from __future__ import annotations

from django.db.models import Q

from zhengtong.apps.flow.participation.models import Comment, Correction, Demand, Event, Reuse
from zhengtong.apps.flow.participation.rules.demands import Parties
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations

Something = Demand | Correction | Comment | Reuse


def bureau_code(region: str) -> str:
    """The credit code of the bureau in charge of a region; empty where there is none."""
    return organisations.bureau_code(region)


def first_bureau() -> organisations.OfficeView:
    """
    The bureau of the whole installation: the one of the widest region.

    :raises OfficeUnknown: if there is none yet.
    """
    regions = organisations.bureau_regions("")
    return organisations.bureau_for(min(regions, key=lambda code: (len(code), code), default=""))


def parties_of(row: Something) -> tuple[Parties, ...]:
    """The office that has to act and its bureau; a reuse of several offices' datasets has as many."""
    match row:
        case Demand():
            return (Parties(row.provider.code if row.provider else "", row.bureau.code),)
        case Reuse():
            offices = {one.resource.office for one in row.datasets.select_related("resource__office")}
            return tuple(Parties(one.code, bureau_code(one.region_id)) for one in sorted(offices, key=lambda one: one.code))
        case _:
            office = row.dataset.resource.office
            return (Parties(office.code, bureau_code(office.region_id)),)


def under_bureaus(actor: identity.Actor, path: str) -> Q:
    """Rows whose office (reached by ``path``) lies in a region that one of the actor's bureaus looks after."""
    wanted = Q(pk__in=())
    for bureau in organisations.offices_by_code(actor.offices(identity.Role.BUREAU_APPROVER)).values():
        under = Q(**{f"{path}__region__code__startswith": bureau.region})
        for region in organisations.bureau_regions(bureau.region):
            under &= ~Q(**{f"{path}__region__code__startswith": region})
        wanted |= under
    return wanted


def of_offices(actor: identity.Actor, path: str) -> Q:
    """Rows whose office is one for which the actor answers."""
    return Q(**{f"{path}__code__in": actor.offices(identity.Role.STEWARD, identity.Role.SHARING_HEAD)})


def trail(number: str, *, limit: int = 100) -> list[Event]:
    """The trail of a number, latest first."""
    return list(Event.objects.filter(number=number)[:limit])
