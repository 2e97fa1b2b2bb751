"""
Files that a department hands in: kept whole as an edition, looked at, corrected, shown.

Threat model. What comes in need not be what its name or its sender says: the name is kept for people alone, the file lies under a name
of ours, its kind is told from its bytes, its size is bounded while it streams, and a workbook that unpacks beyond measure is refused
unread. Sample rows are masked in SQL by the sensitivity of the item that a column feeds.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction

from zhengtong.apps.flow.exchange.models import FileEdition
from zhengtong.apps.flow.exchange.queries.editions import EditionUnknown
from zhengtong.apps.flow.exchange.rules import access, columns
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts import projection
from zhengtong.contracts.grants import Mask
from zhengtong.contracts.routing import Column
from zhengtong.engines.dataflow import mapping
from zhengtong.engines.dataflow.connectors.base import SourceColumn, Window
from zhengtong.engines.dataflow.connectors.files import reader
from zhengtong.engines.dataflow.connectors.files.config import FileKind, Inspection, Layout
from zhengtong.engines.dataflow.connectors.files.reader import FileSource
from zhengtong.engines.dataflow.connectors.postgresql.config import quoted
from zhengtong.engines.dataflow.errors import UnreadableFile
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import listed, say

#: the folder of the file store that is ours alone
STORE = "exchange-files"
_SAMPLE_ROWS = 8
_BLOCK = 1 << 20
#: encodings a person may choose; the first is what the platform finds by itself
ENCODINGS = ("", "utf-8", "gb18030", "utf-16", "big5")


class Stream(Protocol):
    """Bytes to be read once: an upload, a file, a buffer."""

    def read(self, size: int = ..., /) -> bytes:
        """The next bytes; none at the end."""
        ...


class FileTooLarge(Invalid):
    """文件超过上限。"""

    code = "file-too-large"


@dataclass(frozen=True)
class Corrections:
    """What a person says about a file, where the platform found otherwise: rows count from 0; empty or None means as found."""

    sheet: str = ""
    header: int | None = None
    lines: int | None = None
    encoding: str = ""

    def as_dict(self) -> dict[str, Any]:
        """What was said."""
        return {name: value for name, value in asdict(self).items() if value not in {"", None}}


@dataclass(frozen=True)
class Looked:
    """An edition as it was found: its number and layout, the sheets to choose from, masked rows, what a person should look at."""

    edition: int
    file_name: str
    size: int
    layout: Layout
    sheets: tuple[str, ...]
    columns: list[SourceColumn]
    suggestions: list[mapping.Suggestion]
    sample: list[list[str | None]]
    warnings: tuple[str, ...]
    corrections: Corrections
    #: whether it was bound already, so that its layout stands
    is_bound: bool

    @property
    def is_workbook(self) -> bool:
        """Whether there are sheets rather than encodings and delimiters."""
        return self.layout.kind is FileKind.WORKBOOK


def operated(by: identity.Actor | str, resource_id: int) -> catalog.ResourceView:
    """
    The resource, if the actor keeps its binding; a process of the installation may.

    :raises NotYours: otherwise.
    """
    resource = catalog.resource(resource_id)
    if isinstance(by, identity.Actor):
        access.require_operate(by, resource.office)
    return resource


def label_of(by: identity.Actor | str) -> str:
    """How the ledger names who did it."""
    return by.label if isinstance(by, identity.Actor) else by


def receive_file(*, by: identity.Actor | str, resource_id: int, stream: Stream, file_name: str, now: datetime) -> int:
    """
    Keep a file for a resource and see how it is laid out; nothing is bound yet. Returns the number of the edition.

    :raises NotYours: unless the actor keeps the resource's binding.
    :raises FileTooLarge: if it is larger than ``EXCHANGE_FILE_LIMIT``.
    :raises UnreadableFile: if it is no table that can be read, with the reason and the remedy; nothing is kept then.
    """
    resource = operated(by, resource_id)
    row = stored(by, resource, stream, file_name, now)
    try:
        row.layout = _inspected(path_of(row), Corrections()).layout.to_dict()
        note_received(by, resource, row, now)
    except BaseException:
        default_storage.delete(row.stored)
        raise
    return row.pk


@transaction.atomic
def note_received(by: identity.Actor | str, resource: catalog.ResourceView, row: FileEdition, now: datetime) -> None:
    """Save an edition that was kept, with its entry in the ledger."""
    row.save(force_insert=True)
    security.record(
        "exchange:file:received",
        at=now,
        actor=label_of(by),
        office=resource.office,
        resource=resource.code,
        detail={"edition": row.pk, "file": row.file_name, "sha256": row.sha256, "bytes": row.size},
    )


def stored(by: identity.Actor | str, resource: catalog.ResourceView, stream: Stream, file_name: str, now: datetime) -> FileEdition:
    """The bytes in the file store and a row about them that is not saved yet; nothing stays if they are too many."""
    name = f"{STORE}/{resource.id}/{uuid.uuid4().hex}"
    upload = _Measured(stream)
    try:
        saved = default_storage.save(name, upload)
    except BaseException:
        default_storage.delete(name)
        raise
    return FileEdition(
        resource_id=resource.id,
        stored=saved,
        file_name=plain_name(file_name),
        sha256=upload.digest.hexdigest(),
        size=upload.count,
        received_by=label_of(by),
        received_at=now,
    )


class _Measured(File):  # type: ignore[type-arg]  # generic in its stubs alone
    """A stream that is counted and hashed on its way, and stopped where it grows too large."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(None)
        self._stream = stream
        self.digest, self.count = sha256(), 0

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The bytes, once."""
        limit = settings.EXCHANGE_FILE_LIMIT
        while block := self._stream.read(chunk_size or _BLOCK):
            self.count += len(block)
            if self.count > limit:
                raise FileTooLarge(say("文件超过 {limit} MB", limit=limit >> 20), field="file", remedy="分成几个文件,或改为挂接数据库表")
            self.digest.update(block)
            yield block


def plain_name(file_name: str) -> str:
    """The last part of a name, without characters that cannot be seen; it is shown to people and never opened."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable()).strip()[:200] or "upload"


