"""One chunk of an import: what is new, what changed, what stayed, what is kept out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection

from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog.models import ImportRun, QuarantinedRecord, Resource, ResourceEvent
from zhengtong.apps.resources.catalog.operations import storing
from zhengtong.apps.resources.catalog.operations.bulk import copy_in
from zhengtong.apps.resources.catalog.operations.numbering import take_codes
from zhengtong.apps.resources.catalog.queries.imports import providers_of
from zhengtong.apps.resources.catalog.queries.resources import content_of
from zhengtong.apps.resources.catalog.rules.completeness import class_code_fits, gaps
from zhengtong.apps.resources.catalog.rules.content import Content
from zhengtong.apps.resources.catalog.rules.findings import Finding
from zhengtong.apps.resources.catalog.rules.reading import Record
from zhengtong.apps.resources.catalog.rules.taking import Options, Taken, take
from zhengtong.apps.resources.catalog.rules.vocabulary import SharingType, State
from zhengtong.kernel.sentences import Kept, say
from zhengtong.toolkit.outbox import api as outbox


@dataclass(frozen=True)
class Chunk:
    """A record with its identity at the source, and which of that identity in the file it is."""

    record: Record
    source_id: str
    occurrence: int


@dataclass
class _Entry:
    """A record on its way to a row."""

    chunk: Chunk
    taken: Taken
    office: organisations.OfficeView
    row: Resource | None = None


class Intake:
    """Takes the chunks of one run."""

    def __init__(self, run: ImportRun, office: organisations.OfficeView, now: datetime) -> None:
        self.now, self.home = now, office
        self.options, self.mapping, self.source = Options(**run.options), run.mapping, run.source
        self.actor, self.actor_name = run.actor, run.actor_name or run.actor
        self.pattern: str = settings.ENVIRONMENT.resource_code_pattern
        self.providers = providers_of(office)
        self.offices = {office.code: office}
        self.codes = set[str]()

    def take(self, run: ImportRun, part: Sequence[Chunk]) -> None:
        """Take a chunk inside the caller's transaction and add it to the run's counts."""
        with connection.cursor() as cursor:  # two runs of one source take turns
            cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"catalog-import:{self.source}"])
        entries = [_Entry(chunk, take(chunk.record.values, self.mapping, self.options), self.home) for chunk in part]
        self._place(entries)
        self._match(entries)
        kept_out = [entry for entry in entries if entry.taken.findings]
        taken = [entry for entry in entries if not entry.taken.findings]
        new = [entry for entry in taken if entry.row is None]
        changed = [entry for entry in taken if entry.row is not None and self._refresh(entry, entry.row)]
        rows = self._add(new)
        QuarantinedRecord.objects.bulk_create(
            QuarantinedRecord(
                run=run,
                position=entry.chunk.record.position,
                record=entry.chunk.record.values,
                findings=[finding.as_kept() for finding in entry.taken.findings],
            )
            for entry in kept_out
        )
        run.added += len(new)
        run.changed += len(changed)
        run.unchanged += len(taken) - len(new) - len(changed)
        run.quarantined += len(kept_out)
        run.flagged += sum(1 for entry in [*new, *changed] if entry.row is not None and entry.row.flags)
        ids = [row.pk for row in rows] + [entry.row.pk for entry in changed if entry.row is not None]
        if ids:
            outbox.publish(storing.CHANGED, {"resources": ids}, at=self.now)

    # ------------------------------------------------------------------ whose it is, and whether we have it
    def _place(self, entries: list[_Entry]) -> None:
        named = {entry.taken.provider: self.providers.code_of(entry.taken.provider) for entry in entries if entry.taken.provider}
        missing = set(named.values()) - self.offices.keys() - {""}
        if missing:
            self.offices |= organisations.offices_by_code(missing)
        for entry in entries:
            taken = entry.taken
            if entry.chunk.occurrence > 1:
                taken.flag(
                    "repeated",
                    "source_id",
                    taken.identity,
                    say("来源中第 {number} 条同编号记录", number=entry.chunk.occurrence),
                    "核对是否重复登记",
                )
            code = named.get(taken.provider, "")
            if not taken.provider:
                taken.flag("provider-missing", "department", "", "来源没有提供单位,归入导入单位", "核对提供单位")
            elif not code:
                taken.flag(
                    "provider-unknown", "department", taken.provider, "本区划没有这个单位,归入导入单位", "登记该单位,或改正名称后重新导入"
                )
            elif code == self.home.code or self.options.whole_region:
                entry.office = self.offices[code]
            else:
                remedy = "由该单位或主管部门导入"
                taken.refuse("provider-foreign", "department", taken.provider, "这是别的单位的目录", remedy)

    def _match(self, entries: list[_Entry]) -> None:
        by_source = {entry.chunk.source_id: entry for entry in entries}
        by_code = {entry.taken.code: entry for entry in entries if entry.taken.code}
        for entry in entries:
            code = entry.taken.code
            if code and (code in self.codes or (by_code[code] is not entry and entry.chunk.occurrence > 1)):
                entry.taken.refuse("code-twice", "code", code, "同一文件中信息资源代码重复", "删去重复的记录,或去掉代码由平台编号")
            if code:
                self.codes.add(code)
        rows = Resource.objects.select_for_update(of=("self",)).select_related("office").prefetch_related("items")
        found = list(rows.filter(source=self.source, source_id__in=by_source))
        found += [row for row in rows.filter(code__in=by_code) if row not in found] if by_code else []
        for row in found:
            known = by_source.get(row.source_id) if row.source == self.source else None
            known = known or by_code.get(row.code or "")
            if known is not None and known.row is None:
                known.row = row
                self._require_ours(known, row)

    def _require_ours(self, entry: _Entry, row: Resource) -> None:
        ours = row.office.code == self.home.code
        in_region = self.options.whole_region and row.office.region_id.startswith(self.home.region)
        if not (ours or in_region):
            entry.taken.refuse("entry-foreign", "code", row.code or row.source_id, "这条目录属于别的单位", "由该单位或主管部门导入")
        elif row.state in {State.SUBMITTED, State.APPROVED}:
            entry.taken.refuse("under-review", "state", row.state, "这条目录正在审核", "审核结束后重新导入")

    # ------------------------------------------------------------------ new entries
    def _add(self, entries: list[_Entry]) -> list[Resource]:
        contents = [Content.of(entry.taken.reading) for entry in entries]
        rows = [self._new_row(entry, content) for entry, content in zip(entries, contents, strict=True)]
        published = [(row, content) for row, content in zip(rows, contents, strict=True) if self._may_publish(row, content)]
        self._give_codes([row for row, _content in published])
        versions = [storing.version_row(row, content, now=self.now) for row, content in published]
        copy_in(rows)
        copy_in(
            [
                storing.item_row(row.pk, position, item)
                for row, content in zip(rows, contents, strict=True)
                for position, item in enumerate(content.items, start=1)
            ]
        )
        for version in versions:
            version.resource_id = version.resource.pk
        copy_in(versions)
        copy_in([self._event(row, "imported") for row in rows])
        for entry, row in zip(entries, rows, strict=True):
            entry.row = row
        return rows

    def _event(self, row: Resource, event: str) -> ResourceEvent:
        return ResourceEvent(resource_id=row.pk, at=self.now, actor=self.actor, actor_name=self.actor_name, event=event, reason=self.source)

    def _new_row(self, entry: _Entry, content: Content) -> Resource:
        taken = entry.taken
        row = Resource(
            office_id=entry.office.id,
            code=taken.code or None,
            published_on=taken.published_on,
            created_at=self.now,
            changed_at=self.now,
            source=self.source,
            source_id=entry.chunk.source_id,
            source_record=entry.chunk.record.values,
            source_reading=_reading(taken),
            provider_text=taken.provider,
        )
        if taken.code and re.match(self.pattern, taken.code) is None:
            taken.flag("code-form", "code", taken.code, "代码不合本平台的编码规则,由平台重新编号", "原代码在来源记录中")
            row.code = None
        storing.fill(row, content)
        row.flags = self._flags(taken, content)
        return row

    def _flags(self, taken: Taken, content: Content) -> list[dict[str, Kept]]:
        found: list[Finding] = [*taken.flags, *(gaps(content, pattern=self.pattern) if self.options.publish else ())]
        return [flag.as_kept() for flag in found]

    def _may_publish(self, row: Resource, content: Content) -> bool:
        if not self.options.publish:
            return False
        reasons = []
        if content.sharing_type == SharingType.NOT_SHARED and not content.legal_basis:
            reasons.append(Finding("not-published", "legal_basis", "不予共享而没有依据,未发布", "补上依据后提交审核"))
        if row.code is None and not class_code_fits(content.class_code, self.pattern):
            reasons.append(
                Finding("not-published", "class_code", "分类码不合规则,无法编号,未发布", "改正分类码后提交审核", content.class_code)
            )
        row.flags += [reason.as_kept() for reason in reasons]
        return not reasons

    def _give_codes(self, rows: list[Resource]) -> None:
        without = [row for row in rows if row.code is None]
        for class_code in sorted({row.class_code for row in without}):
            group = [row for row in without if row.class_code == class_code]
            for row, code in zip(group, take_codes(class_code, len(group)), strict=True):
                row.code = code

    # ------------------------------------------------------------------ entries we have
    def _refresh(self, entry: _Entry, row: Resource) -> bool:
        """Change what the source changed since it was last read, and nothing that people changed meanwhile; False if nothing did."""
        reading = _reading(entry.taken)
        now_says = content_of(row).document()
        before = row.source_reading or now_says | {"published_on": reading["published_on"], "provider": reading["provider"]}
        changed = [name for name, value in reading.items() if value != before.get(name)]
        restored = row.state == State.WITHDRAWN and self.options.publish
        unpublished = self.options.publish and row.version == 0
        if not changed and not restored and not unpublished:
            return False
        content = Content.of(now_says | {name: reading[name] for name in changed if name in now_says})
        storing.fill(row, content)
        if "items" in changed:
            storing.store_items(row, content.items)
        if "published_on" in changed and entry.taken.published_on:
            row.published_on = entry.taken.published_on
        row.source_record, row.source_reading, row.provider_text = entry.chunk.record.values, reading, entry.taken.provider
        row.flags = self._flags(entry.taken, content)
        if self._may_publish(row, content):
            self._give_codes([row])
            storing.version_row(row, content, now=self.now).save()
        elif row.state != State.WITHDRAWN:
            row.state = State.DRAFT
        row.revision += 1
        row.changed_at = self.now
        row.save()
        self._event(row, "refreshed").save()
        return True


def _reading(taken: Taken) -> dict[str, Any]:
    """What was understood, as it is kept to be compared with the next import."""
    blank = replace(Content.of(taken.reading), items=())
    whole = blank.document() | {"items": taken.reading.get("items", [])}
    day: date | None = taken.published_on
    known = {name: whole[name] for name in taken.reading}
    return known | {"published_on": day.isoformat() if day else None, "provider": taken.provider}
