"""The list from which a visitor came to a page: the consumer's people from their own, the other side from what it received or gave."""

from __future__ import annotations

from django.urls import reverse

from zhengtong.apps.flow.sharing import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.toolkit.ui.access import SignedIn


def at_application(request: SignedIn, view: api.ApplicationView) -> None:
    """Let the navigation show where somebody who looks at an application came from."""
    _stand(request, view.consumer, "sharing:received")


def at_grant(request: SignedIn, grant: api.GrantView) -> None:
    """The same for a grant."""
    _stand(request, grant.document.consumer.code, "sharing:given")


def _stand(request: SignedIn, consumer: str, theirs: str) -> None:
    if consumer not in request.actor.offices(*identity.Role):
        request.standing = reverse(theirs)
