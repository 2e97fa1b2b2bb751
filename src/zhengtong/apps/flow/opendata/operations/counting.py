"""Counting downloads. Nothing is kept of who takes what is open to everybody."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from zhengtong.apps.flow.opendata.models import Dataset, VersionFile


@transaction.atomic
def count_download(file_id: int) -> None:
    """One more download of a file, and of its dataset."""
    VersionFile.objects.filter(pk=file_id).update(downloads=F("downloads") + 1)
    Dataset.objects.filter(versions__files=file_id).update(downloads=F("downloads") + 1)
