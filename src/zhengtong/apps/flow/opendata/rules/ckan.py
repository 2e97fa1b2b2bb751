"""Open datasets, offices, themes and licences in the shapes that CKAN's action API gives them (version 2.11)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from zhengtong.apps.flow.opendata.rules import vocabularies as eu
from zhengtong.apps.flow.opendata.rules.contact import Contact
from zhengtong.apps.flow.opendata.rules.published import Published, PublishedFile, Site
from zhengtong.apps.flow.opendata.rules.vocabulary import FORM_LABELS, LICENCES, THEME_LABELS, Form

#: the form whose resource stands for the rows in CKAN's datastore
DATASTORE_FORM = Form.CSV
#: extras that tell of the rows
_OF_ROWS = frozenset({"content_sha256", "rows", "temporal_end", "temporal_start"})


def moment(value: datetime) -> str:
    """As CKAN writes it: UTC without saying so, microseconds always."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def package(site: Site, dataset: Published) -> dict[str, Any]:
    """A dataset with its resources."""
    facts = dataset.facts
    contact = Contact.read(facts["contact"])
    begins, ends = dataset.covers()
    extras = {
        "attribution": facts["attribution"],
        "contact": facts["contact"],
        "content_sha256": dataset.content,
        "data_at": dataset.data_at.isoformat(),
        "frequency": f"{eu.AUTHORITY}frequency/{eu.frequency(facts['update_cycle'])[0]}",
        "identifier": facts["resource"],
        "language": "zh-CN",
        "region": facts.get("region", ""),
        "rows": str(dataset.rows),
        "spatial_text": dataset.region_name,
        "temporal_end": ends.isoformat(),
        "temporal_start": begins.isoformat(),
        "theme": f"{eu.AUTHORITY}data-theme/{eu.DATA_THEMES[facts['theme']]}",
        "uri": site.dataset(dataset.id),
    }
    if dataset.restricted:
        extras = {name: value for name, value in extras.items() if name not in _OF_ROWS}
        extras |= {"openness": "conditional", "access_conditions": dataset.terms}
    resources = [resource(site, dataset, file, place) for place, file in enumerate(files(dataset))]
    return {
        "id": str(site.dataset_id(dataset.id)),
        "name": dataset.name,
        "title": facts["title"],
        "notes": facts["summary"],
        "type": "dataset",
        "state": "active",
        "private": False,
        "isopen": not dataset.restricted,
        "url": site.dataset(dataset.id),
        "version": str(dataset.version),
        "author": facts["office_name"],
        "author_email": "",
        "maintainer": facts["office_name"],
        "maintainer_email": contact.emails[0] if contact.emails else "",
        "license_id": facts["licence"],
        "license_title": dataset.licence.name,
        "license_url": dataset.licence.url,
        "owner_org": str(site.named_id("organization", facts["office"])),
        "creator_user_id": None,
        "metadata_created": moment(dataset.published_at),
        "metadata_modified": moment(dataset.modified_at),
        "num_resources": len(resources),
        "num_tags": len(dataset.keywords),
        "organization": _office_of(site, dataset),
        "groups": [_group_of(site, facts["theme"])],
        "tags": [tag(site, word) for word in dataset.keywords],
        "resources": resources,
        "extras": [{"key": key, "value": value} for key, value in extras.items()],
        "relationships_as_subject": [],
        "relationships_as_object": [],
    }


def files(dataset: Published) -> tuple[PublishedFile, ...]:
    """The files that are resources: those of the rows, and the dictionary."""
    return (*dataset.row_files, *(one for one in dataset.files if one.form is Form.DICTIONARY))


def resource(site: Site, dataset: Published, file: PublishedFile, place: int) -> dict[str, Any]:
    """A file of the current version; its identifier stays while versions follow each other."""
    return {
        "id": str(site.resource_id(dataset.id, file.form)),
        "package_id": str(site.dataset_id(dataset.id)),
        "name": f"{dataset.facts['title']} {FORM_LABELS[file.form]}",
        "description": dataset.facts["summary"] if file.form is not Form.DICTIONARY else "",
        "format": eu.FILE_TYPES[file.form] if file.form is not Form.TURTLE else "TTL",
        "mimetype": file.plain_type,
        "mimetype_inner": None,
        "url": site.file(dataset, file.name),
        "url_type": None,
        "resource_type": "documentation" if file.form is Form.DICTIONARY else "file",
        "size": file.size,
        "hash": f"sha256:{file.sha256}",
        "created": moment(dataset.published_at),
        "last_modified": moment(dataset.made_at),
        "metadata_modified": moment(dataset.modified_at),
        "position": place,
        "state": "active",
        "cache_url": None,
        "cache_last_updated": None,
        "datastore_active": dataset.has_rows and file.form is DATASTORE_FORM,
    }


def tag(site: Site, word: str) -> dict[str, Any]:
    """A keyword."""
    return {
        "id": str(site.named_id("tag", word)),
        "name": word,
        "display_name": word,
        "state": "active",
        "vocabulary_id": None,
    }


def _office_of(site: Site, dataset: Published) -> dict[str, Any]:
    code, name = dataset.facts["office"], dataset.facts["office_name"]
    return _body(site, "organization", code, name, created=None) | {"type": "organization", "is_organization": True}


def organization(site: Site, code: str, name: str, *, count: int, created: datetime) -> dict[str, Any]:
    """An office that has opened something."""
    whole = _body(site, "organization", code, name, created=created)
    return whole | {"type": "organization", "is_organization": True, "package_count": count} | _nothing_more()


def _group_of(site: Site, theme: str) -> dict[str, Any]:
    whole = _body(site, "group", theme, THEME_LABELS[theme], created=None)
    return {name: whole[name] for name in ("id", "name", "title", "display_name", "description", "image_display_url")}


def group(site: Site, theme: str, *, count: int) -> dict[str, Any]:
    """A theme."""
    whole = _body(site, "group", theme, THEME_LABELS[theme], created=None)
    return whole | {"type": "group", "is_organization": False, "package_count": count} | _nothing_more()


def _body(site: Site, kind: str, name: str, title: str, *, created: datetime | None) -> dict[str, Any]:
    return {
        "id": str(site.named_id(kind, name)),
        "name": name.lower(),
        "title": title,
        "display_name": title,
        "description": "",
        "image_url": "",
        "image_display_url": "",
        "created": moment(created) if created else None,
        "approval_status": "approved",
        "state": "active",
    }


def _nothing_more() -> dict[str, Any]:
    return {"num_followers": 0, "users": [], "extras": [], "groups": [], "tags": []}


def licences() -> list[dict[str, Any]]:
    """The licences that a dataset may be open under."""
    return [
        {
            "id": code,
            "title": one.name,
            "url": one.url,
            "status": "active",
            "is_okd_compliant": True,
            "is_osi_compliant": False,
            "is_generic": False,
            "od_conformance": "approved",
            "osd_conformance": "not reviewed",
            "domain_content": True,
            "domain_data": True,
            "domain_software": False,
            "family": "",
            "maintainer": "",
        }
        for code, one in LICENCES.items()
    ]
