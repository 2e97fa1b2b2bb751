"""What was measured, of a dataset and of the whole portal."""

from __future__ import annotations

from django.db import models


class DatasetScore(models.Model):
    """An open dataset as it was measured last; datasets that are not open any more keep theirs, and nobody counts it."""

    dataset = models.OneToOneField("opendata.Dataset", on_delete=models.CASCADE, related_name="score")
    office = models.CharField(max_length=18)
    #: when the dataset had last changed as it was measured
    changed_at = models.DateTimeField()
    measured_at = models.DateTimeField()
    #: of MQA's 405
    points = models.FloatField()
    #: metric of ``rules.mqa`` → points that are missing
    lost = models.JSONField(default=dict)
    theme = models.CharField(max_length=20)
    rows = models.BigIntegerField()
    #: mean share of filled cells, 0 to 1
    filled = models.FloatField()
    #: its summary says more than its title, and every column has a meaning of its own
    described = models.BooleanField()
    has_rows = models.BooleanField()
    all_forms = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["office", "points"], name="dataset_score_office")]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.points}"


class PortalScore(models.Model):
    """The portal on a day, so that one sees where it goes."""

    day = models.DateField(unique=True)
    #: mean points of MQA's 405, and the mean of the index's layers of 100; null where there was nothing to measure
    mqa = models.FloatField(null=True)
    index = models.FloatField(null=True)
    datasets = models.PositiveIntegerField()

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return self.day.isoformat()
