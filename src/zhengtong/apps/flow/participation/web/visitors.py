"""
Who is at the other end, as far as it matters: an account, else a browser that keeps a cookie, else an address.

The cookie is set when somebody first rates, supports or writes, is signed, says nothing about its holder, and serves to count one browser
once. Threat model: somebody who drops the cookie counts again, within the limit of their address; whoever has many addresses is not held.
"""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.flow.participation import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid, ZhengtongError

_COOKIE, _SALT = "zhengtong_visitor", "participation.visitor"
_YEAR = 365 * 24 * 3600
_MOST_BYTES = 64 * 1024


class TooLarge(ZhengtongError):
    """提交的内容太大。"""

    code = "filed-too-large"
    status = 413


class Unattended(Invalid):
    """提交没有保存:请把“网站”一栏留空。"""

    code = "filed-by-machine"


def actor_of(request: HttpRequest) -> Any:
    """The official who is signed in; None for everybody else."""
    return getattr(request, "actor", None)


def label_of(request: HttpRequest) -> str:
    """The account or the cookie; empty for a browser that has none."""
    actor = actor_of(request)
    if actor is not None:
        return str(actor.label)
    try:
        return f"visitor:{signing.loads(request.COOKIES.get(_COOKIE, ''), salt=_SALT, max_age=_YEAR)}"
    except signing.BadSignature:
        return ""


def begin(request: HttpRequest, kind: str, *, most: int = _MOST_BYTES) -> str:
    """
    Let a write in: small enough, not too often. Returns the visitor's label, a new one for a new browser.

    :param most: the most bytes of a form that brings a file; any other ends at 64 KiB.
    :raises TooLarge: above that.
    :raises TooMany: above the limit of the account or the address.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    limit = most if request.content_type == "multipart/form-data" else _MOST_BYTES
    if not length.isdecimal() or int(length) > limit:
        raise TooLarge(remedy="请缩短内容,附件请放在网上并填写网址")
    actor = actor_of(request)
    api.admit(kind, actor.label if actor else f"address:{_network(request.META.get('REMOTE_ADDR', ''))}", now=clock.now())
    return label_of(request) or f"visitor:{secrets.token_urlsafe(18)}"


def _network(address: str) -> str:
    """An address as one household or office has it: of IPv6 the first 64 bits."""
    return ":".join(address.split(":")[:4]) if ":" in address else address


def remember(response: HttpResponseBase, request: HttpRequest, label: str) -> HttpResponseBase:
    """Let the browser keep its label."""
    if actor_of(request) is None and label:
        value = signing.dumps(label.removeprefix("visitor:"), salt=_SALT)
        response.set_cookie(_COOKIE, value, max_age=_YEAR, httponly=True, samesite="Lax", secure=request.is_secure())
    return response


class PublicForm(forms.Form):
    """A form that strangers fill: a token that makes sending twice once, and a field that only machines fill."""

    use_required_attribute = False
    token = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)
    website = forms.CharField(
        label=_("网站(请留空)"), required=False, max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"})
    )

    def __init__(self, data: Any = None, **facts: Any) -> None:
        facts["initial"] = {"token": uuid.uuid4().hex, **facts.get("initial", {})}
        super().__init__(data, **facts)

    def visible(self) -> list[forms.BoundField]:
        """What people fill, in order."""
        return [bound for bound in self if bound.name not in {"token", "website"}]

    def require_person(self) -> None:
        """
        Refuse what a machine filled.

        :raises Unattended: if the hidden field is not empty.
        """
        if self.cleaned_data["website"]:
            raise Unattended(field="website")

    def once(self) -> str:
        """The form's token; a browser that sent none gets one, and is not protected from sending twice."""
        return str(self.cleaned_data["token"] or uuid.uuid4().hex)
