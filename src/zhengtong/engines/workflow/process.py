"""A process that keeps every rule: what cases run on."""

from __future__ import annotations

from dataclasses import dataclass

from zhengtong.engines.workflow.rules import faults
from zhengtong.engines.workflow.table import Table


@dataclass(frozen=True)
class Process(Table):
    """
    A table that was checked when it was made. A running case stays with the version it began in; a change is a new version.

    :raises InvalidProcess: the first rule that it breaks, naming the step, the rule and the remedy.
    """

    def __post_init__(self) -> None:
        for fault in faults(self):
            raise fault
