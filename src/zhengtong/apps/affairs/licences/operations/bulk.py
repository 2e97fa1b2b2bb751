"""
Issue in bulk from a register: a table is taken in once, the worker issues it row by row, some hundred to a transaction.

Threat model. A worker is killed at any moment: rows, licences, the ledger's entry and the count of a batch commit together, so nothing
is issued twice or forgotten. A register holds thousands of persons: rows wait sealed and are wiped as they are issued; what was refused
names field, rule and remedy, never the value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import F

from zhengtong.apps.affairs.licences.models import Job, JobRow, Licence, TypeVersion
from zhengtong.apps.affairs.licences.operations import making
from zhengtong.apps.affairs.licences.operations.issuing import current_version
from zhengtong.apps.affairs.licences.operations.making import Wanted
from zhengtong.apps.affairs.licences.rules import access
from zhengtong.apps.affairs.licences.rules.vocabulary import JobState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.sealing import seal, unseal
from zhengtong.kernel import canonical
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.codes.faults import tidy
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.kernel.parties import party
from zhengtong.toolkit.keys import node_keys

BATCH, MOST_ROWS = 500, 1_000_000
#: columns of every register, beside the keys of the type's fields
HOLDER_NAME, HOLDER_CODE, BEGINS, ENDS = "持证主体", "持证主体代码", "有效期起", "有效期止"


@transaction.atomic
def start(
    *, actor: identity.Actor, type_code: str, office: str, name: str, header: Sequence[str], rows: Iterable[Sequence[str]], now: datetime
) -> int:
    """
    Take a register in; returns the job's number. Columns are :data:`HOLDER_NAME`, :data:`HOLDER_CODE`, the terms if they are told, and
    the fields of the type by name or key.

    :raises NotYours: unless the actor issues for the office. :raises TypeUnknown: if nothing is issued by the type.
    :raises Invalid: if a column is missing or unknown, or there is no row.
    """
    access.require_issuer(actor, office)
    version = current_version(type_code)
    places = _places(version, header)
    key, job = (
        node_keys().seal,
        Job.objects.create(
            type_version=version,
            office_id=organisations.office(office).id,
            account_id=actor.account_id,
            name=name[:200],
            total=0,
            asked_at=now,
        ),
    )

    def kept() -> Iterable[JobRow]:
        for line, row in enumerate(rows, start=1):
            if line > MOST_ROWS:
                raise Invalid("一次最多 1,000,000 行", field="file", remedy="分成几个文件")
            content = {name: row[at].strip() if at < len(row) else "" for name, at in places.items()}
            yield JobRow(job=job, line=line, sealed=seal(key, canonical.encode(content), f"licence-job:{job.pk}:{line}"))

    total = 0
    waiting: list[JobRow] = []
    for one in kept():
        waiting.append(one)
        if len(waiting) == BATCH:
            total += len(JobRow.objects.bulk_create(waiting))
            waiting = []
    total += len(JobRow.objects.bulk_create(waiting))
    if not total:
        raise Invalid("登记表没有数据行", field="file", remedy="第一行是列名,从第二行起每行一个持证主体")
    Job.objects.filter(pk=job.pk).update(total=total)
    security.record(
        "licences:job:started",
        at=now,
        actor=actor.label,
        office=office,
        provider=office,
        rows=total,
        detail={"job": job.pk, "type": type_code},
    )
    return job.pk


def work_off(*, now: datetime, most: int = 200) -> int:
    """Issue what waits, batch by batch, up to ``most`` batches; returns how many rows were seen to. Safe in several workers."""
    total = 0
    for _ in range(most):
        done = _batch(now)
        if not done:
            break
        total += done
    return total


_TAKEN = """
    update licences_jobrow r set licence_id = v.licence, sealed = ''
    from unnest(%s::bigint[], %s::bigint[]) v(id, licence) where r.id = v.id
"""


@transaction.atomic
def _batch(now: datetime) -> int:
    jobs = Job.objects.exclude(state=JobState.DONE).order_by("pk").select_for_update(skip_locked=True, of=("self",))
    job = jobs.select_related("type_version__type", "office", "account").first()
    if job is None:
        return 0
    rows = list(JobRow.objects.filter(job=job, licence=None, refusal__isnull=True).order_by("line")[:BATCH])
    wanted: list[tuple[JobRow, Wanted]] = []
    key = node_keys().seal
    for row in rows:
        content = json.loads(unseal(key, row.sealed, f"licence-job:{job.pk}:{row.line}"))
        try:
            wanted.append((row, making.check(job.type_version, _wanted(job, content, local_date(now)))))
        except ZhengtongError as error:
            row.refusal = error.as_kept()
    office = organisations.office(job.office.code)
    made = making.make(job.type_version, office, [one for _row, one in wanted], now=now)
    Licence.objects.bulk_create(made)
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, [[row.pk for row, _one in wanted], [one.pk for one in made]])
    JobRow.objects.bulk_update([row for row in rows if row.refusal is not None], ["refusal"])
    if made:
        security.record(
            "licences:licence:issued",
            at=now,
            actor=f"account:{job.account.username}",
            office=office.code,
            provider=office.code,
            subjects=tuple(one.holder for one in made),
            rows=len(made),
            detail={"job": job.pk, "first": made[0].identifier, "last": made[-1].identifier},
        )
    ended = len(rows) < BATCH
    Job.objects.filter(pk=job.pk).update(
        issued=F("issued") + len(made),
        refused=F("refused") + len(rows) - len(made),
        state=JobState.DONE if ended else JobState.RUNNING,
        ended_at=now if ended else None,
    )
    return len(rows) or 1


def _places(version: TypeVersion, header: Sequence[str]) -> dict[str, int]:
    known = {one["name"]: one["key"] for one in version.fields} | {one["key"]: one["key"] for one in version.fields}
    places = {}
    for at, column in enumerate(header):
        title = column.strip()
        if title not in known and title not in {HOLDER_NAME, HOLDER_CODE, BEGINS, ENDS}:
            raise Invalid("登记表里有不认识的列", field=title or str(at + 1), remedy="列名用证照类型的字段名称")
        places[known.get(title, title)] = at
    for needed in (HOLDER_NAME, HOLDER_CODE):
        if needed not in places:
            raise Invalid("登记表缺少一列", field=needed, remedy="补上“持证主体”和“持证主体代码”两列")
    return places


def _wanted(job: Job, content: Mapping[str, str], today: date) -> Wanted:
    values = {key: text for key, text in content.items() if key not in {HOLDER_NAME, HOLDER_CODE, BEGINS, ENDS}}
    holder = party(job.type_version.type.holder, tidy(content[HOLDER_CODE]), content[HOLDER_NAME], field=HOLDER_CODE)
    ends = content.get(ENDS, "")
    return Wanted(holder, values, _date(content.get(BEGINS, ""), BEGINS) or today, _date(ends, ENDS))


def _date(text: str, field: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise Invalid("不是日期", field=field, remedy="写成 2026-06-30 的样子") from exc
