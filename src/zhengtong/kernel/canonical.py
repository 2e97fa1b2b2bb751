"""Canonical JSON: one value, one sequence of bytes, so that a hash or a signature made anywhere can be checked anywhere."""

from __future__ import annotations

import json
from typing import Any


class NotCanonical(ValueError):
    """A value has no canonical form here (a float, a key that is not text, or an unknown type)."""


def encode(value: Any) -> bytes:
    """
    Encode as UTF-8 JSON with sorted keys and no blanks (the subset of RFC 8785 without floating-point numbers).

    Amounts travel as text, moments as ISO 8601 text: floats differ between languages and are refused.

    :raises NotCanonical: for a float, a non-text key, or a type JSON does not have.
    """
    _check(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _check(value: Any) -> None:
    match value:
        case None | bool() | int() | str():
            return
        case dict():
            for key, inner in value.items():
                if not isinstance(key, str):
                    raise NotCanonical(f"key {key!r} is not text")
                _check(inner)
        case list() | tuple():
            for inner in value:
                _check(inner)
        case _:
            raise NotCanonical(f"{type(value).__name__} has no canonical form; write it as text")
