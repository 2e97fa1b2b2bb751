"""Requests for rows of conditional datasets, by companies and people without an account."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from zhengtong.apps.flow.opendata.models.dataset import Dataset
from zhengtong.apps.flow.opendata.rules.requests import RequestState


class AccessRequest(models.Model):
    """
    One request.

    ``name`` of a person, ``contact_name`` and ``contact`` are personal: masked in lists and exports, never in the ledger.
    """

    number = models.CharField(max_length=20, unique=True)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="requests")
    state = models.CharField(max_length=12, default=RequestState.RECEIVED, choices=[(one.value, one.value) for one in RequestState])
    kind = models.CharField(max_length=8, choices=[("company", "company"), ("person", "person")])
    name = models.CharField(max_length=200)
    credit_code = models.CharField(max_length=18, blank=True)
    contact_name = models.CharField(max_length=80)
    contact = models.CharField(max_length=120)
    purpose = models.TextField()
    scenario = models.TextField()
    safety = models.TextField()
    items = ArrayField(models.CharField(max_length=60))
    days = models.PositiveIntegerField()
    #: SHA-256 of the private link's secret
    secret = models.CharField(max_length=64)
    #: what the steward proposes: ``agree``, ``items``, ``days``; empty before
    answer = models.JSONField(default=dict, blank=True)
    #: why it was refused, or what is missing
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(kind="company") & ~models.Q(credit_code="")) | models.Q(kind="person", credit_code=""),
                name="access_request_company_has_a_code",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[RequestState.REFUSED, RequestState.SUPPLEMENT]) | ~models.Q(reason=""),
                name="access_request_refusal_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class RequestEvent(models.Model):
    """A line of the timeline. Never changed."""

    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    actor_name = models.JSONField(default=str, blank=True)
    reason = models.JSONField(default=str, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind}"


class RequestRung(models.Model):
    """A warning that was given; each is given once."""

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="fired_rungs")
    rung = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "rung"], name="request_rung_fires_once")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.rung}"


class AccessGrant(models.Model):
    """What was agreed: items, term and the accepted text never change; state says whether it holds."""

    number = models.CharField(max_length=20, unique=True)
    request = models.OneToOneField(AccessRequest, on_delete=models.PROTECT, related_name="grant")
    items = ArrayField(models.CharField(max_length=60))
    since = models.DateField()
    until = models.DateField()
    report_every = models.PositiveIntegerField()
    #: the agreement in full, its SHA-256, and who accepted it when
    agreement = models.TextField()
    agreement_hash = models.CharField(max_length=64)
    accepted_by = models.CharField(max_length=80)
    accepted_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="active", choices=[(one, one) for one in ("active", "suspended", "ended")])
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(until__gt=models.F("since")), name="access_grant_ends_after_it_begins"),
            models.CheckConstraint(condition=models.Q(state="active") | ~models.Q(reason=""), name="access_grant_stop_has_a_reason"),
            models.CheckConstraint(condition=~models.Q(accepted_by=""), name="access_grant_was_accepted"),
        ]

    def __str__(self) -> str:
        return self.number


class UseReport(models.Model):
    """A report of use 使用情况报告, for one due day of a grant. Never changed."""

    grant = models.ForeignKey(AccessGrant, on_delete=models.PROTECT, related_name="reports")
    due = models.DateField()
    filed_at = models.DateTimeField()
    use = models.TextField()
    results = models.TextField()

    class Meta:
        ordering = ["due"]
        constraints = [models.UniqueConstraint(fields=["grant", "due"], name="use_report_once")]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.due}"
