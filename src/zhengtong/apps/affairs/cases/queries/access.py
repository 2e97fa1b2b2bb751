"""Who may see a case: the lead office, every office that holds or held a step of it or was asked about it, and their auditors."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from zhengtong.apps.affairs.cases.models import Case, Consultation, Visit
from zhengtong.apps.affairs.cases.rules.vocabulary import STAFF
from zhengtong.apps.foundation.identity import api as identity

Role = identity.Role


def part_of(actor: identity.Actor) -> Q:
    """The cases that an actor may see at all."""
    offices = actor.offices(*STAFF, Role.AUDITOR)
    if not offices:
        return Q(pk__in=[])
    parts = Visit.objects.filter(case=OuterRef("pk"), office__code__in=offices)
    asked = Consultation.objects.filter(case=OuterRef("pk"), office__code__in=offices)
    return Q(office__code__in=offices) | Q(Exists(parts)) | Q(Exists(asked))


def sees(actor: identity.Actor, number: str) -> bool:
    """Whether the actor may see the case of a number."""
    return Case.objects.filter(part_of(actor), number=number).exists()
