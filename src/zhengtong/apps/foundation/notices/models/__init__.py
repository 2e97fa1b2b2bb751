"""Models of notices."""

from zhengtong.apps.foundation.notices.models.notice import Notice

__all__ = ["Notice"]
