"""Models of the ledger's checks and exports. The ledger itself is made of the tables in ``sql/``."""

from zhengtong.apps.foundation.security.models.work import LedgerCheck, LedgerExport, State

__all__ = ["LedgerCheck", "LedgerExport", "State"]
