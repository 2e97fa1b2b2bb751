"""Models of the working-day calendar."""

from zhengtong.apps.foundation.calendar.models.revision import Revision

__all__ = ["Revision"]
