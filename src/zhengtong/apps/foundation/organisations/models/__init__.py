"""Models of regions and offices."""

from zhengtong.apps.foundation.organisations.models.office import Level, Office, OfficeName
from zhengtong.apps.foundation.organisations.models.outline import OutlineLoad, RefusedOutline, RegionOutline
from zhengtong.apps.foundation.organisations.models.region import RefusedRegion, Region, RegionLoad

__all__ = [
    "Level",
    "Office",
    "OfficeName",
    "OutlineLoad",
    "RefusedOutline",
    "RefusedRegion",
    "Region",
    "RegionLoad",
    "RegionOutline",
]
