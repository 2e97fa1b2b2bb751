"""The warnings already given."""

from __future__ import annotations

from django.db import models


class FiredRung(models.Model):
    """A step of escalation that was taken; each is taken once."""

    application = models.ForeignKey("sharing.Application", on_delete=models.CASCADE, related_name="fired_rungs")
    clock = models.CharField(max_length=12)
    rung = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "clock", "rung"], name="rung_fires_once")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.clock} {self.rung}"
