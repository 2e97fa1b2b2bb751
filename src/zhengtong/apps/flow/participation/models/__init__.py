"""Tables of participation."""

from zhengtong.apps.flow.participation.models.demand import Demand, Support
from zhengtong.apps.flow.participation.models.picture import ReusePicture
from zhengtong.apps.flow.participation.models.trail import Attempt, Event, FiredRung
from zhengtong.apps.flow.participation.models.voice import Comment, Correction, Rating, Reuse

__all__ = ["Attempt", "Comment", "Correction", "Demand", "Event", "FiredRung", "Rating", "Reuse", "ReusePicture", "Support"]
