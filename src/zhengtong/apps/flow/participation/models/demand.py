"""Demands 数据需求: what somebody needs, who has to answer, and what came of it."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.flow.participation.models.filed import Filed
from zhengtong.apps.flow.participation.rules.vocabulary import ANSWERED, Asker, DemandState, Lengthening, Way


class Demand(Filed):
    """What somebody needs."""

    state = models.CharField(max_length=10, default=DemandState.PENDING, choices=[(one.value, one.value) for one in DemandState])
    asker = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Asker])
    way = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Way])
    title = models.CharField(max_length=120)
    #: the title in pinyin, so that lists sort as people expect
    title_key = models.CharField(max_length=200, blank=True)
    purpose = models.TextField()
    items = models.TextField()
    #: update cycle as the catalog codes it; empty: any
    frequency = models.CharField(max_length=1, blank=True)
    #: what is searched: small letters, half width
    words = models.TextField()
    #: the office that asks, if one does
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, null=True, related_name="+")
    #: the office that has to provide
    provider = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, null=True, related_name="+")
    #: the bureau that looks after it
    bureau = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    #: which period runs, since when, and when it was answered
    clock = models.CharField(max_length=12)
    clock_began_at = models.DateTimeField()
    #: the one extension of the office's period: asked for so many working days with a reason, consented to then by somebody of the bureau
    lengthening = models.CharField(
        max_length=8, blank=True, default=Lengthening.NONE, choices=[(one.value, one.value) for one in Lengthening]
    )
    extension_days = models.PositiveSmallIntegerField(default=0)
    extension_reason = models.TextField(blank=True)
    extended_at = models.DateTimeField(null=True)
    extended_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)
    in_time = models.BooleanField(null=True)
    #: the office let its time pass
    missed = models.BooleanField(default=False)
    #: the answer
    resource = models.ForeignKey("catalog.Resource", on_delete=models.PROTECT, null=True, related_name="+")
    dataset = models.ForeignKey("opendata.Dataset", on_delete=models.PROTECT, null=True, related_name="+")
    promised_on = models.DateField(null=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="absorbed")
    #: why it was refused or rejected, as somebody wrote it
    reason = models.TextField(blank=True)
    supports = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=DemandState.SATISFIED) | models.Q(resource__isnull=False) | models.Q(dataset__isnull=False),
                name="demand_satisfied_by_something",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=DemandState.PROMISED) | models.Q(promised_on__isnull=False), name="demand_promised_for_a_day"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=DemandState.MERGED) | models.Q(merged_into__isnull=False), name="demand_merged_into_one"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[DemandState.REFUSED, DemandState.REJECTED]) | ~models.Q(reason=""),
                name="demand_refused_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=DemandState.PROVIDER) | models.Q(provider__isnull=False), name="demand_lies_with_somebody"
            ),
            models.CheckConstraint(
                condition=models.Q(lengthening=Lengthening.NONE)
                | (models.Q(extension_days__range=(1, 10)) & ~models.Q(extension_reason="")),
                name="demand_extension_of_days_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(lengthening=Lengthening.GRANTED) | (models.Q(extended_at__isnull=False) & ~models.Q(extended_by="")),
                name="demand_extended_by_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=sorted(ANSWERED)) | models.Q(answered_at__isnull=False), name="demand_answered_at_a_moment"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-filed_at", "-id"], name="demand_newest"),
            models.Index(fields=["-supports", "-id"], name="demand_supports"),
            models.Index(fields=["dataset", "state"], name="demand_dataset"),
        ]

    def __str__(self) -> str:
        return self.number


class Support(models.Model):
    """Somebody who needs the same; once for a visitor or an account."""

    demand = models.ForeignKey(Demand, on_delete=models.CASCADE, related_name="supporters")
    #: keyed digest of the visitor's cookie, or of the account
    visitor = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["demand", "visitor"], name="support_once")]

    def __str__(self) -> str:
        return f"{self.demand_id}"
