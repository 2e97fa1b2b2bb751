"""Models of notices and of messages that leave the platform."""

from zhengtong.apps.foundation.notices.models.message import OutgoingMessage, Outlet
from zhengtong.apps.foundation.notices.models.notice import Notice

__all__ = ["Notice", "OutgoingMessage", "Outlet"]
