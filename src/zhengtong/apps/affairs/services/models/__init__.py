"""Tables of service items."""

from zhengtong.apps.affairs.services.models.basic import BasicItem
from zhengtong.apps.affairs.services.models.form import FormChange, FormSimulation
from zhengtong.apps.affairs.services.models.imports import ItemImport, QuarantinedRow
from zhengtong.apps.affairs.services.models.item import ItemEvent, ItemVersion, Material, ServiceItem
from zhengtong.apps.affairs.services.models.source import NamedSource

__all__ = [
    "BasicItem",
    "FormChange",
    "FormSimulation",
    "ItemEvent",
    "ItemImport",
    "ItemVersion",
    "Material",
    "NamedSource",
    "QuarantinedRow",
    "ServiceItem",
]
