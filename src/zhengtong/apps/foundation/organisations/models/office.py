"""Offices 单位 in a tree, with their history."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.foundation.organisations.models.region import Region


class Level(models.IntegerChoices):
    """The level an office works at (GB/T 39046-2020 A.2)."""

    NATION = 1, "国家级"
    PROVINCE = 2, "省级"
    CITY = 3, "市级"
    COUNTY = 4, "县级"
    TOWN = 5, "镇(乡、街道)级"
    VILLAGE = 6, "村(社区)级"


class Office(models.Model):
    """
    A government body, a public institution or a receiver outside government, by its unified social credit code.

    An office that is merged away keeps its row, ends, and points at its ``successor``; what it did stays its own.
    """

    code = models.CharField(max_length=18, unique=True)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=60, blank=True)
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="offices")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    #: the data bureau 主管部门 of its region, which reviews, consents and decides disputes
    is_bureau = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors")

    class Meta:
        ordering = ["region__code", "code"]
        constraints = [
            models.CheckConstraint(condition=models.Q(code__regex=r"^[0-9A-HJ-NPQRTUWXY]{18}$"), name="office_code_is_a_credit_code"),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=models.F("valid_from")),
                name="office_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(successor__isnull=True) | models.Q(valid_until__isnull=False), name="office_successor_needs_an_end"
            ),
            models.UniqueConstraint(
                fields=["region"], condition=models.Q(is_bureau=True, valid_until__isnull=True), name="office_one_bureau_in_a_region"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OfficeName(models.Model):
    """A name that an office bore, so that search finds it and old documents stay right."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_until = models.DateField()

    class Meta:
        ordering = ["valid_from"]

    def __str__(self) -> str:
        return self.name
