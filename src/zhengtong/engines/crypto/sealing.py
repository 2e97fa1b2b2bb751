"""
Secrets at rest: authenticated encryption with AES-256-GCM, or SM4-GCM (RFC 8998) by setting.

A sealed text is ``cipher.nonce.ciphertext`` in URL-safe base64 and is bound to a ``context``, so that a secret cannot be moved from one
row to another.
"""

from __future__ import annotations

import base64
import os
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_TAG_BYTES = 16


class SealCipher(StrEnum):
    """A cipher, by the name that sealed texts carry."""

    AES256_GCM = "a256gcm"
    SM4_GCM = "sm4gcm"


class SealBroken(ValueError):
    """The sealed text was changed, moved to another place, or sealed under another key."""


def seal(key: bytes, secret: bytes, context: str, cipher: SealCipher = SealCipher.AES256_GCM) -> str:
    """Seal ``secret`` under a 32-byte ``key`` (SM4 uses its first 16 bytes) for one ``context``."""
    nonce = os.urandom(_NONCE_BYTES)
    if cipher is SealCipher.AES256_GCM:
        sealed = AESGCM(key).encrypt(nonce, secret, context.encode())
    else:
        encryptor = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(context.encode())
        sealed = encryptor.update(secret) + encryptor.finalize() + encryptor.tag
    return f"{cipher}.{_b64(nonce)}.{_b64(sealed)}"


def unseal(key: bytes, sealed: str, context: str) -> bytes:
    """
    Open a sealed text.

    :raises SealBroken: if it does not open under this key and context.
    """
    try:
        name, nonce_text, body_text = sealed.split(".")
        cipher, nonce, body = SealCipher(name), _unb64(nonce_text), _unb64(body_text)
        if cipher is SealCipher.AES256_GCM:
            return AESGCM(key).decrypt(nonce, body, context.encode())
        decryptor = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce, body[-_TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(context.encode())
        return decryptor.update(body[:-_TAG_BYTES]) + decryptor.finalize()
    except (ValueError, InvalidTag) as exc:
        raise SealBroken from exc


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
