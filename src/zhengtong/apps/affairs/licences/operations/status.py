"""
Signed status lists, made anew when a licence of theirs changed or the list is about to end.

Threat model. Somebody between this node and a verifier hides a revocation by serving an old list, or changes bits. A list is signed and
says until when it counts (a day); a verifier refuses one that is over. Not defended: within that day a stale list shows the state
before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from zhengtong.apps.affairs.licences.models import Licence, StatusList
from zhengtong.apps.affairs.licences.rules import documents, statuslist
from zhengtong.apps.affairs.licences.rules.vocabulary import State
from zhengtong.kernel import canonical
from zhengtong.kernel.errors import NotFound
from zhengtong.toolkit.certificates import signer
from zhengtong.toolkit.keys import node_keys

#: how long a list counts, and how old it may be when it is handed out
LASTS, FRESH = timedelta(days=1), timedelta(hours=1)


class ListUnknown(NotFound):
    """没有这个状态列表。"""

    code = "status-list-unknown"


def touch(licence_ids: Iterable[int], *, now: datetime) -> None:
    """The lists of these licences are out of date, in the caller's transaction."""
    for number in sorted({statuslist.place(one)[0] for one in licence_ids}):
        StatusList.objects.update_or_create(number=number, defaults={"changed_at": now, "made_at": None})


@transaction.atomic
def status_list(number: int, *, now: datetime) -> str:
    """
    A signed list as JSON text: ``payload`` (itself JSON text, which is what is signed), key and signatures.

    :raises ListUnknown: if no licence so far has its place there.
    """
    first = number * statuslist.SIZE
    row = StatusList.objects.filter(number=number).first()
    if row is not None and row.made_at is not None and now - row.made_at < FRESH:
        return row.document
    if not Licence.objects.filter(pk__gte=first, pk__lt=first + statuslist.SIZE).exists():
        raise ListUnknown
    StatusList.objects.get_or_create(number=number, defaults={"changed_at": now})
    row = StatusList.objects.select_for_update().get(number=number)
    entries = Licence.objects.filter(pk__gte=first, pk__lt=first + statuslist.SIZE).exclude(state=State.VALID)
    payload: dict[str, Any] = {
        "list": number,
        "size": statuslist.SIZE,
        "bits": 2,
        "encodedList": statuslist.encode((pk - first, State(state)) for pk, state in entries.values_list("pk", "state")),
        "validFrom": int(now.timestamp()),
        "validUntil": int((now + LASTS).timestamp()),
    }
    row.document, row.made_at = sealed_document(payload, now=now), now
    row.save()
    return row.document


def sealed_document(payload: dict[str, Any], *, now: datetime) -> str:
    """A document with both signatures of the installation."""
    text = canonical.encode(payload)
    keys, stamp = node_keys(), signer(now=now)
    return json.dumps(
        {
            "payload": text.decode(),
            "key_id": keys.signing.key_id,
            "scheme": keys.signing.scheme.value,
            "signature": documents.b64(keys.signing.sign(statuslist.PREFIX + text)),
            "certificate_id": stamp.key_id,
            "certified": documents.b64(stamp.sign(statuslist.PREFIX + text)),
        }
    )


def lists() -> list[int]:
    """The numbers of all lists that have a licence."""
    newest = Licence.objects.order_by("-pk").values_list("pk", flat=True).first()
    return list(range(statuslist.place(newest)[0] + 1)) if newest else []
