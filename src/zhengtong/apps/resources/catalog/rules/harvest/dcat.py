"""
Datasets of a DCAT catalogue (Turtle, RDF/XML, JSON-LD) as records of an import.

Threat model. A document makes the reader call other addresses or unfold without end: JSON-LD may name a context elsewhere, XML may define
entities. Both are refused before anything is parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from zhengtong.apps.resources.catalog.rules.harvest import words
from zhengtong.apps.resources.catalog.rules.harvest.errors import SourceStrange
from zhengtong.kernel.sentences import say

_VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
_HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
_ENTITY = re.compile(rb"<!\s*(?:ENTITY|DOCTYPE)", re.IGNORECASE)


def graph(body: bytes, content_type: str, *, address: str) -> Graph:
    """
    What a document says that stands at an address.

    :raises SourceStrange: if it is no RDF in one of the three forms, names a context elsewhere or defines entities.
    """
    form = _form(body, content_type)
    if form == "xml" and _ENTITY.search(body):
        raise SourceStrange("XML 里定义了实体,平台不读", field="address", remedy="请来源去掉 DOCTYPE")
    if form == "json-ld":
        _require_own_context(body)
    found = Graph()
    try:
        found.parse(data=body, format=form, publicID=address)
    except Exception as exc:  # the parsers of RDF raise whatever they stumbled upon
        raise SourceStrange(say("不是完整的 {form}", form=form), field="address", remedy="与来源核实") from exc
    return found


def _form(body: bytes, content_type: str) -> str:
    said = content_type.partition(";")[0].strip().lower()
    known = {
        "text/turtle": "turtle",
        "application/rdf+xml": "xml",
        "application/ld+json": "json-ld",
        "application/json": "json-ld",
        "application/xml": "xml",
        "text/xml": "xml",
    }
    head = body[:2000].lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith((b"{", b"[")):
        return "json-ld"
    if head.startswith((b"<?xml", b"<rdf:RDF")):
        return "xml"
    return known.get(said, "turtle")


def _require_own_context(body: bytes) -> None:
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise SourceStrange("不是完整的 JSON", field="address", remedy="与来源核实") from exc
    waiting = [whole]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            contexts = one.get("@context")
            listed = contexts if isinstance(contexts, list) else [contexts]
            if any(isinstance(part, str) for part in listed) or "@import" in one:
                raise SourceStrange("JSON-LD 引用了别处的 @context,平台不读", field="address", remedy="改用 Turtle 或 RDF/XML 的地址")
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def following(found: Graph) -> str:
    """The address of the next page (Hydra); empty on the last."""
    return next((str(node) for name in ("next", "nextPage") for node in found.objects(None, _HYDRA[name])), "")


def records(found: Graph) -> list[dict[str, Any]]:
    """Every dataset, by its address; names are those of ``rules.mapping.TARGETS``."""
    nodes = sorted(set(found.subjects(RDF.type, DCAT.Dataset)), key=str)
    return [_record(found, node) for node in nodes]


def _record(found: Graph, node: Node) -> dict[str, Any]:
    files = list(found.objects(node, DCAT.distribution))
    publisher = next(found.objects(node, DCTERMS.publisher), None)
    contact = next(found.objects(node, DCAT.contactPoint), None)
    identifier = _text(found.objects(node, DCTERMS.identifier))
    return {
        "source_id": str(node) if isinstance(node, URIRef) else identifier,
        "title": _text(found.objects(node, DCTERMS.title)),
        "description": _text(found.objects(node, DCTERMS.description)),
        "department": _label(found, publisher),
        "category": [_label(found, theme) for theme in _sorted(found.objects(node, DCAT.theme))],
        "tags": [str(word) for word in _sorted(_chosen(found.objects(node, DCAT.keyword)))],
        "data_formats": words.file_types(
            kind for file in files for kind in [next(found.objects(file, DCTERMS["format"]), next(found.objects(file, DCAT.mediaType), ""))]
        ),
        "update_frequency": words.cycle(next(found.objects(node, DCTERMS.accrualPeriodicity), "")),
        "publish_time": _text(found.objects(node, DCTERMS.issued))[:10],
        "update_time": _text(found.objects(node, DCTERMS.modified))[:10],
        "email": words.mailbox(next(found.objects(contact, _VCARD.hasEmail), "")) if contact is not None else "",
        "telephone": str(next(found.objects(contact, _VCARD.hasTelephone), "")).removeprefix("tel:") if contact is not None else "",
        "is_open": words.openness(next(found.objects(node, DCTERMS.accessRights), "")),
        "url": str(next(found.objects(node, DCAT.landingPage), "")),
    }


def _sorted(nodes: Iterable[Node]) -> list[Node]:
    return sorted(set(nodes), key=str)


def _chosen(nodes: Iterable[Node]) -> list[Node]:
    """The Chinese ones where there are any, else all."""
    listed = list(nodes)
    chinese: list[Node] = [node for node in listed if isinstance(node, Literal) and (node.language or "").startswith("zh")]
    return chinese or listed


def _text(nodes: Iterable[Node]) -> str:
    return str(next(iter(_sorted(_chosen(nodes))), ""))


def _label(found: Graph, node: Node | None) -> str:
    if node is None:
        return ""
    if isinstance(node, Literal):
        return str(node)
    named = (_text(found.objects(node, name)) for name in (FOAF.name, SKOS.prefLabel, RDFS.label, DCTERMS.title))
    return next((name for name in named if name), re.split(r"[/#]", str(node))[-1] if isinstance(node, URIRef) else "")
