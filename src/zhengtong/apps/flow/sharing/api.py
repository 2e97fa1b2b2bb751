"""The door of sharing."""

from zhengtong.apps.foundation.identity import api as identity

__all__ = ["unread_notices"]


def unread_notices(actor: identity.Actor) -> int:  # noqa: ARG001
    """How many notices wait."""
    return 0
