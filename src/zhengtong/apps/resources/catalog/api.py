"""
The door of the catalog.

Readers get a :class:`ResourceView` from :func:`resource` and its relatives: what was published. The office that holds an entry and the
bureau get its working copy from :func:`working_copy`. Every write says who acts and when.
"""

from zhengtong.apps.resources.catalog.operations.editing import ChangedMeanwhile, create_draft, delete_draft, discard_changes, save_draft
from zhengtong.apps.resources.catalog.operations.importing import (
    ImportStarted,
    MappingInvalid,
    import_file,
    receive_import,
    run_import,
    start_import,
)
from zhengtong.apps.resources.catalog.operations.indexing import Drift, drift, index_once, keep_index, mend, rebuild
from zhengtong.apps.resources.catalog.operations.numbering import ClassCodeInvalid
from zhengtong.apps.resources.catalog.operations.reminding import remind_reviewers, reschedule_reviews
from zhengtong.apps.resources.catalog.operations.reviewing import (
    BulkOutcome,
    ReasonMissing,
    Refusal,
    act_on_several,
    approve,
    publish,
    recall,
    send_back,
    submit,
    withdraw,
)
from zhengtong.apps.resources.catalog.operations.storing import CHANGED
from zhengtong.apps.resources.catalog.operations.watching import (
    MOST_SEARCHES,
    SavedSearchUnknown,
    SearchNotKept,
    forget_search,
    keep_search,
    tell_of_new_hits,
)
from zhengtong.apps.resources.catalog.operations.wording import add_synonyms, change_synonyms, remove_synonyms
from zhengtong.apps.resources.catalog.queries.exporting import ExportTooLarge, export_published, export_quarantine, export_worklist
from zhengtong.apps.resources.catalog.queries.history import (
    EventView,
    VersionLine,
    VersionView,
    difference,
    pending_changes,
    timeline,
    version,
    versions,
)
from zhengtong.apps.resources.catalog.queries.imports import (
    ColumnView,
    ImportRunView,
    ImportUnknown,
    Preview,
    PreviewRow,
    QuarantineView,
    import_run,
    import_runs,
    preview,
    quarantine,
)
from zhengtong.apps.resources.catalog.queries.index import IndexMissing
from zhengtong.apps.resources.catalog.queries.resources import (
    ResourceUnknown,
    ResourceView,
    is_insider,
    missing,
    open_acts,
    require_to_edit,
    resource,
    resources_by_code,
    resources_by_id,
    review_clock,
    working_copy,
)
from zhengtong.apps.resources.catalog.queries.reviews import ReviewMove, ReviewView, review_moves, reviews_to_do
from zhengtong.apps.resources.catalog.queries.search import (
    FACET_LABELS,
    FacetValue,
    SearchHit,
    SearchResult,
    search,
    search_state,
)
from zhengtong.apps.resources.catalog.queries.trees import Branch, Level, branch_path, level
from zhengtong.apps.resources.catalog.queries.watching import SavedSearchView, saved_searches
from zhengtong.apps.resources.catalog.queries.wording import SynonymsUnknown, SynonymsView, synonym_group, synonym_groups
from zhengtong.apps.resources.catalog.queries.worklists import ResourceRow, WorkFilter, work_counts, worklist
from zhengtong.apps.resources.catalog.rules.asking import SearchQuestion
from zhengtong.apps.resources.catalog.rules.completeness import gaps
from zhengtong.apps.resources.catalog.rules.content import FIELD_LABELS, ITEM_LABELS, Content, ItemContent
from zhengtong.apps.resources.catalog.rules.differences import Difference, FieldChange, ItemChange, in_words
from zhengtong.apps.resources.catalog.rules.findings import Finding, Incomplete
from zhengtong.apps.resources.catalog.rules.mapping import TARGETS
from zhengtong.apps.resources.catalog.rules.naming import item_keys, sort_key
from zhengtong.apps.resources.catalog.rules.normalising import listed
from zhengtong.apps.resources.catalog.rules.permissions import NotAllowed, may_keep_words, require_to_keep_words
from zhengtong.apps.resources.catalog.rules.reading import MOST_BYTES, FileRefused
from zhengtong.apps.resources.catalog.rules.states import ACT_LABELS, Act, WrongState
from zhengtong.apps.resources.catalog.rules.synonyms import SynonymsInvalid, SynonymTaken
from zhengtong.apps.resources.catalog.rules.taking import Options
from zhengtong.apps.resources.catalog.rules.vocabulary import (
    CYCLE_LABELS,
    DATA_LEVEL_LABELS,
    DATA_TYPE_LABELS,
    FORMAT_LABELS,
    MODE_LABELS,
    SENSITIVITY_LABELS,
    SHARING_LABELS,
    STATE_LABELS,
    DataType,
    FormatClass,
    Sensitivity,
    SharingMode,
    SharingType,
    State,
    UpdateCycle,
)

