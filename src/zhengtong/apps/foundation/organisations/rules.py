"""
Pure rules of regions and offices: who may change them, and which rows of a list of divisions are taken.

Threat model. Somebody without the duty changes who an office is, and with it who may share what (refused here, once, for every operation);
a file with wrong rows spoils the register (each row is judged, refused ones are kept apart with the rule).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zhengtong.kernel.actors import Actor, Duty, NotYours

#: Digits of a region code → its level: province, city, county, town, village.
LEVEL_OF_LENGTH = {2: 1, 4: 2, 6: 3, 9: 4, 12: 5}
_LENGTHS = (2, 4, 6, 9, 12)
_LONGEST_NAME = 100
_SHOWN = 100


def parent_code(code: str) -> str:
    """The code one level up; empty for a province."""
    shorter = [length for length in _LENGTHS if length < len(code)]
    return code[: shorter[-1]] if shorter else ""


class NotRegistrar(NotYours):
    """需要系统管理员权限。"""


def registrar(by: Actor | str) -> str:
    """
    The ledger's name of whoever may change regions and offices: the system administrator, or a process of the platform.

    :raises NotRegistrar: for any other official.
    """
    if isinstance(by, str):
        return by
    if by.duty is not Duty.SYSTEM:
        raise NotRegistrar
    return by.label


@dataclass(frozen=True)
class Refusal:
    """A row that was not taken, and the rule that refused it."""

    line: int
    code: str
    name: str
    rule: str


def sift_regions(rows: Iterable[tuple[int, str, str]], known: set[str]) -> tuple[dict[str, str], list[Refusal]]:
    """
    Sort (line, code, name) rows into divisions to write, parents before children, and refusals.

    ``known`` are the codes that exist. A row without a known parent is refused, with everything below it; a parent may come later in the
    file than its children. Every row is in exactly one of the two results.
    """
    good: dict[str, tuple[int, str]] = {}
    refused: list[Refusal] = []
    for line, code, name in rows:
        rule = _row_rule(code, name)
        if not rule and code in good:
            rule = "duplicate"
        if rule:
            refused.append(Refusal(line, code[:_SHOWN], name[:_SHOWN], rule))
        else:
            good[code] = (line, name)
    taken: dict[str, str] = {}
    for code in sorted(good, key=lambda one: (len(one), one)):
        line, name = good[code]
        above = parent_code(code)
        if above and above not in known and above not in taken:
            refused.append(Refusal(line, code, name, "parent"))
        else:
            taken[code] = name
    return taken, sorted(refused, key=lambda one: one.line)


def _row_rule(code: str, name: str) -> str:
    if not (code.isascii() and code.isdigit()) or len(code) not in LEVEL_OF_LENGTH:
        return "code"
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        return "name"
    return ""
