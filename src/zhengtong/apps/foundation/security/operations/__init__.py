"""Writes of the ledger, and the work done on it."""

from zhengtong.apps.foundation.security.operations.checking import CHECK_TASK, ask_check, run_check, verify
from zhengtong.apps.foundation.security.operations.exporting import (
    CSV_ROWS,
    EXPORT_TASK,
    ask_export,
    digest_of_number,
    export,
    export_csv,
    open_export,
    read_about,
    run_export,
)
from zhengtong.apps.foundation.security.operations.recording import (
    LedgerBusy,
    anchor,
    prepare_month,
    record,
    rotate_gateway_key,
    rotate_key,
    unfold,
)
from zhengtong.apps.foundation.security.operations.retention import ExpiredMonth, MonthHeld, MonthNotClean, expire_months, retention

__all__ = [
    "CHECK_TASK",
    "CSV_ROWS",
    "EXPORT_TASK",
    "ExpiredMonth",
    "LedgerBusy",
    "MonthHeld",
    "MonthNotClean",
    "anchor",
    "ask_check",
    "ask_export",
    "digest_of_number",
    "expire_months",
    "export",
    "export_csv",
    "open_export",
    "prepare_month",
    "read_about",
    "record",
    "retention",
    "rotate_gateway_key",
    "rotate_key",
    "run_check",
    "run_export",
    "unfold",
    "verify",
]