__all__ = [
    "ACT_LABELS",
    "CHANGED",
    "CYCLE_LABELS",
    "DATA_LEVEL_LABELS",
    "DATA_TYPE_LABELS",
    "FACET_LABELS",
    "FIELD_LABELS",
    "FORMAT_LABELS",
    "ITEM_LABELS",
    "MODE_LABELS",
    "MOST_BYTES",
    "MOST_SEARCHES",
    "SENSITIVITY_LABELS",
    "SHARING_LABELS",
    "STATE_LABELS",
    "TARGETS",
    "Act",
    "Branch",
    "BulkOutcome",
    "ChangedMeanwhile",
    "ClassCodeInvalid",
    "ColumnView",
    "Content",
    "DataType",
    "Difference",
    "Drift",
    "EventView",
    "ExportTooLarge",
    "FacetValue",
    "FieldChange",
    "FileRefused",
    "Finding",
    "FormatClass",
    "ImportRunView",
    "ImportStarted",
    "ImportUnknown",
    "Incomplete",
    "IndexMissing",
    "ItemChange",
    "ItemContent",
    "Level",
    "MappingInvalid",
    "NotAllowed",
    "Options",
    "Preview",
    "PreviewRow",
    "QuarantineView",
    "ReasonMissing",
    "Refusal",
    "ResourceRow",
    "ResourceUnknown",
    "ResourceView",
    "ReviewMove",
    "ReviewView",
    "SavedSearchUnknown",
    "SavedSearchView",
    "SearchHit",
    "SearchNotKept",
    "SearchQuestion",
    "SearchResult",
    "Sensitivity",
    "SharingMode",
    "SharingType",
    "State",
    "SynonymTaken",
    "SynonymsInvalid",
    "SynonymsUnknown",
    "SynonymsView",
    "UpdateCycle",
    "VersionLine",
    "VersionView",
    "WorkFilter",
    "WrongState",
    "act_on_several",
    "add_synonyms",
    "approve",
    "branch_path",
    "change_synonyms",
    "create_draft",
    "delete_draft",
    "difference",
    "discard_changes",
    "drift",
    "export_published",
    "export_quarantine",
    "export_worklist",
    "forget_search",
    "gaps",
    "import_file",
    "import_run",
    "import_runs",
    "in_words",
    "index_once",
    "is_insider",
    "item_keys",
    "keep_index",
    "keep_search",
    "level",
    "listed",
    "may_keep_words",
    "mend",
    "missing",
    "open_acts",
    "pending_changes",
    "preview",
    "publish",
    "quarantine",
    "rebuild",
    "recall",
    "receive_import",
    "remind_reviewers",
    "remove_synonyms",
    "require_to_edit",
    "require_to_keep_words",
    "reschedule_reviews",
    "resource",
    "resources_by_code",
    "resources_by_id",
    "review_clock",
    "review_moves",
    "reviews_to_do",
    "run_import",
    "save_draft",
    "saved_searches",
    "search",
    "search_state",
    "send_back",
    "sort_key",
    "start_import",
    "submit",
    "synonym_group",
    "synonym_groups",
    "tell_of_new_hits",
    "timeline",
    "version",
    "versions",
    "withdraw",
    "work_counts",
    "working_copy",
    "worklist",
]
