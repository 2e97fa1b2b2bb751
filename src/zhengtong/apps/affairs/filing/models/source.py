"""As which calling system filing asks sources, and how each source answered last."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.affairs.filing.rules.meanings import Meaning


class FilingSystem(models.Model):
    """The one setting: our calling system, and the purpose of its grants that filing states."""

    one = models.BooleanField(primary_key=True, default=True)
    system = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(one=True), name="filing_system_is_one")]

    def __str__(self) -> str:
        return self.system


class SourceHealth(models.Model):
    """How a resource answered last; written when that changes, and otherwise once a minute at most."""

    resource = models.CharField(max_length=80, primary_key=True)
    meaning = models.CharField(max_length=9, choices=[(one.value, one.value) for one in Meaning])
    code = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField(default=0)
    #: since when it is silent; None while it answers
    silent_since = models.DateTimeField(null=True)
    #: when the operator was last told that the gateway refuses us
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["resource"]

    def __str__(self) -> str:
        return self.resource
