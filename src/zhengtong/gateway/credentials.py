"""Calling systems as the gateway keeps them: opened keys, ready to check a signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from zhengtong.contracts.routing import Caller, CallerKey
from zhengtong.engines.crypto.sealing import SealBroken, unseal
from zhengtong.engines.crypto.signing import PublicKey, Scheme
from zhengtong.gateway.settings import Network

#: key algorithm in a snapshot → ``alg`` parameter of RFC 9421 (``hmac-sm3`` and ``sm2-sm3`` are our registered extensions)
ALGORITHMS = {"hmac-sha256": b"hmac-sha256", "hmac-sm3": b"hmac-sm3", "ed25519": b"ed25519", "sm2": b"sm2-sm3"}
_ADDRESSES_KEPT = 4_096
_FOREVER = 2**63


class UnusableKey(ValueError):
    """A key in the snapshot cannot be used: unknown algorithm, wrong length, or sealed for another place."""


@dataclass(frozen=True, slots=True, eq=False)
class CallerFile:
    """A calling system. ``credentials`` are its keys in the order of the snapshot."""

    source: Caller
    networks: tuple[Network, ...]
    credentials: tuple[Credential, ...]
    _allowed: dict[str, bool]

    def may_call_from(self, address: str) -> bool:
        """Whether the caller's allow-list has this address; an unreadable address is on no list."""
        if not self.networks:
            return True
        allowed = self._allowed.get(address)
        if allowed is None:
            try:
                parsed = ip_address(address)
                allowed = any(parsed in network for network in self.networks)
            except ValueError:
                allowed = False
            if len(self._allowed) < _ADDRESSES_KEPT:
                self._allowed[address] = allowed
        return allowed


@dataclass(frozen=True, slots=True, eq=False)
class Credential:
    """A key of a caller. ``verify`` takes message and signature; ``secret`` is empty for public keys. ``not_after`` is in ns since 1970."""

    key_id: str
    algorithm: str
    alg: bytes
    not_after: int
    verify: Callable[[bytes, bytes], bool]
    secret: bytes

    def __repr__(self) -> str:
        return f"Credential({self.key_id!r}, {self.algorithm!r})"


def open_key(key: CallerKey, seal_key: bytes) -> Credential:
    """
    Make a key of the snapshot usable.

    :raises UnusableKey: if that is impossible.
    """
    alg = ALGORITHMS.get(key.algorithm)
    if alg is None:
        raise UnusableKey(f"unknown algorithm {key.algorithm!r}")
    not_after = _FOREVER if key.not_after is None else int(key.not_after.timestamp() * 1_000_000_000)
    try:
        if key.algorithm in {"ed25519", "sm2"}:
            scheme = Scheme.ED25519 if key.algorithm == "ed25519" else Scheme.SM2
            public = PublicKey(scheme, base64.b64decode(key.material, validate=True))
            return Credential(key.key_id, key.algorithm, alg, not_after, public.verify, b"")
        secret = unseal(seal_key, key.material, f"caller-key:{key.key_id}")
    except (SealBroken, ValueError) as exc:
        raise UnusableKey(f"key {key.key_id!r}: {type(exc).__name__}") from exc
    return Credential(key.key_id, key.algorithm, alg, not_after, _hmac(secret, key.algorithm.removeprefix("hmac-")), secret)


def _hmac(secret: bytes, digest: str) -> Callable[[bytes, bytes], bool]:
    # a copy of a keyed state saves the two hash blocks that keying costs, on every call
    hashlib.new(digest)
    keyed = hmac.new(secret, digestmod=digest)

    def verify(message: bytes, signature: bytes) -> bool:
        mac = keyed.copy()
        mac.update(message)
        return hmac.compare_digest(mac.digest(), signature)

    return verify


def compile_callers(
    callers: tuple[Caller, ...], seal_key: bytes, old: Mapping[str, CallerFile], report: Callable[[str, str], None]
) -> dict[str, CallerFile]:
    """Callers by id. Unchanged ones are taken over from ``old``; an unusable key is reported (caller id, reason) and left out."""
    compiled: dict[str, CallerFile] = {}
    for caller in callers:
        known = old.get(caller.id)
        if known is not None and known.source == caller:
            compiled[caller.id] = known
            continue
        credentials = []
        for key in caller.keys:
            try:
                credentials.append(open_key(key, seal_key))
            except UnusableKey as exc:
                report(caller.id, str(exc))
        try:
            networks = tuple(ip_network(text) for text in caller.networks)
        except ValueError as exc:
            # an unreadable allow-list allows nobody
            report(caller.id, str(exc))
            continue
        compiled[caller.id] = CallerFile(caller, networks, tuple(credentials), {})
    return compiled
