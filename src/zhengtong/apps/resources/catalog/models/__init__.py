"""Models of the catalog."""

from zhengtong.apps.resources.catalog.models.bulk import BulkEdit, BulkLine
from zhengtong.apps.resources.catalog.models.harvest import HarvestSeen, HarvestSource
from zhengtong.apps.resources.catalog.models.imports import ImportRun, QuarantinedRecord
from zhengtong.apps.resources.catalog.models.resource import CodeSequence, Item, Resource, ResourceEvent, ResourceVersion
from zhengtong.apps.resources.catalog.models.upward import UpwardBatch, UpwardLine, UpwardState
from zhengtong.apps.resources.catalog.models.warning import ReviewWarning
from zhengtong.apps.resources.catalog.models.words import SavedSearch, SavedSearchHit, SynonymGroup, SynonymWord

__all__ = [
    "BulkEdit",
    "BulkLine",
    "CodeSequence",
    "HarvestSeen",
    "HarvestSource",
    "ImportRun",
    "Item",
    "QuarantinedRecord",
    "Resource",
    "ResourceEvent",
    "ResourceVersion",
    "ReviewWarning",
    "SavedSearch",
    "SavedSearchHit",
    "SynonymGroup",
    "SynonymWord",
    "UpwardBatch",
    "UpwardLine",
    "UpwardState",
]
