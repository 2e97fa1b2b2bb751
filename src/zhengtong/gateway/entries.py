"""
Ledger entries as bytes.

A gateway writes thousands of entries a second, almost all of which differ in a few fields. A form holds the constant parts already encoded;
what it writes equals, byte for byte, what ``contracts.traces`` would encode (a test holds it to that).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

_json = msgspec.json.Encoder().encode


def _field(name: str, value: str) -> bytes:
    return b',"%b":%b' % (name.encode(), _json(value)) if value else b""


def _names(name: str, values: Sequence[str]) -> bytes:
    return b',"%b":%b' % (name.encode(), _json(list(values))) if values else b""


@dataclass(frozen=True, slots=True, eq=False)
class EntryForm:
    """The constant parts of an entry. ``event`` and the rest as in ``contracts.traces.Entry``."""

    _event: bytes
    _who: bytes
    _what: bytes

    @classmethod
    def of(
        cls,
        *,
        event: str,
        actor: str = "",
        office: str = "",
        provider: str = "",
        resource: str = "",
        grant: str = "",
        purpose: str = "",
        channel: str = "",
        items: Sequence[str] = (),
    ) -> EntryForm:
        """Encode what stays the same."""
        who = (("actor", actor), ("office", office), ("provider", provider), ("resource", resource), ("grant", grant), ("purpose", purpose))
        return cls(
            _event=b',"event":' + _json(event),
            _who=b"".join(_field(name, value) for name, value in who),
            _what=_field("channel", channel) + _names("items", items),
        )

    def fill(
        self,
        *,
        request_id: str,
        at: bytes,
        outcome: str = "ok",
        case: str = "",
        subjects: Sequence[str] = (),
        rows: int = 0,
        address: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> bytes:
        """The entry as one line of JSON. ``at`` is the moment as ``Moments.iso`` writes it."""
        return b'{"id":"%b","at":"%b"%b%b%b%b%b%b%b%b%b}' % (
            request_id.encode(),
            at,
            self._event,
            b"" if outcome == "ok" else b',"outcome":' + _json(outcome),
            self._who,
            _field("case", case) if case else b"",
            self._what,
            _names("subjects", subjects) if subjects else b"",
            b',"rows":%d' % rows if rows else b"",
            b',"address":' + _json(address) if address else b"",
            b',"detail":' + _json(detail) if detail else b"",
        )
