"""
Export folders that ``verify_ledger.py`` checks without this software, CSV of what an auditor found, and searches about a person.

Threat model. Whoever exports takes away who read about whom: only the audit administrator exports the ledger as a whole, an auditor's CSV
holds what their scope allows, and each export stands in the ledger. A number that identifies somebody lives only as long as it takes to
turn it into a keyed digest.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

import msgspec
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from procrastinate.contrib.django import app as jobs

from zhengtong.apps.foundation.security import queries, rules
from zhengtong.apps.foundation.security.models import LedgerExport, State
from zhengtong.apps.foundation.security.operations.recording import record
from zhengtong.apps.foundation.security.queries import CONTROL_CHAIN, ChainHead, EntryFilter, EntryRow, WorkUnknown
from zhengtong.contracts import traces
from zhengtong.contracts.traces import Block
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import Invalid
from zhengtong.toolkit.keys import NodeKeys, node_keys
from zhengtong.toolkit.tables import plain_cell

EXPORT_TASK = "ledger.export"
#: a file that a spreadsheet still opens
CSV_ROWS = 50_000
_CSV_AT_ONCE = 5000
_NOTE_EVERY = 2000
_NUMBERS = {"person": re.compile(r"\d{17}[\dX]"), "company": re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")}
_DIGEST = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Stretch:
    """A part of a chain: the blocks behind ``after`` up to ``height``, whose hash is ``hash``."""

    chain: str
    after: int
    height: int
    hash: str


def write_folder(folder: Path, stretches: list[Stretch], *, seen: Callable[[Block], None] = lambda _block: None) -> int:
    """
    Write parts of chains with their ends, the public keys and the script that checks them; returns the number of blocks.

    ``seen`` is told each block as it is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with (folder / "blocks.ndjson").open("wb") as out:
        for stretch in sorted(stretches, key=lambda one: (one.chain != CONTROL_CHAIN, one.chain)):
            for block in queries.blocks(stretch.chain, after=stretch.after):
                if block.height > stretch.height:
                    break
                document = msgspec.structs.asdict(block)
                document |= {"at": traces.moment_text(block.at), "body": block.body.decode(), "signature": block.signature.hex()}
                out.write(msgspec.json.encode(document) + b"\n")
                seen(block)
                count += 1
    (folder / "heads.json").write_bytes(msgspec.json.encode({one.chain: [one.height, one.hash] for one in stretches}))
    (folder / "keys.json").write_bytes(msgspec.json.encode(_key_list(node_keys())))
    script = Path(traces.__file__).with_name("verify_ledger.py")
    (folder / "verify_ledger.py").write_bytes(script.read_bytes())
    return count


def _key_list(keys: NodeKeys) -> dict[str, str]:
    """The public keys of the node and of its gateways, past ones included, in a document that the node signs."""
    kinds = {"node": keys.trusted, "gateway": keys.gateways}
    listed = {kind: {key.key_id: {"scheme": key.scheme, "public": key.raw.hex()} for key in all_.values()} for kind, all_ in kinds.items()}
    payload = msgspec.json.encode(listed)
    return {"payload": payload.decode(), "key_id": keys.signing.key_id, "signature": keys.signing.sign(payload).hex()}


def _kept() -> list[Stretch]:
    ends = queries.expired_ends()

    def stretch(head: ChainHead) -> Stretch:
        return Stretch(head.chain, ends.get(head.chain, (0, ""))[0], head.height, head.hash)

    return [stretch(head) for head in queries.chain_heads()]


def export(folder: Path, *, seen: Callable[[Block], None] = lambda _block: None) -> int:
    """
    Write all that is kept of all chains into a folder; returns the number of blocks.

    Nothing personal is in it that is not in the ledger.
    """
    return write_folder(folder, _kept(), seen=seen)


def ask_export(*, reader: Actor, now: datetime) -> int:
    """
    Have an export made in the background; returns its id, of the one that waits already where there is one.

    :raises NotAuditor: unless the reader is the audit administrator.
    """
    rules.require_audit_administrator(reader)
    try:
        with transaction.atomic():
            row = LedgerExport.objects.create(asked_by=reader.label, asked_at=now, total=queries.kept_blocks())
            record("ledger:export:asked", at=now, actor=reader.label, detail={"export": row.pk})
            jobs.configure_task(EXPORT_TASK).defer(export_id=row.pk)
    except IntegrityError:
        return int(LedgerExport.objects.latest("pk").pk)
    return row.pk


