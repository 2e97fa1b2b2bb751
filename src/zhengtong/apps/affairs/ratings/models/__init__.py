"""Tables of ratings and figures."""

from zhengtong.apps.affairs.ratings.models.figure import BranchFact, CaseFact, Figure
from zhengtong.apps.affairs.ratings.models.rating import Link, Rating
from zhengtong.apps.affairs.ratings.models.setting import Reason, Term
from zhengtong.apps.affairs.ratings.models.ticket import FiredRung, Ticket

__all__ = ["BranchFact", "CaseFact", "Figure", "FiredRung", "Link", "Rating", "Reason", "Term", "Ticket"]
