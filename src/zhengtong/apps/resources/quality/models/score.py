"""
How good entries are, measured; and sums over them, kept with every measurement so that no page counts entries.

Offices are named by their credit code, which is what every page knows them by.
"""

from __future__ import annotations

from django.db import models


class EntryScore(models.Model):
    """A published entry as last measured; an entry that is not published has none."""

    resource = models.OneToOneField("catalog.Resource", primary_key=True, on_delete=models.CASCADE, related_name="quality")
    office = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="+", db_index=False)
    #: as it was published; the entry's own row may hold the name of a draft
    name = models.CharField(max_length=300)
    score = models.PositiveSmallIntegerField()
    bound = models.BooleanField()
    late = models.BooleanField()
    due_on = models.DateField(null=True)
    #: the day on which the measurement changes by the passing of time alone
    recheck_on = models.DateField(null=True)
    measured_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(score__range=(0, 100)), name="entry_score_0_to_100")]
        indexes = [
            models.Index(fields=["office", "score", "resource"], name="score_of_office"),
            models.Index(fields=["recheck_on"], condition=models.Q(recheck_on__isnull=False), name="score_recheck"),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.score}"


class EntryFault(models.Model):
    """A rule that an entry breaks, with the points it costs."""

    resource = models.ForeignKey("catalog.Resource", on_delete=models.CASCADE, related_name="+", db_index=False)
    office = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="+", db_index=False)
    rule = models.CharField(max_length=40)
    points = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resource", "rule"], name="fault_once")]
        indexes = [models.Index(fields=["office", "rule", "resource"], name="fault_of_office")]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.rule}"


class OfficeTally(models.Model):
    """Sums over an office's entries. ``points`` is the sum of their scores, ``average`` is points by entries."""

    office = models.OneToOneField("organisations.Office", to_field="code", primary_key=True, on_delete=models.PROTECT, related_name="+")
    entries = models.PositiveIntegerField(default=0)
    points = models.PositiveBigIntegerField(default=0)
    bound = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0)
    average = models.GeneratedField(
        expression=models.Case(
            models.When(entries=0, then=models.Value(0.0)),
            default=models.ExpressionWrapper(models.F("points") * 1.0 / models.F("entries"), output_field=models.FloatField()),
            output_field=models.FloatField(),
        ),
        output_field=models.FloatField(),
        db_persist=True,
    )

    class Meta:
        indexes = [models.Index(fields=["average", "office"], name="tally_average")]

    def __str__(self) -> str:
        return f"{self.office_id} {self.entries}"


class RuleTally(models.Model):
    """How many of an office's entries break a rule, and how many points that costs together."""

    office = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="+", db_index=False)
    rule = models.CharField(max_length=40)
    entries = models.PositiveIntegerField(default=0)
    points = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "rule"], name="rule_tally_once")]

    def __str__(self) -> str:
        return f"{self.office_id} {self.rule}"


class MonthTally(models.Model):
    """Where an office stood at the end of a month; the running month is written over."""

    office = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="+", db_index=False)
    #: its first day
    month = models.DateField()
    entries = models.PositiveIntegerField()
    points = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "month"], name="month_tally_once")]

    def __str__(self) -> str:
        return f"{self.office_id} {self.month}"
