"""What files can do."""

from zhengtong.engines.dataflow.connectors.base import Capabilities

CAPABILITIES = Capabilities(keyed=False, incremental=False, blank_is_missing=True, may_hold_nul=True)
