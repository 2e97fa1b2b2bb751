"""Models of quality."""

from zhengtong.apps.resources.quality.models.alike import AlikePair, AlikeVerdict, EntrySign
from zhengtong.apps.resources.quality.models.content import ContentPair, ContentVerdict, EntrySample, ItemSample
from zhengtong.apps.resources.quality.models.duty import Duty, DutyEntry, DutyTally
from zhengtong.apps.resources.quality.models.item import ItemGroup, ItemGroupOffice, ItemUse, SourceDecision
from zhengtong.apps.resources.quality.models.score import EntryFault, EntryScore, MonthTally, OfficeTally, RuleTally
from zhengtong.apps.resources.quality.models.standard import StandardItem, StandardVersion, StandardWord

__all__ = [
    "AlikePair",
    "AlikeVerdict",
    "ContentPair",
    "ContentVerdict",
    "Duty",
    "DutyEntry",
    "DutyTally",
    "EntryFault",
    "EntrySample",
    "EntryScore",
    "EntrySign",
    "ItemGroup",
    "ItemGroupOffice",
    "ItemSample",
    "ItemUse",
    "MonthTally",
    "OfficeTally",
    "RuleTally",
    "SourceDecision",
    "StandardItem",
    "StandardVersion",
    "StandardWord",
]
