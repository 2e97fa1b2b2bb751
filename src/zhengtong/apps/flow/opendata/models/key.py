"""Keys of grants and of developers, and what was used by whom a day."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.flow.opendata.models.request import AccessGrant
from zhengtong.contracts import open_keys


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


class Developer(models.Model):
    """
    Somebody who writes programs over open data, and asks more than an address may. Known by a number and a private link, as applicants are.

    ``name`` and ``contact`` are personal: masked in lists, never in the ledger.
    """

    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    contact = models.CharField(max_length=120)
    purpose = models.TextField()
    #: SHA-256 of the private link's secret
    secret = models.CharField(max_length=64)
    #: questions a second and a day of all keys together
    per_second = models.PositiveIntegerField(default=open_keys.DEVELOPER_A_SECOND)
    per_day = models.PositiveIntegerField(default=open_keys.DEVELOPER_A_DAY)
    #: why the bureau gave another quota; empty where it did not
    quota_reason = models.TextField(blank=True)
    #: why no key of theirs works; empty while they do
    blocked = models.TextField(blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(per_second__gt=0, per_day__gt=0), name="developer_quota_positive"),
            models.CheckConstraint(condition=~models.Q(name=""), name="developer_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.number


class DeveloperKey(models.Model):
    """A key of a developer, of which only the digest is kept."""

    developer = models.ForeignKey(Developer, on_delete=models.PROTECT, related_name="keys")
    #: for which program it is, in its holder's words
    name = models.CharField(max_length=60)
    hint = models.CharField(max_length=10)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    #: why the bureau blocked it; empty while it works
    blocked = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="developer_key_has_a_name")]

    def __str__(self) -> str:
        return f"{self.hint}…"


class Usage(models.Model):
    """How often a caller (``key:<id>``, ``developer:<id>``, or ``from:<keyed hash of an address>``) did something on a day."""

    caller = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "kind", "day"], name="usage_of_a_day_once")]

    def __str__(self) -> str:
        return f"{self.caller} {self.kind} {self.day}"
