"""Models of opening data."""

from zhengtong.apps.flow.opendata.models.build import Build
from zhengtong.apps.flow.opendata.models.dataset import Dataset, DatasetEvent, Overruling
from zhengtong.apps.flow.opendata.models.news import News
from zhengtong.apps.flow.opendata.models.table import PublishedTable
from zhengtong.apps.flow.opendata.models.usage import DownloadDay
from zhengtong.apps.flow.opendata.models.version import DatasetVersion, VersionFile

__all__ = ["Build", "Dataset", "DatasetEvent", "DatasetVersion", "DownloadDay", "News", "Overruling", "PublishedTable", "VersionFile"]
