"""Which sources filing may ask: those that the grants of our calling system name, with the purpose that filing states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from zhengtong.apps.affairs.filing.models import DraftField, FilingSystem, SourceHealth
from zhengtong.apps.affairs.filing.rules.meanings import SILENT, Meaning
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.contracts.grants import Channel, Mask
from zhengtong.engines.forms.document import Form


@dataclass(frozen=True)
class Setting:
    """As which calling system, and for which purpose, sources are asked."""

    system: str
    purpose: str
    set_at: datetime


@dataclass(frozen=True)
class Granted:
    """What filing may ask a resource for: items that come unmasked, and those by which a row is found, the required ones first."""

    resource: str
    name: str
    provider: str
    provider_name: str
    grant: str
    items: frozenset[str]
    keys: tuple[str, ...]
    until: datetime


@dataclass(frozen=True)
class SourceView:
    """A source as the operator sees it; ``owed`` counts the fields of filed cases that wait for it."""

    granted: Granted
    meaning: Meaning | None
    code: str
    at: datetime | None
    milliseconds: int
    silent_since: datetime | None
    owed: int

    @property
    def silent(self) -> bool:
        """Whether it does not answer."""
        return self.meaning in SILENT


def setting() -> Setting | None:
    """The setting; None until the operator made it."""
    row = FilingSystem.objects.first()
    return Setting(row.system, row.purpose, row.set_at) if row else None


def granted(made: Setting | None, *, now: datetime) -> Mapping[str, Granted]:
    """The sources that our grants open, by the code of the resource; empty without a setting, or while the system is unknown."""
    if made is None:
        return {}
    try:
        system = identity.system(made.system)
    except identity.SystemUnknown:
        return {}
    found: dict[str, Granted] = {}
    for one in sharing.grants_of_system(made.system, system.office, now=now):
        document = one.document
        if Channel.LOOKUP not in document.channels or all(purpose.code != made.purpose for purpose in document.purposes):
            continue
        filterable = tuple(item.key for item in document.items if item.filterable)
        keys = (*document.required_filters, *(key for key in filterable if key not in document.required_filters))
        plain = frozenset(item.key for item in document.items if item.mask is Mask.NONE)
        found.setdefault(
            document.resource,
            Granted(
                document.resource,
                document.resource_name,
                document.provider.code,
                document.provider.name,
                document.number,
                plain,
                keys,
                document.not_after,
            ),
        )
    return found


@dataclass(frozen=True)
class Question:
    """One call: a resource, the item that finds the row and its value, and the items wanted, with the fields that they fill."""

    granted: Granted
    key: str
    value: str
    fields: tuple[str, ...]
    items: tuple[str, ...]

    @property
    def query(self) -> Mapping[str, str]:
        """The parts of the query string."""
        return {self.key: self.value, "fields": ",".join(self.items), "limit": str(_ROWS)}


#: enough to see whether rows agree
_ROWS = 20


def questions(
    form: Form, wanted: Iterable[str], *, may: Mapping[str, Granted], own: str, answers: Mapping[str, object]
) -> tuple[list[Question], list[str]]:
    """
    One call for each resource and key, asking all its items at once; and the fields whose source is not granted.

    :param wanted: keys of fields; those without a source, or whose ``by`` is not answered, are left out.
    :param own: the applicant's own number.
    """
    asked: dict[tuple[str, str, str], list[str]] = {}
    refused: list[str] = []
    for name in wanted:
        source = form.fields[name].source
        if source is None:
            continue
        value = str(answers.get(source.by) or "") if source.by else own
        if not value:
            continue
        there = may.get(source.resource)
        key = source.key or (there.keys[0] if there is not None and there.keys else "")
        if there is None or source.item not in there.items or key not in there.keys:
            refused.append(name)
            continue
        asked.setdefault((source.resource, key, value), []).append(name)
    made = []
    for (resource, key, value), names in asked.items():
        items = tuple(dict.fromkeys(form.fields[name].source.item for name in names))  # type: ignore[union-attr]  # all have one
        made.append(Question(may[resource], key, value, tuple(names), items))
    return made, refused


def sources(*, now: datetime) -> list[SourceView]:
    """Every source that is granted, with how it answered last and how many filed fields wait for it."""
    health = {row.resource: row for row in SourceHealth.objects.all()}
    owed: dict[str, int] = {}
    for resource in DraftField.objects.filter(ask_at__isnull=False).values_list("resource", flat=True):
        owed[resource] = owed.get(resource, 0) + 1
    found = []
    for resource, one in sorted(granted(setting(), now=now).items()):
        row = health.get(resource)
        meaning = Meaning(row.meaning) if row else None
        found.append(
            SourceView(
                one,
                meaning,
                row.code if row else "",
                row.at if row else None,
                row.milliseconds if row else 0,
                row.silent_since if row else None,
                owed.get(resource, 0),
            )
        )
    return found
