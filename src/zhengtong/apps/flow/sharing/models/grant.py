"""Grants 授权: the signed document, and beside it how it stands."""

from __future__ import annotations

from django.db import models

from zhengtong.contracts.grants import GrantState


class Grant(models.Model):
    """
    What one consumer may do with one resource, word for word as it was signed.

    A trigger refuses every change; a change of what is allowed is a new grant.
    """

    number = models.CharField(max_length=24, unique=True)
    application = models.OneToOneField("sharing.Application", on_delete=models.PROTECT, related_name="grant")
    payload = models.TextField()
    scheme = models.CharField(max_length=16)
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField()
    issued_at = models.DateTimeField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.number


class GrantStanding(models.Model):
    """Whether a grant is in force: active, suspended, or ended for good."""

    grant = models.OneToOneField(Grant, primary_key=True, on_delete=models.PROTECT, related_name="standing")
    resource = models.ForeignKey("catalog.Resource", on_delete=models.PROTECT, related_name="grants")
    consumer = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="grants_held")
    provider = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="grants_given")
    #: calling system, or empty for pushes and downloads
    caller = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=12, default=GrantState.ACTIVE, choices=[(one.value, one.value) for one in GrantState])
    reason = models.TextField(blank=True)
    delivered_at = models.DateTimeField(null=True)
    destruction_confirmed_at = models.DateTimeField(null=True)
    destruction_accepted_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "consumer", "caller"],
                condition=models.Q(state__in=[GrantState.ACTIVE, GrantState.SUSPENDED]),
                name="sharing_one_grant_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(destruction_confirmed_at__isnull=True) | models.Q(state=GrantState.TERMINATED),
                name="destruction_only_after_the_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.state}"
