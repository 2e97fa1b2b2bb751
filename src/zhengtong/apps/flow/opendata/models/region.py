"""In which regions the rows of open datasets lie: derived, made anew with every version and when outlines change."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.flow.opendata.models.dataset import Dataset


class DatasetRegion(models.Model):
    """How many rows of a dataset that is open to all lie in a region that has an outline."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="regions")
    region = models.ForeignKey("organisations.Region", on_delete=models.CASCADE, related_name="+")
    level = models.PositiveSmallIntegerField()
    rows = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "region"], name="dataset_region_once"),
            models.CheckConstraint(condition=models.Q(rows__gt=0), name="dataset_region_has_rows"),
        ]
        indexes = [models.Index(fields=["level", "region"], name="dataset_region_level")]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.region_id}"
