"""The system administrator says as which calling system filing asks sources."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zhengtong.apps.affairs.filing.models import FilingSystem
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.errors import Invalid


@transaction.atomic
def connect(*, by: identity.Actor | str, system: str, purpose: str, now: datetime) -> None:
    """
    Ask sources as this calling system, for this purpose, from now on.

    :raises NotYours: unless the actor is the system administrator.
    :raises SystemUnknown: if there is no such system. :raises Invalid: without a purpose.
    """
    if isinstance(by, identity.Actor):
        identity.require(by, identity.Act.MANAGE_ACCOUNTS)
    identity.system(system)
    if not purpose.strip() or not purpose.isascii():
        raise Invalid("用途代码只用字母、数字和连字符", field="purpose", remedy="填写授权中列明的用途,例如 service-filing")
    FilingSystem.objects.update_or_create(one=True, defaults={"system": system, "purpose": purpose.strip(), "set_at": now})
    detail = {"system": system, "purpose": purpose.strip()}
    security.record("filing:sources:connected", at=now, actor=identity.label_of(by), detail=detail)
