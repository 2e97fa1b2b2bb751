"""Ask for a run, carry it out, stop it. A run may be killed at any instant; asking again goes on where it stood."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from zhengtong.apps.flow.exchange.models import Binding, Push, Run, RunKind, RunState
from zhengtong.apps.flow.exchange.models.run import OPEN_STATES
from zhengtong.apps.flow.exchange.operations import jobs
from zhengtong.apps.flow.exchange.rules import access
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.quality import api as quality
from zhengtong.engines.dataflow.errors import TransientFailure
from zhengtong.engines.dataflow.pipeline import Outcome, Report, run_job
from zhengtong.engines.dataflow.reconcile import Receipt
from zhengtong.kernel import canonical, clock
from zhengtong.kernel.errors import Conflict, NotFound, Unavailable, ZhengtongError
from zhengtong.toolkit.keys import node_keys
from zhengtong.toolkit.outbox import api as outbox

#: a run that failed this often for passing reasons is given up until somebody asks again
MOST_ATTEMPTS = 8


class RunOpen(Conflict):
    """已有一次运行没有结束,请等待或先停止它。"""

    code = "run-open"


class RunBroken(Unavailable):
    """平台出错,运行没有完成;已记录,可重新运行。"""

    code = "run-broken"


class RunUnknown(NotFound):
    """没有这次运行,或您无权查看。"""

    code = "run-unknown"


def request_collect(*, by: identity.Actor | str, resource_id: int, now: datetime) -> uuid.UUID:
    """
    Ask for the rows of a bound resource to be collected into the hub.

    :raises RunOpen: if a run is open.
    """
    binding = Binding.objects.select_related("resource__office").filter(resource_id=resource_id, is_active=True).first()
    if binding is None:
        raise NotFound("该资源还没有挂接", remedy="先在“挂接”中绑定来源")
    if isinstance(by, identity.Actor):
        access.require_operate(by, binding.resource.office.code)
    return _open(Run(kind=RunKind.COLLECT, binding=binding, mode=binding.mode), by, binding.resource.office.code, now)


def request_push(*, by: identity.Actor | str, push_id: int, now: datetime) -> uuid.UUID:
    """Ask for granted rows to be pushed into the receiver's front database."""
    push = Push.objects.select_related("front__office").filter(pk=push_id, is_active=True, ended_at__isnull=True).first()
    if push is None:
        raise NotFound("没有这项推送,或已停用")
    if isinstance(by, identity.Actor):
        access.require_operate(by, push.front.office.code)
    return _open(Run(kind=RunKind.PUSH, push=push, mode="full"), by, push.front.office.code, now)


@transaction.atomic
def _open(run: Run, by: identity.Actor | str, office: str, now: datetime) -> uuid.UUID:
    run.queued_at = now
    run.requested_by = by.label if isinstance(by, identity.Actor) else by
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError as exc:
        raise RunOpen from exc
    security.record("exchange:run:requested", at=now, actor=run.requested_by, office=office, detail={"run": str(run.pk)})
    return run.pk


@transaction.atomic
def stop(*, actor: identity.Actor, run_id: uuid.UUID, now: datetime) -> None:
    """Ask a run to stop after its present chunk; a later run goes on from there."""
    run = Run.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None:
        raise RunUnknown
    access.require_operate(actor, jobs.office_of(run))
    if run.state not in OPEN_STATES:
        raise Conflict("运行已经结束")
    if run.state == RunState.QUEUED:
        run.state, run.finished_at = RunState.STOPPED, now
    else:
        run.state = RunState.STOPPING
    run.save(update_fields=["state", "finished_at"])
    security.record("exchange:run:stopped", at=now, actor=actor.label, office=jobs.office_of(run), detail={"run": str(run.pk)})


def carry_out(run_id: uuid.UUID, *, progress: Callable[[int, int | None], None] | None = None) -> RunState:
    """
    Carry out a run in this process. Called by the worker; a run that is not queued or was left running by a killed worker is taken up.

    :param progress: is told after every chunk how many rows were read, and how many there will be if that is known.
    :raises TransientFailure: if trying again later will do; the run stays open for the worker to retry.
    """
    taken = Run.objects.filter(pk=run_id, state__in=[RunState.QUEUED, RunState.RUNNING]).update(
        state=RunState.RUNNING, started_at=clock.now(), attempts=F("attempts") + 1, failure={}
    )
    if not taken:
        # whoever was asked to stop and is carried out again was killed meanwhile: it stands still, and the next run goes on from there
        Run.objects.filter(pk=run_id, state=RunState.STOPPING).update(state=RunState.STOPPED, finished_at=clock.now())
        return RunState(Run.objects.values_list("state", flat=True).get(pk=run_id))
    run = Run.objects.get(pk=run_id)
    try:
        job = jobs.job_of(run)
        run.expected = jobs.expected_rows(run)
        run.save(update_fields=["expected"])

        def note(report: Report) -> None:
            _note(run_id, report)
            if progress is not None:
                progress(report.counts.read, run.expected)

        outcome = run_job(job, run=run.pk, clock=clock.now, stop=lambda: _asked_to_stop(run_id), progress=note)
    except TransientFailure as exc:
        Run.objects.filter(pk=run_id).update(failure=exc.as_kept())
        if run.attempts >= MOST_ATTEMPTS:
            _fail(run, exc)
            return RunState.FAILED
        raise
    except ZhengtongError as exc:
        _fail(run, exc)
        return RunState.FAILED
    except Exception:
        # a fault of ours must not leave the run open, or nobody could start another
        _fail(run, RunBroken())
        raise
    return _finish(run, outcome)


