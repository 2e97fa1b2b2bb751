"""CKAN's actions over the catalogue. A docstring is the action's help."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.rest.ckan.errors import NotThere, ParametersWrong, QueryWrong
from zhengtong.apps.flow.opendata.rest.ckan.parameters import Parameters
from zhengtong.kernel.errors import Conflict, NotFound

Action = Callable[[api.Site, Parameters], Any]
#: CKAN's ckan.search.rows_max, and its default
MOST_ROWS, _ROWS = 1000, 10
_MOST_START = 10**9
_FACETS = {"organization": "organization", "groups": "groups", "tags": "tags", "res_format": "res_format", "license_id": "license_id"}
_FACET_LIMIT = 50
VERSION = "2.11.0"


# ---------------------------------------------------------------------- packages
def package_list(_site: api.Site, given: Parameters) -> list[str]:
    """Return the names of all datasets. Parameters: limit, offset."""
    limit = given.number("limit", -1, most=10**6)
    return [f"dataset-{number}" for number in api.published_names(start=_start(given, "offset"), limit=None if limit < 0 else limit)]


def package_show(site: api.Site, given: Parameters) -> dict[str, Any]:
    """Return a dataset with its resources. Parameters: id (identifier or name)."""
    return api.ckan.package(site, _package(site, given.required("id", "name_or_id")))


def package_search(site: api.Site, given: Parameters) -> dict[str, Any]:
    """
    Search datasets. Parameters: q, fq, fq_list, rows (at most 1000), start, sort, facet, facet.field, facet.limit, facet.mincount, fl.

    Fields of q and fq: organization, groups, tags, res_format, license_id, frequency, title, name, id, metadata_modified, metadata_created.
    """
    parts = [given.text("q"), *given.queries("fq"), *given.queries("fq_list")]
    selection = _selection(site, parts, given.text("sort", "score desc, metadata_modified desc"))
    rows = given.number("rows", _ROWS, most=MOST_ROWS)
    found = api.published(selection, start=_start(given, "start"), limit=rows) if rows else []
    counts = _facets(selection, given)
    limited = given.words("fl")
    packages = [api.ckan.package(site, one) for one in found]
    return {
        "count": api.published_total(selection),
        "sort": given.text("sort", "score desc, metadata_modified desc"),
        "facets": counts,
        "search_facets": _search_facets(counts),
        "results": [{name: one[name] for name in limited if name in one} for one in packages] if limited else packages,
    }


def current_package_list_with_resources(site: api.Site, given: Parameters) -> list[dict[str, Any]]:
    """Return datasets with their resources, the last changed first. Parameters: limit (at most 1000), offset (or page)."""
    limit = given.number("limit", MOST_ROWS, most=MOST_ROWS)
    page = given.number("page", 1, most=_MOST_START)
    start = _start(given, "offset") if given.raw("offset") is not None else max(page - 1, 0) * limit
    selection = api.Selection(order="modified", descending=True)
    return [api.ckan.package(site, one) for one in (api.published(selection, start=start, limit=limit) if limit else [])]


def _start(given: Parameters, name: str) -> int:
    return given.number(name, 0, most=_MOST_START)


def _package(site: api.Site, text: str) -> api.Published:
    number = _number(site, text)
    if number is None:
        raise NotThere("Dataset")
    try:
        return api.published_one(number)
    except (NotFound, Conflict) as exc:
        raise NotThere("Dataset") from exc


def _number(site: api.Site, text: str) -> int | None:
    """The dataset that an identifier or a name stands for."""
    if found := site.read(text):
        return found[0] if found[1] is None else None
    tail = text.removeprefix("dataset-")
    return int(tail) if tail != text and tail.isdecimal() and len(tail) < 19 else None  # noqa: PLR2004 - a bigint has no more digits


def _selection(site: api.Site, queries: Iterable[str], sort: str) -> api.Selection:
    words: list[str] = []
    conditions: list[api.Condition] = []
    try:
        for query in queries:
            found = api.read_query(query)
            words.extend(found.words)
            conditions.extend(_named(site, one) for one in found.conditions)
        order, descending = api.read_order(sort)
    except api.QueryUnreadable as exc:
        raise QueryWrong(f"{exc.sentence} {exc.remedy}".strip()) from exc
    return api.Selection(tuple(words), tuple(conditions), order, descending)


def _named(site: api.Site, condition: api.Condition) -> api.Condition:
    """Identifiers of CKAN as what our own tables know."""
    if condition.field == "id":
        numbers = [site.read(value) for value in condition.values]
        plain = [str(found[0]) if found else value for value, found in zip(condition.values, numbers, strict=True)]
        return replace(condition, values=tuple(plain))
    if condition.field in {"organization", "groups"}:
        names = {str(site.named_id("organization", code)): code for code, *_rest in api.published_offices()}
        names |= {str(site.named_id("group", theme)): theme for theme in api.THEME_LABELS}
        values = [names.get(value, value.upper() if condition.field == "organization" else value) for value in condition.values]
        return replace(condition, values=tuple(values))
    return condition


def _facets(selection: api.Selection, given: Parameters) -> dict[str, dict[str, int]]:
    fields = given.words("facet.field") if given.flag("facet", default=True) else []
    unknown = [name for name in fields if name not in _FACETS]
    if unknown:
        raise ParametersWrong({"facet.field": [f"Unknown facet {name[:40]}; known: {', '.join(_FACETS)}" for name in unknown]})
    limit = given.signed("facet.limit", _FACET_LIMIT)
    least = given.number("facet.mincount", 1, most=_MOST_START)
    counts = api.published_counts(selection, fields)
    whole = {}
    for name in fields:
        kept = [(value, count) for value, count in counts[name].items() if count >= least]
        lowered = {value.lower() if name == "organization" else value: count for value, count in kept}
        whole[name] = dict(list(lowered.items())[:limit] if limit >= 0 else lowered)
    return whole


def _search_facets(counts: dict[str, dict[str, int]]) -> dict[str, Any]:
    offices = {code.lower(): name for code, name, *_rest in api.published_offices()} if "organization" in counts else {}
    labels: dict[str, dict[str, str]] = {
        "organization": offices,
        "groups": dict(api.THEME_LABELS),
        "license_id": {code: one.name for code, one in api.LICENCES.items()},
    }
    return {
        name: {
            "title": name,
            "items": [
                {"name": value, "display_name": labels.get(name, {}).get(value, value), "count": count} for value, count in values.items()
            ],
        }
        for name, values in counts.items()
    }


# ---------------------------------------------------------------------- organizations, groups, tags
def organization_list(site: api.Site, given: Parameters) -> list[Any]:
    """Return offices with open datasets. Parameters: all_fields, organizations, limit, offset, sort (name, title, package_count)."""
    chosen = set(given.words("organizations"))
    found = [
        api.ckan.organization(site, code, name, count=count, created=first)
        for code, name, count, first in api.published_offices()
        if not chosen or code.lower() in chosen
    ]
    return _listed(found, given)


def organization_show(site: api.Site, given: Parameters) -> dict[str, Any]:
    """Return an office. Parameters: id (identifier or name), include_datasets (at most 1000)."""
    wanted = given.required("id")
    for code, name, count, first in api.published_offices():
        if wanted.lower() in {code.lower(), str(site.named_id("organization", code))}:
            shown = api.ckan.organization(site, code, name, count=count, created=first)
            return shown | _with_datasets(site, given, api.Condition("organization", (code,)))
    raise NotThere("Organization")


def group_list(site: api.Site, given: Parameters) -> list[Any]:
    """Return the themes that have datasets. Parameters: all_fields, groups, limit, offset, sort (name, title, package_count)."""
    chosen = set(given.words("groups"))
    counts = api.published_counts(api.Selection(), ["groups"])["groups"]
    found = [api.ckan.group(site, theme, count=counts[theme]) for theme in sorted(counts) if not chosen or theme in chosen]
    return _listed(found, given)


def group_show(site: api.Site, given: Parameters) -> dict[str, Any]:
    """Return a theme. Parameters: id (identifier or name), include_datasets (at most 1000)."""
    wanted = given.required("id")
    theme = next((one for one in api.THEME_LABELS if wanted in {one, str(site.named_id("group", one))}), None)
    if theme is None:
        raise NotThere("Group")
    condition = api.Condition("groups", (theme,))
    return api.ckan.group(site, theme, count=api.published_total(api.Selection((), (condition,)))) | _with_datasets(site, given, condition)


def _with_datasets(site: api.Site, given: Parameters, condition: api.Condition) -> dict[str, Any]:
    if not given.flag("include_datasets"):
        return {}
    return {"packages": [api.ckan.package(site, one) for one in api.published(api.Selection((), (condition,), "id"), limit=MOST_ROWS)]}


def _listed(found: list[dict[str, Any]], given: Parameters) -> list[Any]:
    field, _, direction = given.text("sort", "title asc").partition(" ")
    if field not in {"name", "title", "package_count", "packages"} or direction not in {"", "asc", "desc"}:
        raise ParametersWrong({"sort": ["Cannot sort by this field; known: name, title, package_count"]})
    field = "package_count" if field == "packages" else field
    ordered = sorted(found, key=lambda one: (one[field], one["name"]), reverse=direction == "desc")
    start, limit = _start(given, "offset"), given.number("limit", MOST_ROWS, most=MOST_ROWS)
    return [one if given.flag("all_fields") else one["name"] for one in ordered[start : start + limit]]


def tag_list(site: api.Site, given: Parameters) -> list[Any]:
    """Return all keywords. Parameters: query (a part of the word), all_fields."""
    part = given.text("query").lower()
    words = sorted(word for word in api.published_counts(api.Selection(), ["tags"])["tags"] if part in word.lower())
    return [api.ckan.tag(site, word) if given.flag("all_fields") else word for word in words]


def tag_show(site: api.Site, given: Parameters) -> dict[str, Any]:
    """Return a keyword. Parameters: id (identifier or word), include_datasets (at most 1000)."""
    wanted = given.required("id")
    for word in api.published_counts(api.Selection(), ["tags"])["tags"]:
        if wanted in {word, str(site.named_id("tag", word))}:
            return api.ckan.tag(site, word) | _with_datasets(site, given, api.Condition("tags", (word,)))
    raise NotThere("Tag")


# ---------------------------------------------------------------------- resources
def resource_show(site: api.Site, given: Parameters) -> dict[str, Any]:
    """Return a resource. Parameters: id."""
    wanted = site.read(given.required("id"))
    if wanted is None or wanted[1] is None:
        raise NotThere("Resource")
    return _resource(site, _package(site, str(site.dataset_id(wanted[0]))), wanted[1])


def _resource(site: api.Site, dataset: api.Published, form: api.Form) -> dict[str, Any]:
    for place, file in enumerate(api.ckan.files(dataset)):
        if file.form is form:
            return api.ckan.resource(site, dataset, file, place)
    raise NotThere("Resource")


def resource_search(site: api.Site, given: Parameters) -> dict[str, Any]:
    """Search resources. Parameters: query ("field:term" or a list of such; fields name, format, hash), limit (at most 1000), offset."""
    asked: dict[str, str] = {}
    queries = given.raw("query")
    for query in queries if isinstance(queries, list) else [queries or ""]:
        field, joint, term = str(query).partition(":")
        if not joint or field not in {"name", "format", "hash"}:
            raise ParametersWrong({"query": ["Must be field:term, the field one of name, format, hash"]})
        asked[field] = term.strip()
    limit = given.number("limit", MOST_ROWS, most=MOST_ROWS)
    total, rows = api.published_files(
        title=asked.get("name", ""),
        form={"rdf_turtle": "ttl"}.get(asked.get("format", "").lower(), asked.get("format", "").lower()),
        sha256=asked.get("hash", "").removeprefix("sha256:"),
        start=_start(given, "offset"),
        limit=limit,
    )
    numbers = tuple(dict.fromkeys(str(number) for number, _form in rows))
    found = {one.id: one for one in api.published(api.Selection((), (api.Condition("id", numbers),)), limit=limit)} if numbers else {}
    return {"count": total, "results": [_resource(site, found[number], form) for number, form in rows if number in found]}


# ---------------------------------------------------------------------- the site
def license_list(_site: api.Site, _given: Parameters) -> list[dict[str, Any]]:
    """Return the licences in use."""
    return api.ckan.licences()


def site_read(_site: api.Site, _given: Parameters) -> bool:
    """Return true: everybody may read."""
    return True


def status_show(site: api.Site, _given: Parameters) -> dict[str, Any]:
    """Return what this site is. The version is that of the CKAN whose API is spoken here; the software is another."""
    return {
        "ckan_version": VERSION,
        "site_title": site.title,
        "site_description": "",
        "site_url": site.base,
        "error_emails_to": None,
        "locale_default": "zh_Hans_CN",
        "extensions": ["datastore"],
    }


ACTIONS: dict[str, Action] = {
    action.__name__: action
    for action in (
        package_list,
        package_show,
        package_search,
        current_package_list_with_resources,
        organization_list,
        organization_show,
        group_list,
        group_show,
        tag_list,
        tag_show,
        resource_show,
        resource_search,
        license_list,
        site_read,
        status_show,
    )
}
