"""Trails of what was handed in, the warnings given about it, and how often an address tried."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """A line of the trail of whatever bears the number. Never changed."""

    number = models.CharField(max_length=24, db_index=True)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    actor_name = models.JSONField(default=str, blank=True)
    #: what somebody wrote, or what the platform says, as ``kernel.sentences.kept``
    reason = models.JSONField(default=str, blank=True)

    class Meta:
        db_table = "participation_event"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class FiredRung(models.Model):
    """A step of escalation that was taken; each is taken once for a period."""

    number = models.CharField(max_length=24)
    began_at = models.DateTimeField()
    rung = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number", "began_at", "rung"], name="participation_rung_fires_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.rung}"


class Attempt(models.Model):
    """How often one source handed something in within an hour. The source is a keyed digest; rows of earlier days are removed."""

    source = models.CharField(max_length=64)
    kind = models.CharField(max_length=12)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "kind", "hour"], name="attempt_once_an_hour")]
        indexes = [models.Index(fields=["hour"], name="attempt_hour")]

    def __str__(self) -> str:
        return f"{self.kind} {self.hour}"
