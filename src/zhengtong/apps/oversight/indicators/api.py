"""The door of indicators."""

from zhengtong.apps.oversight.indicators.operations.measuring import measure_due, measure_portal
from zhengtong.apps.oversight.indicators.operations.recording import EvidenceTwice, EvidenceUnknown, add_evidence, remove_evidence
from zhengtong.apps.oversight.indicators.queries.scores import (
    DatasetScoreView,
    OfficeScore,
    Portal,
    dataset_scores,
    evidence,
    office_scores,
    portal,
    trend,
)
from zhengtong.apps.oversight.indicators.rules.index import BY_EVIDENCE, INDICATOR_LABELS, LAYER_LABELS, Value
from zhengtong.apps.oversight.indicators.rules.mqa import (
    DIMENSION_LABELS,
    METRIC_LABELS,
    METRICS,
    MOST,
    RATING_LABELS,
    REMEDY_LABELS,
    rating,
)
from zhengtong.apps.oversight.indicators.rules.permissions import NotAllowed, may_keep_evidence

__all__ = [
    "BY_EVIDENCE",
    "DIMENSION_LABELS",
    "INDICATOR_LABELS",
    "LAYER_LABELS",
    "METRICS",
    "METRIC_LABELS",
    "MOST",
    "RATING_LABELS",
    "REMEDY_LABELS",
    "DatasetScoreView",
    "EvidenceTwice",
    "EvidenceUnknown",
    "NotAllowed",
    "OfficeScore",
    "Portal",
    "Value",
    "add_evidence",
    "dataset_scores",
    "evidence",
    "may_keep_evidence",
    "measure_due",
    "measure_portal",
    "office_scores",
    "portal",
    "rating",
    "remove_evidence",
    "trend",
]
