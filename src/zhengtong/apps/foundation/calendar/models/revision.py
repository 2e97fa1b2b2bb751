"""A revision of the administered table."""

from __future__ import annotations

import uuid

from django.db import models

from zhengtong.engines.deadlines.calendar import FIRST_YEAR, LAST_YEAR


class Revision(models.Model):
    """
    One change of the working-day calendar; never changed itself, a trigger refuses it.

    Numbers follow each other without a gap: a revision is made from the one before it, and of two made from the same one the key refuses
    the later.
    """

    number = models.PositiveIntegerField(primary_key=True)
    #: names this state of the table in the caches of processes; a number would come again after a restored backup
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    year = models.PositiveSmallIntegerField()
    #: number or title of the State Council's notice or of the local order
    notice = models.CharField(max_length=200)
    #: whether the notice arranges the whole year
    settles = models.BooleanField(default=False)
    #: [date, mark, occasion] each
    days = models.JSONField(default=list)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    reason = models.CharField(max_length=400)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=120)
    made_by_name = models.CharField(max_length=120)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="revision_numbers_begin_at_one"),
            models.CheckConstraint(condition=models.Q(year__gte=FIRST_YEAR, year__lte=LAST_YEAR), name="revision_within_the_calendar"),
            models.CheckConstraint(condition=~models.Q(notice="") & ~models.Q(reason=""), name="revision_says_why"),
            models.CheckConstraint(
                condition=models.Q(undoes__isnull=True) ^ models.Q(days=[]),
                name="revision_rules_or_undoes",
            ),
            models.CheckConstraint(
                condition=models.Q(undoes__isnull=True) | models.Q(undoes__lt=models.F("number"), settles=False),
                name="revision_undoes_an_earlier_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.notice}"
