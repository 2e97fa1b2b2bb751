"""Settings from the environment, each named, typed and explained in one place; ``zhengtong check`` prints them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from zhengtong.engines.crypto.signing import Scheme
from zhengtong.kernel.errors import Invalid

_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


@dataclass(frozen=True)
class Environment:
    """What differs between installations."""

    #: ZHENGTONG_VAR: the folder of everything this installation keeps (default ``var`` of the checkout, else of the working directory)
    var: Path
    #: DATABASE_URL: a PostgreSQL of 15 or newer; empty means the embedded server below ``var``
    database_url: str
    #: ZHENGTONG_KEYS: the folder of the node's keys (default ``keys`` below ``var``)
    keys: Path
    #: ZHENGTONG_NODE: the name of this installation in grants, chains and peers
    node: str
    #: ZHENGTONG_SCHEME: ``ed25519`` or ``sm2-sm3``, for keys made from now on
    scheme: Scheme
    #: ZHENGTONG_DIGEST: ``sha256`` or ``sm3``, for ledger blocks
    digest: str
    #: ZHENGTONG_DEMO: whether demo accounts may sign in and the sign-in page lists them
    demo: bool
    #: ZHENGTONG_HOSTS: host names that ``web`` answers to, separated by commas
    hosts: tuple[str, ...]
    #: ZHENGTONG_HTTPS: whether ``web`` is reached over HTTPS (secure cookies, HSTS)
    https: bool
    #: ZHENGTONG_WEB_PROCESSES: processes of ``web`` that share its port (0 or unset: one per core up to four, one in demo mode)
    web_processes: int
    #: ZHENGTONG_GATEWAY_URL: where ``web`` reaches the gateway to try calls out, and what code samples name (default: this machine's, at
    #: ZHENGTONG_GATEWAY_PORT)
    gateway_url: str
    #: ZHENGTONG_CLASS_CODE: the pattern of resource codes (发改高技〔2017〕1272号, or a local variant)
    resource_code_pattern: str
    #: ZHENGTONG_KEEP_USE_MONTHS, ZHENGTONG_KEEP_ACTS_MONTHS: whole months that the ledger keeps records of use and of administration
    keep_use_months: int
    keep_acts_months: int
    #: ZHENGTONG_DROP_ROOT: the folder below which offices' systems leave files (default ``drop`` below ``var``)
    drop_root: Path
    #: ZHENGTONG_KEEP_UPLOADS_DAYS: days after which a file that was handed in and never bound is removed
    keep_uploads_days: int
    #: ZHENGTONG_OUTGOING_NETWORKS: networks that are not public and that catalogs may be harvested from, as 10.0.0.0/8, separated by commas
    outgoing_networks: str
    #: ZHENGTONG_ISSUER: the address under which other systems know this installation for sign-in, as https://login.example.cn, which must
    #: not change (default: as the request was addressed)
    issuer: str
    #: ZHENGTONG_CASE_NUMBER: the pattern of numbers of cases, of {region}, {organisation}, {day} and at its end {sequence}
    case_number: str
    #: ZHENGTONG_SMTP: the mail server, as smtp://user:password@host:port, smtps:// for TLS from the start; empty means no e-mail leaves
    smtp: str
    #: ZHENGTONG_MAIL_FROM: the sender of e-mail
    mail_from: str

    @classmethod
    def read(cls) -> Self:
        """
        Read the process's environment.

        :raises Invalid: if a variable has a value that cannot be meant.
        """
        var = Path(os.environ.get("ZHENGTONG_VAR") or _default_var()).absolute()
        try:
            scheme = Scheme(os.environ.get("ZHENGTONG_SCHEME", Scheme.ED25519))
        except ValueError as exc:
            raise Invalid("ZHENGTONG_SCHEME 只能是 ed25519 或 sm2-sm3", field="ZHENGTONG_SCHEME") from exc
        return cls(
            var=var,
            database_url=os.environ.get("DATABASE_URL", ""),
            keys=Path(os.environ.get("ZHENGTONG_KEYS", var / "keys")),
            node=os.environ.get("ZHENGTONG_NODE", "yunzhou"),
            scheme=scheme,
            digest=os.environ.get("ZHENGTONG_DIGEST", "sm3" if scheme is Scheme.SM2 else "sha256"),
            demo=_flag("ZHENGTONG_DEMO"),
            hosts=tuple(host for host in os.environ.get("ZHENGTONG_HOSTS", "localhost,127.0.0.1").split(",") if host),
            https=_flag("ZHENGTONG_HTTPS"),
            web_processes=_count("ZHENGTONG_WEB_PROCESSES", 0),
            gateway_url=(os.environ.get("ZHENGTONG_GATEWAY_URL") or _gateway_beside()).rstrip("/"),
            resource_code_pattern=os.environ.get("ZHENGTONG_CLASS_CODE", r"^[1-3]\d{2}\d{3}\d*/\d+$"),
            keep_use_months=_count("ZHENGTONG_KEEP_USE_MONTHS", 36),
            keep_acts_months=_count("ZHENGTONG_KEEP_ACTS_MONTHS", 36),
            drop_root=Path(os.environ.get("ZHENGTONG_DROP_ROOT") or var / "drop"),
            keep_uploads_days=_count("ZHENGTONG_KEEP_UPLOADS_DAYS", 7),
            outgoing_networks=os.environ.get("ZHENGTONG_OUTGOING_NETWORKS", ""),
            issuer=os.environ.get("ZHENGTONG_ISSUER", "").rstrip("/"),
            case_number=os.environ.get("ZHENGTONG_CASE_NUMBER", "{region}{organisation}{day}{sequence:05d}"),
            smtp=os.environ.get("ZHENGTONG_SMTP", ""),
            mail_from=os.environ.get("ZHENGTONG_MAIL_FROM", "zhengtong@localhost"),
        )


@cache
def environment() -> Environment:
    """The environment of this process, read once."""
    return Environment.read()


def _default_var() -> Path:
    """A command that runs in a subfolder of a checkout must not found a second installation there."""
    checkout = Path(__file__).parents[3]
    return (checkout if (checkout / "pyproject.toml").exists() else Path.cwd()) / "var"


def _gateway_beside() -> str:
    """The gateway that runs on this machine, wherever it was told to listen."""
    return f"http://127.0.0.1:{os.environ.get('ZHENGTONG_GATEWAY_PORT') or 8100}"


def _count(name: str, usual: int) -> int:
    text = os.environ.get(name, "") or str(usual)
    if not text.isdecimal():
        raise Invalid(f"{name} 只能是整数", field=name)
    return int(text)


def _flag(name: str) -> bool:
    text = os.environ.get(name, "").lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise Invalid(f"{name} 只能是 1 或 0", field=name, remedy=f"设置 {name}=1 或去掉它")
