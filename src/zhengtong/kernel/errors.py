"""
One tree of errors for every process.

An error names who has to act (``party``), carries a stable ``code`` for machines, a sentence for people, and, where there is one, the
``field`` and the ``remedy``. Interfaces turn it into a page, a JSON body or an exit code; nothing else formats errors.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


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
        self.sentence = sentence or " ".join((type(self).__doc__ or "").split())
        self.field = field
        self.remedy = remedy
        super().__init__(self.sentence)

    def as_dict(self) -> dict[str, str]:
        """The error as the flat object that APIs and ``--json`` commands print; empty parts are left out."""
        parts = {
            "code": self.code,
            "party": str(self.party),
            "message": self.sentence,
            "field": self.field,
            "remedy": self.remedy,
        }
        return {name: text for name, text in parts.items() if text}


class Refused(ZhengtongError):
    """You may not do this here."""

    code = "refused"
    status = 403


class NotFound(ZhengtongError):
    """There is no such thing, or you may not see it."""

    code = "not-found"
    status = 404


class Invalid(ZhengtongError):
    """A value breaks a rule."""

    code = "invalid"
    status = 422


class Conflict(ZhengtongError):
    """Somebody else changed this first, or it is no longer in a state that allows this."""

    code = "conflict"
    status = 409


class Unavailable(ZhengtongError):
    """The platform cannot do this at the moment; try again."""

    code = "unavailable"
    party = Party.PLATFORM
    status = 503
