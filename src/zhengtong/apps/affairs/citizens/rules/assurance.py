"""
Assurance: how surely the platform knows who is in front of it.

Threat model. Somebody declares another's name: level 1 opens nothing but one's own account. Somebody knows name and number of another
(both are on every copy of an identity card): level 2 says that the two belong together, not that the right person typed them; acts of
weight therefore ask for level 3, and an account opened in another's name is closed at a window. A stolen password: level 3 needs the second
factor in this very session. Not defended: a face behind the number; that needs a reader at a window or the national network identity.
"""

from __future__ import annotations

from enum import IntEnum

from zhengtong.kernel.errors import Refused


class Level(IntEnum):
    """1 says who they are; 2 name and number match the register; 3 the same, with a second factor present in this session."""

    DECLARED = 1
    CHECKED = 2
    STRONG = 3


class AssuranceTooLow(Refused):
    """办理这件事需要更高的实名等级。"""

    code = "assurance-too-low"

    def __init__(self, needed: Level, *, remedy: str = "") -> None:
        super().__init__(remedy=remedy)
        self.needed = needed


def level_of(*, checked: bool, second_factor: bool) -> Level:
    """The level of a session: a second factor raises only a name that has been checked."""
    if not checked:
        return Level.DECLARED
    return Level.STRONG if second_factor else Level.CHECKED
