"""Opening plans 开放计划 of offices by year, and why entries marked open are not."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.flow.opendata.rules.plans import PlanState


class OpeningPlan(models.Model):
    """What an office will open in a year."""

    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="opening_plans")
    year = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, default=PlanState.DRAFT, choices=[(one.value, one.value) for one in PlanState])
    #: why it was returned
    reason = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-year", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["office", "year"], name="opening_plan_of_a_year_once"),
            models.CheckConstraint(
                condition=~models.Q(state=PlanState.PUBLISHED) | models.Q(published_at__isnull=False), name="opening_plan_published_when"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.year}"


class PlanLine(models.Model):
    """A resource to be opened in a quarter."""

    plan = models.ForeignKey(OpeningPlan, on_delete=models.CASCADE, related_name="lines")
    resource = models.ForeignKey("catalog.Resource", on_delete=models.PROTECT, related_name="plan_lines")
    quarter = models.PositiveSmallIntegerField()
    conditional = models.BooleanField(default=False)
    #: when the office was told that it is overdue
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["quarter", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "resource"], name="plan_line_once"),
            models.CheckConstraint(condition=models.Q(quarter__gte=1, quarter__lte=4), name="plan_line_in_a_quarter"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.resource_id} Q{self.quarter}"


class PlanEvent(models.Model):
    """A line of a plan's timeline. Never changed."""

    plan = models.ForeignKey(OpeningPlan, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    actor_name = models.JSONField(default=str, blank=True)
    reason = models.JSONField(default=str, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.kind}"


class WhyClosed(models.Model):
    """Why an entry that the catalog marks open is neither open nor planned 依据条款; the last word of its office."""

    resource = models.OneToOneField("catalog.Resource", on_delete=models.CASCADE, related_name="why_closed")
    basis = models.TextField()
    actor_name = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(basis=""), name="why_closed_has_a_basis")]

    def __str__(self) -> str:
        return f"{self.resource_id}"
