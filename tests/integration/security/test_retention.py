"""The ledger's oldest months end: what stays still proves itself, and nothing else can end."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.foundation.security import rules
from zhengtong.contracts import traces
from zhengtong.contracts.traces import Entry
from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.crypto.signing import PrivateKey, Scheme
from zhengtong.project import readiness, worker
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.keys import node_keys

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


def moment(year: int, month: int, day: int = 10) -> datetime:
    return datetime(year, month, day, 3, 0, 0, 123456, tzinfo=UTC)


class Writer:
    """A gateway that writes its own chain."""

    def __init__(self, chain: str, key: PrivateKey | None = None) -> None:
        self.chain, self.height, self.hash, self.key = chain, 0, traces.GENESIS, key or node_keys().signing

    def write(self, at: datetime, *names: str, event: str = "gateway:rows:read", detail: dict[str, object] | None = None) -> None:
        entries = [Entry(id=name, at=at, event=event, detail=detail or {}) for name in names]
        block = rules.make_block(
            chain=self.chain, height=self.height + 1, previous=self.hash, entries=entries, at=at, digest=Digest.SHA256, key=self.key
        )
        with connection.cursor() as cursor:
            values = [block.chain, block.height, block.at, block.count, block.digest, block.previous, block.hash]
            values += [block.scheme, block.key_id, block.signature, block.body]
            cursor.execute(f"select ledger_append({', '.join(['%s'] * 11)})", values)
            assert cursor.fetchone() == (True,)
        self.height, self.hash = block.height, block.hash


@pytest.fixture(autouse=True)
def files(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def years() -> Writer:
    """Three months of 2022, then the present."""
    writer = Writer("gateway:a")
    security.record("identity:account:added", at=moment(2022, 1), actor="process:test")
    for month in (1, 2, 3):
        writer.write(moment(2022, month), f"r{month}a", f"r{month}b")
        writer.write(moment(2022, month, 20), f"r{month}c")
        security.record("identity:account:closed", at=moment(2022, month, 21), actor="process:test")
        security.anchor(at=moment(2022, month, 22))
    writer.write(moment(2026, 6, 1), "fresh")
    security.anchor(at=NOW)
    return writer


def tamper(*statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("alter table ledger_block disable trigger user")
        for statement in statements:
            cursor.execute(statement)


def kinds() -> set[tuple[str, str]]:
    return {(finding.chain, finding.kind) for finding in security.verify()[1]}


def run_script(*folders: Path) -> subprocess.CompletedProcess[str]:
    script = Path(traces.__file__).with_name("verify_ledger.py")
    return subprocess.run([sys.executable, "-I", script, *folders], capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("years")
def test_old_months_leave_and_the_rest_still_verifies(files: Path, tmp_path: Path) -> None:
    security.unfold()
    gone = security.expire_months(now=NOW)
    assert [one.month for one in gone] == ["202201", "202202", "202203"]
    assert [one.blocks for one in gone] == [5, 4, 4]
    assert security.verify()[1] == []
    assert {row.at.year for row in security.entries(security.EntryFilter(), limit=500)} == {2026}
    assert security.expire_months(now=NOW) == []
    security.unfold()
    (first, *_rest) = reversed(security.entries(security.EntryFilter(event="ledger:month:expired")))
    assert first.detail["month"] == "202201"
    security.export(tmp_path / "live")
    alone = run_script(tmp_path / "live")
    assert alone.returncode == 0, alone.stdout
    folders = [files / one.folder for one in gone]
    assert {path.name for path in folders[0].iterdir()} == {"blocks.ndjson", "heads.json", "keys.json", "verify_ledger.py"}
    whole = run_script(*folders, tmp_path / "live")
    assert whole.returncode == 0, whole.stdout
    assert run_script(folders[0], tmp_path / "live").returncode == 1  # two months between are missing


def test_usual_retention_is_three_years(years: Writer) -> None:
    assert security.expire_months(now=moment(2025, 2, 1))[-1].month == "202201"
    assert security.expire_months(now=moment(2025, 2, 1)) == []


def test_a_setting_below_the_law_expires_nothing_and_is_told_by_check(years: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGTONG_KEEP_USE_MONTHS", "35")
    environment.cache_clear()
    try:
        with pytest.raises(security.TooShort):
            security.expire_months(now=NOW)
        (told,) = [one for one in readiness.findings() if one.name == "账本保存"]
        assert told.level == "error"
        assert "ZHENGTONG_KEEP_USE_MONTHS" in told.remedy
        monkeypatch.setenv("ZHENGTONG_KEEP_USE_MONTHS", "50")
        environment.cache_clear()
        assert [one.month for one in security.expire_months(now=NOW)] == ["202201", "202202", "202203"]
    finally:
        monkeypatch.undo()
        environment.cache_clear()


def test_the_worker_expires_what_is_due(years: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    (turn,) = [one for one in worker.TURNS if one.name == "retention"]
    monkeypatch.setattr(worker.clock, "now", lambda: NOW)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)  # the test's own transaction
    worker.take(turn)
    worker.take(turn)
    security.unfold()
    recorded = security.entries(security.EntryFilter(event="ledger:month:expired"))
    assert [(row.actor, row.detail["month"]) for row in reversed(recorded)] == [
        ("process:worker", month) for month in ("202201", "202202", "202203")
    ]
    assert security.verify()[1] == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("update ledger_block set body = body || ' ' where chain = 'gateway:a'", {("gateway:a", "body")}),
        ("delete from ledger_block where chain = 'gateway:a'", {("gateway:a", "head"), ("gateway:a", "missing")}),
        (
            (
                "delete from ledger_block where chain = 'control' "
                "and height = (select min(height) + 1 from ledger_block where chain = 'control')"
            ),
            {("control", "gap")},
        ),
    ],
)
def test_tampering_is_still_found_after_an_expiry(years: Writer, statement: str, expected: set[tuple[str, str]]) -> None:
    security.expire_months(now=NOW)
    years.write(NOW, "later")
    security.anchor(at=NOW)
    assert security.verify()[1] == []
    tamper(statement)
    assert kinds() >= expected


def test_blocks_that_vanish_without_a_record_are_a_gap(years: Writer) -> None:
    tamper("drop table ledger_block_202201")
    assert kinds() == {("gateway:a", "gap"), ("control", "gap")}


def test_an_expiry_forged_with_another_key_is_found(years: Writer) -> None:
    """Somebody with the database, but without the node's key, drops a month and writes the record that would excuse it."""
    with connection.cursor() as cursor:
        cursor.execute("select chain, height, hash from ledger_block where at < '2022-02-01' order by height")
        ends = {chain: [height, hash_] for chain, height, hash_ in cursor.fetchall()}
        cursor.execute("select height, hash from ledger_chain where chain = 'control'")
        height, head = cursor.fetchone()
    forger = Writer("control", PrivateKey.generate(Scheme.ED25519))
    forger.height, forger.hash = height, head
    forger.write(NOW, "forged", event="ledger:month:expired", detail={"month": "202201", "ends": ends})
    tamper("drop table ledger_block_202201")
    assert {("control", "key"), ("control", "expiry"), ("gateway:a", "expiry"), ("gateway:a", "gap")} <= kinds()
    with pytest.raises(security.MonthNotClean):  # a true record must not build on a false one
        security.expire_months(now=NOW)


