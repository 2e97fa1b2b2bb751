"""Keys of grants, and what was used by whom a day."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.flow.opendata.models.request import AccessGrant


class OpenKey(models.Model):
    """A key of a grant, of which only the digest is kept. ``hint`` are its first characters, by which its holder knows it."""

    grant = models.ForeignKey(AccessGrant, on_delete=models.PROTECT, related_name="keys")
    hint = models.CharField(max_length=10)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.hint}…"


class Usage(models.Model):
    """How often a caller (``key:<id>``, or ``from:<keyed hash of an address>``) did something on a day."""

    caller = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "kind", "day"], name="usage_of_a_day_once")]

    def __str__(self) -> str:
        return f"{self.caller} {self.kind} {self.day}"
