"""Imports: how far they are, what they refused, and what a file would become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.core.files.storage import default_storage

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog.models import ImportRun, QuarantinedRecord
from zhengtong.apps.resources.catalog.queries.resources import bureau_code
from zhengtong.apps.resources.catalog.rules import mapping as names
from zhengtong.apps.resources.catalog.rules import permissions, reading
from zhengtong.apps.resources.catalog.rules.national_form import ITEMS
from zhengtong.apps.resources.catalog.rules.providers import Providers
from zhengtong.apps.resources.catalog.rules.taking import Options, Taken, take
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import Kept

_PREVIEW_ROWS, _PREVIEW_RECORDS, _MOST_OFFICES = 8, 2000, 20_000


class ImportUnknown(NotFound):
    """没有这次导入,或您无权查看。"""

    code = "import-unknown"


@dataclass(frozen=True)
class ImportRunView:
    """An import: ``total`` is ``added + changed + unchanged + quarantined`` once it is done; ``done`` says how far it is."""

    id: int
    office: str
    office_name: str
    source: str
    file_name: str
    kind: str
    sha256: str
    mapping: dict[str, str]
    options: Options
    state: str
    failure: Kept
    started_at: datetime
    finished_at: datetime | None
    actor: str
    actor_name: str
    done: int
    total: int
    added: int
    changed: int
    unchanged: int
    flagged: int
    quarantined: int

    @property
    def percent(self) -> int:
        """How far it is, of 100."""
        return self.done * 100 // self.total if self.total else 0


@dataclass(frozen=True)
class QuarantineView:
    """A record that was kept out: where it stands in the file, what it says, and each finding with field, value, rule and remedy."""

    id: int
    position: int
    record: dict[str, Any]
    findings: tuple[dict[str, Kept], ...]


@dataclass(frozen=True)
class PreviewRow:
    """One record as it would be taken."""

    position: int
    name: str
    provider: str
    office_name: str
    reading: dict[str, Any]
    flags: tuple[dict[str, Kept], ...]
    findings: tuple[dict[str, Kept], ...]


@dataclass(frozen=True)
class ColumnView:
    """A field of the file: what it says in the first records, and what it is taken for."""

    name: str
    samples: tuple[str, ...]
    target: str


@dataclass(frozen=True)
class Preview:
    """What a file would become: ``examined`` of its ``total`` records were looked at."""

    total: int
    examined: int
    columns: tuple[ColumnView, ...]
    rows: tuple[PreviewRow, ...]
    flags: tuple[tuple[str, int], ...]
    findings: tuple[tuple[str, int], ...]
    unknown_providers: tuple[tuple[str, int], ...]
    problems: tuple[str, ...]


def run_view(row: ImportRun) -> ImportRunView:
    """The view of a row; the caller selects its office with it."""
    return ImportRunView(
        **{name: getattr(row, name) for name in ("id", "source", "file_name", "kind", "sha256", "mapping", "state", "failure")},
        **{name: getattr(row, name) for name in ("started_at", "finished_at", "actor", "actor_name", "done", "total")},
        **{name: getattr(row, name) for name in ("added", "changed", "unchanged", "flagged", "quarantined")},
        office=row.office.code,
        office_name=row.office.name,
        options=Options(**row.options),
    )


def _run(run_id: int, actor: identity.Actor) -> ImportRun:
    row = ImportRun.objects.select_related("office").filter(pk=run_id).first()
    if row is None or not permissions.may_import(actor, office=row.office.code, bureau=bureau_code(row.office.region_id)):
        raise ImportUnknown("没有这次导入,或您无权查看")
    return row


def import_run(run_id: int, *, actor: identity.Actor) -> ImportRunView:
    """
    An import.

    :raises ImportUnknown: if there is none, or the actor may not import for its office.
    """
    return run_view(_run(run_id, actor))


def import_runs(actor: identity.Actor, *, limit: int = 30) -> list[ImportRunView]:
    """The latest imports of the offices for which the actor is steward or approver."""
    offices = actor.offices(identity.Role.STEWARD, identity.Role.BUREAU_APPROVER)
    return [run_view(row) for row in ImportRun.objects.select_related("office").filter(office__code__in=offices)[:limit]]


def quarantine(run_id: int, *, actor: identity.Actor, after: str = "", limit: int = 50) -> list[QuarantineView]:
    """
    What an import kept out, by position, behind the position ``after``.

    :raises ImportUnknown: if there is no such import, or the actor may not import for its office.
    """
    rows = QuarantinedRecord.objects.filter(run=_run(run_id, actor))
    if after.isdigit():
        rows = rows.filter(position__gt=int(after))
    return [QuarantineView(row.pk, row.position, row.record, tuple(row.findings)) for row in rows[:limit]]


def stored_bytes(row: ImportRun) -> bytes:
    """The file of an import as it was received."""
    with default_storage.open(row.stored_file, "rb") as stored:
        return bytes(stored.read())


@lru_cache(maxsize=2)
def _records(stored_file: str, sha256: str) -> tuple[reading.Record, ...]:  # noqa: ARG001 - the digest is part of the key
    with default_storage.open(stored_file, "rb") as stored:
        return tuple(reading.read(stored.read()))


def providers_of(office: organisations.OfficeView) -> Providers:
    """The offices in and below the region of an importing office, by everything they are called."""
    return Providers(
        (one.code, one.region_name, (one.name, one.short_name, *one.former_names), one.region == office.region)
        for one in organisations.search_offices(region=office.region, limit=_MOST_OFFICES)
    )


def suggested_mapping(records: Sequence[reading.Record]) -> dict[str, str]:
    """What the fields of a file most likely are; the parts of a grouped head are tried with and without their group."""
    fields = reading.field_names(records)
    plain = names.suggest([name.rpartition("/")[2] for name in fields])
    whole = names.suggest(fields)
    found = {}
    for name in fields:
        target = "items" if name == ITEMS else whole.get(name) or plain.get(name.rpartition("/")[2])
        if target:
            found[name] = target
    return found


def preview(run_id: int, *, actor: identity.Actor, mapping: Mapping[str, str] | None = None) -> Preview:
    """
    What the file of an import would become under a mapping (its own when None is given); nothing is written.

    :raises ImportUnknown: if there is no such import, or the actor may not import for its office.
    """
    row = _run(run_id, actor)
    records = _records(row.stored_file, row.sha256)
    chosen = dict(row.mapping if mapping is None else mapping)
    problems = tuple(names.faulty(chosen))
    providers = providers_of(organisations.office(row.office.code))
    examined = list(records[:_PREVIEW_RECORDS]) if not problems else []
    taken = [take(record.values, chosen, Options(**row.options)) for record in examined]
    rules = Counter(finding.rule for one in taken for finding in one.findings)
    flags = Counter(flag.rule for one in taken for flag in one.flags)
    unknown = Counter(one.provider for one in taken if one.provider and not providers.code_of(one.provider))
    known = organisations.offices_by_code({providers.code_of(one.provider) for one in taken[:_PREVIEW_ROWS]} - {""})
    shown = [
        _preview_row(record, one, known.get(providers.code_of(one.provider)))
        for record, one in zip(examined[:_PREVIEW_ROWS], taken, strict=False)
    ]
    return Preview(
        total=len(records),
        examined=len(examined),
        columns=tuple(_columns(records, chosen)),
        rows=tuple(shown),
        flags=tuple(flags.most_common()),
        findings=tuple(rules.most_common()),
        unknown_providers=tuple(unknown.most_common(20)),
        problems=problems,
    )


def _preview_row(record: reading.Record, taken: Taken, office: organisations.OfficeView | None) -> PreviewRow:
    return PreviewRow(
        position=record.position,
        name=taken.name,
        provider=taken.provider,
        office_name=office.name if office else "",
        reading=taken.reading,
        flags=tuple(flag.as_kept() for flag in taken.flags),
        findings=tuple(finding.as_kept() for finding in taken.findings),
    )


def _columns(records: Sequence[reading.Record], mapping: Mapping[str, str]) -> list[ColumnView]:
    first = records[:200]
    found = []
    for name in reading.field_names(first):
        said = dict.fromkeys(_sample(record.values.get(name)) for record in first)
        found.append(ColumnView(name, tuple([one for one in said if one][:3]), mapping.get(name, "")))
    return found


def _sample(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "、".join(str(next(iter(one.values()), "")) for one in value[:5])
    return str(value if value is not None else "")[:80]
