"""Calling systems 调用系统 and their keys."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class CallingSystem(models.Model):
    """A system of an office that calls the gateway. ``rid`` is its requester id under the national convention."""

    id = models.SlugField(primary_key=True, max_length=40)
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="calling_systems")
    name = models.CharField(max_length=120)
    rid = models.CharField(max_length=64, unique=True)
    networks = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=models.Q(id__regex=r"^[a-z][a-z0-9_-]{2,30}$"), name="calling_system_id_form")]

    def __str__(self) -> str:
        return self.name


class CallingSystemKey(models.Model):
    """
    A key of a calling system.

    A secret is shown once and kept sealed; of a key pair only the public half is kept. While a key is rotated two are in force.
    """

    key_id = models.CharField(primary_key=True, max_length=40)
    system = models.ForeignKey(CallingSystem, on_delete=models.CASCADE, related_name="keys")
    algorithm = models.CharField(
        max_length=16, choices=[("hmac-sha256", "HMAC-SHA256"), ("hmac-sm3", "HMAC-SM3"), ("ed25519", "Ed25519"), ("sm2-sm3", "SM2")]
    )
    material = models.TextField()
    created_at = models.DateTimeField()
    not_after = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.key_id
