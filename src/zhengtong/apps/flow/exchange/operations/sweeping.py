"""What was handed in and never used leaves again."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction

from zhengtong.apps.flow.exchange.models import FileEdition
from zhengtong.apps.flow.exchange.operations.receiving import STORE
from zhengtong.apps.foundation.security import api as security


@transaction.atomic
def forget_uploads(*, before: datetime, now: datetime) -> int:
    """
    Remove files that were handed in before a moment and never bound, and bytes in the store that a kill left without a row.

    Returns how many. They hold personal data that nobody has a use for any more.
    """
    unbound = (
        FileEdition.objects.select_for_update(of=("self",)).select_related("resource__office").filter(bound_at=None, received_at__lt=before)
    )
    rows = list(unbound)
    for row in rows:
        row.delete()
        transaction.on_commit(partial(default_storage.delete, row.stored))
    for (office, resource), count in sorted(Counter((row.resource.office.code, row.resource.code or "") for row in rows).items()):
        security.record("exchange:upload:forgotten", at=now, actor="process:worker", office=office, resource=resource, rows=count)
    lost = [name for name in _stored() if default_storage.get_modified_time(name) < before]
    known = set(FileEdition.objects.filter(stored__in=lost).values_list("stored", flat=True)) | {row.stored for row in rows}
    for name in lost:
        if name not in known:
            default_storage.delete(name)
    return len(rows) + len(set(lost) - known)


def _stored() -> list[str]:
    if not default_storage.exists(STORE):
        return []
    folders, _files = default_storage.listdir(STORE)
    return [f"{STORE}/{folder}/{name}" for folder in folders for name in default_storage.listdir(f"{STORE}/{folder}")[1]]
