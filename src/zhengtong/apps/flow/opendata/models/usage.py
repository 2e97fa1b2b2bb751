"""Use of open data, counted by the day. Nothing is kept of who takes what is open to everybody."""

from __future__ import annotations

from django.db import models

from zhengtong.apps.flow.opendata.models.dataset import Dataset


class DownloadDay(models.Model):
    """How often files of a dataset were taken on one day."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="download_days")
    #: a day of Beijing time
    day = models.DateField()
    downloads = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "dataset"], name="download_day_once")]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.day}"
