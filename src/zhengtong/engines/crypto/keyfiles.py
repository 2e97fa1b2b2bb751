"""
Keys in files: a private key as JSON of ``scheme`` and ``secret``, a public key as JSON of ``scheme`` and ``public``, bytes in base64.

``marks`` tells cheaply whether files were replaced, so that a running process takes up a new key without being started again.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

from zhengtong.engines.crypto.signing import PrivateKey, PublicKey, Scheme

Marks = tuple[tuple[int, int] | None, ...]


def private_text(key: PrivateKey) -> str:
    """What a file of a private key holds."""
    return json.dumps({"scheme": key.scheme, "secret": base64.b64encode(key.secret).decode()})


def public_text(key: PublicKey) -> str:
    """What a file of a public key holds."""
    return json.dumps({"scheme": key.scheme, "public": base64.b64encode(key.raw).decode()})


def read_private(path: Path) -> PrivateKey:
    """
    Read a private key.

    :raises OSError, KeyError, ValueError: if the file cannot be read or is not of this form.
    """
    document = json.loads(path.read_text())
    return PrivateKey.from_secret(Scheme(document["scheme"]), base64.b64decode(document["secret"]))


def read_public(folder: Path) -> dict[str, PublicKey]:
    """
    Read all public keys of a folder (``*.json``), by key id; none where there is no folder.

    :raises OSError, KeyError, ValueError: as of :func:`read_private`.
    """
    documents = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    keys = [PublicKey(Scheme(one["scheme"]), base64.b64decode(one["public"])) for one in documents]
    return {key.key_id: key for key in keys}


def marks(folder: Path, *names: str) -> Marks:
    """Marks of files or folders in ``folder`` that change when one is replaced or added to; None for one that is not there."""
    return tuple(_mark(folder / name) for name in names)


def _mark(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino
