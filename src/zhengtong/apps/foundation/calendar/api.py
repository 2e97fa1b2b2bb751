"""
The door of the working-day calendar.

:func:`current` is the calendar by which every period above the engines counts. A due date is worked out from it whenever somebody asks;
:data:`REVISED` in the outbox says that due dates may have moved.
"""

from zhengtong.apps.foundation.calendar.operations import REVISED, ChangedMeanwhile, ReasonMissing, revise, undo
from zhengtong.apps.foundation.calendar.queries import (
    LATEST,
    AlreadyUndone,
    DaysRefused,
    Difference,
    NoticeMissing,
    Proposal,
    RevisionUnknown,
    RevisionView,
    YearOutside,
    around,
    by_token,
    changed,
    current,
    last_number,
    one_calendar,
    propose,
    propose_undoing,
    require_year,
    revision,
    revisions,
    table,
    year_notice,
)
from zhengtong.apps.foundation.calendar.rules import LONGEST_NAME, MARK_LABELS, MOST_LINES, Fault, Held, LineFault, Mark, Ruling, Table

__all__ = [
    "LATEST",
    "LONGEST_NAME",
    "MARK_LABELS",
    "MOST_LINES",
    "REVISED",
    "AlreadyUndone",
    "ChangedMeanwhile",
    "DaysRefused",
    "Difference",
    "Fault",
    "Held",
    "LineFault",
    "Mark",
    "NoticeMissing",
    "Proposal",
    "ReasonMissing",
    "RevisionUnknown",
    "RevisionView",
    "Ruling",
    "Table",
    "YearOutside",
    "around",
    "by_token",
    "changed",
    "current",
    "last_number",
    "one_calendar",
    "propose",
    "propose_undoing",
    "require_year",
    "revise",
    "revision",
    "revisions",
    "table",
    "undo",
    "year_notice",
]
