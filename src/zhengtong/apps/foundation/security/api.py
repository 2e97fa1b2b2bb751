"""The door of the ledger."""

from zhengtong.apps.foundation.security.operations import (
    LedgerBusy,
    anchor,
    export,
    prepare_month,
    record,
    unfold,
    verify,
)
from zhengtong.apps.foundation.security.queries import (
    ChainHead,
    EntryFilter,
    EntryRow,
    chain_heads,
    entries,
    subject_digest,
    unfolded_lag,
)
from zhengtong.apps.foundation.security.rules import Finding

__all__ = [
    "ChainHead",
    "EntryFilter",
    "EntryRow",
    "Finding",
    "LedgerBusy",
    "anchor",
    "chain_heads",
    "entries",
    "export",
    "prepare_month",
    "record",
    "subject_digest",
    "unfold",
    "unfolded_lag",
    "verify",
]
