"""Bad ratings that an office has to answer."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from zhengtong.apps.affairs.ratings.rules.vocabulary import LONGEST_TEXT, Appeal, Remedy, TicketState


class Ticket(models.Model):
    """The answer to a bad rating: its clock, the office's words, the call-back, and the appeal of a mistaken one."""

    #: drawn by chance, so that it tells nothing about the order in which people rated
    key = models.CharField(max_length=12, unique=True)
    rating = models.OneToOneField("ratings.Rating", on_delete=models.PROTECT, related_name="ticket")
    state = models.CharField(max_length=9, choices=[(one.value, one.value) for one in TicketState], default=TicketState.WAITING)
    #: the beginning of its clock, and the working days it has
    began_at = models.DateTimeField(null=True)
    days = models.PositiveSmallIntegerField(null=True)
    remedy = models.CharField(max_length=9, choices=[(one.value, one.value) for one in Remedy], blank=True)
    answer = models.CharField(max_length=LONGEST_TEXT, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.CharField(max_length=80, blank=True)
    #: whether it was answered within its days; decided once, when it was answered
    in_time = models.BooleanField(null=True)
    called_at = models.DateTimeField(null=True)
    called_by_name = models.CharField(max_length=80, blank=True)
    #: whether the rater was reached, and is content now
    reached = models.BooleanField(null=True)
    content = models.BooleanField(null=True)
    call_note = models.CharField(max_length=LONGEST_TEXT, blank=True)
    appeal = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Appeal], blank=True)
    appeal_reason = models.CharField(max_length=LONGEST_TEXT, blank=True)
    appealed_at = models.DateTimeField(null=True)
    appealed_by = models.CharField(max_length=80, blank=True)
    decision_reason = models.CharField(max_length=LONGEST_TEXT, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=TicketState.OPEN) | Q(began_at__isnull=False, days__gte=1), name="ticket_open_has_a_clock"
            ),
            models.CheckConstraint(
                condition=~Q(state=TicketState.ANSWERED) | (Q(answered_at__isnull=False, in_time__isnull=False) & ~Q(answer="")),
                name="ticket_answered_has_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(appeal__in=["", Appeal.ASKED], decided_at__isnull=True)
                | (Q(appeal__in=[Appeal.UPHELD, Appeal.REJECTED], decided_at__isnull=False) & ~Q(decision_reason="")),
                name="ticket_appeal_is_decided_with_reasons",
            ),
            models.CheckConstraint(condition=Q(decided_by="") | ~Q(decided_by=F("appealed_by")), name="ticket_appeal_decided_by_another"),
        ]

    def __str__(self) -> str:
        return self.key


class FiredRung(models.Model):
    """A warning that was given; each is given once."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="fired")
    rung = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "rung"], name="ticket_rung_fires_once")]

    def __str__(self) -> str:
        return self.rung
