"""What the ledger promises: every change, gap, reordering and cut is found, online and on an export."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.foundation.security import rules
from zhengtong.contracts import traces
from zhengtong.contracts.traces import Entry
from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.crypto.signing import PrivateKey, Scheme
from zhengtong.toolkit import keys
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.keys import node_keys

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 2, 0, 0, 123456, tzinfo=UTC)


def append(chain: str, height: int, previous: str, *names: str, key: PrivateKey | None = None) -> str:
    entries = [Entry(id=name, at=NOW, event="gateway:rows:read", subjects=("ab" * 16,), rows=1) for name in names]
    key = key or node_keys().signing
    block = rules.make_block(chain=chain, height=height, previous=previous, entries=entries, at=NOW, digest=Digest.SM3, key=key)
    with connection.cursor() as cursor:
        values = [block.chain, block.height, block.at, block.count, block.digest, block.previous, block.hash, block.scheme, block.key_id]
        cursor.execute(f"select ledger_append({', '.join(['%s'] * 11)})", [*values, block.signature, block.body])
        assert cursor.fetchone() == (True,)
    return block.hash


@pytest.fixture
def chains() -> None:
    first = append("gateway:a", 1, traces.GENESIS, "one", "two")
    second = append("gateway:a", 2, first, "three")
    append("gateway:a", 3, second, "four")
    security.record("identity:account:added", at=NOW, actor="process:test", detail={"account": "李"})
    security.anchor(at=NOW)


def tamper(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("alter table ledger_block disable trigger user")
        cursor.execute(statement)


@pytest.mark.usefixtures("chains")
def test_an_honest_ledger_has_no_findings() -> None:
    assert security.verify() == (5, [])


@pytest.mark.usefixtures("chains")
@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        ("update ledger_block set body = replace(body::text, 'x', 'x')::bytea || ' ' where chain = 'gateway:a' and height = 2", {"body"}),
        ("update ledger_block set count = 7 where chain = 'gateway:a' and height = 2", {"count", "body"}),
        ("delete from ledger_block where chain = 'gateway:a' and height = 2", {"gap"}),
        ("delete from ledger_block where chain = 'gateway:a' and height = 3", {"head", "missing"}),
        ("update ledger_block set signature = '\\x00' where chain = 'gateway:a' and height = 1", {"signature"}),
        ("update ledger_block set key_id = 'nobody' where chain = 'control' and height = 1", {"key"}),
        ("update ledger_block set at = at + interval '1 microsecond' where chain = 'gateway:a' and height = 1", {"body"}),
        (
            (
                "update ledger_block set height = 99 where chain = 'gateway:a' and height = 1;"
                "update ledger_block set height = 1 where chain = 'gateway:a' and height = 2;"
                "update ledger_block set height = 2 where chain = 'gateway:a' and height = 99"
            ),
            {"body", "link"},
        ),
        (
            "delete from ledger_block where chain = 'gateway:a'; delete from ledger_chain where chain = 'gateway:a'",
            {"missing"},
        ),
    ],
)
def test_every_tampering_is_found(statement: str, kinds: set[str]) -> None:
    tamper(statement)
    _checked, findings = security.verify()
    assert {finding.kind for finding in findings} == kinds


@pytest.mark.usefixtures("chains")
def test_the_database_refuses_to_change_what_was_recorded() -> None:
    for statement in ("update ledger_block set count = 1", "delete from ledger_block", "truncate ledger_block"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_of_two_writers_at_one_height_the_second_is_refused() -> None:
    append("gateway:a", 1, traces.GENESIS, "one")
    with pytest.raises(AssertionError):
        append("gateway:a", 1, traces.GENESIS, "other")


@pytest.mark.usefixtures("chains")
def test_blocks_become_searchable_once() -> None:
    assert security.unfold() == 6
    assert security.unfold() == 0
    assert security.unfolded_lag() == 0
    found = security.entries(security.EntryFilter(subject="ab" * 16))
    assert sorted(row.id for row in found) == ["four", "one", "three", "two"]
    first = security.entries(security.EntryFilter(event="gateway:"), limit=3)
    rest = security.entries(security.EntryFilter(event="gateway:"), limit=3, after=first[-1].cursor)
    assert sorted(row.id for row in first + rest) == ["four", "one", "three", "two"]


def run_standalone(folder: Path, *kept: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", folder / "verify_ledger.py", *kept, folder]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("chains")
def test_an_export_verifies_with_the_script_alone(tmp_path: Path) -> None:
    assert security.export(tmp_path) == 5
    honest = run_standalone(tmp_path)
    assert honest.returncode == 0, honest.stdout + honest.stderr
    assert "5 blocks in 2 chains checked, 0 problems" in honest.stdout


@pytest.mark.usefixtures("chains")
@pytest.mark.parametrize("damage", ["change", "cut", "swap", "drop"])
def test_a_damaged_export_is_found(tmp_path: Path, damage: str) -> None:
    security.export(tmp_path)
    lines = (tmp_path / "blocks.ndjson").read_text().splitlines()
    gateway = [index for index, line in enumerate(lines) if json.loads(line)["chain"] == "gateway:a"]
    if damage == "change":
        lines[gateway[0]] = lines[gateway[0]].replace("three", "thr33").replace("two", "tw0")
    elif damage == "cut":
        del lines[gateway[-1]]
    elif damage == "swap":
        lines[gateway[0]], lines[gateway[1]] = lines[gateway[1]], lines[gateway[0]]
    else:
        del lines[gateway[1]]
    (tmp_path / "blocks.ndjson").write_text("\n".join(lines) + "\n")
    assert run_standalone(tmp_path).returncode == 1


def cut(folder: Path, **heights: int) -> None:
    """Cut tails off an export, and let its heads say so too: what somebody does who wants it not to show."""
    names = {"gateway:a": heights["gateway"], "control": heights["control"]}
    blocks = [json.loads(line) for line in (folder / "blocks.ndjson").read_text().splitlines()]
    left = [block for block in blocks if block["height"] <= names[block["chain"]]]
    (folder / "blocks.ndjson").write_text("".join(json.dumps(block) + "\n" for block in left))
    (folder / "heads.json").write_text(json.dumps({block["chain"]: [block["height"], block["hash"]] for block in left}))


@pytest.mark.usefixtures("chains")
def test_a_tail_cut_off_behind_an_anchor_is_found(tmp_path: Path) -> None:
    security.export(tmp_path)
    cut(tmp_path, gateway=2, control=2)
    found = run_standalone(tmp_path)
    assert found.returncode == 1
    assert "gateway:a: ends before 3" in found.stdout


@pytest.mark.usefixtures("chains")
def test_a_tail_cut_off_with_its_anchors_is_found_against_heads_kept_elsewhere(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps({one.chain: [one.height, one.hash] for one in security.chain_heads()}))
    security.export(tmp_path / "export")
    assert run_standalone(tmp_path / "export", kept).returncode == 0
    cut(tmp_path / "export", gateway=2, control=1)
    assert run_standalone(tmp_path / "export").returncode == 0  # nothing in it tells
    found = run_standalone(tmp_path / "export", kept)
    assert found.returncode == 1
    assert {"control: ends before 2", "gateway:a: ends before 3"} <= set(found.stdout.splitlines())


def test_a_history_written_anew_with_the_keys_is_found_against_heads_kept_elsewhere(tmp_path: Path) -> None:
    append("gateway:a", 1, traces.GENESIS, "what happened")
    kept = tmp_path / "kept.json"
    heads = {one.chain: (one.height, one.hash) for one in security.chain_heads()}
    kept.write_text(json.dumps(heads))
    tamper("delete from ledger_block; delete from ledger_chain")
    append("gateway:a", 1, traces.GENESIS, "what is said to have happened")
    security.anchor(at=NOW)
    security.export(tmp_path / "export")
    assert run_standalone(tmp_path / "export").returncode == 0
    assert "gateway:a block 1: not what was anchored" in run_standalone(tmp_path / "export", kept).stdout
    assert security.verify()[1] == []
    assert [(one.chain, one.kind) for one in security.verify(kept=heads)[1]] == [("gateway:a", "anchor")]
    assert ("gone", "missing") in {(one.chain, one.kind) for one in security.verify(kept={"gone": (1, "00")})[1]}


def test_a_gateways_key_counts_for_gateways_chains_only(tmp_path: Path) -> None:
    key = keys.signing_key(environment().keys, "gateway.key")
    append("gateway:a", 1, traces.GENESIS, "one", key=key)
    security.record("identity:account:added", at=NOW, actor="process:test")
    assert security.verify()[1] == []
    security.export(tmp_path / "honest")
    assert run_standalone(tmp_path / "honest").returncode == 0
    control = next(one for one in security.chain_heads() if one.chain == "control")
    append("control", 2, control.hash, "forged", key=key)
    assert {(one.chain, one.kind) for one in security.verify()[1]} == {("control", "key")}
    security.export(tmp_path / "forged")
    assert "control block 2: bad signature" in run_standalone(tmp_path / "forged").stdout


@pytest.mark.usefixtures("chains")
def test_a_list_of_keys_that_the_node_did_not_sign_is_found(tmp_path: Path) -> None:
    security.export(tmp_path)
    listed = json.loads((tmp_path / "keys.json").read_text())
    payload = json.loads(listed["payload"])
    other = PrivateKey.generate(Scheme.ED25519)
    payload["gateway"][other.key_id] = {"scheme": other.scheme, "public": other.public.raw.hex()}
    (tmp_path / "keys.json").write_text(json.dumps(listed | {"payload": json.dumps(payload)}))
    assert "keys.json: bad signature" in run_standalone(tmp_path).stdout


def test_the_script_is_short_and_imports_nothing_of_ours() -> None:
    source = Path(traces.__file__).with_name("verify_ledger.py").read_text()
    assert len([line for line in source.splitlines() if line.strip()]) < 60
    assert "zhengtong." not in source
