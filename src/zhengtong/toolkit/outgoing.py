"""
The one way out: reading an address that a person or another system gave.

Threat model. Somebody gives the platform an address by which it reads what only the platform can reach (SSRF): a service on this machine, a
cloud's metadata, an intranet's console; or a name that answers harmlessly when checked and with a private address when called (DNS
rebinding); or a page that redirects there; or an answer that never ends or unpacks without end. So only http and https are spoken, the
address is checked at the moment the socket connects and is the one connected to, every redirect passes the same gate, nothing is taken from
proxies of the environment, and time and unpacked bytes are bounded. Private networks (政务外网, 专网) are reached where the installation
names them. Not defended: what a named network holds; name them narrowly.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import httpcore
import httpx

from zhengtong.kernel.errors import Invalid, Party, Unavailable
from zhengtong.kernel.sentences import say

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_MOST_REDIRECTS = 5


class AddressRefused(Invalid):
    """这个地址不能访问。"""

    code = "address-refused"


class PlaceSilent(Unavailable):
    """对方没有正常应答。"""

    code = "place-silent"
    party = Party.PROVIDER


@dataclass(frozen=True)
class Answer:
    """What came back, unpacked. ``url`` is where it came from after redirects; header names are in small letters."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def networks(text: str) -> tuple[Network, ...]:
    """
    The networks of a setting, separated by commas.

    :raises Invalid: if one is none.
    """
    try:
        return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())
    except ValueError as exc:
        raise Invalid(
            f"ZHENGTONG_OUTGOING_NETWORKS: {exc}", field="ZHENGTONG_OUTGOING_NETWORKS", remedy="例如 10.0.0.0/8,172.16.0.0/12"
        ) from exc


def may_be_called(address: str, allowed: Iterable[Network]) -> bool:
    """Whether an IP address is a public one or lies in a network that the installation names."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    plain = mapped or ip
    if any(plain.version == network.version and plain in network for network in allowed):
        return True
    return plain.is_global and not plain.is_multicast


class _Gate(httpcore.NetworkBackend):
    """Connects to the very address that was checked."""

    def __init__(self, allowed: tuple[Network, ...]) -> None:
        self._allowed, self._plain = allowed, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as exc:
            raise PlaceSilent(say("找不到主机 {host}", host=host), remedy="核对地址") from exc
        addresses = [str(one[4][0]) for one in found]
        good = [one for one in addresses if may_be_called(one, self._allowed)]
        if not good:
            raise AddressRefused(
                say("{host} 在内部网络,平台不访问", host=host),
                field="address",
                remedy="确需访问时,由系统管理员把网段写入 ZHENGTONG_OUTGOING_NETWORKS",
            )
        return self._plain.connect_tcp(good[0], port, timeout=timeout, local_address=local_address, socket_options=socket_options)


class _Transport(httpx.HTTPTransport):
    def __init__(self, allowed: tuple[Network, ...]) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.ConnectionPool(ssl_context=httpx.create_ssl_context(trust_env=False), network_backend=_Gate(allowed))


@dataclass(frozen=True)
class Reader:
    """Reads addresses within bounds: seconds for one answer in all, bytes of it unpacked."""

    allowed: tuple[Network, ...] = ()
    seconds: float = 60.0
    most_bytes: int = 50 * 2**20

    def get(self, url: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """
        Read an address; a status of any kind is an answer.

        :raises AddressRefused: if the address is none, or lies where the platform does not go.
        :raises PlaceSilent: if nobody answers there in time, or the answer is too long.
        """
        until = time.monotonic() + self.seconds
        try:
            with httpx.Client(transport=_Transport(self.allowed), timeout=min(self.seconds, 20.0), trust_env=False) as client:
                request = client.build_request("GET", _checked(url), params=params, headers={"user-agent": "zhengtong", **(headers or {})})
                for _redirect in range(_MOST_REDIRECTS + 1):
                    response = client.send(request, stream=True)
                    try:
                        if response.next_request is None:
                            return Answer(str(response.url), response.status_code, dict(response.headers), self._body(response, until))
                        request = response.next_request
                        _checked(str(request.url))
                    finally:
                        response.close()
        except (httpx.InvalidURL, UnicodeError) as exc:
            raise AddressRefused("这不是网址", field="address", remedy="以 http:// 或 https:// 开头") from exc
        except httpx.HTTPError as exc:
            raise PlaceSilent(
                say("{url} 没有正常应答:{problem}", url=url, problem=type(exc).__name__), remedy="稍后再试,或与对方核实"
            ) from exc
        raise PlaceSilent(say("{url} 转来转去,没有结果", url=url), remedy="核对地址")

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> Answer:
        """
        Hand something over to an address; a status of any kind is an answer, and no redirect is followed.

        :raises AddressRefused, PlaceSilent: as :meth:`get`.
        """
        until = time.monotonic() + self.seconds
        try:
            with (
                httpx.Client(transport=_Transport(self.allowed), timeout=min(self.seconds, 20.0), trust_env=False) as client,
                client.stream("POST", _checked(url), content=body, headers={"user-agent": "zhengtong", **headers}) as response,
            ):
                return Answer(str(response.url), response.status_code, dict(response.headers), self._body(response, until))
        except (httpx.InvalidURL, UnicodeError) as exc:
            raise AddressRefused("这不是网址", field="address", remedy="以 http:// 或 https:// 开头") from exc
        except httpx.HTTPError as exc:
            raise PlaceSilent(
                say("{url} 没有正常应答:{problem}", url=url, problem=type(exc).__name__), remedy="稍后再试,或与对方核实"
            ) from exc

    def _body(self, response: httpx.Response, until: float) -> bytes:
        parts, size = list[bytes](), 0
        for part in response.iter_bytes(65_536):
            size += len(part)
            if size > self.most_bytes:
                raise PlaceSilent(say("应答超过 {most} MB", most=self.most_bytes // 2**20), remedy="请对方分页,或缩小范围")
            if time.monotonic() > until:
                raise PlaceSilent(say("{seconds} 秒内没有读完", seconds=int(self.seconds)), remedy="稍后再试")
            parts.append(part)
        return b"".join(parts)


def _checked(url: str) -> str:
    parts = httpx.URL(url)
    if parts.scheme not in {"http", "https"} or not parts.host:
        raise AddressRefused("只访问以 http:// 或 https:// 开头的网址", field="address", remedy="核对地址")
    if parts.userinfo:
        raise AddressRefused("网址里不写用户名和密码", field="address", remedy="去掉 @ 之前的部分")
    return url
