"""
Open datasets as DCAT-AP 3 (https://semiceu.github.io/DCAT-AP/releases/3.0.0/). Concepts that are pointed at are described with type, label
and scheme, so that a document validates and reads well without fetching anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rdflib import DCTERMS, FOAF, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from zhengtong.apps.flow.opendata.rules import vocabularies as eu
from zhengtong.apps.flow.opendata.rules.contact import Contact
from zhengtong.apps.flow.opendata.rules.published import Published, PublishedFile, Site
from zhengtong.apps.flow.opendata.rules.vocabulary import FORM_LABELS

ADMS = Namespace("http://www.w3.org/ns/adms#")
#: rdflib's own has the words of DCAT 2 alone
DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
GEO = Namespace("http://www.opengis.net/ont/geosparql#")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
_PREFIXES = {
    "adms": ADMS,
    "dcatap": DCATAP,
    "dcat": DCAT,
    "dct": DCTERMS,
    "foaf": FOAF,
    "geo": GEO,
    "hydra": HYDRA,
    "spdx": SPDX,
    "vcard": VCARD,
}
_PUBLISHER_TYPE = "http://purl.org/adms/publishertype/"
#: serialisation by the ending of the address: rdflib's name and the media type
SERIALISATIONS = {
    "ttl": ("turtle", "text/turtle; charset=utf-8"),
    "rdf": ("xml", "application/rdf+xml"),
    "jsonld": ("json-ld", "application/ld+json"),
}


@dataclass(frozen=True)
class Page:
    """A stretch of the catalogue: which one, of how many, and how many datasets there are."""

    number: int
    last: int
    total: int
    first_published: datetime | None
    modified: datetime | None


def serialised(graph: Graph, ending: str) -> bytes:
    """The document in the form that an ending stands for."""
    name, _media_type = SERIALISATIONS[ending]
    return graph.serialize(format=name, encoding="utf-8")


class Writer:
    """Writes datasets and their catalogue into one graph."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.graph = Graph(bind_namespaces="none")
        for prefix, namespace in _PREFIXES.items():
            self.graph.bind(prefix, namespace)
        for prefix, known in (("rdf", RDF), ("rdfs", RDFS), ("skos", SKOS), ("xsd", XSD)):
            self.graph.bind(prefix, known)

    def _add(self, subject: Node, *pairs: tuple[Node, Node]) -> None:
        for predicate, value in pairs:
            self.graph.add((subject, predicate, value))

    def _concept(self, scheme: str, code: str, kind: Node, label: str, language: str = "en") -> URIRef:
        table = URIRef(eu.AUTHORITY + scheme)
        concept = URIRef(f"{table}/{code}")
        self._add(concept, (RDF.type, kind), (SKOS.prefLabel, Literal(label, lang=language)), (SKOS.inScheme, table))
        self._add(table, (RDF.type, SKOS.ConceptScheme), (DCTERMS.title, Literal(scheme, lang="en")))
        return concept

    # ------------------------------------------------------------------ the catalogue
    def catalogue(self, page: Page, datasets: Sequence[Published]) -> None:
        """The catalogue with the datasets of one page and the ways to the other pages."""
        site = self.site
        home = URIRef(site.address("/open/"))
        publisher = URIRef(site.address("/open/#publisher"))
        self._add(publisher, (RDF.type, FOAF.Agent), (FOAF.name, Literal(site.title, lang="zh")), (FOAF.homepage, home))
        self._publisher_type(publisher)
        themes = URIRef(f"{eu.AUTHORITY}data-theme")
        self._add(themes, (RDF.type, SKOS.ConceptScheme), (DCTERMS.title, Literal("Data theme", lang="en")))
        self._add(home, (RDF.type, FOAF.Document))
        catalogue = URIRef(site.address("/open/#catalog"))
        self._add(
            catalogue,
            (RDF.type, DCAT.Catalog),
            (DCTERMS.title, Literal(site.title, lang="zh")),
            (DCTERMS.description, Literal("政府各单位向社会开放的数据", lang="zh")),  # data: description of the catalogue
            (DCTERMS.publisher, publisher),
            (DCTERMS.language, self._language()),
            (DCTERMS.spatial, self._country()),
            (DCTERMS.license, self._licence("cc0-1.0", "CC0 1.0")),
            (FOAF.homepage, home),
            (DCAT.themeTaxonomy, themes),
        )
        for predicate, moment in ((DCTERMS.issued, page.first_published), (DCTERMS.modified, page.modified)):
            if moment:
                self._add(catalogue, (predicate, _moment(moment)))
        for service in self._services(publisher):
            self._add(catalogue, (DCAT.service, service))
        self._pages(catalogue, page)
        for dataset in datasets:
            self._add(catalogue, (DCAT.dataset, self.dataset(dataset)))
            if dataset.has_rows:
                self._add(catalogue, (DCAT.service, self._row_service(dataset)))

    def _pages(self, catalogue: URIRef, page: Page) -> None:
        """Hydra's present words and the former ones, which many harvesters still follow."""
        for ending in SERIALISATIONS:
            address = self.site.address(f"/open/catalog.{ending}")
            here = URIRef(f"{address}?page={page.number}")
            self._add(here, (RDF.type, HYDRA.PartialCollectionView), (RDF.type, HYDRA.PagedCollection))
            self._add(here, (HYDRA.totalItems, Literal(page.total, datatype=XSD.integer)))
            self._add(catalogue, (HYDRA.view, here))
            steps = {"first": 1, "last": page.last, "previous": page.number - 1, "next": page.number + 1}
            for word, number in steps.items():
                if 1 <= number <= page.last:
                    there = URIRef(f"{address}?page={number}")
                    self._add(here, (HYDRA[word], there), (HYDRA[f"{word}Page"], there))

    def _services(self, publisher: URIRef) -> list[URIRef]:
        site = self.site
        found = []
        for path, title, described, standard in (
            ("/api/3/action/", "CKAN action API", "/api/3/openapi.json", "https://docs.ckan.org/en/2.11/api/"),
            ("/open/ogc/", "OGC API Features", "/open/ogc/api", "http://www.opengis.net/doc/IS/ogcapi-features-1/1.0"),
        ):
            service, standard_name = URIRef(site.address(path)), URIRef(standard)
            self._add(standard_name, (RDF.type, DCTERMS.Standard))
            self._add(
                service,
                (RDF.type, DCAT.DataService),
                (DCTERMS.title, Literal(title, lang="en")),
                (DCAT.endpointURL, service),
                (DCAT.endpointDescription, URIRef(site.address(described))),
                (DCTERMS.conformsTo, standard_name),
                (DCTERMS.publisher, publisher),
                (DCTERMS.accessRights, self._public()),
            )
            found.append(service)
        return found

    # ------------------------------------------------------------------ a dataset
    def dataset(self, dataset: Published, versions: Sequence[tuple[int, datetime, int]] = ()) -> URIRef:
        """One dataset with its files; with its versions where they are given."""
        site, facts = self.site, dataset.facts
        name = URIRef(site.dataset(dataset.id))
        publisher = self._office(dataset)
        theme = eu.DATA_THEMES[facts["theme"]]
        frequency = eu.frequency(facts["update_cycle"])[0]
        page = self._typed(name + "#page", FOAF.Document)
        self._add(
            name,
            (RDF.type, DCAT.Dataset),
            (DCTERMS.identifier, Literal(str(site.dataset_id(dataset.id)))),
            (DCTERMS.title, Literal(facts["title"], lang="zh")),
            (DCTERMS.description, Literal("\n".join(one for one in (facts["summary"], dataset.terms) if one), lang="zh")),
            (DCTERMS.issued, _moment(dataset.published_at)),
            (DCTERMS.modified, _moment(dataset.made_at)),
            (DCTERMS.publisher, publisher),
            (DCTERMS.language, self._language()),
            (DCTERMS.accessRights, self._restricted() if dataset.restricted else self._public()),
            (DCTERMS.accrualPeriodicity, self._concept("frequency", frequency, DCTERMS.Frequency, frequency)),
            (DCAT.theme, self._concept("data-theme", theme, SKOS.Concept, eu.DATA_THEME_LABELS[theme])),
            (DCAT.contactPoint, self._contact(dataset)),
            (DCAT.version, Literal(str(dataset.version))),
            (DCAT.landingPage, page),
            (DCTERMS.spatial, self._place(dataset)),
            (DCTERMS.spatial, self._country()),
            (DCTERMS.temporal, self._period(dataset)),
        )
        if dataset.place.get("bbox"):
            self._add(name, (DCTERMS.spatial, self._box(dataset)))
        for word in dataset.keywords:
            self._add(name, (DCAT.keyword, Literal(word, lang="zh")))
        for file in dataset.row_files:
            self._add(name, (DCAT.distribution, self._distribution(dataset, file)))
        if dataset.has_rows:
            self._row_service(dataset)
        for number, made_at, _rows in versions:
            self._add(name, (DCAT.hasVersion, self._version(dataset, number, made_at)))
        return name

    def _row_service(self, dataset: Published) -> URIRef:
        """The interface of a dataset's rows, which serves that dataset and no other."""
        address = self.site.rows(dataset.id)
        service = URIRef(f"{address}/")
        self._add(
            service,
            (RDF.type, DCAT.DataService),
            (DCTERMS.title, Literal(f"{dataset.facts['title']} 数据行接口", lang="zh")),  # data: words of a document
            (DCAT.endpointURL, service),
            (DCAT.endpointDescription, URIRef(f"{address}/openapi.json")),
            (DCAT.servesDataset, URIRef(self.site.dataset(dataset.id))),
            (DCTERMS.publisher, self._office(dataset)),
            (DCTERMS.license, self._licence(dataset.facts["licence"], dataset.licence.name)),
            (DCTERMS.accessRights, self._public()),
            (DCAT.contactPoint, self._contact(dataset)),
            (DCAT.theme, URIRef(f"{eu.AUTHORITY}data-theme/{eu.DATA_THEMES[dataset.facts['theme']]}")),
        )
        return service

    def _version(self, dataset: Published, number: int, made_at: datetime) -> URIRef:
        version = URIRef(self.site.version(dataset.id, number))
        self._add(
            version,
            (RDF.type, DCAT.Dataset),
            (DCTERMS.title, Literal(dataset.facts["title"], lang="zh")),
            (DCTERMS.description, Literal(dataset.facts["summary"], lang="zh")),
            (DCAT.version, Literal(str(number))),
            (DCTERMS.issued, _moment(made_at)),
            (DCAT.isVersionOf, URIRef(self.site.dataset(dataset.id))),
        )
        return version

    def _office(self, dataset: Published) -> URIRef:
        code, name = dataset.facts["office"], dataset.facts["office_name"]
        office = URIRef(self.site.address(f"/open/datasets/?office={code}"))
        self._add(office, (RDF.type, FOAF.Agent), (FOAF.name, Literal(name, lang="zh")), (DCTERMS.identifier, Literal(code)))
        self._publisher_type(office)
        return office

    def _publisher_type(self, agent: URIRef) -> None:
        kind, scheme = URIRef(f"{_PUBLISHER_TYPE}LocalAuthority"), URIRef(f"{_PUBLISHER_TYPE}1.0")
        self._add(kind, (RDF.type, SKOS.Concept), (SKOS.prefLabel, Literal("Local Authority", lang="en")), (SKOS.inScheme, scheme))
        self._add(scheme, (RDF.type, SKOS.ConceptScheme), (DCTERMS.title, Literal("Publisher Type", lang="en")))
        self._add(agent, (DCTERMS.type, kind))

    def _contact(self, dataset: Published) -> BNode:
        card = BNode(f"contact{dataset.id}")
        contact = Contact.read(dataset.facts["contact"])
        self._add(
            card, (RDF.type, VCARD.Kind), (RDF.type, VCARD.Organization), (VCARD.fn, Literal(dataset.facts["office_name"], lang="zh"))
        )
        for address in contact.emails:
            self._add(card, (VCARD.hasEmail, URIRef(f"mailto:{address}")))
        for phone in contact.phones:
            self._add(card, (VCARD.hasTelephone, URIRef(f"tel:{phone}")))
        self._add(card, (VCARD.note, Literal(dataset.facts["contact"], lang="zh")))
        return card

    def _place(self, dataset: Published) -> BNode:
        place = BNode(f"place{dataset.id}")
        code = dataset.facts.get("region", "")
        self._add(place, (RDF.type, DCTERMS.Location), (DCTERMS.identifier, Literal(code)))
        if dataset.region_name:
            self._add(place, (SKOS.prefLabel, Literal(dataset.region_name, lang="zh")))
        return place

    def _box(self, dataset: Published) -> BNode:
        west, south, east, north = dataset.place["bbox"]
        ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
        box = BNode(f"box{dataset.id}")
        centre = f"POINT({(west + east) / 2:.6f} {(south + north) / 2:.6f})"
        self._add(box, (RDF.type, DCTERMS.Location), (DCAT.bbox, Literal(f"POLYGON(({ring}))", datatype=GEO.wktLiteral)))
        self._add(box, (DCAT.centroid, Literal(centre, datatype=GEO.wktLiteral)))
        return box

    def _period(self, dataset: Published) -> BNode:
        period = BNode(f"period{dataset.id}")
        begins, ends = dataset.covers()
        self._add(period, (RDF.type, DCTERMS.PeriodOfTime), (DCAT.startDate, Literal(begins)), (DCAT.endDate, Literal(ends)))
        return period

    def _distribution(self, dataset: Published, file: PublishedFile) -> URIRef:
        name = URIRef(f"{self.site.dataset(dataset.id)}#{file.form.value}")
        address = URIRef(self.site.file(dataset, file.name))
        label, kind = FORM_LABELS[file.form], eu.FILE_TYPES[file.form]
        media_type = self._typed(eu.IANA + file.plain_type, DCTERMS.MediaType)
        checksum, algorithm = BNode(f"checksum{dataset.id}{file.form.value}"), SPDX.checksumAlgorithm_sha256
        self._add(algorithm, (RDF.type, SPDX.ChecksumAlgorithm))
        self._add(checksum, (RDF.type, SPDX.Checksum), (SPDX.algorithm, algorithm))
        self._add(checksum, (SPDX.checksumValue, Literal(file.sha256, datatype=XSD.hexBinary, normalize=False)))
        self._add(
            name,
            (RDF.type, DCAT.Distribution),
            (DCTERMS.title, Literal(f"{dataset.facts['title']} {label}", lang="zh")),
            (DCTERMS.description, Literal(f"第 {dataset.version} 版,{dataset.rows} 行,{label}", lang="zh")),  # data: words of a document
            (DCAT.accessURL, address),
            (DCAT.downloadURL, address),
            (DCAT.byteSize, Literal(file.size, datatype=XSD.nonNegativeInteger)),
            (DCAT.mediaType, media_type),
            (DCTERMS["format"], self._concept("file-type", kind, DCTERMS.MediaTypeOrExtent, kind)),
            (DCTERMS.license, self._licence(dataset.facts["licence"], dataset.licence.name)),
            (DCTERMS.rights, self._public()),
            (DCTERMS.issued, _moment(dataset.made_at)),
            (DCTERMS.modified, _moment(dataset.made_at)),
            (DCATAP.availability, self._concept("planned-availability", "STABLE", SKOS.Concept, "stable")),
            (ADMS.status, self._concept("distribution-status", "COMPLETED", SKOS.Concept, "completed")),
            (SPDX.checksum, checksum),
        )
        return name

    # ------------------------------------------------------------------ what many point at
    def _typed(self, address: str, kind: Node) -> URIRef:
        found = URIRef(address)
        self._add(found, (RDF.type, kind))
        return found

    def _licence(self, code: str, name: str) -> URIRef:
        return self._concept("licence", eu.LICENCE_CODES[code], DCTERMS.LicenseDocument, name)

    def _public(self) -> URIRef:
        return self._concept("access-right", "PUBLIC", DCTERMS.RightsStatement, "public")

    def _restricted(self) -> URIRef:
        return self._concept("access-right", "RESTRICTED", DCTERMS.RightsStatement, "restricted")

    def _language(self) -> URIRef:
        return self._concept("language", "ZHO", DCTERMS.LinguisticSystem, "Chinese")

    def _country(self) -> URIRef:
        return self._concept("country", "CHN", DCTERMS.Location, "China")


def _moment(value: datetime) -> Literal:
    return Literal(value.isoformat(), datatype=XSD.dateTime)
