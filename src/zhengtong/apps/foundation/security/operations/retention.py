"""
The end of the ledger's oldest months.

Threat model. Expiry is the one act that removes blocks, so it would be the way to hide them. It is refused below what the law asks for,
whatever was set; a month that does not verify is kept as evidence; what is removed is exported first; and where each chain now begins
stands in the signed control chain, so that any other removal shows as a gap.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction

from zhengtong.apps.foundation.security import queries, rules
from zhengtong.apps.foundation.security.operations.exporting import Stretch, write_folder
from zhengtong.apps.foundation.security.operations.recording import record
from zhengtong.contracts import traces
from zhengtong.contracts.traces import Block
from zhengtong.kernel.errors import Conflict
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.keys import node_keys


class MonthNotClean(Conflict):
    """账本在这个月的部分没有通过核验,作为证据保留,不能清除。"""

    code = "month-not-clean"


class MonthHeld(Conflict):
    """这个月的部分与较新的块交错,不能清除。"""

    code = "month-held"


@dataclass(frozen=True)
class ExpiredMonth:
    """A month that was removed: its name, how many blocks its folder in the file store holds, and that folder."""

    month: str
    blocks: int
    folder: str


def expire_months(*, kept: rules.Retention | None = None, now: datetime, actor: str = "process:worker") -> list[ExpiredMonth]:
    """
    Export and remove the months older than what is kept (by the installation's setting), oldest first, each in a transaction of its own.

    :raises TooShort: if the setting is below the statutory minimum.
    :raises MonthNotClean: if a month does not verify; the months before it are gone, it and later ones stay.
    :raises MonthHeld: if a block of the month follows a younger one in its chain.
    """
    due = rules.to_expire(queries.months(), kept=kept or retention(), now=now)
    return [gone for month in due if (gone := _expire(month, now=now, actor=actor))]


def retention() -> rules.Retention:
    """
    How long this installation keeps its ledger.

    :raises TooShort: if its setting is below the statutory minimum.
    """
    return rules.Retention(use=environment().keep_use_months, acts=environment().keep_acts_months)


_LAST = """
    select b.chain, b.height, b.hash from ledger_block b
    join (select chain, max(height) as height from ledger_block where at >= %s and at < %s group by chain) last
        on last.chain = b.chain and last.height = b.height
"""


@transaction.atomic
def _expire(month: str, *, now: datetime, actor: str) -> ExpiredMonth | None:
    """Expire one month; None if another worker has."""
    over = rules.end_of(month)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('zhengtong-ledger-expiry', 0))")
        if month not in queries.months():
            return None
        # a writer whose clock is years behind waits here, and then finds that its month is made anew
        cursor.execute(f"lock table ledger_block_{month} in access exclusive mode")
        cursor.execute(_LAST, [rules.end_of(rules.months_before(month, 1)), over])
        last = {chain: (int(height), str(hash_)) for chain, height, hash_ in cursor.fetchall()}
    before = _proven_ends()
    moved = {chain: end for chain, end in last.items() if end[0] > before.get(chain, (0, ""))[0]}
    ends = before | moved
    stretches = [Stretch(chain, before.get(chain, (0, ""))[0], *end) for chain, end in moved.items()]
    with tempfile.TemporaryDirectory() as place:
        count = _write_checked(Path(place), stretches, before, over)
        with (Path(place) / "blocks.ndjson").open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
        folder = f"ledger/expired/{month}"
        for path in sorted(Path(place).iterdir()):
            name = f"{folder}/{path.name}"
            default_storage.delete(name)  # of an attempt that did not commit
            with path.open("rb") as source:
                default_storage.save(name, File(source))
    detail = {"month": month, "ends": {chain: list(end) for chain, end in ends.items()}, "folder": folder, "sha256": digest}
    record(rules.EXPIRED, at=now, actor=actor, rows=count, detail=detail)
    with connection.cursor() as cursor:
        cursor.execute(f"drop table ledger_block_{month}")
        cursor.execute(f"drop table if exists ledger_entry_{month}")
    return ExpiredMonth(month, count, folder)


def _proven_ends() -> dict[str, tuple[int, str]]:
    """
    Where earlier expiries ended, if the record of it is sound: building on a forged one would sign it.

    :raises MonthNotClean: if it is not.
    """
    claim = queries.claimed_expiry()
    if claim is None:
        return {}
    block, ends = claim
    if rules.ChainCheck(block.chain, node_keys().of_chain(block.chain), block.height - 1, block.previous).check(block):
        raise MonthNotClean(
            say("{chain} 第 {height} 块声明的到期清除不成立", chain=block.chain, height=block.height), remedy="运行 zhengtong ledger verify"
        )
    return ends


def _write_checked(folder: Path, stretches: list[Stretch], before: dict[str, tuple[int, str]], over: datetime) -> int:
    """Write the folder, checking each block on its way."""
    keys = node_keys()
    checks = {
        one.chain: rules.ChainCheck(one.chain, keys.of_chain(one.chain), *before.get(one.chain, (0, traces.GENESIS))) for one in stretches
    }

    def seen(block: Block) -> None:
        findings = checks[block.chain].check(block)
        if findings:
            raise MonthNotClean(
                say("{chain} 第 {height} 块:{sentence}", chain=block.chain, height=block.height, sentence=findings[0].sentence),
                remedy="运行 zhengtong ledger verify",
            )
        if block.at >= over + rules.TURN:
            raise MonthHeld(say("{chain} 第 {height} 块的时间是 {day}", chain=block.chain, height=block.height, day=block.at.date()))

    count = write_folder(folder, stretches, seen=seen)
    for one in stretches:
        if checks[one.chain].check_head(one.height, one.hash):
            raise MonthNotClean(say("{chain} 止于第 {height} 块", chain=one.chain, height=checks[one.chain].height))
    return count
