"""Rights to act for a company or for another person."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from zhengtong.apps.affairs.citizens.rules import OPEN_STATES, Right, RightState, Scope
from zhengtong.kernel.parties import PartyKind

_OPEN = list(OPEN_STATES)


class ActingRight(models.Model):
    """
    A right by which ``holder`` acts for a party, on an invitation, a declaration or the word of a register.

    It is never changed into another one: it is accepted or declined, and ends once.
    """

    right = models.CharField(max_length=16, choices=[(right.value, right.value) for right in Right])
    state = models.CharField(max_length=8, choices=[(state.value, state.value) for state in RightState])
    party_kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in PartyKind])
    #: the digest by which the ledger names the party
    party_digest = models.CharField(max_length=32)
    party_sealed = models.TextField()
    #: a person's is personal: shown masked
    party_name = models.CharField(max_length=120)
    holder = models.ForeignKey("citizens.Person", on_delete=models.PROTECT, related_name="rights_held")
    #: who gave it: for a delegate the representative, for an agent the person themselves; None where a register or a declaration did
    giver = models.ForeignKey("citizens.Person", null=True, on_delete=models.PROTECT, related_name="rights_given")
    scope = models.CharField(max_length=8, choices=[(scope.value, scope.value) for scope in Scope], default=Scope.ALL)
    items = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    #: an agent's errand, or the evidence of a declared guardian
    note = models.CharField(max_length=200, blank=True)
    since = models.DateField()
    until = models.DateField(null=True)
    #: when a register last said so; None: none has
    checked_at = models.DateTimeField(null=True)
    #: when the register is asked again; None: it says nothing of this right
    next_check_at = models.DateTimeField(null=True)
    #: the register no longer says so: the right rests until it is bound anew
    stale = models.BooleanField(default=False)
    #: the official who saw the evidence of a declared guardian, as the ledger names them, for which office, and what they wrote
    settled_by = models.CharField(max_length=80, blank=True)
    settled_office = models.CharField(max_length=18, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_why = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["holder", "party_digest"], condition=models.Q(state__in=_OPEN), name="right_to_act_for_one_party_once"
            ),
            models.CheckConstraint(
                condition=models.Q(right__in=[Right.DELEGATE, Right.AGENT], giver__isnull=False)
                | models.Q(right__in=[Right.REPRESENTATIVE, Right.GUARDIAN], giver__isnull=True),
                name="right_is_given_by_somebody_or_by_law",
            ),
            models.CheckConstraint(
                condition=models.Q(giver__isnull=True) | ~models.Q(giver=models.F("holder")), name="right_is_for_another"
            ),
            models.CheckConstraint(
                condition=models.Q(right=Right.GUARDIAN, party_kind=PartyKind.PERSON)
                | models.Q(right=Right.AGENT, party_kind=PartyKind.PERSON)
                | models.Q(right__in=[Right.REPRESENTATIVE, Right.DELEGATE], party_kind=PartyKind.COMPANY),
                name="right_fits_the_party",
            ),
            models.CheckConstraint(
                condition=models.Q(right__in=[Right.REPRESENTATIVE, Right.GUARDIAN]) | models.Q(until__isnull=False),
                name="right_that_is_lent_has_a_term",
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")), name="right_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=_OPEN, ended_at__isnull=True)
                | (~models.Q(state__in=_OPEN) & models.Q(ended_at__isnull=False)),
                name="right_that_ended_says_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(right=Right.GUARDIAN, state=RightState.ACTIVE)
                | models.Q(checked_at__isnull=False)
                | (models.Q(settled_at__isnull=False) & ~models.Q(settled_by="")),
                name="guardian_in_force_was_checked",
            ),
            models.CheckConstraint(
                condition=models.Q(right=Right.GUARDIAN) | ~models.Q(state=RightState.CLAIMED), name="only_guardians_are_claimed"
            ),
            models.CheckConstraint(condition=~models.Q(scope=Scope.ITEMS) | ~models.Q(items=[]), name="right_for_items_lists_them"),
        ]
        indexes = [
            models.Index(fields=["giver", "state"], name="right_by_giver"),
            models.Index(fields=["party_digest", "state"], name="right_by_party"),
            models.Index(fields=["id"], condition=models.Q(state=RightState.CLAIMED), name="right_claimed"),
            models.Index(fields=["next_check_at"], condition=models.Q(next_check_at__isnull=False), name="right_to_check"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
