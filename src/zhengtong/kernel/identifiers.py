"""Identifiers that sort by time and give nothing away."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_RANDOM_BITS = 74


def uuid7(moment: datetime) -> uuid.UUID:
    """A UUID of version 7 (RFC 9562 §5.7): 48 bits of milliseconds since 1970, then 74 random bits."""
    milliseconds = int(moment.timestamp() * 1000) & (2**48 - 1)
    random = int.from_bytes(os.urandom(10), "big") & (2**_RANDOM_BITS - 1)
    high, low = random >> 62, random & (2**62 - 1)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
