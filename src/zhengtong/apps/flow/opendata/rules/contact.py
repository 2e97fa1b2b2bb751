"""The contact of a dataset, which is one line for people, as machines want it: addresses of mail and numbers of telephones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_EMAIL = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(r"(?<![\w-])\+?\d{3,4}-?\d{4,8}(?:-\d{1,6})?(?![\w-])")


@dataclass(frozen=True)
class Contact:
    """What is in the line."""

    emails: tuple[str, ...]
    phones: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """Find both kinds; either may be missing."""
        return cls(tuple(_EMAIL.findall(text)), tuple(_PHONE.findall(text)))
