"""The doors of the platform, and what every template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

import zhengtong
from zhengtong.apps.affairs.citizens.web.access import of as citizen_of
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.shell import desks
from zhengtong.shell.doors import Door


def doors(request: HttpRequest, actor: identity.Actor | None) -> list[Door]:
    """What this visitor may enter; the guide and open data are for everybody."""
    found = [("/services/", _("办事"), 0), ("/open/", pgettext("door", "开放数据"), 0)]
    if actor is None:
        found = [(reverse("citizens:home"), pgettext("door", "我的空间"), 0), *found]
    if actor is not None and actor.duty is None:
        found = [
            ("/share/", _("共享"), 0),
            ("/work/", _("工作台"), notices.unread(actor)),
            *found,
        ]
    if actor is not None and any(identity.may(actor, act) for act in identity.Act if act is not identity.Act.MANAGE_SYSTEMS):
        found.append(("/manage/", pgettext("door", "管理"), 0))
    return [Door(address, label, desks.place(request).startswith(address), count) for address, label, count in found]


def context(request: HttpRequest) -> dict[str, Any]:
    """The template context of every page; made once for a page and the parts that are rendered by themselves."""
    actor = getattr(request, "actor", None)
    made_for = (actor or citizen_of(request), desks.place(request))
    kept: tuple[object, dict[str, Any]] | None = getattr(request, "navigation", None)
    if kept is None or kept[0] != made_for:
        kept = request.navigation = (made_for, _context(request, actor))  # type: ignore[attr-defined]
    return kept[1]


def _context(request: HttpRequest, actor: identity.Actor | None) -> dict[str, Any]:
    return {
        "actor": actor,
        "citizen": citizen_of(request),
        "doors": doors(request, actor),
        "desks": desks.of(request, actor),
        "demo_mode": settings.ENVIRONMENT.demo,
        "node_title": _("政务数据共享平台"),
        "version": zhengtong.__version__,
        "home": reverse("shell:home"),
    }