def test_an_expiry_changed_afterwards_is_found(years: Writer, tmp_path: Path) -> None:
    security.expire_months(now=moment(2025, 2, 15))
    tamper(
        "update ledger_block set body = replace(convert_from(body, 'UTF8'), '\"202201\"', '\"202202\"')::bytea "
        "where chain = 'control' and position('ledger:month:expired'::bytea in body) > 0"
    )
    assert {("control", "body"), ("control", "expiry")} <= kinds()
    security.export(tmp_path)
    assert run_script(tmp_path).returncode == 1


def test_an_expiry_written_by_another_chain_counts_for_nothing(years: Writer) -> None:
    other = Writer("gateway:b")
    other.write(NOW, "x", event="ledger:month:expired", detail={"month": "202201", "ends": {"gateway:a": [2, "0" * 64]}})
    tamper("drop table ledger_block_202201")
    assert ("gateway:a", "gap") in kinds()


def test_a_month_that_does_not_verify_is_kept_as_evidence(years: Writer) -> None:
    tamper("update ledger_block set body = body || ' ' where chain = 'gateway:a' and height = 3")
    with pytest.raises(security.MonthNotClean):
        security.expire_months(now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('ledger_block_202201') is null, to_regclass('ledger_block_202202') is null")
        assert cursor.fetchone() == (True, False)


def test_a_clock_that_was_wrong_does_not_take_young_blocks_away(years: Writer) -> None:
    years.write(moment(2022, 3, 30), "a clock four years behind")
    with pytest.raises(security.MonthHeld):
        security.expire_months(now=NOW)
    assert ("gateway:a", "gap") not in kinds()


def test_a_chain_that_has_ended_expires_whole() -> None:
    writer = Writer("gateway:old")
    writer.write(moment(2022, 1), "one")
    security.record("identity:account:added", at=moment(2026, 5), actor="process:test")
    security.anchor(at=moment(2026, 5))
    assert [one.month for one in security.expire_months(now=NOW)] == ["202201"]
    assert security.verify()[1] == []
