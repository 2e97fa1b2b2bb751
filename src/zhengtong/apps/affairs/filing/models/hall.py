"""The one window 一窗: halls, who stands at a window, numbers that are called, appointments."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from zhengtong.apps.affairs.filing.rules.queueing import Consent, TicketState
from zhengtong.kernel.parties import PartyKind


class Hall(models.Model):
    """A hall with windows and a queue. Its office's clerks call numbers; ``slot_seats`` appointments fit into each half hour."""

    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=200)
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    opens = models.TimeField()
    closes = models.TimeField()
    slot_seats = models.PositiveSmallIntegerField()
    is_open = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=models.Q(opens__lt=models.F("closes")), name="hall_opens_before_it_closes"),
            models.CheckConstraint(condition=models.Q(slot_seats__gte=1, slot_seats__lte=100), name="hall_seats_one_to_a_hundred"),
        ]

    def __str__(self) -> str:
        return self.code


class Ticket(models.Model):
    """A number taken in a hall. ``number`` counts from 1 every day; nobody's name stands in it."""

    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="tickets")
    day = models.DateField()
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=[(one.value, one.value) for one in TicketState], default=TicketState.WAITING)
    taken_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    window = models.CharField(max_length=10, blank=True)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["hall", "day", "number"]
        constraints = [
            models.UniqueConstraint(fields=["hall", "day", "number"], name="ticket_number_once_a_day"),
            models.UniqueConstraint(
                fields=["hall", "day", "window"], condition=models.Q(state=TicketState.CALLED), name="ticket_one_at_a_window"
            ),
            models.CheckConstraint(
                condition=models.Q(state=TicketState.WAITING, called_at__isnull=True)
                | (~models.Q(state=TicketState.WAITING) & models.Q(called_at__isnull=False)),
                name="ticket_called_says_when",
            ),
        ]
        indexes = [models.Index(fields=["hall", "day", "number"], name="ticket_waiting", condition=models.Q(state=TicketState.WAITING))]

    def __str__(self) -> str:
        return f"{self.hall_id} {self.day} {self.number}"


class Appointment(models.Model):
    """
    A seat in a half hour of a hall. Seats are numbered, so that the last one is given once; a person has one a day in a hall.

    Personal: ``party_name``; the digest is the ledger's.
    """

    public = models.UUIDField(unique=True)
    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="appointments")
    day = models.DateField()
    at = models.TimeField()
    seat = models.PositiveSmallIntegerField()
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    party_name = models.CharField(max_length=200)
    party_digest = models.CharField(max_length=32)
    item_code = models.CharField(max_length=40, blank=True)
    item_name = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["day", "at", "seat"]
        constraints = [
            models.UniqueConstraint(
                fields=["hall", "day", "at", "seat"], condition=models.Q(cancelled_at__isnull=True), name="appointment_seat_once"
            ),
            models.UniqueConstraint(
                fields=["hall", "day", "party_digest"], condition=models.Q(cancelled_at__isnull=True), name="appointment_once_a_day"
            ),
            models.CheckConstraint(condition=models.Q(seat__gte=1), name="appointment_seats_begin_at_one"),
        ]
        indexes = [models.Index(fields=["account", "day"], name="appointment_of_account")]

    def __str__(self) -> str:
        return str(self.public)


class WindowVisit(models.Model):
    """
    Somebody stands at a window, or a community agent 代办员 acts for them; what is read about them is read with their consent.

    Personal: ``party_sealed``, ``party_name``, ``agent_sealed``, ``agent_name``, ``contact_sealed``.
    """

    public = models.UUIDField(unique=True)
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    party_kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in PartyKind])
    party_digest = models.CharField(max_length=32)
    party_sealed = models.TextField()
    party_name = models.CharField(max_length=200)
    #: who stands there for the party, and on what ground; empty where the party stands there
    agent_sealed = models.TextField(blank=True)
    agent_name = models.CharField(max_length=200, blank=True)
    agent_basis = models.CharField(max_length=100, blank=True)
    contact_sealed = models.TextField(blank=True)
    #: how the consent was given, and the text that was consented to
    consent = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Consent])
    consent_text = models.TextField()
    purpose = models.CharField(max_length=200)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-began_at"]
        constraints = [models.CheckConstraint(condition=~models.Q(consent_text=""), name="visit_keeps_the_consent")]
        indexes = [models.Index(fields=["account", "-began_at"], name="window_visit_of_account")]

    def __str__(self) -> str:
        return str(self.public)
