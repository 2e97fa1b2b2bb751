"""An open dataset at its current version, as the protocols of outsiders see it; and the addresses and identifiers by which they do."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from zhengtong.apps.flow.opendata.rules.conditions import AUDIENCE_LABELS, Conditions
from zhengtong.apps.flow.opendata.rules.vocabulary import LICENCES, ROW_FORMS, THEME_LABELS, Form, Licence
from zhengtong.kernel import clock

#: what CKAN takes for a tag, and what nobody stumbles over as a keyword
_KEYWORD = re.compile(r"[\w \-.]{2,100}")
_DATED = frozenset({"D", "T"})
_LONGEST_NUMBER = 62
_FORM_BITS = 8
#: a form keeps its place for ever: identifiers of resources are made of it
_PLACES = {
    form: place for place, form in enumerate([Form.CSV, Form.XLSX, Form.JSON, Form.XML, Form.TURTLE, Form.PARQUET, Form.GEOJSON], start=1)
} | {
    Form.DICTIONARY: 32,
    Form.DELTA: 33,
    Form.MANIFEST: 34,
}


@dataclass(frozen=True)
class PublishedFile:
    """A file of the version: what it is, where it lies under the version, its bytes, its hash, its rows where it holds any."""

    form: Form
    name: str
    media_type: str
    size: int
    sha256: str
    rows: int | None

    @property
    def plain_type(self) -> str:
        """The media type without its parameters."""
        return self.media_type.partition(";")[0]


@dataclass(frozen=True)
class Published:
    """
    What the public may read of an open dataset, besides its rows. Of one whose rows go to applicants alone (``restricted``) that is what it
    is and on which terms: no files, no profile, no place, no fingerprint of the rows.
    """

    id: int
    version: int
    rows: int
    content: str
    facts: Mapping[str, str]
    columns: tuple[Mapping[str, Any], ...]
    keys: tuple[str, ...]
    profile: tuple[Mapping[str, Any], ...]
    files: tuple[PublishedFile, ...]
    #: when the version was made, since when its data lay in the hub, when the dataset was first open, when what is said here last changed
    made_at: datetime
    data_at: datetime
    published_at: datetime
    modified_at: datetime
    region_name: str = ""
    #: how many rows have a place and the box around them, as ``rules.place.measured`` documents; empty without a place
    place: Mapping[str, Any] = field(default_factory=dict)
    #: whether its rows can be asked for one by one
    has_rows: bool = True
    restricted: bool = False
    #: on which terms, where it is restricted and they are written down
    conditions: Conditions | None = None

    @property
    def terms(self) -> str:
        """Who may apply for the rows, for what and under which demands, in one sentence; empty for a dataset open to all."""
        if not self.restricted:
            return ""
        terms = self.conditions
        if terms is None:
            return "有条件开放。"  # data: words of a document
        who = AUDIENCE_LABELS[terms.audience]
        return f"有条件开放:{who}可以申请;用途:{terms.purposes};安全要求:{terms.safety};最长 {terms.longest} 日。"  # data: as above

    @property
    def name(self) -> str:
        """What CKAN calls it: stays though the title changes."""
        return f"dataset-{self.id}"

    @property
    def licence(self) -> Licence:
        """The licence by name and address."""
        return LICENCES[self.facts["licence"]]

    @property
    def theme_label(self) -> str:
        """The theme's Chinese word."""
        return THEME_LABELS[self.facts["theme"]]

    @property
    def row_files(self) -> tuple[PublishedFile, ...]:
        """The files that hold the rows themselves."""
        return tuple(one for one in self.files if one.form in ROW_FORMS)

    @property
    def keywords(self) -> tuple[str, ...]:
        """Theme, office and the names of the items, each once; names that are no plain words are left out."""
        return keywords([self.theme_label, self.facts["office_name"], *(str(one["name"]) for one in self.columns)])

    def covers(self) -> tuple[date, date]:
        """The first and last day in the columns of dates; the day of the data where there is no such column."""
        days = [
            day for column, facts in zip(self.columns, self.profile, strict=False) if column["data_type"] in _DATED for day in _days(facts)
        ]
        read_on = clock.local_date(self.data_at)
        return (min(days), max(days)) if days else (read_on, read_on)


def _days(facts: Mapping[str, Any]) -> Iterable[date]:
    for name in ("least", "greatest"):
        try:
            yield date.fromisoformat(str(facts.get(name, ""))[:10])
        except ValueError:
            continue


def keywords(words: Iterable[str]) -> tuple[str, ...]:
    """Those words that may be keywords, each once, in order."""
    return tuple(dict.fromkeys(word for word in words if _KEYWORD.fullmatch(word)))


@dataclass(frozen=True)
class Site:
    """Where this portal is reached and which node it is: addresses and identifiers derive from both, and nothing is stored for them."""

    #: scheme and host without a slash at the end
    base: str
    node: str

    @property
    def title(self) -> str:
        """What the catalogue is called."""
        return f"{self.node} 开放数据"  # data: the catalogue's own name

    # ------------------------------------------------------------------ addresses
    def address(self, path: str) -> str:
        """An address of ours."""
        return f"{self.base}{path}"

    def dataset(self, number: int) -> str:
        """The page of a dataset, which is its name in RDF too."""
        return f"{self.base}/open/datasets/{number}/"

    def version(self, number: int, version: int) -> str:
        """The page of a version."""
        return f"{self.base}/open/datasets/{number}/versions/{version}/"

    def rows(self, number: int) -> str:
        """The interface of a dataset's rows."""
        return f"{self.base}/open/v1/datasets/{number}"

    def file(self, dataset: Published, name: str) -> str:
        """A file of the current version."""
        return f"{self.version(dataset.id, dataset.version)}{name}"

    # ------------------------------------------------------------------ identifiers
    def _mark(self) -> int:
        return int.from_bytes(hashlib.sha256(f"zhengtong:{self.node}".encode()).digest()[:6])

    def dataset_id(self, number: int) -> uuid.UUID:
        """A dataset's UUID: version 8 (RFC 9562 §5.8), made of node and number, so that it is read back without a table."""
        return self._numbered(number, 0)

    def resource_id(self, number: int, form: Form) -> uuid.UUID:
        """The UUID of a dataset's file of a form, the same for every version."""
        return self._numbered(number, _PLACES[form])

    def _numbered(self, number: int, place: int) -> uuid.UUID:
        return uuid.UUID(int=self._mark() << 80 | 8 << 76 | place << 64 | 2 << _LONGEST_NUMBER | number)

    def read(self, text: str) -> tuple[int, Form | None] | None:
        """The number, and the form if it is of a file, that an identifier of ours was made of; None for any other text."""
        try:
            given = uuid.UUID(text)
        except ValueError:
            return None
        place = given.int >> 64 & ((1 << _FORM_BITS) - 1)
        number = given.int & ((1 << _LONGEST_NUMBER) - 1)
        form = next((form for form, known in _PLACES.items() if known == place), None)
        return (number, form) if given == self._numbered(number, place) and (place == 0 or form) else None

    def named_id(self, kind: str, name: str) -> uuid.UUID:
        """The UUID (version 5) of what has a name of its own: an organization, a group, a tag."""
        return uuid.uuid5(uuid.NAMESPACE_URL, f"zhengtong:{self.node}:{kind}:{name}")
