"""What indicators put on pages of apps below: the way to the scores on the portal's front."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from zhengtong.toolkit.ui import slots


def register() -> None:
    """Fill the places of lower apps; called once at start-up."""
    slots.register(slots.PORTAL_DOORS, portal_door, order=5)


def portal_door(_request: HttpRequest, _shown: Any) -> SafeString:
    """To the scores."""
    return format_html('<p><a href="{}">{}</a></p>', reverse("indicators:score"), _("开放数据自评"))
