"""Outlines of administrative divisions 行政区划边界: base data that an installation brings."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from zhengtong.apps.foundation.organisations.models.region import Region


class RegionOutline(models.Model):
    """Where a region lies, in degrees (CGCS2000 or WGS 84, which agree to centimetres). Another load replaces it."""

    region = models.OneToOneField(Region, primary_key=True, on_delete=models.CASCADE, related_name="outline")
    level = models.PositiveSmallIntegerField()
    #: a geometry of GeoJSON as it was given, and with fewer vertices for pages and files, thinned out together with its level
    shape = models.JSONField()
    drawn = models.JSONField()
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    #: a point inside
    x = models.FloatField()
    y = models.FloatField()

    class Meta:
        ordering = ["region"]
        constraints = [
            models.CheckConstraint(
                condition=Q(west__gte=73, south__gte=3, east__lte=136, north__lte=54, west__lt=F("east"), south__lt=F("north")),
                name="region_outline_in_china",
            ),
        ]
        indexes = [models.Index(fields=["level", "region"], name="region_outline_level")]

    def __str__(self) -> str:
        return self.region_id


class OutlineLoad(models.Model):
    """A file of outlines that was loaded: given = written + unchanged + refused."""

    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    given = models.PositiveIntegerField()
    written = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(given=F("written") + F("unchanged") + F("refused")), name="outline_load_loses_no_feature"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class RefusedOutline(models.Model):
    """A feature in quarantine: its place in the file, the rule that refused it, and where on it the fault is."""

    load = models.ForeignKey(OutlineLoad, on_delete=models.CASCADE, related_name="refusals")
    place = models.PositiveIntegerField()
    code = models.CharField(max_length=100)
    rule = models.CharField(max_length=20)
    where = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["place"]

    def __str__(self) -> str:
        return f"{self.place} {self.rule}"
