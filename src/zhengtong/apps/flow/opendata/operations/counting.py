"""Counting downloads. Nothing is kept of who takes what is open to everybody."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import F

from zhengtong.apps.flow.opendata.models import Dataset, DownloadDay, VersionFile


@transaction.atomic
def count_download(file_id: int, *, today: date) -> None:
    """One more download of a file, of its dataset, and of the dataset on this day."""
    number = VersionFile.objects.values_list("version__dataset", flat=True).get(pk=file_id)
    VersionFile.objects.filter(pk=file_id).update(downloads=F("downloads") + 1)
    Dataset.objects.filter(pk=number).update(downloads=F("downloads") + 1)
    if not DownloadDay.objects.filter(dataset=number, day=today).update(downloads=F("downloads") + 1):
        DownloadDay.objects.bulk_create([DownloadDay(dataset_id=number, day=today)], ignore_conflicts=True)
        DownloadDay.objects.filter(dataset=number, day=today).update(downloads=F("downloads") + 1)