def path_of(edition: FileEdition) -> Path:
    """Where the edition's bytes lie."""
    return Path(default_storage.path(edition.stored))


def source_of(edition: FileEdition) -> FileSource:
    """The edition as a source of rows."""
    return FileSource(path_of(edition), Layout.from_dict(edition.layout))


def counted(edition: FileEdition) -> int:
    """How many rows lie below the header, bad ones included, in a pass over the file."""
    snapshot = source_of(edition).snapshot(source_of(edition).order)
    try:
        return snapshot.count(Window())
    finally:
        snapshot.close()


def edition_row(resource_id: int, edition_id: int) -> FileEdition:
    """
    An edition of a resource.

    :raises EditionUnknown: if there is none, or its file is gone.
    """
    row = FileEdition.objects.filter(pk=edition_id, resource_id=resource_id).first()
    if row is None or not default_storage.exists(row.stored):
        raise EditionUnknown
    return row


def look(*, actor: identity.Actor | str, resource_id: int, edition_id: int) -> Looked:
    """
    An edition as it is to be read now.

    :raises EditionUnknown: if the resource has no such edition.
    """
    resource = operated(actor, resource_id)
    row = edition_row(resource_id, edition_id)
    corrections = Corrections(**row.corrections)
    return _looked(resource, row, _inspected(path_of(row), corrections), corrections)


def correct(*, actor: identity.Actor, resource_id: int, edition_id: int, corrections: Corrections) -> Looked:
    """
    Read an edition as a person says it is laid out; the next edition is tried that way first.

    :raises EditionUnknown: if the resource has no such edition.
    :raises UnreadableFile: if it cannot be read so; it stays as it was.
    :raises Invalid: if the edition was bound already, or the encoding is none of ours.
    """
    resource = operated(actor, resource_id)
    row = edition_row(resource_id, edition_id)
    if row.bound_at is not None:
        raise Invalid("这一期文件已经挂接,版式不能再改", remedy="重新提交文件后更正")
    if corrections.encoding not in ENCODINGS:
        raise Invalid("没有这种文字编码", field="encoding", remedy="从列出的编码中选择")
    found = _inspected(path_of(row), corrections)
    row.layout, row.corrections = found.layout.to_dict(), corrections.as_dict()
    row.save(update_fields=["layout", "corrections"])
    return _looked(resource, row, found, corrections)


@lru_cache(maxsize=16)
def _inspected(path: Path, said: Corrections) -> Inspection:
    """What a stored file looks like; it never changes under its name, and a workbook is read whole for every look."""
    return reader.inspect(path, sheet=said.sheet, header=said.header, lines=said.lines, encoding=said.encoding)


