"""Tables of filing."""

from zhengtong.apps.affairs.filing.models.draft import Draft, DraftField, DraftMaterial, Upload
from zhengtong.apps.affairs.filing.models.hall import Appointment, Hall, Ticket, WindowVisit
from zhengtong.apps.affairs.filing.models.source import FilingSystem, SourceHealth

__all__ = [
    "Appointment",
    "Draft",
    "DraftField",
    "DraftMaterial",
    "FilingSystem",
    "Hall",
    "SourceHealth",
    "Ticket",
    "Upload",
    "WindowVisit",
]
