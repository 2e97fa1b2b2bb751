"""
The private page of somebody without an account: a number and a code, handed out once, open it.

Threat model. Codes are guessed (the app counts wrong ones by number and address and locks), read over a shoulder or from a browser's
history (the code leaves the address at once, pages are never cached), or left on a shared machine (only a proof lies in the session, and it
ends with the session). Who holds number and code is the applicant: there is nobody else to ask.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from zhengtong.apps.flow.opendata import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.forms import add_refusal


class MachineTrap(forms.Form):
    """A form that strangers fill in. ``website`` is for machines alone: whoever fills it in is refused."""

    use_required_attribute = False
    website = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_website(self) -> str:
        """
        Refuse what a machine filled in.

        :raises ValidationError: if there is anything in it.
        """
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_now("没有受理。"))
        return ""


class EnterForm(forms.Form):
    """The way in by what the receipt says."""

    use_required_attribute = False
    number = forms.CharField(max_length=20)
    code = forms.CharField(label=_("查询码"), max_length=100, widget=forms.PasswordInput)


@dataclass(frozen=True)
class PrivateDoor:
    """
    The frame around the private pages of one kind.

    ``session`` names what is kept in the visitor's session; ``own``, ``way_in`` and ``back`` are names of addresses: the private page, the
    form that leads to it, the page before that; ``number_label`` and ``heading`` stand on the form; ``admit`` checks number and proof and
    counts wrong ones.
    """

    session: str
    own: str
    way_in: str
    back: str
    number_label: Any
    heading: Any
    admit: Callable[..., object]

    def prove(self, request: HttpRequest, number: str, secret: str) -> None:
        """Remember in the session that this visitor knows the code."""
        request.session[self.session] = {**request.session.get(self.session, {}), number: api.proof(secret)}

    def proven(self, request: HttpRequest, number: str) -> str:
        """The proof that this visitor gave before; empty if none."""
        found: str = request.session.get(self.session, {}).get(number, "")
        return found

    def turned_away(self, number: str) -> HttpResponse:
        """To the form, for whoever has not proven anything yet."""
        return redirect(f"{reverse(self.way_in)}?number={number}")

    def by_code(self, request: HttpRequest, number: str, code: str) -> HttpResponse:
        """
        Take the code of an address, so that it leaves the address at once.

        :raises ZhengtongError: if number and code do not belong together, or too many were tried.
        """
        self.admit(number=number, proven=api.proof(code), address=request.META.get("REMOTE_ADDR", ""), now=clock.now())
        self.prove(request, number, code)
        return redirect(self.own, number)

    def enter(self, request: HttpRequest) -> HttpResponseBase:
        """The form that asks for number and code."""
        form = EnterForm(request.POST or None, initial={"number": request.GET.get("number", "")[:20]})
        form.fields["number"].label = self.number_label
        if request.method == "POST" and form.is_valid():
            try:
                return self.by_code(request, form.cleaned_data["number"].strip().upper(), form.cleaned_data["code"].strip())
            except ZhengtongError as exc:
                add_refusal(form, exc)
        context = {"form": form, "heading": self.heading, "submit": pgettext("button", "查询"), "back": reverse(self.back)}
        return render(request, "ui/form_page.html", context, status=422 if form.is_bound else 200)

    def handed_out(self, request: HttpRequest, number: str, secret: str, *, heading: str, lead: str) -> HttpResponse:
        """Number, code and private address, shown this once."""
        self.prove(request, number, secret)
        here = reverse(self.own, args=[number])
        context = {
            "heading": heading,
            "lead": lead,
            "facts": [(self.number_label, number), (_now("查询码"), secret)],
            "secret": request.build_absolute_uri(f"{here}?code={secret}"),
            "back": here,
        }
        return render(request, "ui/secret_once.html", context)

    def key_shown(self, request: HttpRequest, number: str, key: str, *, lead: str) -> HttpResponse:
        """A new key, shown this once."""
        facts = [(self.number_label, number)]
        context = {"heading": _now("您的密钥"), "lead": lead, "facts": facts, "secret": key, "back": reverse(self.own, args=[number])}
        return render(request, "ui/secret_once.html", context)
