"""Offices by name on pages of the apps below."""

from __future__ import annotations

from collections.abc import Collection

from zhengtong.apps.foundation.organisations import api
from zhengtong.toolkit.ui import directory

_MOST = 200


def register() -> None:
    """Let lower apps name offices by their codes."""
    directory.register_offices(directory.Directory(names=_names, codes=_codes))


def _names(codes: Collection[str]) -> dict[str, str]:
    return {code: office.name for code, office in api.offices_by_code(codes).items()}


def _codes(text: str) -> list[str]:
    return [office.code for office in api.search_offices(text, ended=True, limit=_MOST)]
