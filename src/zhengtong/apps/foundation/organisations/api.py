"""The door of regions and offices."""

from zhengtong.apps.foundation.organisations.models import Level
from zhengtong.apps.foundation.organisations.operations import OfficeExists, add_office, load_regions, merge_office, rename_office
from zhengtong.apps.foundation.organisations.queries import (
    OfficeUnknown,
    OfficeView,
    RegionUnknown,
    RegionView,
    bureau_for,
    office,
    office_by_name,
    offices_by_code,
    region,
    regions_below,
    search_offices,
)

__all__ = [
    "Level",
    "OfficeExists",
    "OfficeUnknown",
    "OfficeView",
    "RegionUnknown",
    "RegionView",
    "add_office",
    "bureau_for",
    "load_regions",
    "merge_office",
    "office",
    "office_by_name",
    "offices_by_code",
    "region",
    "regions_below",
    "rename_office",
    "search_offices",
]
