"""Bind a resource to a file, and hand in the next edition of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from zhengtong.apps.flow.exchange.models import Binding, FileEdition
from zhengtong.apps.flow.exchange.models.binding import USUAL_VANISHING
from zhengtong.apps.flow.exchange.operations import receiving
from zhengtong.apps.flow.exchange.operations.binding import check_mapping, keep
from zhengtong.apps.flow.exchange.operations.queueing import start_collect
from zhengtong.apps.flow.exchange.rules import columns
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.engines.dataflow import mapping
from zhengtong.engines.dataflow.connectors.files.config import Layout
from zhengtong.kernel.errors import Conflict, Invalid, NotFound


class NotBoundToFile(NotFound):
    """该资源没有挂接文件。"""

    code = "not-bound-to-file"


@dataclass(frozen=True)
class FileBinding:
    """
    A binding to an edition that was received.

    ``mapping`` is item key → column of the file; ``rules`` are the engine's plain dictionaries; ``absent`` says what happens to rows that a
    later edition no longer has.
    """

    edition: int
    mapping: dict[str, str]
    rules: list[dict[str, Any]] = field(default_factory=list)
    absent: str = Binding.Absent.KEEP


@dataclass(frozen=True)
class Replaced:
    """The next edition of a file: its number, its rows, columns it brought or lost that no item takes, and the run if one was asked for."""

    edition: int
    rows: int
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    run: uuid.UUID | None


@transaction.atomic
def bind_file(*, by: identity.Actor | str, resource_id: int, wanted: FileBinding, now: datetime) -> None:
    """
    Bind a resource to a file that was received, and make or widen its hub table.

    :raises EditionUnknown: if the resource has no such edition.
    :raises Invalid: if a rule does not fit its item, an item has no column, a mapped column is not there, or no item is a key.
    """
    resource = receiving.operated(by, resource_id)
    edition = receiving.edition_row(resource_id, wanted.edition)
    if wanted.absent not in Binding.Absent.values:
        raise Invalid("没有这种处理方式", field="absent")
    items = [columns.column_item(item) for item in resource.items]
    check_mapping(items, wanted.mapping, wanted.rules, Layout.from_dict(edition.layout).names)
    _bound(edition, now)
    facts = {
        "kind": Binding.Kind.FILES,
        "sealed_url": "",
        "place": edition.file_name,
        "schema": "",
        "table": "",
        "edition": edition,
        "absent": wanted.absent,
        "mapping": {item.key: wanted.mapping[item.key] for item in items},
        "rules": wanted.rules,
        "mode": Binding.Mode.FULL,
        "cursor": "",
        "overlap": "",
        "every_minutes": None,
        "next_run_at": None,
    }
    detail = {
        "place": edition.file_name,
        "edition": edition.pk,
        "sha256": edition.sha256,
        "mode": Binding.Mode.FULL,
        "absent": wanted.absent,
    }
    keep(by, resource, facts, detail, now)
    _forget_unbound(resource_id)


def _bound(edition: FileEdition, now: datetime) -> None:
    edition.rows, edition.bound_at = receiving.counted(edition), edition.bound_at or now
    edition.save(update_fields=["rows", "bound_at", "layout", "corrections"])


def _forget_unbound(resource_id: int) -> None:
    """Files that were looked at and never bound are nobody's history; they go once the binding is safe."""
    unbound = FileEdition.objects.filter(resource_id=resource_id, bound_at__isnull=True)
    names = list(unbound.values_list("stored", flat=True))
    unbound.delete()
    for name in names:
        transaction.on_commit(partial(default_storage.delete, name))


def replace_file(
    *, by: identity.Actor | str, resource_id: int, stream: receiving.Stream, file_name: str, now: datetime, collect: bool = False
) -> Replaced:
    """
    Hand in the next edition of a bound file; with ``collect`` a run is asked for in the same transaction.

    :raises NotBoundToFile: if the resource is not bound to a file.
    :raises Conflict: if these very bytes are what is bound.
    :raises Invalid: if a mapped column is missing, naming it; the binding and its data stay as they were.
    :raises UnreadableFile: if it is no table that can be read.
    :raises RunOpen: if a run is open and one was asked for.
    """
    resource = receiving.operated(by, resource_id)
    edition = receiving.stored(by, resource, stream, file_name, now)
    try:
        return _replaced(by, resource, edition, now, collect=collect)
    except BaseException:
        default_storage.delete(edition.stored)
        raise


