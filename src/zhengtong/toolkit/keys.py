"""
The node's keys, in files that only the service account can read.

Threat model. Whoever reads these files can sign grants and ledger blocks in this node's name, open the secrets of calling systems, and test
whether a known identity number stands in the ledger. They are therefore files of mode 0600 outside the database and its backups. A lost
``subject.key`` cuts the per-person view off from older entries; a lost ``seal.key`` makes every calling system's secret worthless. Not
defended: an attacker with the rights of the service account.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from zhengtong.engines.crypto.signing import PrivateKey, PublicKey, Scheme
from zhengtong.kernel.errors import Party, Unavailable
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.environment import environment

_SECRET_BYTES = 32


class KeysMissing(Unavailable):
    """节点密钥缺失或无法读取。"""

    code = "keys-missing"
    party = Party.PLATFORM


@dataclass(frozen=True)
class NodeKeys:
    """``signing`` signs grants, routing and ledger blocks; ``trusted`` are this and earlier public keys, by key id."""

    signing: PrivateKey
    seal: bytes = field(repr=False)
    subject: bytes = field(repr=False)
    session: str = field(repr=False)
    trusted: dict[str, PublicKey] = field(default_factory=dict)


def make_missing(folder: Path, scheme: Scheme) -> list[str]:
    """Make what is absent and return the names of the files made. Safe when two processes start at once."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = []
    if not (folder / "node.key").exists():
        key = PrivateKey.generate(scheme)
        if _create(folder / "node.key", json.dumps({"scheme": scheme, "secret": base64.b64encode(key.secret).decode()})):
            made.append("node.key")
    made += [
        name
        for name in ("seal.key", "subject.key", "session.key")
        if not (folder / name).exists() and _create(folder / name, base64.b64encode(os.urandom(_SECRET_BYTES)).decode())
    ]
    return made


def read(folder: Path) -> NodeKeys:
    """
    Read the keys of a folder. ``trusted/*.json`` hold public keys of earlier node keys.

    :raises KeysMissing: naming the file and the command that mends it.
    """
    try:
        document = json.loads((folder / "node.key").read_text())
        signing = PrivateKey.from_secret(Scheme(document["scheme"]), base64.b64decode(document["secret"]))
        older = [json.loads(path.read_text()) for path in sorted((folder / "trusted").glob("*.json"))]
        public = [signing.public, *(PublicKey(Scheme(one["scheme"]), base64.b64decode(one["public"])) for one in older)]
        return NodeKeys(
            signing=signing,
            seal=_secret(folder / "seal.key"),
            subject=_secret(folder / "subject.key"),
            session=(folder / "session.key").read_text(),
            trusted={key.key_id: key for key in public},
        )
    except (OSError, KeyError, ValueError) as exc:
        raise KeysMissing(
            say("密钥读取失败:{exc}", exc=exc), remedy=say("运行 zhengtong keys init,或恢复 {folder} 的备份", folder=folder)
        ) from exc


def replace_signing_key(folder: Path, new: PrivateKey) -> None:
    """
    Sign with ``new`` from the next start of each process on; the public half of the key before goes to ``trusted/``.

    Killed at any moment, it leaves either key in place, and what the old one signed verifies.

    :raises KeysMissing: if there is no key to replace.
    """
    old = read(folder).signing
    trusted = folder / "trusted"
    trusted.mkdir(exist_ok=True, mode=0o700)
    _create(trusted / f"{old.key_id}.json", json.dumps({"scheme": old.scheme, "public": base64.b64encode(old.public.raw).decode()}))
    partial = folder / f"node.key.next.{os.getpid()}"
    partial.touch(0o600)
    partial.write_text(json.dumps({"scheme": new.scheme, "secret": base64.b64encode(new.secret).decode()}))
    partial.replace(folder / "node.key")


@cache
def node_keys() -> NodeKeys:
    """The keys of this process's node, made on the first start."""
    settings = environment()
    make_missing(settings.keys, settings.scheme)
    return read(settings.keys)


def _secret(path: Path) -> bytes:
    secret = base64.b64decode(path.read_text())
    if len(secret) != _SECRET_BYTES:
        raise ValueError(f"{path.name} must hold {_SECRET_BYTES} bytes")
    return secret


def _create(path: Path, text: str) -> bool:
    """Write a file of mode 0600 whole or not at all; False if somebody else was first."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.touch(0o600)
    partial.write_text(text)
    try:
        os.link(partial, path)
    except FileExistsError:
        return False
    finally:
        partial.unlink()
    return True
