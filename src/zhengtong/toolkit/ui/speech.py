"""Sentences of the system in the reader's language; what people wrote stays as they wrote it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext, ngettext

from zhengtong.kernel import sentences
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.kernel.sentences import Kept, Sentence, say, told


def _translate(template: str, count: int | None) -> str:
    if not template:
        return ""
    return gettext(template) if count is None else ngettext(template, template, count)


def said(sentence: Kept | None) -> str:
    """A sentence of the system, as the code holds it or as a table kept it."""
    if not sentence:
        return ""
    text = told(sentence)
    return text.rendered(_translate) if isinstance(text, Sentence) else _translate(text, None)


def as_told(text: Kept | None) -> str:
    """What a table kept that either somebody wrote, who is quoted, or the system did, which is translated."""
    return said(text) if isinstance(text, dict | Sentence) else str(text or "")


def listed(words: Iterable[object]) -> str:
    """Words one after another, as the reader's language separates them."""
    return said(sentences.listed(words))


def advice(sentence: Kept, remedy: Kept = "") -> str:
    """What is wrong and what to do about it, as two sentences."""
    if not remedy:
        return said(sentence)
    wrong, mend = (said(one).rstrip("。.") for one in (sentence, remedy))
    return say("{sentence}。{remedy}。", sentence=wrong, remedy=mend).rendered(_translate)


def refusal(error: ZhengtongError) -> str:
    """Why something was refused, with the remedy if there is one."""
    return advice(error.sentence, error.remedy)
