"""Models of opening data."""

from zhengtong.apps.flow.opendata.models.build import Build
from zhengtong.apps.flow.opendata.models.dataset import Dataset, DatasetEvent, Overruling
from zhengtong.apps.flow.opendata.models.key import Developer, DeveloperKey, OpenKey, Usage
from zhengtong.apps.flow.opendata.models.news import News
from zhengtong.apps.flow.opendata.models.plan import OpeningPlan, PlanEvent, PlanLine, WhyClosed
from zhengtong.apps.flow.opendata.models.region import DatasetRegion
from zhengtong.apps.flow.opendata.models.request import AccessGrant, AccessRequest, RequestEvent, RequestRung, UseReport
from zhengtong.apps.flow.opendata.models.table import PublishedTable
from zhengtong.apps.flow.opendata.models.usage import DownloadDay
from zhengtong.apps.flow.opendata.models.version import DatasetVersion, VersionFile

__all__ = [
    "AccessGrant",
    "AccessRequest",
    "Build",
    "Dataset",
    "DatasetEvent",
    "DatasetRegion",
    "DatasetVersion",
    "Developer",
    "DeveloperKey",
    "DownloadDay",
    "News",
    "OpenKey",
    "OpeningPlan",
    "Overruling",
    "PlanEvent",
    "PlanLine",
    "PublishedTable",
    "RequestEvent",
    "RequestRung",
    "Usage",
    "UseReport",
    "VersionFile",
    "WhyClosed",
]
