"""Pure rules of the ledger: blocks and their checks, who may read, how long it is kept."""

from zhengtong.apps.foundation.security.rules.access import NotAuditor, Scope, require_audit_administrator, scope_of
from zhengtong.apps.foundation.security.rules.blocks import ChainCheck, Finding, make_block
from zhengtong.apps.foundation.security.rules.retention import (
    EXPIRED,
    TURN,
    Retention,
    TooShort,
    end_of,
    mentions_expiry,
    month_of,
    months_before,
    recorded_ends,
    to_expire,
)

__all__ = [
    "EXPIRED",
    "TURN",
    "ChainCheck",
    "Finding",
    "NotAuditor",
    "Retention",
    "Scope",
    "TooShort",
    "end_of",
    "make_block",
    "mentions_expiry",
    "month_of",
    "months_before",
    "recorded_ends",
    "require_audit_administrator",
    "scope_of",
    "to_expire",
]