@transaction.atomic
def _replaced(by: identity.Actor | str, resource: catalog.ResourceView, edition: FileEdition, now: datetime, *, collect: bool) -> Replaced:
    binding = (
        Binding.objects.select_for_update(of=("self",))
        .select_related("edition")
        .filter(resource_id=resource.id, kind=Binding.Kind.FILES)
        .first()
    )
    if binding is None or binding.edition is None:
        raise NotBoundToFile(remedy="先挂接一个文件")
    earlier = binding.edition
    if earlier.sha256 == edition.sha256:
        raise Conflict("与现在挂接的文件完全相同", field="file", remedy="需要再归集一次的,用“现在归集”")
    wanted = [binding.mapping[item.key] for item in resource.items if item.key in binding.mapping]
    layout, said = receiving.again(receiving.path_of(edition), earlier, wanted)
    edition.layout, edition.corrections = layout.to_dict(), said.as_dict()
    receiving.note_received(by, resource, edition, now)
    _bound(edition, now)
    binding.edition, binding.place, binding.changed_at = edition, edition.file_name, now
    binding.save(update_fields=["edition", "place", "changed_at"])
    before = Layout.from_dict(earlier.layout).names
    security.record(
        "exchange:file:replaced",
        at=now,
        actor=receiving.label_of(by),
        office=resource.office,
        resource=resource.code,
        rows=edition.rows or 0,
        detail={"edition": edition.pk, "earlier": earlier.pk, "file": edition.file_name, "sha256": edition.sha256},
    )
    return Replaced(
        edition=edition.pk,
        rows=edition.rows or 0,
        added=tuple(name for name in layout.names if name not in before),
        dropped=tuple(name for name in before if name not in layout.names),
        run=start_collect(by=by, resource_id=resource.id, now=now) if collect else None,
    )


@transaction.atomic
def set_vanishing(*, actor: identity.Actor | str, resource_id: int, percent: int, reason: str, now: datetime) -> None:
    """
    How many hundredths of its rows one run may delete from a resource that is collected from files.

    :raises NotBoundToFile: if the resource is not bound to a file.
    :raises Invalid: outside 1 to 100, or without a reason where it is not the usual half.
    """
    resource = receiving.operated(actor, resource_id)
    if not 1 <= percent <= 100:  # noqa: PLR2004 - hundredths
        raise Invalid("比例在 1 到 100 之间", field="percent")
    if percent != USUAL_VANISHING and not reason.strip():
        raise Invalid("与平时不同的上限需要说明理由", field="reason", remedy="写明为什么一次会少这么多行")
    facts = {"most_vanishing": percent, "vanishing_reason": reason.strip(), "changed_at": now}
    if not Binding.objects.filter(resource_id=resource_id, kind=Binding.Kind.FILES).update(**facts):
        raise NotBoundToFile(remedy="先挂接一个文件")
    security.record(
        "exchange:vanishing:set",
        at=now,
        actor=receiving.label_of(actor),
        office=resource.office,
        resource=resource.code,
        detail={"percent": percent, "reason": reason.strip()},
    )


def bind_file_at_once(
    *, by: str, resource_id: int, stream: receiving.Stream, file_name: str, chosen: dict[str, str] | None, now: datetime
) -> tuple[receiving.Looked, dict[str, str]]:
    """
    Receive a file and bind it in one go, for a process on the installation; columns not ``chosen`` are those suggested.

    :raises UnreadableFile: if it is no table that can be read.
    :raises Invalid: as :func:`bind_file`.
    """
    edition = receiving.receive_file(by=by, resource_id=resource_id, stream=stream, file_name=file_name, now=now)
    looked = receiving.look(actor=by, resource_id=resource_id, edition_id=edition)
    mapped = {one.item: one.column for one in looked.suggestions} | (chosen or {})
    bind_file(by=by, resource_id=resource_id, wanted=FileBinding(edition, mapped), now=now)
    return looked, mapped


def file_findings(*, resource_id: int, looked: receiving.Looked, chosen: dict[str, str]) -> list[mapping.Finding]:
    """What does not fit between the chosen columns and the items."""
    resource = catalog.resource(resource_id)
    return mapping.check_mapping([columns.column_item(item) for item in resource.items], looked.columns, chosen)
