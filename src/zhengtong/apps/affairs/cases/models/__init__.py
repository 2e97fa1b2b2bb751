"""Tables of cases."""

from zhengtong.apps.affairs.cases.models.case import Case, Counter, Visit
from zhengtong.apps.affairs.cases.models.docking import Delivery, Difference, Docking, UsedNonce
from zhengtong.apps.affairs.cases.models.process import ProcessTemplate
from zhengtong.apps.affairs.cases.models.trail import Consultation, Deed, FiredRung, Letter, Material, Note, Opinion

__all__ = [
    "Case",
    "Consultation",
    "Counter",
    "Deed",
    "Delivery",
    "Difference",
    "Docking",
    "FiredRung",
    "Letter",
    "Material",
    "Note",
    "Opinion",
    "ProcessTemplate",
    "UsedNonce",
    "Visit",
]
