"""Values of rows as JSON that clients of other protocols expect."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from zhengtong.engines.rowquery.table import Column, Kind


def value(column: Column, found: Any) -> Any:
    """A decimal as a number where the number says exactly the same, and as a text where it would lose digits."""
    if column.kind is Kind.DECIMAL and isinstance(found, str):
        number = float(found)
        return number if Decimal(repr(number)) == Decimal(found) else found
    return found
