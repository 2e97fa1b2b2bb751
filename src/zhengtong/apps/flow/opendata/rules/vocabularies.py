"""Our codes in the vocabularies that harvesters of Europe know (authority tables of the EU Publications Office, IANA, SPDX)."""

from __future__ import annotations

from zhengtong.apps.flow.opendata.rules.vocabulary import Form

AUTHORITY = "http://publications.europa.eu/resource/authority/"
IANA = "https://www.iana.org/assignments/media-types/"
#: our 20 themes → the EU's 13 (data-theme)
DATA_THEMES = {
    "finance": "ECON",
    "food": "HEAL",
    "housing": "REGI",
    "environment": "ENVI",
    "transport": "TRAN",
    "education": "EDUC",
    "economy": "ECON",
    "employment": "SOCI",
    "travel": "EDUC",
    "agriculture": "AGRI",
    "business": "ECON",
    "social-security": "SOCI",
    "safety": "JUST",
    "living": "SOCI",
    "culture": "EDUC",
    "shopping": "ECON",
    "credit": "ECON",
    "health": "HEAL",
    "government": "GOVE",
    "religion": "SOCI",
}
DATA_THEME_LABELS = {
    "AGRI": "Agriculture, fisheries, forestry and food",
    "ECON": "Economy and finance",
    "EDUC": "Education, culture and sport",
    "ENVI": "Environment",
    "GOVE": "Government and public sector",
    "HEAL": "Health",
    "JUST": "Justice, legal system and public safety",
    "REGI": "Regions and cities",
    "SOCI": "Population and society",
    "TRAN": "Transport",
}
#: update cycles of the catalog (发改高技〔2017〕1272号) → frequency, and the ISO 8601 interval that data.json wants
FREQUENCIES = {
    "1": ("CONT", "R/PT1S"),
    "2": ("DAILY", "R/P1D"),
    "3": ("WEEKLY", "R/P1W"),
    "4": ("MONTHLY", "R/P1M"),
    "5": ("QUARTERLY", "R/P3M"),
    "6": ("ANNUAL", "R/P1Y"),
    "7": ("ANNUAL_2", "R/P6M"),
    "8": ("IRREG", "irregular"),
    "9": ("OTHER", "irregular"),
}
FILE_TYPES = {
    Form.CSV: "CSV",
    Form.XLSX: "XLSX",
    Form.JSON: "JSON",
    Form.XML: "XML",
    Form.TURTLE: "RDF_TURTLE",
    Form.PARQUET: "PARQUET",
    Form.GEOJSON: "GEOJSON",
    Form.DICTIONARY: "CSV",
    Form.DELTA: "CSV",
    Form.MANIFEST: "JSON",
}
LICENCE_CODES = {"cc-by-4.0": "CC_BY_4_0", "cc0-1.0": "CC0", "odc-by-1.0": "ODC_BY"}


def frequency(cycle: str) -> tuple[str, str]:
    """The EU's code and the ISO 8601 interval of an update cycle."""
    return FREQUENCIES.get(cycle, ("UNKNOWN", "irregular"))
