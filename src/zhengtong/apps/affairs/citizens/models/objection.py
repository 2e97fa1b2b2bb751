"""Objections of persons to entries of the ledger about them."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.affairs.citizens.rules.objections import Ground, Standing


class Objection(models.Model):
    """A person objects to one entry; the office that read answers, and once more the bureau if it is taken there."""

    person = models.ForeignKey("citizens.Person", on_delete=models.PROTECT, related_name="objections")
    #: the ledger's id of the entry, and what stood in it
    entry = models.CharField(max_length=80)
    entry_at = models.DateTimeField()
    event = models.CharField(max_length=80)
    #: credit code of the office that answers
    office = models.CharField(max_length=18)
    resource = models.CharField(max_length=80, blank=True)
    purpose = models.CharField(max_length=200, blank=True)
    case = models.CharField(max_length=80, blank=True)
    ground = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Ground])
    text = models.TextField()
    state = models.CharField(max_length=10, default=Standing.OPEN, choices=[(one.value, one.value) for one in Standing])
    made_at = models.DateTimeField()
    #: the running period: when it began, in working days, and whether the last one that ended was met
    clock_began_at = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    in_time = models.BooleanField(null=True)
    #: whether the office says that the person is right
    granted = models.BooleanField(null=True)
    #: why it was taken to the bureau, and what the bureau says
    appeal = models.TextField(blank=True)
    escalated_at = models.DateTimeField(null=True)
    ruling = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "entry"], name="objection_to_an_entry_once"),
            models.CheckConstraint(
                condition=~models.Q(state=Standing.ANSWERED)
                | (~models.Q(answer="") & models.Q(answered_at__isnull=False, granted__isnull=False, in_time__isnull=False)),
                name="objection_answered_with_words",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=Standing.SETTLED) | (~models.Q(ruling="") & models.Q(settled_at__isnull=False)),
                name="objection_settled_with_words",
            ),
            models.CheckConstraint(
                condition=models.Q(escalated_at__isnull=True) | ~models.Q(appeal=""), name="objection_escalated_for_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="objection_of_person"),
            models.Index(fields=["office", "state", "id"], name="objection_of_office"),
            models.Index(fields=["id"], condition=models.Q(state=Standing.ESCALATED), name="objection_escalated"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