def again(path: Path, earlier: FileEdition, wanted: Sequence[str]) -> tuple[Layout, Corrections]:
    """
    The layout of the next edition: found anew, or as the edition before it, whichever has the columns that are wanted.

    :raises Invalid: if neither has them all, naming those that are missing.
    :raises UnreadableFile: if it is no table that can be read.
    """
    before = Layout.from_dict(earlier.layout)
    place = Corrections(sheet=before.sheet, header=before.header_row, lines=before.header_lines)
    tries = (Corrections(**earlier.corrections), Corrections(sheet=before.sheet), place, Corrections())
    missing: list[str] = list(wanted)
    failure: UnreadableFile | None = None
    for said in dict.fromkeys(tries):
        try:
            layout = _inspected(path, said).layout
        except UnreadableFile as exc:
            failure = failure or exc
            continue
        lacking = [name for name in wanted if name not in layout.names]
        if not lacking:
            return layout, said
        missing = min(missing, lacking, key=len)
        failure = None
    if failure is not None:
        raise failure
    raise Invalid(
        say("新一期文件缺少列:{names}", names=listed(dict.fromkeys(missing))),
        field="file",
        remedy="核对是否交错了文件;列名确已改变的,用“换一个来源”重新选择对应的列。原有数据没有改动",
    )


def file_columns(layout: Layout) -> list[SourceColumn]:
    """The columns of a file; they have no types, for everything in a file is text."""
    return [SourceColumn(name) for name in layout.names]


def _looked(resource: catalog.ResourceView, row: FileEdition, found: Inspection, corrections: Corrections) -> Looked:
    names = file_columns(found.layout)
    suggestions = mapping.suggest([columns.column_item(item) for item in resource.items], names)
    feeds = {one.column: one.item for one in suggestions}
    return Looked(
        edition=row.pk,
        file_name=row.file_name,
        size=row.size,
        layout=found.layout,
        sheets=found.sheets,
        columns=names,
        suggestions=suggestions,
        sample=_masked(resource, found, {name.name: feeds.get(name.name, "") for name in names}),
        warnings=found.warnings,
        corrections=corrections,
        is_bound=row.bound_at is not None,
    )


def sample_file(*, actor: identity.Actor, resource_id: int, edition_id: int, chosen: Mapping[str, str]) -> list[list[str | None]]:
    """A few rows as the items will hold them, in the items' order; ``chosen`` is item key → column."""
    resource = operated(actor, resource_id)
    row = edition_row(resource_id, edition_id)
    found = _inspected(path_of(row), Corrections(**row.corrections))
    places = {name: place for place, name in enumerate(found.layout.names)}
    lines = [
        [line[places[chosen[item.key]]] if chosen.get(item.key) in places else None for item in resource.items] for line in found.sample
    ]
    return _shown([_mask_of(item.sensitivity) for item in resource.items], lines[:_SAMPLE_ROWS])


def _mask_of(sensitivity: str) -> Mask:
    mask = sharing.PROPOSED_MASKS.get(sensitivity, Mask.NONE)
    # only a date shrinks to its year, and in a file everything is text
    return Mask.HIDDEN if mask is Mask.YEAR else mask


def _masked(resource: catalog.ResourceView, found: Inspection, feeds: Mapping[str, str]) -> list[list[str | None]]:
    """Sample rows by column; what no item is known to take may be anything, and is hidden where the resource has anything to hide."""
    masks = {item.key: _mask_of(item.sensitivity) for item in resource.items}
    unknown = Mask.HIDDEN if any(mask is not Mask.NONE for mask in masks.values()) else Mask.NONE
    return _shown([masks.get(feeds[name], unknown) for name in found.layout.names], [list(line) for line in found.sample[:_SAMPLE_ROWS]])


def _shown(masks: Sequence[Mask], lines: Sequence[Sequence[str | None]]) -> list[list[str | None]]:
    """Rows of text under their masks, by the very SQL that masks what leaves the hub."""
    if not lines or not masks:
        return [list(line) for line in lines]
    names = [f"c{place}" for place in range(len(masks))]
    parts = [f"({projection.masked(Column(name, name, 'text', name), mask)})::text" for name, mask in zip(names, masks, strict=True)]
    declared = ", ".join(f"{quoted(name)} text" for name in names)
    statement = f"select {', '.join(parts)} from jsonb_to_recordset(%s::jsonb) as t({declared})"  # noqa: S608 - names of our own making
    document = [{name: cell and cell.replace("\0", "␀") for name, cell in zip(names, line, strict=True)} for line in lines]
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(document, ensure_ascii=False)])
        return [list(row) for row in cursor.fetchall()]
