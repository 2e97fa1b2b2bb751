"""Reads of runs and of the rows they refused."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from zhengtong.apps.flow.exchange.models import Binding, Run, RunKind, RunState
from zhengtong.apps.flow.exchange.rules import access, columns
from zhengtong.apps.foundation.identity.api import Actor, Role
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.engines.dataflow.chunks import DUPLICATE_KEY
from zhengtong.engines.dataflow.job import all_rules
from zhengtong.engines.dataflow.rules import Checker, rule_from_dict
from zhengtong.kernel.errors import Invalid, NotFound
from zhengtong.kernel.sentences import from_text, say, told

_UNKNOWN = "没有这次运行,或您无权查看"
_TONES = {
    RunState.QUEUED: "waiting",
    RunState.RUNNING: "active",
    RunState.STOPPING: "waiting",
    RunState.STOPPED: "",
    RunState.FINISHED: "done",
    RunState.FAILED: "refused",
}


@dataclass(frozen=True)
class RunView:
    """A run as its offices see it."""

    id: uuid.UUID
    kind: RunKind
    mode: str
    title: str
    provider: str
    consumer: str
    resource_id: int
    state: RunState
    requested_by: str
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    engine_run: uuid.UUID | None
    counts: dict[str, int]
    expected: int | None
    rows_per_second: float
    failure: dict[str, str]
    receipt: str
    receipt_signature: str
    receipt_key_id: str

    @property
    def tone(self) -> str:
        """The state's mark."""
        return _TONES[self.state]

    @property
    def percent(self) -> int | None:
        """How much of the expected rows was read; None when unknown."""
        read = self.counts.get("read", 0)
        return min(100, read * 100 // self.expected) if self.expected else None

    @property
    def place(self) -> str:
        """Its place in a list, for paging."""
        return f"{self.queued_at.isoformat()}_{self.id}"

    @property
    def written(self) -> int:
        """Rows that were inserted or updated."""
        return self.counts.get("inserted", 0) + self.counts.get("updated", 0)

    @property
    def label(self) -> str:
        """The state in words."""
        return str(self.state.label)

    @property
    def seconds(self) -> float:
        """How long it took or has taken; 0 before it began."""
        if self.started_at is None or self.finished_at is None:
            return 0.0
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in {RunState.QUEUED, RunState.RUNNING, RunState.STOPPING}


_RELATED = ("binding__resource__office", "push__front__office", "push__grant__application__resource", "push__grant__application__provider")


def _view(row: Run) -> RunView:
    if row.binding is not None:
        resource = row.binding.resource
        title, provider, consumer, resource_id = resource.name, resource.office.code, "", resource.pk
    else:
        assert row.push is not None  # noqa: S101 - a constraint of the table
        application = row.push.grant.application
        title, provider = f"{application.resource.name} → {row.push.front.name}", application.provider.code
        consumer, resource_id = row.push.front.office.code, application.resource_id
    return RunView(
        id=row.pk,
        kind=RunKind(row.kind),
        mode=row.mode,
        title=title,
        provider=provider,
        consumer=consumer,
        resource_id=resource_id,
        state=RunState(row.state),
        requested_by=row.requested_by,
        queued_at=row.queued_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        engine_run=row.engine_run,
        counts=row.counts,
        expected=row.expected,
        rows_per_second=row.rows_per_second,
        failure={name: told(text) for name, text in row.failure.items()},
        receipt=row.receipt,
        receipt_signature=row.receipt_signature,
        receipt_key_id=row.receipt_key_id,
    )


def run(run_id: uuid.UUID, *, actor: Actor) -> RunView:
    """
    A run, for somebody of the offices concerned.

    :raises NotFound: otherwise.
    """
    found = known(run_id)
    if not access.may_watch(actor, {found.provider, found.consumer} - {""}):
        raise NotFound(_UNKNOWN)
    return found


def known(run_id: uuid.UUID) -> RunView:
    """
    A run, for a process of the installation.

    :raises NotFound: if there is none.
    """
    row = Run.objects.select_related(*_RELATED).filter(pk=run_id).first()
    if row is None:
        raise NotFound(_UNKNOWN)
    return _view(row)


def runs(
    actor: Actor, *, state: str = "", resource_id: int | None = None, push_id: int | None = None, after: str = "", limit: int = 50
) -> list[RunView]:
    """Runs that concern the actor's offices, newest first, after the place ``after`` of an earlier one."""
    offices = actor.offices(*Role)
    rows = Run.objects.select_related(*_RELATED).filter(
        Q(binding__resource__office__code__in=offices)
        | Q(push__front__office__code__in=offices)
        | Q(push__grant__application__provider__code__in=offices)
    )
    if state:
        rows = rows.filter(state=state)
    if resource_id is not None:
        rows = rows.filter(Q(binding__resource_id=resource_id) | Q(push__grant__application__resource_id=resource_id))
    if push_id is not None:
        rows = rows.filter(push_id=push_id)
    if after:
        rows = rows.filter(_behind(after))
    return [_view(row) for row in rows.order_by("-queued_at", "-id")[:limit]]


def _behind(after: str) -> Q:
    """Runs that come after a ``RunView.place``; runs of one schedule begin at the same moment, so the id decides among them."""
    moment, _, id_ = after.rpartition("_")
    try:
        at, last = datetime.fromisoformat(moment), uuid.UUID(id_)
    except ValueError as exc:
        raise Invalid("翻页位置有误", field="after", remedy="回到第一页") from exc
    return Q(queued_at__lt=at) | Q(queued_at=at, id__lt=last)


def failed_since(actor: Actor, *, since: datetime) -> int:
    """How many runs of the actor's offices failed since a moment."""
    offices = actor.offices(*Role)
    rows = Run.objects.filter(Q(binding__resource__office__code__in=offices) | Q(push__front__office__code__in=offices))
    return rows.filter(state=RunState.FAILED, finished_at__gte=since).count()


@dataclass(frozen=True)
class Reject:
    """A refused row: where it stood, which rules it broke, and its content as it came (for the provider's eyes alone)."""

    id: int
    line: int | None
    rules: list[str]
    #: per rule what it asks, where the binding still has it; or what is wrong with the row as such
    reasons: list[str]
    row: dict[str, Any]

    @property
    def cells(self) -> list[tuple[str, Any]]:
        """Column and value; a template would take ``row.items`` for a column of that name."""
        return list(self.row.items())


def rejects(view: RunView, *, actor: Actor, after: int = 0, limit: int = 100) -> list[Reject]:
    """
    The rows a collecting run refused, by id. Raw values of the source: only the provider's own people see them.

    :raises NotFound: for others.
    """
    if view.kind is not RunKind.COLLECT or not access.may_operate(actor, view.provider):
        raise NotFound("没有可查看的退回行")
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, line, rules, reason, row::text from hub.exchange_quarantine "
            "where job = %s and run = %s and id > %s order by id limit %s",
            [f"collect-{view.resource_id}", view.engine_run, after, limit],
        )
        rows = cursor.fetchall()
    asked = _asked(view.resource_id) if rows else {}
    return [
        Reject(id_, line, list(rules), _reasons(rules, reason, asked), _named(json.loads(row))) for id_, line, rules, reason, row in rows
    ]


def _asked(resource_id: int) -> dict[str, str]:
    """What each rule of a binding asks, by the rule's id."""
    items = [columns.column_item(one) for one in catalog.resource(resource_id).items]
    known = {item.key for item in items}
    stated = Binding.objects.filter(resource_id=resource_id).values_list("rules", flat=True).first() or []
    rules = [rule_from_dict(one) for one in stated if one["item"] in known]
    return {name: sentence for name, (sentence, _remedy) in Checker(items, all_rules(items, rules)).sentences().items()}


def _reasons(rules: list[str], reason: str, asked: dict[str, str]) -> list[str]:
    if reason:
        return [from_text(reason)]
    return [asked.get(one) or (say("与另一行的主键相同") if one == DUPLICATE_KEY else one) for one in rules]


def _named(row: dict[str, Any] | list[Any]) -> dict[str, Any]:
    """A row by column; a line of a file that does not fit its columns has cells alone, which are numbered."""
    if isinstance(row, dict):
        return row
    return {f"第 {place} 格": cell for place, cell in enumerate(row, start=1)}  # data: the name of a cell without a column
