"""Types, licences with their history, issue in bulk, what systems of others may ask for."""

from zhengtong.apps.affairs.licences.models.allowance import Allowance, AllowanceUse
from zhengtong.apps.affairs.licences.models.job import Job, JobRow
from zhengtong.apps.affairs.licences.models.licence import Licence, LicenceEvent, StatusList
from zhengtong.apps.affairs.licences.models.type import LicenceType, TypeVersion

__all__ = ["Allowance", "AllowanceUse", "Job", "JobRow", "Licence", "LicenceEvent", "LicenceType", "StatusList", "TypeVersion"]
