"""Models of the catalog."""

from zhengtong.apps.resources.catalog.models.imports import ImportRun, QuarantinedRecord
from zhengtong.apps.resources.catalog.models.resource import CodeSequence, Item, Resource, ResourceEvent, ResourceVersion
from zhengtong.apps.resources.catalog.models.warning import ReviewWarning

__all__ = ["CodeSequence", "ImportRun", "Item", "QuarantinedRecord", "Resource", "ResourceEvent", "ResourceVersion", "ReviewWarning"]
