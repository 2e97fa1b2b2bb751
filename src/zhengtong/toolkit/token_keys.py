"""
The keys that sign what the installation says to other systems about who has signed in: RSA, since every OpenID library knows RS256.

Threat model. Whoever reads ``sign-on.key`` can be anybody in every system that relies on this installation, so it is a file of mode 0600
beside the node's keys, used for nothing else. ``sign-on/`` holds the public halves of the present key and of those before it, which go on
verifying; a stolen key is rotated with ``stolen``, and nothing that it signed is believed any more. Not defended: systems that hold on to
the old key set (they are told to keep it for an hour at most).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwcrypto.jwk import JWK

from zhengtong.engines.crypto import keyfiles
from zhengtong.engines.crypto.keyfiles import Marks
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.keys import create_file

_FILE, _LISTED = "sign-on.key", "sign-on"
_BITS = 3072


@dataclass(frozen=True)
class TokenKeys:
    """The key that signs, and the public keys by key id (RFC 7638 thumbprint) that verify, the present one among them."""

    signing: JWK = field(repr=False)
    trusted: dict[str, JWK]


def token_keys() -> TokenKeys:
    """The keys as they are in the files now, made on first use."""
    folder = environment().keys
    found = keyfiles.marks(folder, _FILE, _LISTED)
    if None in found:
        if not (folder / _FILE).exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            create_file(folder / _FILE, _new())
        _list(folder, _signing(folder))
        found = keyfiles.marks(folder, _FILE, _LISTED)
    return _read_as(folder, found)


def rotate_token_key(*, stolen: bool = False) -> tuple[str, str]:
    """
    Sign with a new key from now on, in processes that run as well; returns the old and the new key id.

    What the old one signed goes on verifying, unless it was ``stolen``. The new public half is listed first.
    """
    folder = environment().keys
    old = token_keys().signing
    pem = _new()
    new = JWK.from_pem(pem.encode())
    _list(folder, new)
    partial = folder / f"{_FILE}.next"
    partial.unlink(missing_ok=True)
    create_file(partial, pem)
    partial.replace(folder / _FILE)
    if stolen:
        (folder / _LISTED / f"{old.thumbprint()}.pem").unlink(missing_ok=True)
    return old.thumbprint(), new.thumbprint()


def _new() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _signing(folder: Path) -> JWK:
    return JWK.from_pem((folder / _FILE).read_bytes())


def _list(folder: Path, key: JWK) -> None:
    (folder / _LISTED).mkdir(exist_ok=True, mode=0o700)
    listed = folder / _LISTED / f"{key.thumbprint()}.pem"
    if not listed.exists():
        create_file(listed, key.export_to_pem().decode())


@lru_cache(maxsize=2)
def _read_as(folder: Path, _marked: Marks) -> TokenKeys:
    keys = [JWK.from_pem(path.read_bytes()) for path in sorted((folder / _LISTED).glob("*.pem"))]
    return TokenKeys(_signing(folder), {key.thumbprint(): key for key in keys})
