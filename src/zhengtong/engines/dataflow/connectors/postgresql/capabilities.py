"""What PostgreSQL can do."""

from zhengtong.engines.dataflow.connectors.base import Capabilities

CAPABILITIES = Capabilities(keyed=True, incremental=True, blank_is_missing=False, may_hold_nul=False)
