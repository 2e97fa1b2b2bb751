"""The command line's groups: ledger, accounts, keys."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client

from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto import keyfiles
from zhengtong.engines.crypto.signing import PrivateKey, Scheme
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.project.commands import accounts, ledger
from zhengtong.project.commands import keys as keys_group
from zhengtong.toolkit import keys


def run(group: object, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(group, list(arguments))  # type: ignore[arg-type]
    if isinstance(result.exception, ZhengtongError):  # ``zhengtong`` itself prints these
        return 2, result.exception.sentence
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.mark.django_db
def test_the_ledger_is_verified_exported_unfolded_and_kept(tmp_path: Path) -> None:
    security.record("identity:account:added", at=world.NOW, actor="process:test")
    assert run(ledger.group, "verify")[0] == 0
    assert json.loads(run(ledger.group, "verify", "--json")[1]) == {"blocks": 1, "findings": []}
    assert "1 块" in run(ledger.group, "export", str(tmp_path / "out"))[1]
    assert "1 条" in run(ledger.group, "unfold")[1]
    assert "没有" in run(ledger.group, "expire", "--yes")[1]
    assert run(ledger.group, "heads", str(tmp_path / "heads.json"))[0] == 0
    assert run(ledger.group, "verify", "--against", str(tmp_path / "heads.json"))[0] == 0
    (tmp_path / "heads.json").write_text(json.dumps({"control": [1, "0" * 64]}))
    assert run(ledger.group, "verify", "--against", str(tmp_path / "heads.json"))[0] == 1
    (tmp_path / "heads.json").write_text("[]")
    assert "不是链头文件" in run(ledger.group, "verify", "--against", str(tmp_path / "heads.json"))[1]
    assert run(ledger.group, "expire")[0] == 1  # nobody said yes
    with connection.cursor() as cursor:
        cursor.execute("alter table ledger_block disable trigger user")
        cursor.execute("update ledger_block set body = body || ' '")
    code, output = run(ledger.group, "verify", "--json")
    assert code == 1
    assert json.loads(output)["findings"][0]["kind"] == "body"


@pytest.mark.django_db
def test_the_first_administrator_comes_from_the_command_line() -> None:
    code, output = run(accounts.group, "add-admin", "root.audit", "--name", "孙审计", "--duty", "audit")
    assert code == 0
    password = re.search(r"Zt-\S+", output)
    assert password
    assert identity.account_named("root.audit").duty == "audit"
    assert run(accounts.group, "add-admin", "root.audit", "--name", "x", "--duty", "audit")[0] == 2
    _code, output = run(accounts.group, "reset-password", "root.audit")
    newer = re.search(r"Zt-\S+", output)
    assert newer
    assert newer[0] != password[0]
    assert run(accounts.group, "reset-password", "nobody.here")[0] == 2
    for _ in range(5):
        Client().post("/sign-in/", {"username": "root.audit", "password": "wrong"})
    assert run(accounts.group, "unlock", "root.audit")[0] == 0
    assert run(accounts.group, "unlock", "root.audit")[0] == 2
    security.unfold()
    kept = security.entries(security.EntryFilter(actor="process:cli"), limit=100)
    assert {row.event for row in kept} == {"identity:account:added", "identity:password:reset", "identity:account:unlocked"}
    assert not [row for row in kept if password[0] in str(row) or newer[0] in str(row)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of keys that the command line takes for the node's."""
    settings = type("Settings", (), {"keys": tmp_path / "keys", "scheme": Scheme.ED25519, "digest": "sha256"})()
    for module in (
        "zhengtong.project.commands.keys",
        "zhengtong.toolkit.keys",
        "zhengtong.apps.foundation.security.operations.recording",
    ):
        monkeypatch.setattr(f"{module}.environment", lambda: settings)
    return tmp_path / "keys"


def test_keys_are_made_once_and_shown_without_secrets(folder: Path) -> None:
    assert run(keys_group.group, "show")[0] == 2
    assert "node.key" in run(keys_group.group, "init")[1]
    assert "齐全" in run(keys_group.group, "init")[1]
    output = run(keys_group.group, "show")[1] + run(keys_group.group, "show", "--json")[1]
    for name in ("seal.key", "subject.key", "session.key"):
        assert (folder / name).read_text() not in output
    for name in ("node.key", "gateway.key"):
        assert json.loads((folder / name).read_text())["secret"] not in output
        assert (folder / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_after_a_rotation_old_signatures_still_verify(folder: Path) -> None:
    run(keys_group.group, "init")
    old = keys.read(folder).signing
    security.record("identity:account:added", at=world.NOW, actor="process:test")
    code, output = run(keys_group.group, "rotate", "--yes", "--scheme", "sm2-sm3")
    assert code == 0, output
    assert keys.node_keys().signing.scheme is Scheme.SM2
    assert set(keys.node_keys().trusted) == {old.key_id, keys.node_keys().signing.key_id}
    security.record("identity:account:added", at=world.NOW, actor="process:test")
    assert security.verify() == (3, [])
    before = keys.signing_key(folder, "gateway.key")
    assert run(keys_group.group, "rotate", "--yes", "--gateway")[0] == 0
    assert keys.signing_key(folder, "gateway.key").key_id != before.key_id
    assert set(keys.node_keys().gateways) == {before.key_id, keys.signing_key(folder, "gateway.key").key_id}
    security.unfold()
    assert len(security.entries(security.EntryFilter(event="ledger:gateway-key:rotated"))) == 1
    shown = json.loads(run(keys_group.group, "show", "--json")[1])
    assert (folder / "node.key").stat().st_mode & 0o777 == 0o600
    assert sorted((row["use"], row["signs"]) for row in shown) == [("gateway", False), ("gateway", True), ("node", False), ("node", True)]


def test_a_gateways_own_folder_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "gateway.key").write_text(keyfiles.private_text(PrivateKey.generate(Scheme.ED25519)))
    assert keys.make_missing(tmp_path, Scheme.ED25519) == []
    assert {path.name for path in tmp_path.iterdir()} == {"gateway.key"}


def test_a_rotation_needs_a_key_to_replace(tmp_path: Path) -> None:
    with pytest.raises(keys.KeysMissing):
        keys.replace_key(tmp_path, "node.key", PrivateKey.generate(Scheme.ED25519))
