"""
How what somebody fills in lies at rest.

Threat model. Whoever reads the tables, the file store or a backup of them finds sealed texts; without the node's keys, which are files
elsewhere, they open nothing. A sealed text is bound to its draft and field, so that it cannot stand in another's place.
"""

from __future__ import annotations

import json
from typing import Any

from zhengtong.engines.crypto.sealing import seal, unseal
from zhengtong.toolkit.keys import node_keys


def sealed(context: str, value: Any) -> str:
    """A value sealed for rest; nothing stays nothing."""
    if value is None or value == "":
        return ""
    return seal(node_keys().seal, json.dumps(value, ensure_ascii=False).encode(), f"filing:{context}")


def opened(context: str, text: str) -> Any:
    """
    A sealed value; None for nothing.

    :raises SealBroken: if it was changed, or sealed as something else.
    """
    return json.loads(unseal(node_keys().seal, text, f"filing:{context}")) if text else None
