"""The basket, and templates of purpose."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction

from zhengtong.apps.flow.sharing.models import BasketLine, PurposeTemplate
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel.errors import Conflict, Invalid, Refused
from zhengtong.kernel.sentences import say

_MOST = 50


class NotShared(Refused):
    """该资源不予共享,依据见目录。"""

    code = "not-shared"


class BasketChanged(Conflict):
    """申请车里的资源已经形成申请,或已被移出。"""

    code = "basket-changed"


def lock_in_basket(actor: identity.Actor, resources: Collection[int]) -> int:
    """How many of the resources lie in the actor's basket; they stay as they are until the transaction ends."""
    lines = BasketLine.objects.select_for_update().filter(account_id=actor.account_id, resource_id__in=resources)
    return len(list(lines.order_by("pk").values_list("pk", flat=True)))


def put_in_basket(*, actor: identity.Actor, resource_id: int, items: tuple[str, ...] = (), now: datetime) -> None:
    """
    Lay a resource aside; laying it aside again replaces the chosen items.

    :raises NotShared: for type 3.
    :raises Invalid: when the basket is full.
    """
    resource = catalog.resource(resource_id)
    if resource.sharing_type == "3":
        raise NotShared(say("“{name}”不予共享,依据:{legal_basis}", name=resource.name, legal_basis=resource.legal_basis))
    if BasketLine.objects.filter(account_id=actor.account_id).count() >= _MOST:
        raise Invalid(say("申请车最多放 {most} 个资源", most=_MOST), remedy="先提交或清理已有的")
    BasketLine.objects.update_or_create(account_id=actor.account_id, resource_id=resource_id, defaults={"items": list(items), "at": now})


def take_from_basket(*, actor: identity.Actor, resource_id: int) -> None:
    """Put a resource back."""
    BasketLine.objects.filter(account_id=actor.account_id, resource_id=resource_id).delete()


@transaction.atomic
def keep_template(
    *, actor: identity.Actor, office: str, title: str, purpose_code: str, purpose: str, usage_basis: str, scenario: str, usage_scope: str
) -> None:
    """
    Keep words for a use that comes again.

    :raises Conflict: if the office has a template of this title.
    """
    if office not in actor.offices(identity.Role.STEWARD, identity.Role.DEVELOPER, identity.Role.SHARING_HEAD):
        raise identity.NotYours
    try:
        with transaction.atomic():
            PurposeTemplate.objects.create(
                office_id=organisations.office(office).id,
                title=title,
                purpose_code=purpose_code,
                purpose=purpose,
                usage_basis=usage_basis,
                scenario=scenario,
                usage_scope=usage_scope,
            )
    except IntegrityError as exc:
        raise Conflict("本单位已有同名模板", field="title") from exc
