"""Models of the catalog."""

from zhengtong.apps.resources.catalog.models.imports import ImportRun, QuarantinedRecord
from zhengtong.apps.resources.catalog.models.resource import Item, Resource, ResourceEvent, ResourceVersion

__all__ = ["ImportRun", "Item", "QuarantinedRecord", "Resource", "ResourceEvent", "ResourceVersion"]
