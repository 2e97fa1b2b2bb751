"""
What a gateway needs to know before it starts, all from the environment.

============================ ================================================================= ==========================
variable                     meaning                                                           default
============================ ================================================================= ==========================
DATABASE_URL                 the PostgreSQL with hub tables, snapshots and ledger              required
ZHENGTONG_KEYS               folder with ``gateway.key``, ``seal.key``, ``subject.key`` and    required
                             ``trusted/``; nothing else in it is read
ZHENGTONG_GATEWAY_HOST       address to listen on                                              127.0.0.1
ZHENGTONG_GATEWAY_PORT       port to listen on                                                 8100
ZHENGTONG_GATEWAY_WORKERS    processes that share the port                                     1
ZHENGTONG_GATEWAY_STATE      folder for the quota table; must survive a restart                var/gateway
ZHENGTONG_GATEWAY_SHARED     folder for the replay table; memory, emptied by a reboot at most  /dev/shm/zhengtong-gateway
ZHENGTONG_GATEWAY_ORIGIN     ``https://host`` that callers use, where a TLS terminator is      from the Host header
                             in front
ZHENGTONG_GATEWAY_PROXIES    CIDRs, comma-separated, whose ``X-Forwarded-For`` is believed     none
ZHENGTONG_OPEN_RATE          questions of open rows that one address may ask in a second,      20
                             0 for no bound; ``web`` reads it too
ZHENGTONG_GATEWAY_WINDOW     seconds a signature stays acceptable                              300
============================ ================================================================= ==========================
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from zhengtong.engines.crypto import keyfiles
from zhengtong.engines.crypto.signing import PrivateKey, PublicKey
from zhengtong.kernel.errors import ZhengtongError

Network = IPv4Network | IPv6Network
SECRET_BYTES = 32


class BadSettings(ZhengtongError):
    """网关的设置不能使用。"""

    code = "bad-settings"
    status = 500


@dataclass(frozen=True)
class Keys:
    """
    The keys of a gateway.

    ``signing`` signs ledger blocks of gateways' chains and nothing else. ``trusted`` are the node's public keys, present and past, that
    snapshots and grants may be signed with, by key id. ``seal`` opens callers' secrets and closes cursors; ``subjects`` makes pseudonyms.
    All 32 bytes. ``folder`` is where they were read from, None if they were not.
    """

    signing: PrivateKey
    trusted: Mapping[str, PublicKey]
    seal: bytes = field(repr=False)
    subjects: bytes = field(repr=False)
    folder: Path | None = None

    @classmethod
    def from_folder(cls, folder: Path) -> Keys:
        """
        Read ``gateway.key``, ``trusted/*.json`` (both as ``crypto.keyfiles`` says), ``seal.key`` and ``subject.key`` (base64).

        :raises BadSettings: if a file is missing or is not what it should be.
        """
        try:
            trusted = keyfiles.read_public(folder / "trusted")
            if not trusted:
                raise FileNotFoundError("trusted/*.json")
            return cls(
                signing=keyfiles.read_private(folder / "gateway.key"),
                trusted=trusted,
                seal=_secret(folder / "seal.key"),
                subjects=_secret(folder / "subject.key"),
                folder=folder,
            )
        except (OSError, KeyError, ValueError) as exc:
            remedy = "在节点上运行 zhengtong keys init,检查 ZHENGTONG_KEYS 指向的文件夹"
            raise BadSettings(f"密钥文件夹 {folder} 不能使用:{exc}", remedy=remedy) from exc


def _secret(path: Path) -> bytes:
    secret = base64.b64decode(path.read_text().strip())
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"{path.name} has {len(secret)} bytes, not {SECRET_BYTES}")
    return secret


@dataclass(frozen=True)
class Limits:
    """Bounds on what one request may bring or ask for. Sizes in bytes, times in seconds."""

    head_bytes: int = 16_384
    target_bytes: int = 8_192
    body_bytes: int = 65_536
    head_seconds: float = 10.0
    idle_seconds: float = 75.0
    filters: int = 16
    values: int = 100
    value_characters: int = 256
    stream_rows: int = 1_000_000
    stream_seconds: float = 600.0
    statement_seconds: float = 5.0
    pending: int = 4_096


@dataclass(frozen=True)
class Settings:
    """One gateway process. Times in seconds."""

    database_url: str = field(repr=False)
    keys: Keys
    state: Path
    shared: Path
    host: str = "127.0.0.1"
    port: int = 8100
    workers: int = 1
    #: ``scheme://authority`` that callers see; empty: http and the Host header
    origin: str = ""
    proxies: tuple[Network, ...] = ()
    window: int = 300
    #: how far ahead a caller's clock may be
    skew: int = 60
    #: slots of each half of the replay table: at 70 % of 2**23 it carries 16,200 requests a second at a window of 300 s, in 2 x 64 MiB
    replay_slots: int = 2**23
    quota_slots: int = 2**14
    #: connections for look-ups by key, for pages, for streams
    lanes: int = 4
    page_lanes: int = 4
    stream_connections: int = 4
    #: how long answers wait for a ledger that is away before they become refusals
    trace_patience: float = 5.0
    poll: float = 1.0
    limits: Limits = Limits()
    #: questions of open rows that one address may ask in a second; 0: no bound
    open_rate: float = 20.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """
        Read the variables named at the top of this module.

        :raises BadSettings: if one is missing or malformed.
        """
        prefix = "ZHENGTONG_GATEWAY_"
        try:
            return cls(
                database_url=environment["DATABASE_URL"],
                keys=Keys.from_folder(Path(environment["ZHENGTONG_KEYS"])),
                state=Path(environment.get(prefix + "STATE", "var/gateway")),
                shared=Path(environment.get(prefix + "SHARED", "/dev/shm/zhengtong-gateway")),  # noqa: S108 - made 0700
                host=environment.get(prefix + "HOST", cls.host),
                port=int(environment.get(prefix + "PORT", cls.port)),
                workers=int(environment.get(prefix + "WORKERS", cls.workers)),
                origin=environment.get(prefix + "ORIGIN", "").rstrip("/"),
                proxies=tuple(ip_network(text.strip()) for text in environment.get(prefix + "PROXIES", "").split(",") if text.strip()),
                window=int(environment.get(prefix + "WINDOW", cls.window)),
                open_rate=float(environment.get("ZHENGTONG_OPEN_RATE", cls.open_rate)),
            )
        except KeyError as exc:
            raise BadSettings(f"缺少环境变量 {exc.args[0]}") from exc
        except ValueError as exc:
            raise BadSettings(f"环境变量的值不正确:{exc}") from exc
