"""What holds for everything that comes in from outside: how much, in which words, with which receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation.models import Attempt
from zhengtong.apps.flow.participation.models.filed import Filed
from zhengtong.apps.flow.participation.queries.keys import secret_of
from zhengtong.apps.flow.participation.rules import receipts
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.kernel.sentences import say

#: how much one source (an account, or an address) may hand in within an hour
MOST_AN_HOUR = {"demand": 10, "correction": 20, "comment": 20, "reuse": 10, "rating": 60, "support": 60}
_KEPT = timedelta(days=1)


class TooMany(ZhengtongError):
    """同一来源一小时内提交得太多。"""

    code = "too-many-filed"
    status = 429


@dataclass(frozen=True)
class Receipt:
    """What the filer takes along: the number, and the secret of the private link."""

    number: str
    secret: str


def admit(kind: str, source: str, *, now: datetime) -> None:
    """
    Count an attempt of a source; counted before anything is written, and kept when the write is refused.

    :raises TooMany: above :data:`MOST_AN_HOUR`.
    """
    if _counted(kind, source, now) > MOST_AN_HOUR[kind]:
        raise TooMany(
            say("同一来源一小时内最多提交 {count} 次", count=MOST_AN_HOUR[kind]), remedy="请过一小时再来;写好的内容可以先保存在别处"
        )


@transaction.atomic
def _counted(kind: str, source: str, now: datetime) -> int:
    hour = now.replace(minute=0, second=0, microsecond=0)
    key = salted_hmac("participation.source", source).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into participation_attempt as row (source, kind, hour, count) values (%s, %s, %s, 1) "
            "on conflict (source, kind, hour) do update set count = row.count + 1 returning count",
            [key, kind, hour],
        )
        row = cursor.fetchone()
    count = int(row[0]) if row else 0
    if count == 1:
        Attempt.objects.filter(hour__lt=now - _KEPT).delete()
    return count


def screen(**texts: str) -> None:
    """
    See that texts for the public hold no personal data.

    :raises Invalid: naming the field and what was found, so that its writer can take it out.
    """
    for field, text in texts.items():
        found = opendata.kinds_in(text)
        if found:
            raise Invalid(
                say("这里会公开,但写有{what}", what=say(opendata.GATE_LABELS[found[0]])),
                field=field,
                remedy="请删去;联系方式只填在“联系方式”一栏",
            )


def receipt_of(row: Filed) -> Receipt:
    """The receipt of something that was handed in."""
    return Receipt(row.number, secret_of(row.once))


def secret_digest(once: str) -> str:
    """What the table keeps of the secret that will be derived of ``once``."""
    return receipts.digest(secret_of(once))
