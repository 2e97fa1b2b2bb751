"""
Where I am signed in from here, and what I agreed to.

Threat model. Somebody looks at or ends another's: the operations go by the account of the session alone.
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from zhengtong.apps.foundation.signon import api
from zhengtong.apps.foundation.signon.web.authorize import whoever
from zhengtong.kernel import clock
from zhengtong.toolkit.ui.speech import said


def account_panel(request: HttpRequest, _shown: None) -> SafeString:
    """The way there from the page of one's own account."""
    return render_to_string("signon/parts/account_panel.html", request=request)


@never_cache
def signed_on(request: HttpRequest) -> HttpResponseBase:
    """The systems that I am signed in to, or that may know me."""
    person = whoever(request)
    if person is None:
        return redirect_to_login(request.get_full_path())
    rows = [(one, [said(api.SCOPE_LABELS[scope]) for scope in one.scopes]) for one in api.signed_on(person.account_id)]
    return render(request, "signon/signed_on.html", {"rows": rows})


@require_POST
@never_cache
def sign_off(request: HttpRequest, client_id: str) -> HttpResponseBase:
    """End my tokens there, and what I agreed to."""
    person = whoever(request)
    if person is None:
        return redirect_to_login(request.get_full_path())
    api.sign_off(actor=person, client_id=client_id, now=clock.now())
    messages.success(request, _("已结束。它要再知道您是谁,须重新登录。"))
    return redirect("signon:signed-on")
