"""Pure rules: how surely somebody is known, when guessing ends, and who may act for whom."""

from zhengtong.apps.affairs.citizens.rules.answers import Outcome, Source, meaning_of
from zhengtong.apps.affairs.citizens.rules.assurance import AssuranceTooLow, Level, level_of
from zhengtong.apps.affairs.citizens.rules.guessing import Kind, TooManyTries, may_try, span
from zhengtong.apps.affairs.citizens.rules.rights import (
    CHOSEN_RIGHT,
    OPEN_STATES,
    Right,
    RightState,
    Scope,
    Standing,
    Why,
    covers,
    may_delegate,
    of_age,
    standing,
)

__all__ = [
    "CHOSEN_RIGHT",
    "OPEN_STATES",
    "AssuranceTooLow",
    "Kind",
    "Level",
    "Outcome",
    "Right",
    "RightState",
    "Scope",
    "Source",
    "Standing",
    "TooManyTries",
    "Why",
    "covers",
    "level_of",
    "may_delegate",
    "may_try",
    "meaning_of",
    "of_age",
    "span",
    "standing",
]
