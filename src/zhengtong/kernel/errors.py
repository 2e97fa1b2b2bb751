"""
One tree of errors for every process.

An error names who has to act (``party``), carries a stable ``code`` for machines, a sentence for people, and, where there is one, the
``field`` and the ``remedy``. Sentence and remedy are Chinese that can be
said in another language (:mod:`~zhengtong.kernel.sentences`). Interfaces turn an error into a page, a JSON body or an exit code; nothing
else formats errors.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from zhengtong.kernel.sentences import Kept, kept, say


class Party(StrEnum):
    """Who has to act so that the same request succeeds next time."""

    CLIENT = "client"
    PLATFORM = "platform"
    PROVIDER = "provider"


class ZhengtongError(Exception):
    """Something was refused."""

    code: ClassVar[str] = "error"
    party: ClassVar[Party] = Party.CLIENT
    status: ClassVar[int] = 400

    def __init__(self, sentence: str = "", *, field: str = "", remedy: str = "") -> None:
        sentence = sentence or " ".join((type(self).__doc__ or "").split())
        self.sentence = say(sentence)
        self.field = field
        self.remedy = say(remedy)
        super().__init__(self.sentence)

    def as_dict(self) -> dict[str, str]:
        """The error as the flat object that APIs and ``--json`` commands print; empty parts are left out."""
        parts = {
            "code": self.code,
            "party": str(self.party),
            "message": str(self.sentence),
            "field": self.field,
            "remedy": str(self.remedy),
        }
        return {name: text for name, text in parts.items() if text}

    def as_kept(self) -> dict[str, Kept]:
        """The error as a table keeps it: its sentences can still be said in any language."""
        return self.as_dict() | {"message": kept(self.sentence)} | ({"remedy": kept(self.remedy)} if self.remedy else {})


class Refused(ZhengtongError):
    """您无权这样做。"""

    code = "refused"
    status = 403


class NotFound(ZhengtongError):
    """没有找到,或您无权查看。"""

    code = "not-found"
    status = 404


class Invalid(ZhengtongError):
    """有一个值不合规则。"""

    code = "invalid"
    status = 422


class Conflict(ZhengtongError):
    """别人已先改动,或现在的状态不能这样办理。"""

    code = "conflict"
    status = 409


class Unavailable(ZhengtongError):
    """平台暂时办不了,请稍后再试。"""

    code = "unavailable"
    party = Party.PLATFORM
    status = 503
