"""The public guide: what government does for people, found by words, by what happens in a life, or by a few answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhengtong.apps.affairs.services import api
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.toolkit.ui import slots
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import said

words = api.vocabulary
_PAGE, _LONGEST, _NEW = 20, 60, 5
_TOPICS = {
    **{f"p:{code}": label for code, label in words.PERSON_TOPIC_LABELS.items()},
    **{f"c:{code}": label for code, label in words.COMPANY_TOPIC_LABELS.items()},
}


def _one_of(request: HttpRequest, name: str, known: Mapping[str, Any]) -> str:
    value = request.GET.get(name, "")
    return value if value in known else ""


def _question(request: HttpRequest) -> api.GuideQuestion:
    region = request.GET.get("region", "")[:12]
    return api.GuideQuestion(
        text=request.GET.get("q", "").strip()[:_LONGEST],
        topic=_one_of(request, "topic", _TOPICS),
        event=_one_of(request, "event", words.LIFE_LABELS),
        office=request.GET.get("office", "")[:18],
        region=region if region.isdecimal() else "",
        served=_one_of(request, "served", words.SERVED_LABELS),
        residence=_one_of(request, "residence", words.RESIDENCE_LABELS),
        industry=_one_of(request, "industry", words.INDUSTRY_LABELS),
        audience=tuple(one for one in request.GET.getlist("audience") if one in words.AUDIENCE_LABELS),
        asked="who" in request.GET,
    )


def ways_in(labels: Mapping[str, str], counts: Mapping[str, int], prefix: str = "") -> list[tuple[str, str, int]]:
    """Ways into the guide behind which something lies: value, label, count."""
    return [(prefix + code, _(label), counts[prefix + code]) for code, label in labels.items() if counts.get(prefix + code)]


def _chosen(question: api.GuideQuestion, ways: api.Navigation) -> list[tuple[str, str]]:
    """What the list is narrowed to: name of the parameter, label."""
    offices, regions = ({code: name for code, name, _count in listed} for listed in (ways.offices, ways.regions))
    labels: list[tuple[str, str, Mapping[str, str]]] = [
        ("topic", question.topic, _TOPICS),
        ("event", question.event, words.LIFE_LABELS),
        ("office", question.office, offices),
        ("region", question.region, regions),
        ("served", question.served, words.SERVED_LABELS),
    ]
    return [(name, _(known[value]) if value in known else value) for name, value, known in labels if value]


@require_safe
def front(request: HttpRequest) -> HttpResponseBase:
    """The ways into the guide, or what was found on one of them."""
    question, ways = _question(request), api.navigation()
    chosen = _chosen(question, ways)
    context: dict[str, Any] = {"question": question, "chosen": chosen, "ways": ways, "types": words.TYPE_LABELS}
    if question.text or chosen:
        context |= _found(request, question)
    else:
        context |= {
            "person_events": ways_in(words.PERSON_EVENT_LABELS, ways.events),
            "company_events": ways_in(words.COMPANY_EVENT_LABELS, ways.events),
            "person_topics": ways_in(words.PERSON_TOPIC_LABELS, ways.topics, "p:"),
            "company_topics": ways_in(words.COMPANY_TOPIC_LABELS, ways.topics, "c:"),
            "updates": api.updates(limit=_NEW),
        }
    return render(request, "services/front.html", context)


def _found(request: HttpRequest, question: api.GuideQuestion) -> dict[str, Any]:
    def fetch(after: str, limit: int) -> Sequence[api.Card]:
        return api.guide(question, after=after, limit=limit)

    rows = page(request, fetch, lambda row: row.cursor, size=_PAGE)
    return {"page": rows, "total": api.guide_count(question), "near": [] if rows.rows else api.near(question)}


@require_safe
def for_me(request: HttpRequest) -> HttpResponseBase:
    """A few questions, and the items that they leave."""
    question = _question(request)
    person = question.served == words.PERSON
    context: dict[str, Any] = {
        "question": question,
        "served": [(code, _(label)) for code, label in words.SERVED_LABELS.items() if code != "5"],
        "events": [(code, _(label)) for code, label in (words.PERSON_EVENT_LABELS if person else words.COMPANY_EVENT_LABELS).items()],
        "residences": [(code, _(label)) for code, label in words.RESIDENCE_LABELS.items()],
        "industries": [(code, _(label)) for code, label in words.INDUSTRY_LABELS.items()],
        "audiences": [(code, _(label)) for code, label in words.AUDIENCE_LABELS.items()],
        "person": person,
        "types": words.TYPE_LABELS,
    }
    if question.served:
        context |= _found(request, question)
    return render(request, "services/for_me.html", context)


def _sourced(view: api.ItemView) -> list[dict[str, Any]]:
    """Materials with where each comes from, in words for people."""
    codes = [one.resource for one in view.content.materials if one.resource]
    there = catalog.resources_by_code(codes)
    rows = []
    for one in view.content.materials:
        resource = there.get(one.resource)
        rows.append(
            {"material": one, "avoided": one.source in words.AVOIDED, "by": resource.office_name if resource else "", "data": resource}
        )
    return rows


@require_safe
def item(request: HttpRequest, code: str) -> HttpResponseBase:
    """One item in plain words."""
    view = api.public_item(code)
    content = view.content
    context = {
        "item": view,
        "content": content,
        "type": words.TYPE_LABELS.get(view.type, ""),
        "served": [_(words.SERVED_LABELS[one]) for one in content.server_type if one in words.SERVED_LABELS],
        "ways": [_(words.WAY_LABELS[one]) for one in content.handle_type if one in words.WAY_LABELS],
        "materials": _sourced(view),
        "needs": words.NEED_LABELS,
        "copies": words.COPY_LABELS,
        "sources": words.SOURCE_LABELS,
        "result_types": words.RESULT_LABELS,
        "share": view.share,
        "linked": linked(request, view),
        "actions": slots.fill(slots.ITEM_ACTIONS, request, view),
        "panels": slots.fill(slots.GUIDE_FACTS, request, view),
    }
    return render(request, "services/guide_item.html", context)


def linked(request: HttpRequest, view: api.ItemView) -> SafeString:
    """schema.org as JSON-LD, safe inside of a script element (https://schema.org/GovernmentService)."""
    content, here = view.content, request.build_absolute_uri(reverse("services:guide-item", args=[view.code]))
    person = words.PERSON in content.server_type
    document: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "GovernmentService",
        "@id": here,
        "url": here,
        "name": view.name,
        "alternateName": list(content.aliases),
        "identifier": view.code,
        "description": content.summary or content.accept_condition,
        "inLanguage": "zh-CN",
        "serviceType": said(words.TYPE_LABELS.get(view.type, "")),
        "serviceOperator": {"@type": "GovernmentOrganization", "name": view.office_name, "identifier": view.office},
        "areaServed": {"@type": "AdministrativeArea", "name": view.region_name, "identifier": view.region},
        "audience": {
            "@type": "PeopleAudience" if person else "BusinessAudience",
            "audienceType": [words.SERVED_LABELS[one] for one in content.server_type],
        },
        "availableChannel": {
            "@type": "ServiceChannel",
            "serviceUrl": content.online_handle_url or here,
            "servicePhone": {"@type": "ContactPoint", "telephone": content.link_way},
            "serviceLocation": {"@type": "Place", "address": content.transact_addr, "openingHours": content.transact_time},
        },
        "isAccessibleForFree": not content.is_fee,
        "produces": [{"@type": "Thing", "name": one.result_name} for one in content.results],
    }
    text = json.dumps({name: value for name, value in document.items() if value not in ("", [], None)}, ensure_ascii=False)
    for sign, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        text = text.replace(sign, escaped)
    return mark_safe(text)  # noqa: S308 - JSON whose signs of markup are escaped
