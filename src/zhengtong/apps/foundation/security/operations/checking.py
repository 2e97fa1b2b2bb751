"""
Verification of all chains, at once or as work for the background.

Threat model: see ``operations.recording``. A claim that older blocks were expired counts only if the block of the control chain that makes
it is itself right and signed; where it is not, checking begins at the first block, and what is missing shows as a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

import msgspec
import structlog
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django import app as jobs

from zhengtong.apps.foundation.security import queries, rules
from zhengtong.apps.foundation.security.models import LedgerCheck, State
from zhengtong.apps.foundation.security.operations.recording import record
from zhengtong.apps.foundation.security.queries import CONTROL_CHAIN, ChainHead
from zhengtong.apps.foundation.security.rules import Finding
from zhengtong.contracts import traces
from zhengtong.contracts.traces import Block
from zhengtong.kernel.actors import Actor
from zhengtong.toolkit.keys import NodeKeys, node_keys

log = structlog.get_logger()

#: the task's name; ``tasks`` registers it
CHECK_TASK = "ledger.check"
_FINDINGS_KEPT = 1000
_NOTE_EVERY = 2000
Progress = Callable[[int], None]


@dataclass
class _Run:
    """One pass over all chains."""

    keys: NodeKeys
    progress: Progress
    #: heads that were kept elsewhere
    kept: dict[str, tuple[int, str]]
    checked: int = 0
    wrong: int = 0
    findings: list[Finding] = field(default_factory=list)
    anchors: dict[str, tuple[int, str]] = field(default_factory=dict)
    #: what clean blocks of the control chain say about expiry, the latest
    proven: dict[str, tuple[int, str]] = field(default_factory=dict)

    def found(self, findings: list[Finding]) -> None:
        self.wrong += len(findings)
        self.findings += findings[: _FINDINGS_KEPT - len(self.findings)]

    def chain(self, head: ChainHead, start: tuple[int, str]) -> None:
        """Check one chain behind ``start``."""
        check = rules.ChainCheck(head.chain, self.keys.of_chain(head.chain), *start)
        # what was kept elsewhere overrules what the control chain says
        expected = dict(one for one in (self.anchors.pop(head.chain, None), self.kept.pop(head.chain, None)) if one)
        if expected.get(start[0], start[1]) != start[1]:
            self.found([Finding(head.chain, start[0], "anchor", _ANOTHER)])
        for block in queries.blocks(head.chain, after=start[0]):
            if block.height > head.height:  # written while we read
                break
            findings = check.check(block)
            self.found(findings)
            self.checked += 1
            if self.checked % _NOTE_EVERY == 0:
                self.progress(self.checked)
            if head.chain == CONTROL_CHAIN:
                self.anchors |= _anchored(block)
                self.proven = (None if findings else queries.ends_in(block)) or self.proven
            if expected.get(block.height, block.hash) != block.hash:
                self.found([Finding(head.chain, block.height, "anchor", _ANOTHER)])
        self.found(check.check_head(head.height, head.hash))
        if check.height < (highest := max(expected, default=0)):
            self.found([Finding(head.chain, highest, "missing", "锚定过的块不在账本中")])

    def all_chains(self) -> None:
        """Check every chain, the control chain first, because it says where the others begin."""
        heads = {head.chain: head for head in queries.chain_heads()}
        claimed = queries.expired_ends()
        control = heads.pop(CONTROL_CHAIN, None)
        if control is not None:
            self.chain(control, claimed.get(CONTROL_CHAIN, _BEGINNING))
        elif heads:
            self.found([Finding(CONTROL_CHAIN, 0, "missing", "没有主链")])
        for chain, end in claimed.items():
            if self.proven.get(chain) != end:
                self.found([Finding(chain, end[0], "expiry", "到期清除的记录不成立:声明它的块未通过核验")])
        for chain, head in heads.items():
            self.chain(head, self.proven.get(chain, _BEGINNING))
        for chain, (height, _hash) in (self.anchors | self.kept).items():
            self.found([Finding(chain, height, "missing", "锚定过的链不在账本中")])


_BEGINNING = (0, traces.GENESIS)
_ANOTHER = "与锚定的散列不符"


def _anchored(block: Block) -> dict[str, tuple[int, str]]:
    if b'"ledger:heads:anchored"' not in block.body:
        return {}
    try:
        entries = traces.decode_entries(block.body)
        return {
            chain: (int(height), str(hash_))
            for entry in entries
            if entry.event == "ledger:heads:anchored"
            for chain, (height, hash_) in entry.detail["heads"].items()
        }
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError):
        return {}


def _verify(progress: Progress, kept: Mapping[str, tuple[int, str]]) -> _Run:
    run = _Run(node_keys(), progress, dict(kept))
    run.all_chains()
    return run


def verify(
    *, kept: Mapping[str, tuple[int, str]] = MappingProxyType({}), progress: Progress = lambda _checked: None
) -> tuple[int, list[Finding]]:
    """
    Check every chain against hashes, signatures, heads, anchors and recorded expiries, and against heads that were ``kept`` elsewhere.

    Returns how many blocks were checked and what is wrong, at most the first thousand findings. ``progress`` is told the number of blocks
    checked so far, now and then.
    """
    run = _verify(progress, kept)
    return run.checked, run.findings


def ask_check(*, reader: Actor, now: datetime) -> int:
    """
    Have the ledger verified in the background; returns the check's id, of the one that waits already where there is one.

    :raises NotAuditor: unless the reader is the audit administrator.
    """
    rules.require_audit_administrator(reader)
    try:
        with transaction.atomic():
            row = LedgerCheck.objects.create(asked_by=reader.label, asked_at=now, total=queries.kept_blocks())
            record("ledger:check:asked", at=now, actor=reader.label, detail={"check": row.pk})
            jobs.configure_task(CHECK_TASK).defer(check_id=row.pk)
    except IntegrityError:
        return int(LedgerCheck.objects.latest("pk").pk)
    return row.pk


def run_check(*, check_id: int, clock: Callable[[], datetime]) -> None:
    """
    Do a check that was asked for, and keep its result. A check that was interrupted begins again; one that is done stays as it is.

    ``clock`` tells the moments of beginning and end.
    """
    rows = LedgerCheck.objects.filter(pk=check_id, state__in=[State.WAITING, State.RUNNING])
    if not rows.update(state=State.RUNNING, started_at=clock(), blocks=0):
        return
    try:
        run = _verify(lambda checked: _note(check_id, checked), {})
    except Exception:
        LedgerCheck.objects.filter(pk=check_id).update(state=State.FAILED, ended_at=clock())
        raise
    ended = clock()
    heads = {head.chain: [head.height, head.hash] for head in queries.chain_heads()}
    with transaction.atomic():
        LedgerCheck.objects.filter(pk=check_id).update(
            state=State.DONE,
            ended_at=ended,
            blocks=run.checked,
            wrong=run.wrong,
            findings=[one.as_kept() for one in run.findings],
            heads=heads,
        )
        record("ledger:check:finished", at=ended, actor="process:worker", rows=run.checked, detail={"check": check_id, "wrong": run.wrong})
    if run.wrong:
        log.error("the ledger does not verify", check=check_id, wrong=run.wrong)


def _note(check_id: int, checked: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update ledger_check set blocks = %s where id = %s", [checked, check_id])
