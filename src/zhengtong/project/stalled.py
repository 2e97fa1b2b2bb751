"""
Jobs of workers that were killed.

A worker says every ten seconds that it lives. One that was silent for half a minute is taken for dead, and its jobs are offered to the
others. Should it live after all, a job runs twice: every task of ours goes on from where its work stands and lets one process at a time
do it, so that nothing is done twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

#: seconds without a sign of life after which a worker's jobs are taken up; it gives one every ten
SILENCE = 30
# one statement: of two workers that look at once the second finds a job taken, and whoever took it meanwhile lives
_TAKE_UP = """
    with stalled as (
        select job.id, job.task_name from procrastinate_jobs job
        left join procrastinate_workers worker on worker.id = job.worker_id
        where job.status = 'doing' and (worker.id is null or worker.last_heartbeat < now() - make_interval(secs => %s))
        for update of job skip locked
    )
    select id, task_name, procrastinate_retry_job_v2(id, now(), null, null, null) from stalled
"""


@dataclass(frozen=True)
class Taken:
    """A job that waits again."""

    number: int
    task: str


def take_up(*, silence: float = SILENCE) -> list[Taken]:
    """Offer the jobs of workers that were silent for so many seconds to the others; safe to repeat and to do in several workers."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_UP, [silence])
        return [Taken(number, task) for number, task, _void in cursor.fetchall()]
