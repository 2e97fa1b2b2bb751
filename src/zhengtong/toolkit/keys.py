"""
The node's keys, in files that only the service account can read.

Threat model. Whoever reads these files can sign grants and ledger blocks in this node's name, open the secrets of calling systems, and test
whether a known identity number stands in the ledger or in a sample of an item's values. They are therefore files of mode 0600 outside the
database and its backups. A lost ``subject.key`` cuts the per-person view off from older entries; a lost ``seal.key`` makes every calling
system's secret worthless. Not defended: an attacker with the rights of the service account.

The gateway, which faces the network, signs its ledger blocks with a key of its own and needs neither ``node.key`` nor ``session.key``: on
another machine, or under another account, its folder holds ``gateway.key``, ``seal.key``, ``subject.key`` and ``trusted/`` alone. Stolen
from there, ``gateway.key`` signs no grant, no routing snapshot and no block of the control chain; with write access to the database as
well it signs blocks of gateways' chains until the node no longer lists it in ``gateways/``.

``trusted/`` holds the node's public keys, ``gateways/`` those of its gateways: the present ones and all before them, so that what they
signed goes on verifying. Processes that run take up a replaced key at its next use.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from zhengtong.engines.crypto import keyfiles
from zhengtong.engines.crypto.keyfiles import Marks
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
    """
    ``signing`` signs grants, routing and the control chain. ``trusted`` are this and earlier public keys of the node, ``gateways`` those of
    its gateways, by key id.
    """

    signing: PrivateKey
    seal: bytes = field(repr=False)
    subject: bytes = field(repr=False)
    session: str = field(repr=False)
    trusted: dict[str, PublicKey] = field(default_factory=dict)
    gateways: dict[str, PublicKey] = field(default_factory=dict)

    def of_chain(self, chain: str) -> dict[str, PublicKey]:
        """The public keys that may have signed blocks of a chain of the ledger."""
        return self.gateways | self.trusted if chain.startswith("gateway:") else self.trusted


def make_missing(folder: Path, scheme: Scheme) -> list[str]:
    """
    Make what is absent and return the names of the files made. Safe when two processes start at once.

    A folder with ``gateway.key`` and without ``node.key`` is a gateway's own, and nothing is made there.

    :raises KeysMissing: if a key that is there cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (folder / "gateway.key").exists() and not (folder / "node.key").exists():
        return []
    made = [
        name
        for name in ("node.key", "gateway.key")
        if not (folder / name).exists() and create_file(folder / name, keyfiles.private_text(PrivateKey.generate(scheme)))
    ]
    made += [
        name
        for name in ("seal.key", "subject.key", "session.key")
        if not (folder / name).exists() and create_file(folder / name, base64.b64encode(os.urandom(_SECRET_BYTES)).decode())
    ]
    for name, listed in _LISTED.items():
        _list(folder / listed, signing_key(folder, name).public)
    return made


#: where the public half of a key is listed
_LISTED = {"node.key": "trusted", "gateway.key": "gateways"}


def signing_key(folder: Path, name: str) -> PrivateKey:
    """
    The key that ``node.key`` or ``gateway.key`` holds.

    :raises KeysMissing: if there is none.
    """
    try:
        return keyfiles.read_private(folder / name)
    except (OSError, KeyError, ValueError) as exc:
        raise _missing(folder, exc) from exc


def _missing(folder: Path, exc: Exception) -> KeysMissing:
    return KeysMissing(say("密钥读取失败:{exc}", exc=exc), remedy=say("运行 zhengtong keys init,或恢复 {folder} 的备份", folder=folder))


def _list(folder: Path, key: PublicKey) -> None:
    folder.mkdir(exist_ok=True, mode=0o700)
    if not (folder / f"{key.key_id}.json").exists():
        create_file(folder / f"{key.key_id}.json", keyfiles.public_text(key))


def read(folder: Path) -> NodeKeys:
    """
    Read the keys of a folder.

    :raises KeysMissing: naming the file and the command that mends it.
    """
    try:
        signing = keyfiles.read_private(folder / "node.key")
        return NodeKeys(
            signing=signing,
            seal=_secret(folder / "seal.key"),
            subject=_secret(folder / "subject.key"),
            session=(folder / "session.key").read_text(),
            trusted={signing.key_id: signing.public} | keyfiles.read_public(folder / "trusted"),
            gateways=keyfiles.read_public(folder / "gateways"),
        )
    except (OSError, KeyError, ValueError) as exc:
        raise _missing(folder, exc) from exc


def replace_key(folder: Path, name: str, new: PrivateKey) -> PrivateKey:
    """
    Sign with ``new`` from now on, in processes that run as well; returns the key before. ``name`` is ``node.key`` or ``gateway.key``.

    The public half is listed first, so that nothing is signed that somebody does not trust yet. Killed at any moment, it leaves either key
    in place, and what both signed verifies.

    :raises KeysMissing: if there is no key to replace.
    """
    old = signing_key(folder, name)
    for key in (old, new):
        _list(folder / _LISTED[name], key.public)
    partial = folder / f"{name}.next.{os.getpid()}"
    partial.touch(0o600)
    partial.write_text(keyfiles.private_text(new))
    partial.replace(folder / name)
    return old


def node_keys() -> NodeKeys:
    """
    The keys of this process's node, made on the first start, as they are in the files now.

    :raises KeysMissing: if they cannot be read.
    """
    settings = environment()
    found = keyfiles.marks(settings.keys, *_WATCHED)
    if None in found:
        make_missing(settings.keys, settings.scheme)
        found = keyfiles.marks(settings.keys, *_WATCHED)
    return _read_as(settings.keys, found)


_WATCHED = (*_LISTED, *_LISTED.values())


@lru_cache(maxsize=2)
def _read_as(folder: Path, _marked: Marks) -> NodeKeys:
    return read(folder)


def _secret(path: Path) -> bytes:
    secret = base64.b64decode(path.read_text())
    if len(secret) != _SECRET_BYTES:
        raise ValueError(f"{path.name} must hold {_SECRET_BYTES} bytes")
    return secret


def create_file(path: Path, text: str) -> bool:
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
