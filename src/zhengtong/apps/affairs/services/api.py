"""
The door of service items.

Other apps refer to an item by its code and the number of a version: :func:`item` gives the version in force, :func:`item_version` any that
was ever published, so that a case goes on under the version it began with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from zhengtong.apps.affairs.services.operations.editing import ItemChangedMeanwhile, ItemExists, create_item, discard_item, save_item
from zhengtong.apps.affairs.services.operations.forming import FormRefused, NothingToTakeBack, begin_version, save_form, undo_form
from zhengtong.apps.affairs.services.operations.importing import import_items
from zhengtong.apps.affairs.services.operations.naming import NamedSourceUnknown, may_name, name_source, remove_source
from zhengtong.apps.affairs.services.operations.reviewing import Several, act_on_item, act_on_items
from zhengtong.apps.affairs.services.operations.simulating import run_simulation, simulate
from zhengtong.apps.affairs.services.queries.exporting import export_csv, export_xlsx
from zhengtong.apps.affairs.services.queries.form_access import may_begin_version, may_write_form, require_form_writing
from zhengtong.apps.affairs.services.queries.forms import (
    FieldSource,
    LastChange,
    field_sources,
    form_findings,
    form_of_version,
    holding,
    last_change,
    source_named,
)
from zhengtong.apps.affairs.services.queries.guide import (
    Card,
    GuideQuestion,
    Navigation,
    Update,
    guide,
    guide_count,
    navigation,
    near,
    sitemap,
    updates,
)
from zhengtong.apps.affairs.services.queries.imports import (
    ImportView,
    ItemImportUnknown,
    QuarantineView,
    import_run,
    imports,
    quarantine,
    quarantine_csv,
)
from zhengtong.apps.affairs.services.queries.items import (
    ORDERS,
    EventLine,
    ItemRow,
    ItemUnknown,
    ItemView,
    VersionLine,
    WorkFilter,
    acts,
    difference,
    events,
    findings,
    own_item,
    pending_changes,
    public_item,
    public_items,
    versions,
    waiting,
    work_count,
    work_offices,
    worklist,
)
from zhengtong.apps.affairs.services.queries.materials import Avoidable, OfficeShare, avoidable, shares
from zhengtong.apps.affairs.services.queries.simulations import (
    SimulationUnknown,
    SimulationView,
    latest_simulation,
    offices_of,
    simulations,
)
from zhengtong.apps.affairs.services.queries.sources import Candidate, NamedView, candidates, connected, named_sources, supplies
from zhengtong.apps.affairs.services.rules import codes, elements, tabulating, vocabulary
from zhengtong.apps.affairs.services.rules.checking import Finding, Incomplete
from zhengtong.apps.affairs.services.rules.codes import BasicCode, ItemCode, ItemCodeInvalid
from zhengtong.apps.affairs.services.rules.content import ROWS, Content, Fee, Material, Punishment, Question, Result, Step
from zhengtong.apps.affairs.services.rules.differences import Change, in_words
from zhengtong.apps.affairs.services.rules.forms import FormFinding
from zhengtong.apps.affairs.services.rules.forms import read as form_read
from zhengtong.apps.affairs.services.rules.reading import MOST_BYTES, ItemFileRefused
from zhengtong.apps.affairs.services.rules.sources import Share, Supply
from zhengtong.apps.affairs.services.rules.states import ACT_LABELS, REASONED, Act, ItemNotAllowed, ItemState
from zhengtong.apps.affairs.services.rules.tabulating import value_of
from zhengtong.apps.affairs.services.rules.vocabulary import Source, State, VersionState


@dataclass(frozen=True)
class RequiredMaterial:
    """
    A material that a case needs, with its source.

    ``resource`` and ``resource_item`` are set for shared data, ``licence_type`` for a licence, ``case_item`` (an item's code) for an
    earlier case. ``needed`` is a code: 1 required, 2 not, 3 may follow later.
    """

    name: str
    needed: str
    source: str
    resource: str
    resource_item: str
    licence_type: str
    case_item: str
    explain: str


@dataclass(frozen=True)
class Item:
    """
    A version of an item as other apps need it.

    ``promised_days`` and ``statutory_days`` are in working days where the unit ``…_unit`` is ``1``, in calendar days where it is ``2``;
    None where the item names none. 0 promised days: decided at once. ``form`` is a JSON Schema document, empty if there is none;
    ``process`` the code of a process template, empty if there is none.
    """

    code: str
    version: int
    name: str
    type: str
    office: str
    office_name: str
    region: str
    may_be_filed: bool
    kind: str
    served: tuple[str, ...]
    promised_days: int | None
    promised_unit: str
    statutory_days: int | None
    statutory_unit: str
    visits: int | None
    materials: tuple[RequiredMaterial, ...]
    results: tuple[str, ...]
    steps: tuple[str, ...]
    form: dict[str, Any]
    process: str


def table_heads() -> dict[str, list[str]]:
    """The sheets of the column form in which lists are taken in, with their columns."""
    return {sheet: [tabulating.title(one) for one in columns] for sheet, columns in tabulating.heads().items()}


def table_rows(office: str, level: str, basic: str, content: Content) -> Iterator[tuple[str, list[Any]]]:
    """
    The rows of a new item in that form, with their sheets.

    :raises ItemCodeInvalid: naming the part of the code.
    """
    return tabulating.new_rows(codes.compose(office=office, level=level, basic=basic), content)


def item(code: str) -> Item:
    """
    The version in force of an item.

    :raises ItemUnknown: if there is none, or it was never published.
    """
    return _item(public_item(code))


def item_version(code: str, version: int) -> Item:
    """
    A version of an item that was published once.

    :raises ItemUnknown: if there is none.
    """
    return _item(public_item(code, number=version))


def items(codes: Iterable[str]) -> dict[str, Item]:
    """The versions in force by code; unknown codes are absent."""
    return {code: _item(view) for code, view in public_items(codes).items()}


def _item(view: ItemView) -> Item:
    said = view.content
    return Item(
        code=view.code,
        version=view.version,
        name=view.name,
        type=view.type,
        office=view.office,
        office_name=view.office_name,
        region=view.region,
        may_be_filed=view.may_be_filed,
        kind=said.project_type,
        served=said.server_type,
        promised_days=said.promise_day,
        promised_unit=said.promise_type,
        statutory_days=said.anticipate_day,
        statutory_unit=said.anticipate_type,
        visits=said.limit_scene_num,
        materials=tuple(
            RequiredMaterial(
                one.material_name,
                one.is_need,
                one.source,
                one.resource,
                one.resource_item,
                one.licence_type,
                one.case_item,
                one.fill_explain,
            )
            for one in said.materials
        ),
        results=tuple(one.result_name for one in said.results),
        steps=tuple(one.step_name for one in said.steps),
        form=said.form,
        process=said.process,
    )


__all__ = [
    "ACT_LABELS",
    "MOST_BYTES",
    "ORDERS",
    "REASONED",
    "ROWS",
    "Act",
    "Avoidable",
    "BasicCode",
    "Candidate",
    "Card",
    "Change",
    "Content",
    "EventLine",
    "Fee",
    "FieldSource",
    "Finding",
    "FormFinding",
    "FormRefused",
    "GuideQuestion",
    "ImportView",
    "Incomplete",
    "Item",
    "ItemChangedMeanwhile",
    "ItemCode",
    "ItemCodeInvalid",
    "ItemExists",
    "ItemFileRefused",
    "ItemImportUnknown",
    "ItemNotAllowed",
    "ItemRow",
    "ItemState",
    "ItemUnknown",
    "ItemView",
    "LastChange",
    "Material",
    "NamedSourceUnknown",
    "NamedView",
    "Navigation",
    "NothingToTakeBack",
    "OfficeShare",
    "Punishment",
    "QuarantineView",
    "Question",
    "RequiredMaterial",
    "Result",
    "Several",
    "Share",
    "SimulationUnknown",
    "SimulationView",
    "Source",
    "State",
    "Step",
    "Supply",
    "Update",
    "VersionLine",
    "VersionState",
    "WorkFilter",
    "act_on_item",
    "act_on_items",
    "acts",
    "avoidable",
    "begin_version",
    "candidates",
    "connected",
    "create_item",
    "difference",
    "discard_item",
    "elements",
    "events",
    "export_csv",
    "export_xlsx",
    "field_sources",
    "findings",
    "form_findings",
    "form_of_version",
    "form_read",
    "guide",
    "guide_count",
    "holding",
    "import_items",
    "import_run",
    "imports",
    "in_words",
    "item",
    "item_version",
    "items",
    "last_change",
    "latest_simulation",
    "may_begin_version",
    "may_name",
    "may_write_form",
    "name_source",
    "named_sources",
    "navigation",
    "near",
    "offices_of",
    "own_item",
    "pending_changes",
    "public_item",
    "public_items",
    "quarantine",
    "quarantine_csv",
    "remove_source",
    "require_form_writing",
    "run_simulation",
    "save_form",
    "save_item",
    "shares",
    "simulate",
    "simulations",
    "sitemap",
    "source_named",
    "supplies",
    "table_heads",
    "table_rows",
    "undo_form",
    "updates",
    "value_of",
    "versions",
    "vocabulary",
    "waiting",
    "work_count",
    "work_offices",
    "worklist",
]
