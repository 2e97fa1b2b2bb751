"""The door of notices, and of messages that leave the platform."""

from zhengtong.apps.foundation.notices.models import Outlet
from zhengtong.apps.foundation.notices.operations import NoOutlet, deliver, mark_read, post, tell, tell_account
from zhengtong.apps.foundation.notices.queries import NoticeView, notices, unread

__all__ = ["NoOutlet", "NoticeView", "Outlet", "deliver", "mark_read", "notices", "post", "tell", "tell_account", "unread"]
