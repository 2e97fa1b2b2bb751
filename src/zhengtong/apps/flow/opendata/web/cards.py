"""Pictures that social media show beside an address of the portal. Nothing of them comes from a parameter."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.opendata import api
from zhengtong.kernel import clock
from zhengtong.toolkit.ui import cards


@require_safe
def front(request: HttpRequest) -> HttpResponseBase:
    """The card of the portal."""
    figures = api.figures()
    facts = f"{figures['datasets']:,} 个数据集 · {figures['offices']:,} 个单位 · {figures['rows']:,} 行数据"  # data: as above
    return cards.answered(request, "政府数据,不用登录就能查看和下载", (facts,))  # data: as above


@require_safe
def dataset(request: HttpRequest, number: int) -> HttpResponseBase:
    """The card of a dataset: title, office, rows where they are for all, the day of its data."""
    view = api.dataset(number, now=clock.now())
    rows = f"{view.version.rows:,} 行 · " if view.version.open_to_all else "有条件开放 · "  # data: as above
    day = clock.local_date(view.data_at).isoformat()
    return cards.answered(request, view.version.facts["title"], (view.version.facts["office_name"], f"{rows}{day} 更新"))  # data: as above
