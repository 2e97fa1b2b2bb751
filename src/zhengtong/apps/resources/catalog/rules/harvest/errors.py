"""What can be wrong with a catalog elsewhere."""

from __future__ import annotations

from zhengtong.kernel.errors import Party, Unavailable


class SourceStrange(Unavailable):
    """来源的内容读不懂。"""

    code = "harvest-source-strange"
    party = Party.PROVIDER