def _asked_to_stop(run_id: uuid.UUID) -> bool:
    return Run.objects.filter(pk=run_id, state=RunState.STOPPING).exists()


def _note(run_id: uuid.UUID, report: Report) -> None:
    Run.objects.filter(pk=run_id).update(counts=report.counts.as_dict(), rows_per_second=report.rows_per_second, engine_run=report.run)


@transaction.atomic
def _fail(run: Run, failure: ZhengtongError) -> None:
    now = clock.now()
    run.state, run.finished_at, run.failure = RunState.FAILED, now, failure.as_kept()
    run.save(update_fields=["state", "finished_at", "failure"])
    security.record(
        "exchange:run:failed",
        at=now,
        actor="process:worker",
        office=jobs.office_of(run),
        outcome=failure.code,
        detail={"run": str(run.pk), "party": str(failure.party)},
    )


@transaction.atomic
def _finish(run: Run, outcome: Outcome) -> RunState:
    now = clock.now()
    run.engine_run, run.counts, run.finished_at = outcome.run, outcome.counts.as_dict(), now
    run.state = RunState.FINISHED if outcome.finished else RunState.STOPPED
    if outcome.receipt is not None:
        _sign(run, outcome.receipt)
        _delivered(run, outcome.receipt, now)
    run.save()
    return RunState(run.state)


def _sign(run: Run, receipt: Receipt) -> None:
    payload = canonical.encode(receipt.as_dict())
    key = node_keys().signing
    run.receipt, run.receipt_signature, run.receipt_key_id = payload.decode(), key.sign(payload).hex(), key.key_id


def _delivered(run: Run, receipt: Receipt, now: datetime) -> None:
    """What follows a finished run: the ledger, the clock of delivery, routes over new data."""
    facts = {"run": str(run.pk), "counts": receipt.counts.as_dict(), "digest": receipt.digest}
    if run.binding is not None:
        binding = run.binding
        first = binding.landed_at is None
        binding.landed_at, binding.rows = now, jobs.hub_rows(binding.resource_id)
        binding.save(update_fields=["landed_at", "rows"])
        security.record(
            "exchange:run:collected",
            at=now,
            actor="process:worker",
            office=jobs.office_of(run),
            resource=binding.resource.code or "",
            detail=facts,
        )
        quality.binding_changed(binding.resource_id, at=now)
        if first:
            outbox.publish(identity.ROUTING_STALE, {"resource": binding.resource_id}, at=now)
    elif run.push is not None:
        grant = jobs.grant_of(run.push)
        security.record(
            "exchange:run:pushed",
            at=now,
            actor="process:worker",
            office=grant.document.consumer.code,
            provider=grant.document.provider.code,
            resource=grant.document.resource,
            grant=grant.number,
            purpose=grant.document.purposes[0].code,
            channel="push",
            items=tuple(item.key for item in grant.document.items),
            rows=receipt.counts.read,
            detail=facts,
        )
        sharing.note_delivery(grant_id=grant.id, now=now)


def due(*, now: datetime) -> list[uuid.UUID]:
    """Open the runs whose time has come, and plan the next; returns their ids."""
    opened = []
    for binding in Binding.objects.filter(is_active=True, next_run_at__lte=now, every_minutes__isnull=False):
        binding.next_run_at = now + timedelta(minutes=binding.every_minutes or 0)
        binding.save(update_fields=["next_run_at"])
        try:
            opened.append(request_collect(by="process:worker", resource_id=binding.resource_id, now=now))
        except RunOpen:
            continue
    for push in Push.objects.filter(is_active=True, next_run_at__lte=now, every_minutes__isnull=False):
        push.next_run_at = now + timedelta(minutes=push.every_minutes or 0)
        push.save(update_fields=["next_run_at"])
        try:
            opened.append(request_push(by="process:worker", push_id=push.pk, now=now))
        except RunOpen:
            continue
    return opened
