"""Papers that tell of what the platform's records do not: laws, standards, contests."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.oversight.indicators.rules.index import BY_EVIDENCE


class Evidence(models.Model):
    """A document on record for an indicator. Taken back, it counts no longer and stays."""

    indicator = models.CharField(max_length=20, choices=[(one, one) for one in BY_EVIDENCE])
    title = models.CharField(max_length=200)
    link = models.URLField(max_length=500, blank=True)
    issued_on = models.DateField()
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=80)
    added_name = models.CharField(max_length=80)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "title"], condition=models.Q(removed_at__isnull=True), name="evidence_once_an_indicator"
            )
        ]

    def __str__(self) -> str:
        return self.title
