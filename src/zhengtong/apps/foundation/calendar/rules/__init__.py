"""Pure rules of the working-day calendar: how a list of days is read, what it must hold to, what revisions add up to."""

from zhengtong.apps.foundation.calendar.rules.listing import (
    LONGEST_NAME,
    MARK_LABELS,
    MOST_LINES,
    Fault,
    LineFault,
    check,
    read_list,
)
from zhengtong.apps.foundation.calendar.rules.table import Held, Mark, Ruling, Step, Table, belongs, in_force, table_of, undone

__all__ = [
    "LONGEST_NAME",
    "MARK_LABELS",
    "MOST_LINES",
    "Fault",
    "Held",
    "LineFault",
    "Mark",
    "Ruling",
    "Step",
    "Table",
    "belongs",
    "check",
    "in_force",
    "read_list",
    "table_of",
    "undone",
]
