"""Every address of ``web``."""

from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from zhengtong.apps.foundation.signon.rest.urls import called
from zhengtong.apps.foundation.signon.web.urls import asked
from zhengtong.toolkit.ui.display import set_display


def icon(_request: HttpRequest) -> HttpResponseRedirect:
    """What browsers ask for beside an answer that is no page of ours, such as JSON."""
    return HttpResponseRedirect(static("ui/mark.svg"))


urlpatterns: list[URLPattern | URLResolver] = [
    path("favicon.ico", icon),
    path("language/", set_language, name="set_language"),
    path("display/", set_display, name="set_display"),
    path("", include("zhengtong.apps.foundation.identity.web.urls")),
    path("", include(([*called, *asked], "oauth2_provider"))),
    path("", include("zhengtong.apps.foundation.signon.web.urls")),
    path("", include("zhengtong.apps.foundation.notices.web.urls")),
    path("manage/", include("zhengtong.apps.foundation.organisations.web.urls")),
    path("manage/calendar/", include("zhengtong.apps.foundation.calendar.web.urls")),
    path("manage/ledger/", include("zhengtong.apps.foundation.security.web.urls")),
    path("", include("zhengtong.apps.resources.catalog.web.urls")),
    path("", include("zhengtong.apps.resources.quality.web.urls")),
    path("", include("zhengtong.apps.flow.sharing.web.urls")),
    path("", include("zhengtong.apps.flow.exchange.web.urls")),
    path("", include("zhengtong.apps.flow.opendata.web.urls")),
    path("", include("zhengtong.apps.flow.participation.web.urls")),
    path("", include("zhengtong.apps.flow.opendata.rest.urls")),
    path("", include("zhengtong.apps.affairs.licences.web.urls")),
    path("", include("zhengtong.apps.affairs.licences.rest.urls")),
    path("", include("zhengtong.apps.affairs.cases.rest.urls")),
    path("", include("zhengtong.apps.affairs.citizens.web.urls")),
    path("", include("zhengtong.apps.affairs.ratings.web.urls")),
    path("", include("zhengtong.apps.affairs.services.web.urls")),
    path("", include("zhengtong.apps.affairs.cases.web.urls")),
    path("", include("zhengtong.apps.affairs.filing.web.urls")),
    path("", include("zhengtong.apps.oversight.indicators.web.urls")),
    path("", include("zhengtong.shell.urls")),
]
handler404 = "zhengtong.toolkit.ui.errors.page_missing"
handler500 = "zhengtong.toolkit.ui.errors.platform_failed"
