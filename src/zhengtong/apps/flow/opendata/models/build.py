"""Builds: one reading of the rows by the worker, for the gates alone or for a version too."""

from __future__ import annotations

import uuid

from django.db import models

from zhengtong.apps.flow.opendata.models.dataset import Dataset
from zhengtong.apps.flow.opendata.rules.vocabulary import OPEN_BUILDS, BuildKind, BuildState


class Build(models.Model):
    """Its progress while it runs, and how it ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="builds")
    #: the proposal it was asked for; what was proposed anew meanwhile throws it away
    revision = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=[(one.value, one.value) for one in BuildKind])
    state = models.CharField(max_length=10, default=BuildState.QUEUED, choices=[(one.value, one.value) for one in BuildState])
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    #: the last sign of life; a build that gives none is taken up by somebody else unless its process still holds the lock
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: steps of equal weight (reading, gates, each form), of which so many thousandths are done
    progress = models.PositiveSmallIntegerField(default=0)
    failure = models.JSONField(default=dict)

    class Meta:
        ordering = ["-asked_at", "-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["dataset"], condition=models.Q(state__in=OPEN_BUILDS), name="one_open_build_of_a_dataset"),
            models.CheckConstraint(condition=models.Q(progress__lte=1000), name="build_progress_in_thousandths"),
        ]
        indexes = [models.Index(fields=["state", "beat_at"], name="build_open")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
