"""
The address a call comes from.

``X-Forwarded-For`` is believed only from a proxy of ours, and only back to the first address that is not one: whatever stands left of it,
the caller may have written itself.
"""

from __future__ import annotations

from ipaddress import ip_address

from zhengtong.gateway.settings import Network


class Addresses:
    """Knows the proxies."""

    def __init__(self, proxies: tuple[Network, ...]) -> None:
        self._proxies = proxies

    def of(self, peer: str, forwarded: bytes | None) -> str:
        """The address of the caller, given the other end of the connection and the ``X-Forwarded-For`` header."""
        if not self._proxies or forwarded is None or not self._ours(peer):
            return peer
        for part in reversed(forwarded.decode("latin-1").split(",")):
            address = part.strip()
            if not self._ours(address):
                return address[:64]
        return peer

    def _ours(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._proxies)
