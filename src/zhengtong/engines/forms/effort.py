"""
What a form costs somebody: fields, clicks and minutes, and how much of it sources spare them.

Seconds by kind follow demarches.numerique.gouv.fr as far as it has the kind: ten seconds for a choice or a date, one minute for a text,
three for a document to find and upload. They compare forms; they foretell nobody's day.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from zhengtong.engines.forms.answers import Answers, asked
from zhengtong.engines.forms.document import Field, Form
from zhengtong.engines.forms.kinds import Kind

_SECONDS = {Kind.LINES: 180, Kind.FILE: 180, Kind.TEXT: 60, Kind.ADDRESS: 60, Kind.CREDIT_CODE: 60, Kind.BANK_CARD: 60, Kind.IDENTITY: 60}
_OTHERWISE, _PAGE, _READ = 10, 5, 3


@dataclass(frozen=True)
class Effort:
    """Of one way through a form. ``documents`` are uploads that are left, ``spared`` those that a source made needless."""

    pages: int
    fields: int
    prefilled: int
    clicks: int
    seconds: int
    documents: int
    spared: int

    @property
    def prefilled_share(self) -> float:
        """Fields that sources filled, of all that were asked; 0 to 1."""
        return self.prefilled / self.fields if self.fields else 0.0


def effort(form: Form, answers: Answers, *, prefilled: Collection[str] = ()) -> Effort:
    """
    What is left to do for somebody who answers like this, when sources give ``prefilled``.

    A page whose fields are all given is still read and confirmed; an entry of a group counts as often as it is there.
    """
    pages = asked(form, answers)
    fields = [form.fields[key] for page in pages for key in page.fields]
    given = set(prefilled)
    left = [one for one in fields if one.key not in given]
    clicks = len(pages) + sum(_times(one, answers) for one in left)
    seconds = _PAGE * len(pages) + _READ * (len(fields) - len(left)) + sum(_seconds(one) * _times(one, answers) for one in left)
    uploads = [one for one in fields if one.kind is Kind.FILE]
    spared = sum(one.key in given for one in uploads)
    return Effort(len(pages), len(fields), len(fields) - len(left), clicks, seconds, len(uploads) - spared, spared)


def _times(one: Field, answers: Answers) -> int:
    return max(1, len(answers.get(one.key) or ())) if one.kind is Kind.GROUP else 1


def _seconds(one: Field) -> int:
    return sum(map(_seconds, one.fields)) if one.kind is Kind.GROUP else _SECONDS.get(one.kind, _OTHERWISE)
