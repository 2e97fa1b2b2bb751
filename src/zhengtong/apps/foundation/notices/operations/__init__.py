"""Writes of notices within the platform, and of messages that leave it."""

from zhengtong.apps.foundation.notices.operations.sending import NoOutlet, deliver, post
from zhengtong.apps.foundation.notices.operations.telling import mark_read, tell, tell_account

__all__ = ["NoOutlet", "deliver", "mark_read", "post", "tell", "tell_account"]
