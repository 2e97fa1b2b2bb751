"""Open datasets as ``data.json`` (Project Open Data metadata schema v1.1), which harvesters of the United States read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zhengtong.apps.flow.opendata.rules import vocabularies as eu
from zhengtong.apps.flow.opendata.rules.contact import Contact
from zhengtong.apps.flow.opendata.rules.published import Published, Site
from zhengtong.apps.flow.opendata.rules.vocabulary import FORM_LABELS

_SCHEMA = "https://project-open-data.cio.gov/v1.1/schema"
#: characters of the rights that the schema allows
_RIGHTS = 255


def head(site: Site) -> dict[str, Any]:
    """Everything of the catalogue but its datasets."""
    return {
        "@context": f"{_SCHEMA}/catalog.jsonld",
        "@id": site.address("/data.json"),
        "@type": "dcat:Catalog",
        "conformsTo": _SCHEMA,
        "describedBy": f"{_SCHEMA}/catalog.json",
    }


def datasets(site: Site, found: Sequence[Published]) -> list[dict[str, Any]]:
    """One object a dataset."""
    return [_dataset(site, one) for one in found]


def _dataset(site: Site, dataset: Published) -> dict[str, Any]:
    facts = dataset.facts
    contact = Contact.read(facts["contact"])
    begins, ends = dataset.covers()
    card = {"@type": "vcard:Contact", "fn": facts["office_name"]}
    if contact.emails:
        card["hasEmail"] = f"mailto:{contact.emails[0]}"
    described = {
        "@type": "dcat:Dataset",
        "identifier": str(site.dataset_id(dataset.id)),
        "title": facts["title"],
        "description": facts["summary"],
        "keyword": list(dataset.keywords),
        "theme": [dataset.theme_label],
        "modified": dataset.made_at.isoformat(timespec="seconds"),
        "issued": dataset.published_at.isoformat(timespec="seconds"),
        "publisher": {"@type": "org:Organization", "name": facts["office_name"]},
        "contactPoint": card,
        "accessLevel": "public",
        "license": dataset.licence.url,
        "accrualPeriodicity": eu.frequency(facts["update_cycle"])[1],
        "language": ["zh-CN"],
        "spatial": dataset.region_name or facts.get("region") or "CN",
        "temporal": f"{begins.isoformat()}/{ends.isoformat()}",
        "landingPage": site.dataset(dataset.id),
    }
    if dataset.restricted:
        return described | {"accessLevel": "restricted public", "rights": dataset.terms[:_RIGHTS]}
    return described | {
        "describedBy": site.file(dataset, "dictionary.csv"),
        "describedByType": "text/csv",
        "distribution": [
            {
                "@type": "dcat:Distribution",
                "title": f"{facts['title']} {FORM_LABELS[one.form]}",
                "downloadURL": site.file(dataset, one.name),
                "mediaType": one.plain_type,
                "format": FORM_LABELS[one.form],
            }
            for one in dataset.row_files
        ],
    }
