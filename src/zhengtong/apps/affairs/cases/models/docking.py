"""Docking 对接: a department's own system that works on the department's steps."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.affairs.cases.rules.docking import DeliveryState, Lacking


class Docking(models.Model):
    """Steps of an office are handled in a calling system of it, reached at an address. One of an office at a time."""

    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey("identity.CallingSystem", on_delete=models.PROTECT, related_name="+")
    #: handed over to ``address/visits``; asked at the same place what is open
    address = models.URLField(max_length=300)
    #: what of the application the system may fetch, of ``rules.docking.FIELD_LABELS``
    fields = models.JSONField(default=list)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    #: when both sides' lists were last compared, and why they could not be
    compared_at = models.DateTimeField(null=True)
    problem = models.JSONField(default=str, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["office"], condition=models.Q(ended_at__isnull=True), name="docking_one_of_an_office")
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.system_id}"


class Delivery(models.Model):
    """A visit is to be handed over to a system; written by the statement that opens the visit."""

    docking = models.ForeignKey(Docking, on_delete=models.CASCADE, related_name="deliveries")
    visit = models.ForeignKey("cases.Visit", on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=8, choices=[(one.value, one.value) for one in DeliveryState], default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    problem = models.JSONField(default=str, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["docking", "visit"], name="delivery_once")]
        indexes = [models.Index(fields=["next_at"], name="delivery_due", condition=models.Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.docking_id} {self.visit_id}"


class Difference(models.Model):
    """Both sides say otherwise about a visit; written by the daily comparison, settled when they agree again."""

    docking = models.ForeignKey(Docking, on_delete=models.CASCADE, related_name="differences")
    #: as the other side names it; it may name what we do not have
    visit = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Lacking])
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["docking", "visit", "kind"], condition=models.Q(settled_at__isnull=True), name="difference_found_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.docking_id} {self.visit}"


class UsedNonce(models.Model):
    """A signed request that was taken: the same signature is refused a second time."""

    key_id = models.CharField(max_length=64)
    nonce = models.CharField(max_length=128)
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["key_id", "nonce"], name="case_nonce_used_once")]

    def __str__(self) -> str:
        return self.nonce
