"""Where somebody files: in their own space, or at the one window. The pages are the same; the addresses and who files differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from zhengtong.apps.affairs.citizens import api as citizens
from zhengtong.apps.affairs.filing import api
from zhengtong.kernel.parties import Party
from zhengtong.toolkit.ui.own_space import OfPerson

_PC, _PHONE = "1", "2"
_BASES = {
    citizens.Right.REPRESENTATIVE: "法定代表人",
    citizens.Right.DELEGATE: "企业授权的经办人",
    citizens.Right.GUARDIAN: "监护人",
    citizens.Right.AGENT: "授权委托",
}


@dataclass(frozen=True)
class Place:
    """
    Who files and where the pages lie; ``dense`` for officials. ``opened_by`` opens the case, ``lead`` are the first parts of every address
    (an item's code, or a visit).
    """

    filer: api.Filer
    prefix: str
    lead: tuple[Any, ...]
    opened_by: Any
    dense: bool = False
    party_shown: str = ""

    def address(self, name: str, *parts: Any) -> str:
        """The address of one of the pages."""
        return reverse(f"filing:{self.prefix}{name}", args=[*self.lead, *parts])

    def start(self, code: str) -> str:
        """The address of the beginning of an item."""
        return reverse(f"filing:{self.prefix}begin", args=[*self.lead, code] if self.dense else [code])

    @property
    def home(self) -> str:
        """Where one goes after leaving a draft."""
        return self.address("visit") if self.dense else reverse("filing:listed")

    def page(self, public: UUID, page: str, *, change: bool = False) -> str:
        """The address of a page of the form; ``change`` comes back to the check."""
        return self.address("page", public, page) + ("?change=1" if change else "")


def own(request: OfPerson, code: str) -> Place:
    """A citizen's own place, as whom they act now."""
    return Place(filer_of(request), "", (code,), "process:filing", party_shown=shown_party(request))


def shown_party(request: OfPerson) -> str:
    """The party that somebody acts for, empty for oneself."""
    acting = request.citizen.acting
    return "" if acting.oneself else str(acting.party.masked_name)


def filer_of(request: OfPerson) -> api.Filer:
    """Who fills in for whom, from the session alone."""
    acting: citizens.ActingAs = request.citizen.acting
    person: citizens.PersonView = request.citizen.person
    agent: Party | None = None if acting.oneself else person.party
    basis = _BASES[acting.right] if acting.right is not None else ""
    channel = _PHONE if "Mobi" in request.headers.get("User-Agent", "") else _PC
    return api.Filer(acting.account_id, acting.label, acting.party, acting.digest, channel, agent, basis, person.phone)
