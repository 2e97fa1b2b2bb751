"""Administrative divisions 行政区划."""

from __future__ import annotations

from django.db import models


class Region(models.Model):
    """
    A division by its code: 2 (province), 4 (city), 6 (county, GB/T 2260) or 9 digits (town, GB/T 10114).

    A renamed or dissolved division keeps its row and gets an end date; the new one begins where it ends.
    """

    code = models.CharField(primary_key=True, max_length=12)
    name = models.CharField(max_length=100)
    level = models.PositiveSmallIntegerField()
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$"), name="region_code_is_digits"
            ),
            models.CheckConstraint(condition=models.Q(level__range=(1, 5)), name="region_level_one_to_five"),
        ]

    def __str__(self) -> str:
        return self.name


class RegionLoad(models.Model):
    """A file of divisions that was loaded: given = written + unchanged + refused."""

    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    given = models.PositiveIntegerField()
    written = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(given=models.F("written") + models.F("unchanged") + models.F("refused")), name="region_load_loses_no_row"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class RefusedRegion(models.Model):
    """A row in quarantine, with the rule that refused it."""

    load = models.ForeignKey(RegionLoad, on_delete=models.CASCADE, related_name="refusals")
    line = models.PositiveIntegerField()
    code = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    rule = models.CharField(max_length=20)

    class Meta:
        ordering = ["line"]

    def __str__(self) -> str:
        return f"{self.line} {self.rule}"
