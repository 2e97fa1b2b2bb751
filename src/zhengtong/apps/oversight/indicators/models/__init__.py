"""Models of indicators."""

from zhengtong.apps.oversight.indicators.models.evidence import Evidence
from zhengtong.apps.oversight.indicators.models.score import DatasetScore, PortalScore

__all__ = ["DatasetScore", "Evidence", "PortalScore"]
