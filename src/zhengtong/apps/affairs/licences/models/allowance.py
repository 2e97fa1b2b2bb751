"""What a system of another office may ask the sharing interface for: types, fields, networks, so many a day."""

from __future__ import annotations

from django.db import models


class Allowance(models.Model):
    """A licence type that a system may read. ``digest`` is that of its key, which was shown once."""

    type = models.ForeignKey("LicenceType", on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey("organisations.Office", on_delete=models.PROTECT, related_name="+")
    system = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    #: keys of the fields that it gets; ``personal``: unmasked
    fields = models.JSONField()
    personal = models.BooleanField(default=False)
    networks = models.JSONField()
    per_day = models.PositiveIntegerField()
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(per_day__gte=1), name="licence_allowance_of_some")]

    def __str__(self) -> str:
        return self.system


class AllowanceUse(models.Model):
    """How many times an allowance was used on a day."""

    allowance = models.ForeignKey(Allowance, on_delete=models.CASCADE, related_name="uses")
    day = models.DateField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["allowance", "day"], name="licence_allowance_day_once")]

    def __str__(self) -> str:
        return f"{self.allowance_id} {self.day} {self.count}"
