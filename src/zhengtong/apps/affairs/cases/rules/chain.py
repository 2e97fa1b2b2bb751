"""The chain of a case's deeds: each names the hash of the one before, so that none can be changed or left out unseen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from zhengtong.engines.crypto.digests import Digest
from zhengtong.kernel import canonical
from zhengtong.kernel.sentences import Kept

BEFORE_THE_FIRST = "0" * 64


def link(digest: Digest, previous: str, document: dict[str, Any]) -> str:
    """The hash of a deed behind another, 64 hexadecimal digits: of the previous hash, a line end and the canonical document."""
    return digest.of(previous.encode() + b"\n" + canonical.encode(document)).hex()


def document(
    number: str,
    height: int,
    *,
    act: str,
    kind: str,
    visit: int | None,
    at: datetime,
    actor: tuple[str, str, str],
    facts: dict[str, Any],
    happenings: list[list[Any]],
    reason: Kept,
) -> dict[str, Any]:
    """A deed as it is hashed; ``actor`` is label, name and name of the office. The moment is written in UTC."""
    label, name, office = actor
    return {
        "case": number,
        "height": height,
        "act": act,
        "kind": kind,
        "visit": visit,
        "at": at.astimezone(UTC).isoformat(),
        "actor": label,
        "actor_name": name,
        "office_name": office,
        "document": facts,
        "happenings": happenings,
        "reason": reason,
    }
