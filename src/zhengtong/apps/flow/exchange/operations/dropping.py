"""
Take files from drop folders as new editions.

Threat model. Who may write into a folder decides what the resource holds, as if they had handed the file in: a steward names a folder of
their own office only, and who writes there is the operating system's business. Links and swapped folders: see ``operations.folders``. What
a file is and how large: see ``operations.receiving``. Killed at any instant nothing is doubled: edition and run are one transaction, the
file is moved afterwards, and one that lies there still is known by its digest.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from zhengtong.apps.flow.exchange.models import Binding, DropFolder, FileEdition
from zhengtong.apps.flow.exchange.operations import folders, receiving
from zhengtong.apps.flow.exchange.operations.filing import NotBoundToFile, replace_file
from zhengtong.apps.flow.exchange.operations.folders import Folder
from zhengtong.apps.flow.exchange.operations.runs import RunOpen
from zhengtong.apps.flow.exchange.rules import drops
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.dataflow.errors import ExchangeFailure
from zhengtong.kernel.errors import Conflict, Invalid, ZhengtongError
from zhengtong.toolkit.environment import environment

log = structlog.get_logger()
DONE, REFUSED = "done", "refused"
_WORKER = "process:worker"


class FolderTaken(Conflict):
    """这个文件夹已用于本单位的另一个资源。"""

    code = "folder-taken"


class _StillChanging(Exception):
    """The file changed while it was read; the next look decides."""


@transaction.atomic
def set_drop_folder(*, actor: identity.Actor, resource_id: int, folder: str, pattern: str, now: datetime) -> None:
    """
    Take files from a folder of the resource's office; an empty ``folder`` ends that.

    :raises NotBoundToFile: if the resource is not bound to a file, whose columns the next ones follow.
    :raises FolderTaken: if another resource of the office has the folder.
    :raises Invalid: for a name or a pattern that could lead elsewhere.
    """
    resource = receiving.operated(actor, resource_id)
    binding = Binding.objects.filter(resource_id=resource_id, kind=Binding.Kind.FILES).first()
    if binding is None:
        raise NotBoundToFile(remedy="先挂接一个文件")
    if folder.strip():
        facts = {"office": resource.office, "name": drops.check_folder(folder), "pattern": drops.check_pattern(pattern), "seen": {}}
        try:
            with transaction.atomic():
                DropFolder.objects.update_or_create(binding=binding, defaults=facts)
        except IntegrityError as exc:
            raise FolderTaken(field="folder", remedy="换一个文件夹名") from exc
        detail = {"folder": facts["name"], "pattern": facts["pattern"]}
    else:
        DropFolder.objects.filter(binding=binding).delete()
        detail = {"folder": "", "pattern": ""}
    security.record("exchange:drop:set", at=now, actor=actor.label, office=resource.office, resource=resource.code, detail=detail)


def take_drops(*, now: datetime) -> int:
    """Take what is complete in every drop folder; returns how many files were taken or refused. Safe to call from several workers."""
    count = 0
    for row in DropFolder.objects.filter(binding__kind=Binding.Kind.FILES, binding__is_active=True).order_by("pk"):
        try:
            with folders.opened(environment().drop_root, row.office, row.name) as folder:
                folder.prepare(DONE, REFUSED)
                count += sum(1 for _name in iter(partial(_take_next, row.pk, folder, now), None))
        except OSError as exc:
            log.warning("drop folder cannot be used", folder=str(row), error=type(exc).__name__, reason=exc.strerror)
    return count


@dataclass(frozen=True)
class _Taken:
    """What became of a file: the folder it goes to, its digest, and why it was refused."""

    into: str
    digest: str
    reason: str = ""


def _take_next(drop_id: int, folder: Folder, now: datetime) -> str | None:
    """Take the oldest complete file; its name, or None if there is none or somebody else is at it."""
    with transaction.atomic():
        rows = DropFolder.objects.select_for_update(of=("self",), skip_locked=True).select_related("binding")
        drop = rows.filter(pk=drop_id).first()
        if drop is None:
            return None
        complete, drop.seen = drops.look(folder.lying(), drop.pattern, drop.seen, now)
        drop.save(update_fields=["seen"])
        if not complete:
            return None
        name = complete[0].name
        try:
            taken = _taken(drop, folder, complete[0], now)
        except (RunOpen, _StillChanging, FileNotFoundError):
            return None
        except (Invalid, Conflict, ExchangeFailure) as exc:
            taken = _refused(drop, name, exc, now)
    # only what is settled moves: a kill before this leaves a file that is known by its digest
    there = folder.move(name, taken.into, mark=taken.digest[:8] or now.strftime("%Y%m%d%H%M%S"))
    if taken.reason:
        folder.write(taken.into, f"{there}.reason.txt", taken.reason)
    folder.remove(name + drops.MARKER)
    return name


def _taken(drop: DropFolder, folder: Folder, lying: drops.Lying, now: datetime) -> _Taken:
    with folder.reading(lying.name) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # its stub wants more of a file than it uses
        resource = drop.binding.resource_id
        if FileEdition.objects.filter(resource_id=resource, sha256=digest, bound_at__isnull=False).exists():
            return _Taken(DONE, digest)
        file.seek(0)
        with transaction.atomic():
            replaced = replace_file(by=_WORKER, resource_id=resource, stream=file, file_name=lying.name, now=now, collect=True)
            facts = os.fstat(file.fileno())
            if (facts.st_size, facts.st_mtime_ns) != (lying.size, lying.modified):
                default_storage.delete(FileEdition.objects.get(pk=replaced.edition).stored)
                raise _StillChanging
    return _Taken(DONE, digest)


def _refused(drop: DropFolder, name: str, exc: ZhengtongError, now: datetime) -> _Taken:
    file = receiving.plain_name(name)
    drop.refusal = {"name": file, "sentence": exc.sentence, "remedy": exc.remedy, "at": now.isoformat()}
    drop.save(update_fields=["refusal"])
    resource = receiving.operated(_WORKER, drop.binding.resource_id)
    security.record(
        "exchange:drop:refused",
        at=now,
        actor=_WORKER,
        office=resource.office,
        resource=resource.code,
        outcome=exc.code,
        detail={"folder": drop.name, "file": file},
    )
    return _Taken(REFUSED, "", f"{exc.sentence}\n{exc.remedy}\n".strip() + "\n")
