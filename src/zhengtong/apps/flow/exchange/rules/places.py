"""
Where a source or a front database is, as its steward states it.

Threat model. A steward of one office gives an address that makes the platform read its own files or secrets (``passfile``, ``service``,
``sslkey`` …), or connect to itself as its own superuser. Only a fixed set of options passes, and the platform's own database and account
are refused. Which hosts the platform may reach at all is the network's business (政务外网 zones).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import listed, say

_OPTIONS = frozenset({"host", "port", "sslmode", "target_session_attrs"})


class BadAddress(Invalid):
    """数据库地址不能使用。"""

    code = "bad-address"


@dataclass(frozen=True)
class Place:
    """A PostgreSQL database: its URI with the password, and the same without it for people to read."""

    url: str
    shown: str


def postgresql(text: str, *, own_database: str) -> Place:
    """
    Check an address of the form ``postgresql://user:password@host:port/database``.

    :raises BadAddress: naming what is wrong with it.
    """
    parts = urlsplit(text.strip())
    if parts.scheme not in {"postgresql", "postgres"}:
        raise BadAddress("地址应以 postgresql:// 开头", field="url", remedy="形如 postgresql://账户:密码@主机:5432/库名")
    options = dict(parse_qsl(parts.query))
    strange = sorted(set(options) - _OPTIONS)
    if strange:
        raise BadAddress(
            say("地址不支持选项 {strange}", strange=strange[0]), field="url", remedy=say("只用 {options}", options=listed(sorted(_OPTIONS)))
        )
    host, port = options.get("host", parts.hostname or ""), options.get("port", str(parts.port or 5432))
    database, user = unquote(parts.path.lstrip("/")), unquote(parts.username or "")
    if not (host and database and user):
        raise BadAddress("地址缺少主机、库名或账户", field="url", remedy="形如 postgresql://账户:密码@主机:5432/库名")
    if (host, port, database) == _place_of(own_database):
        raise BadAddress("不能把平台自己的库作为来源或前置库", field="url")
    extra = {name: value for name, value in options.items() if name not in {"host", "port"}}
    query = urlencode({"host": host, "port": port, **extra})
    account = quote(user, safe="")
    secret = quote(unquote(parts.password or ""), safe="")
    return Place(f"postgresql://{account}:{secret}@/{quote(database)}?{query}", f"{user}@{host}:{port}/{database}")


def _place_of(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return (
        options.get("host", parts.hostname or ""),
        options.get("port", str(parts.port or 5432)),
        unquote(parts.path.lstrip("/")),
    )