def run_export(*, export_id: int, clock: Callable[[], datetime]) -> None:
    """Make an export that was asked for as a zip in the file store; one that was interrupted begins again."""
    rows = LedgerExport.objects.filter(pk=export_id, state__in=[State.WAITING, State.RUNNING])
    if not rows.update(state=State.RUNNING, started_at=clock(), blocks=0):
        return
    try:
        name, size, digest, count = _make_zip(export_id)
    except Exception:
        LedgerExport.objects.filter(pk=export_id).update(state=State.FAILED, ended_at=clock())
        raise
    ended = clock()
    with transaction.atomic():
        LedgerExport.objects.filter(pk=export_id).update(
            state=State.DONE, ended_at=ended, blocks=count, file=name, size=size, sha256=digest
        )
        record("ledger:export:made", at=ended, actor="process:worker", rows=count, detail={"export": export_id, "sha256": digest})


def _make_zip(export_id: int) -> tuple[str, int, str, int]:
    """The name in the file store, size, SHA-256 and number of blocks of a new zip."""
    done = 0

    def seen(_block: Block) -> None:
        nonlocal done
        done += 1
        if done % _NOTE_EVERY == 0:
            LedgerExport.objects.filter(pk=export_id).update(blocks=done)

    with tempfile.TemporaryDirectory() as place:
        folder, packed = Path(place) / "ledger", Path(place) / "ledger.zip"
        count = export(folder, seen=seen)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.iterdir()):
                archive.write(path, f"ledger/{path.name}")
        with packed.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            source.seek(0)
            name = default_storage.save(f"ledger/exports/{export_id}-{digest[:12]}.zip", File(source))
        return name, packed.stat().st_size, digest, count


def open_export(*, reader: Actor, export_id: int, now: datetime) -> File[bytes]:
    """
    The zip of an export, for download; that it was taken stands in the ledger.

    :raises WorkUnknown: if there is none, or it is not done.
    """
    rules.require_audit_administrator(reader)
    found = LedgerExport.objects.filter(pk=export_id, state=State.DONE).first()
    if found is None or not default_storage.exists(found.file):
        raise WorkUnknown
    record("ledger:export:downloaded", at=now, actor=reader.label, detail={"export": export_id, "sha256": found.sha256})
    return default_storage.open(found.file)


# ------------------------------------------------------------------ about a person
def digest_of_number(kind: str, number: str) -> str:
    """
    The ledger's name of a person (identity number) or a company (credit code).

    :raises Invalid: if the number has another form; the sentence does not repeat it.
    """
    text = number.strip().upper()
    if not _NUMBERS[kind].fullmatch(text):
        raise Invalid("号码的格式不对:公民身份号码和统一社会信用代码都是 18 位", field="number")
    return queries.subject_digest(kind, text)


@transaction.atomic
def read_about(*, reader: Actor, digest: str, now: datetime, after: str = "", limit: int = 50) -> list[EntryRow]:
    """
    Entries about one person or company that the reader may see, newest first; that they were looked up is recorded first.

    :raises NotAuditor: if the reader may read nothing.
    :raises Invalid: if ``digest`` is none.
    """
    if not _DIGEST.fullmatch(digest):
        raise Invalid("不是账本中的主体标识", field="digest")
    found = queries.search(reader, EntryFilter(subject=digest), limit=limit, after=after)
    record("ledger:subject:searched", at=now, actor=reader.label, subjects=(digest,), rows=len(found))
    return found


# ------------------------------------------------------------------ CSV
@transaction.atomic
def export_csv(*, reader: Actor, wanted: EntryFilter, now: datetime, limit: int = CSV_ROWS) -> str:
    """
    What matches and the reader may see, newest first, at most ``limit`` rows, as CSV with a head; recorded with what was asked.

    :raises NotAuditor: if the reader may read nothing.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([one.name for one in fields(EntryRow)])
    count, after = 0, ""
    while count < limit:
        rows = queries.search(reader, wanted, limit=min(_CSV_AT_ONCE, limit - count), after=after)
        for row in rows:
            writer.writerow([_cell(getattr(row, one.name)) for one in fields(EntryRow)])
        count += len(rows)
        if len(rows) < _CSV_AT_ONCE:
            break
        after = rows[-1].cursor
    asked = {name: str(value) for name, value in asdict(wanted).items() if value}
    record("ledger:entries:exported", at=now, actor=reader.label, rows=count, detail={"asked": asked})
    return out.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return plain_cell(" ".join(str(one) for one in value))
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode() if value else ""
    return plain_cell(value)
