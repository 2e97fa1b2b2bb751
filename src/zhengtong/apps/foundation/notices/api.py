"""The door of notices."""

from zhengtong.apps.foundation.notices.operations import mark_read, tell, tell_account
from zhengtong.apps.foundation.notices.queries import NoticeView, notices, unread

__all__ = ["NoticeView", "mark_read", "notices", "tell", "tell_account", "unread"]
