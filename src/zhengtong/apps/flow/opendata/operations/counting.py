"""Counting: downloads of what is open to everybody, of which nobody is noted; and what a caller used of a day's quota."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import F

from zhengtong.apps.flow.opendata.models import Dataset, DownloadDay, VersionFile
from zhengtong.apps.flow.opendata.rules import quotas
from zhengtong.kernel.clock import local_date
from zhengtong.toolkit.keys import node_keys


@transaction.atomic
def count_download(file_id: int, *, today: date) -> None:
    """One more download of a file, of its dataset, and of the dataset on this day."""
    number = VersionFile.objects.values_list("version__dataset", flat=True).get(pk=file_id)
    VersionFile.objects.filter(pk=file_id).update(downloads=F("downloads") + 1)
    Dataset.objects.filter(pk=number).update(downloads=F("downloads") + 1)
    if not DownloadDay.objects.filter(dataset=number, day=today).update(downloads=F("downloads") + 1):
        DownloadDay.objects.bulk_create([DownloadDay(dataset_id=number, day=today)], ignore_conflicts=True)
        DownloadDay.objects.filter(dataset=number, day=today).update(downloads=F("downloads") + 1)


def caller_from(address: str) -> str:
    """How an address is counted: by a keyed hash, which tells nobody the address."""
    return "from:" + hmac.new(node_keys().subject, address.encode(), hashlib.sha256).hexdigest()[:32]


@transaction.atomic
def spend(caller: str, kind: str, *, now: datetime) -> int:
    """
    Use one of a caller's day; returns how many are left.

    One statement, which the interface of rows uses too, so that callers at the same time cannot exceed it together.

    :raises TooMany: if none was left.
    """
    most = quotas.limit(caller, kind)
    with connection.cursor() as cursor:
        cursor.execute("select opened.spend(%s, %s, %s, %s, %s, 1)", [caller, kind, local_date(now), most, now])
        row = cursor.fetchone()
    if row is None or row[0] is None:
        raise quotas.TooMany
    return most - int(row[0])
