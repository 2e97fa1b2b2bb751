"""
The sentences of refusals in English, for callers that ask for it.

They stand in the catalog of the interface, where the check of translations holds every sentence of the gateway to have English. The file
is read once, when the process starts, with the standard library; without it callers get Chinese.
"""

from __future__ import annotations

from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from zhengtong.kernel.sentences import Sentence

_CATALOG = Path(__file__).parents[1] / "project/locale/en/LC_MESSAGES/django.mo"


def _read() -> NullTranslations:
    try:
        with _CATALOG.open("rb") as file:
            return GNUTranslations(file)
    except OSError:
        return NullTranslations()


_ENGLISH = _read()


def wanted(accept_language: bytes) -> bool:
    """Whether a caller's ``Accept-Language`` names English first; anything else, and nothing, means Chinese."""
    return accept_language[:2].lower() == b"en"


def in_english(sentence: Sentence) -> str:
    """A refusal's sentence or remedy."""
    return sentence.rendered(_translate) if sentence else ""


def _translate(template: str, count: int | None) -> str:
    return _ENGLISH.gettext(template) if count is None else _ENGLISH.ngettext(template, template, count)
