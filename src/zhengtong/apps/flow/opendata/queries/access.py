"""
Whether rows may go to everybody. Every path that serves rows (files, previews, charts, interfaces, feeds) asks here and nowhere else.

Threat model. Somebody without a grant reads rows of a conditional dataset by a path that was written before there were any: an older
version, a manifest, a profile that shows values, an interface. So the answer depends on the dataset as it is and on the version as it was
made: a version that was made for applicants stays closed when the dataset is opened to all later, because it may hold more columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from zhengtong.apps.flow.opendata.models import Dataset, DatasetVersion
from zhengtong.apps.flow.opendata.rules.vocabulary import State
from zhengtong.kernel.errors import Refused

#: what a version's facts say when it was made for applicants alone
OPENNESS = "openness"
CONDITIONAL = "conditional"


class ConditionalOnly(Refused):
    """这个数据集有条件开放:请先申请,同意并签订协议后凭密钥取用。"""

    code = "dataset-conditional"


def listed() -> QuerySet[Dataset]:
    """Datasets that the public sees described: open now, conditional or not. Their rows are another matter."""
    return Dataset.objects.filter(state=State.OPEN, current__isnull=False)


def open_rows() -> QuerySet[Dataset]:
    """Datasets whose rows everybody may have now."""
    return listed().filter(conditional=False).exclude(current__facts__contains={OPENNESS: CONDITIONAL})


def made_for_all(facts: Mapping[str, Any]) -> bool:
    """Whether a version with these facts was made for everybody."""
    return facts.get(OPENNESS) != CONDITIONAL


def version_open_to_all(row: Dataset, version: DatasetVersion) -> bool:
    """Whether everybody may have the rows of one version, given its dataset."""
    return row.state == State.OPEN and not row.conditional and made_for_all(version.facts)


def open_to_all(number: int) -> bool:
    """Whether everybody may have the rows of a dataset's present version; False also for what is not open at all."""
    return open_rows().filter(pk=number).exists()


def require_open_to_all(number: int) -> None:
    """
    Refuse to serve rows that need a grant.

    :raises ConditionalOnly: unless :func:`open_to_all`.
    """
    if not open_to_all(number):
        raise ConditionalOnly
