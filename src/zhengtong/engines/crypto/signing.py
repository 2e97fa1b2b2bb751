"""Signatures over documents: Ed25519 (RFC 8032) by default, SM2 with SM3 (GM/T 0003, GB/T 32918) by setting."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import gmssl_pyx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_KEY_BYTES = 32
_SM2_PUBLIC_BYTES = 64


class Scheme(StrEnum):
    """A signature scheme, by the name that documents carry."""

    ED25519 = "ed25519"
    SM2 = "sm2-sm3"


@dataclass(frozen=True)
class PublicKey:
    """A key to verify with. ``raw`` is 32 bytes for Ed25519 and the 64 bytes X‖Y for SM2."""

    scheme: Scheme
    raw: bytes

    def __post_init__(self) -> None:
        expected = _KEY_BYTES if self.scheme is Scheme.ED25519 else _SM2_PUBLIC_BYTES
        if len(self.raw) != expected:
            raise ValueError(f"a public key for {self.scheme} has {expected} bytes, not {len(self.raw)}")

    @property
    def key_id(self) -> str:
        """The first 16 hexadecimal digits of SHA-256 over scheme and key."""
        return hashlib.sha256(self.scheme.encode() + b":" + self.raw).hexdigest()[:16]

    @cached_property
    def _verifier(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.raw)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether ``signature`` over ``message`` was made with the matching private key. Never raises for a malformed signature."""
        if self.scheme is Scheme.ED25519:
            try:
                self._verifier.verify(signature, message)
            except InvalidSignature:
                return False
            return True
        try:
            return bool(gmssl_pyx.sm2_verify(self.raw, message, signature))
        except (ValueError, gmssl_pyx.InvalidValueError, gmssl_pyx.GmsslInnerError):
            return False


@dataclass(frozen=True)
class PrivateKey:
    """A key to sign with; its secret never appears in ``repr``."""

    scheme: Scheme
    secret: bytes = field(repr=False)
    public: PublicKey

    @property
    def key_id(self) -> str:
        """The identifier of the matching public key."""
        return self.public.key_id

    @classmethod
    def generate(cls, scheme: Scheme) -> PrivateKey:
        """A fresh key from the operating system's random source."""
        if scheme is Scheme.ED25519:
            return cls.from_secret(scheme, Ed25519PrivateKey.generate().private_bytes_raw())
        public, secret = gmssl_pyx.sm2_key_generate()
        return cls(scheme, secret, PublicKey(scheme, public))

    @classmethod
    def from_secret(cls, scheme: Scheme, secret: bytes) -> PrivateKey:
        """
        Rebuild a key from the 32 bytes kept in the key file.

        :raises ValueError: if ``secret`` has another length.
        """
        if len(secret) != _KEY_BYTES:
            raise ValueError(f"a private key has {_KEY_BYTES} bytes, not {len(secret)}")
        if scheme is Scheme.ED25519:
            public = Ed25519PrivateKey.from_private_bytes(secret).public_key()
            return cls(
                scheme,
                secret,
                PublicKey(scheme, public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)),
            )
        return cls(scheme, secret, PublicKey(scheme, _sm2_public(secret)))

    @cached_property
    def _signer(self) -> Ed25519PrivateKey:
        # deriving the public half costs as much as a signature
        return Ed25519PrivateKey.from_private_bytes(self.secret)

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``: 64 bytes for Ed25519, a DER sequence (r, s) for SM2."""
        if self.scheme is Scheme.ED25519:
            return self._signer.sign(message)
        return bytes(gmssl_pyx.sm2_sign(self.secret, self.public.raw, message))


# The SM2 curve of GM/T 0003.5: gmssl-pyx signs and verifies but does not derive a public key from a secret.
_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A = _P - 3
_GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
_GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0


def _sm2_public(secret: bytes) -> bytes:
    """The public point of ``secret``, X‖Y. Runs once when a key file is read, never on a request."""
    total: tuple[int, int] | None = None
    step: tuple[int, int] = (_GX, _GY)
    scalar = int.from_bytes(secret, "big")
    while scalar:
        if scalar & 1:
            total = step if total is None else _sm2_add(total, step)
        step = _sm2_add(step, step)
        scalar >>= 1
    if total is None:
        raise ValueError("a private key cannot be zero")
    return total[0].to_bytes(_KEY_BYTES, "big") + total[1].to_bytes(_KEY_BYTES, "big")


def _sm2_add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = one, other
    slope = (3 * x1 * x1 + _A) * pow(2 * y1, -1, _P) if one == other else (y2 - y1) * pow(x2 - x1, -1, _P)
    x3 = (slope * slope - x1 - x2) % _P
    return x3, (slope * (x1 - x3) - y1) % _P
