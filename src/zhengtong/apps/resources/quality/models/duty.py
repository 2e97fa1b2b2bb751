"""Duties of offices 职责 and the entries that document them: what should be catalogued, against what is."""

from __future__ import annotations

from django.db import models


class Duty(models.Model):
    """A duty of an office by its list 职责清单; ``number`` is its place there."""

    office = models.ForeignKey("organisations.Office", to_field="code", on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=20)
    name = models.CharField(max_length=300)
    legal_basis = models.CharField(max_length=500)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "number"], name="duty_once"),
            models.CheckConstraint(condition=~models.Q(name="") & ~models.Q(number=""), name="duty_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.number}"


class DutyEntry(models.Model):
    """An entry whose data come from a duty."""

    duty = models.ForeignKey(Duty, on_delete=models.CASCADE, related_name="entries", db_index=False)
    resource = models.ForeignKey("catalog.Resource", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["duty", "resource"], name="duty_entry_once")]

    def __str__(self) -> str:
        return f"{self.duty_id} {self.resource_id}"


class DutyTally(models.Model):
    """How many duties an office has, and how many of them a published entry documents."""

    office = models.OneToOneField("organisations.Office", to_field="code", primary_key=True, on_delete=models.PROTECT, related_name="+")
    duties = models.PositiveIntegerField()
    documented = models.PositiveIntegerField()
    share = models.GeneratedField(
        expression=models.ExpressionWrapper(models.F("documented") * 100.0 / models.F("duties"), output_field=models.FloatField()),
        output_field=models.FloatField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(duties__gt=0, documented__lte=models.F("duties")), name="duty_tally_adds_up")
        ]
        indexes = [models.Index(fields=["share", "office"], name="duty_tally_share")]

    def __str__(self) -> str:
        return f"{self.office_id} {self.documented}/{self.duties}"
