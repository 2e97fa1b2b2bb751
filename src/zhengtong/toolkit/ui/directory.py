"""
What codes stand for, for pages of apps that lie below the one that knows.

The ledger holds codes of offices, and the app of offices lies above it. The upper app registers what it knows at start-up (in its
``AppConfig.ready``); until then a code stands for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Directory:
    """Names by code, all in one query, unknown codes absent; and the codes of those whose present or former name contains a text."""

    names: Callable[[Collection[str]], Mapping[str, str]]
    codes: Callable[[str], list[str]]


_known: dict[str, Directory] = {}


def register_offices(directory: Directory) -> None:
    """Say what codes of offices stand for."""
    _known["offices"] = directory


def office_names(codes: Collection[str]) -> Mapping[str, str]:
    """Names of offices by code, in one query; what is no office's code is absent."""
    wanted = set(codes) - {""}
    return _known["offices"].names(wanted) if wanted and "offices" in _known else {}


def office_codes(text: str) -> list[str]:
    """The codes of the offices whose name, short name or former name contains a text, or whose code begins with it."""
    return _known["offices"].codes(text) if "offices" in _known else []
