"""What a checked signature proves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zhengtong.gateway.credentials import CallerFile


@dataclass(slots=True)
class Proof:
    """
    The caller, and what makes this message unrepeatable: ``nonce`` names it among all callers, ``created`` is the second it was signed.

    ``service`` is the national service id that the caller signed for, if it did.
    """

    caller: CallerFile
    nonce: bytes
    created: int
    service: str = ""
