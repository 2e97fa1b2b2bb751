"""The door of opening data."""

from zhengtong.apps.flow.opendata.operations.building import carry_out, work_off
from zhengtong.apps.flow.opendata.operations.counting import count_download
from zhengtong.apps.flow.opendata.operations.deciding import NotPassable, ReasonMissing, approve, overrule, publish, send_back, withdraw
from zhengtong.apps.flow.opendata.operations.proposing import AlreadyProposed, propose
from zhengtong.apps.flow.opendata.operations.queueing import BuildOpen, follow
from zhengtong.apps.flow.opendata.operations.tabling import drop_retired
from zhengtong.apps.flow.opendata.queries.access import ConditionalOnly, open_to_all, require_open_to_all
from zhengtong.apps.flow.opendata.queries.datasets import (
    FACET_LABELS,
    ORDERS,
    Card,
    DatasetGone,
    DatasetView,
    FacetValue,
    FileView,
    Question,
    count,
    dataset,
    facets,
    figures,
    file,
    search,
    themes,
)
from zhengtong.apps.flow.opendata.queries.openings import (
    BuildView,
    DatasetUnknown,
    EventView,
    FindingView,
    OpeningView,
    findings,
    last_build,
    of_resource,
    opening,
    openings,
    timeline,
    waiting,
)
from zhengtong.apps.flow.opendata.queries.published import (
    conditional_total,
    published,
    published_changes,
    published_counts,
    published_files,
    published_names,
    published_offices,
    published_one,
    published_state,
    published_total,
    published_versions,
    standing_files,
)
from zhengtong.apps.flow.opendata.queries.rows import RowPage, RowsUnknown, dump, row_aggregate, row_facets, row_schema, rows
from zhengtong.apps.flow.opendata.rules import ckan, ogc
from zhengtong.apps.flow.opendata.rules.conditions import AUDIENCE_LABELS, Conditions
from zhengtong.apps.flow.opendata.rules.datajson import datasets as datajson_datasets
from zhengtong.apps.flow.opendata.rules.datajson import head as datajson_head
from zhengtong.apps.flow.opendata.rules.dcat import SERIALISATIONS, serialised
from zhengtong.apps.flow.opendata.rules.dcat import Page as DcatPage
from zhengtong.apps.flow.opendata.rules.dcat import Writer as DcatWriter
from zhengtong.apps.flow.opendata.rules.findings import GATE_LABELS, Blocked
from zhengtong.apps.flow.opendata.rules.permissions import NotAllowed
from zhengtong.apps.flow.opendata.rules.place import COORDINATE_LABELS, PLACE_TYPES, Place
from zhengtong.apps.flow.opendata.rules.place import guessed as guessed_place
from zhengtong.apps.flow.opendata.rules.freshness import days_late
from zhengtong.apps.flow.opendata.rules.proposal import Proposal, open_by_default
from zhengtong.apps.flow.opendata.rules.published import Published, PublishedFile, Site
from zhengtong.apps.flow.opendata.rules.selecting import Condition, QueryUnreadable, Selection
from zhengtong.apps.flow.opendata.rules.selecting import ordered as read_order
from zhengtong.apps.flow.opendata.rules.selecting import read as read_query
from zhengtong.apps.flow.opendata.rules.states import ACT_LABELS, Act, WrongState
from zhengtong.apps.flow.opendata.rules.vocabulary import (
    FORM_LABELS,
    LICENCES,
    MASK_LABELS,
    ROW_FORMS,
    STATE_LABELS,
    THEME_LABELS,
    BuildState,
    Form,
    State,
)

__all__ = [
    "ACT_LABELS",
    "AUDIENCE_LABELS",
    "COORDINATE_LABELS",
    "FACET_LABELS",
    "FORM_LABELS",
    "GATE_LABELS",
    "LICENCES",
    "MASK_LABELS",
    "ORDERS",
    "PLACE_TYPES",
    "ROW_FORMS",
    "SERIALISATIONS",
    "STATE_LABELS",
    "THEME_LABELS",
    "Act",
    "AlreadyProposed",
    "Blocked",
    "BuildOpen",
    "BuildState",
    "BuildView",
    "Card",
    "Condition",
    "ConditionalOnly",
    "Conditions",
    "DatasetGone",
    "DatasetUnknown",
    "DatasetView",
    "DcatPage",
    "DcatWriter",
    "EventView",
    "FacetValue",
    "FileView",
    "FindingView",
    "Form",
    "NotAllowed",
    "NotPassable",
    "OpeningView",
    "Place",
    "Proposal",
    "Published",
    "PublishedFile",
    "QueryUnreadable",
    "Question",
    "ReasonMissing",
    "RowPage",
    "RowsUnknown",
    "Selection",
    "Site",
    "State",
    "WrongState",
    "approve",
    "carry_out",
    "ckan",
    "conditional_total",
    "count",
    "count_download",
    "datajson_datasets",
    "datajson_head",
    "dataset",
    "days_late",
    "drop_retired",
    "dump",
    "facets",
    "figures",
    "file",
    "findings",
    "follow",
    "guessed_place",
    "last_build",
    "of_resource",
    "ogc",
    "open_by_default",
    "open_to_all",
    "opening",
    "openings",
    "overrule",
    "propose",
    "publish",
    "published",
    "published_changes",
    "published_counts",
    "published_files",
    "published_names",
    "published_offices",
    "published_one",
    "published_state",
    "published_total",
    "published_versions",
    "read_order",
    "read_query",
    "require_open_to_all",
    "row_aggregate",
    "row_facets",
    "row_schema",
    "rows",
    "search",
    "send_back",
    "serialised",
    "standing_files",
    "themes",
    "timeline",
    "waiting",
    "withdraw",
    "work_off",
]
