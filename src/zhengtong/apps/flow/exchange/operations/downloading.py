"""
Download under a grant: the same masks and the same scope as every other way, applied in SQL.

Threat model. Somebody downloads without a grant in force or for a purpose it does not name; somebody breaks the connection off so that
nothing is recorded. The reading stands in the ledger before the first byte leaves; how it ended is a second entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from zhengtong.apps.flow.exchange.models import Binding
from zhengtong.apps.flow.exchange.operations.binding import own_endpoint
from zhengtong.apps.flow.exchange.operations.jobs import GrantNotInForce, NothingToPush
from zhengtong.apps.flow.exchange.rules import access, columns
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts import projection
from zhengtong.contracts.grants import Channel
from zhengtong.engines.dataflow.connectors.postgresql.config import naming, quoted, trusted
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid

_ROWS_AT_A_TIME = 2_000


@dataclass(frozen=True)
class Download:
    """What may leave: file name, heads, and rows in batches, which may be taken once."""

    filename: str
    heads: list[str]
    batches: Iterator[list[tuple[Any, ...]]]


def download(*, actor: identity.Actor, number: str, purpose: str, now: datetime, address: str = "") -> Download:
    """
    The rows of a grant for somebody of its consumer, recorded before they are returned.

    :raises GrantUnknown: for somebody of another office.
    :raises GrantNotInForce: unless the grant is active, in term and allows downloads.
    :raises Invalid: for a purpose that the grant does not name.
    :raises NothingToPush: before the resource has landed.
    """
    grant = sharing.grant(number, actor=actor)
    access.require_operate(actor, grant.document.consumer.code)
    if not grant.in_force(now) or Channel.DOWNLOAD not in grant.document.channels:
        raise GrantNotInForce
    if purpose not in {one.code for one in grant.document.purposes}:
        raise Invalid("授权没有这个使用目的", field="purpose", remedy="选择授权列出的使用目的")
    if not Binding.objects.filter(resource_id=grant.resource_id, landed_at__isnull=False).exists():
        raise NothingToPush
    with transaction.atomic(durable=True):
        _record("exchange:download:read", actor, grant, purpose, now, address=address)
    names = {item.key: item.name for item in catalog.resource(grant.resource_id).items}
    heads = [names.get(item.key, item.key) for item in grant.document.items]
    return Download(f"{grant.number}.csv", heads, _batches(actor, grant, purpose))


def _record(
    event: str,
    actor: identity.Actor,
    grant: sharing.GrantView,
    purpose: str,
    at: datetime,
    *,
    outcome: str = "ok",
    rows: int = 0,
    address: str = "",
) -> None:
    security.record(
        event,
        at=at,
        outcome=outcome,
        actor=actor.label,
        office=grant.document.consumer.code,
        provider=grant.document.provider.code,
        resource=grant.document.resource,
        grant=grant.number,
        purpose=purpose,
        channel=Channel.DOWNLOAD,
        items=tuple(item.key for item in grant.document.items),
        rows=rows,
        address=address,
    )


def _batches(actor: identity.Actor, grant: sharing.GrantView, purpose: str) -> Iterator[list[tuple[Any, ...]]]:
    table = columns.routing_table(grant.resource_id, catalog.resource(grant.resource_id).items)
    by_key = {column.key: column for column in table.columns}
    condition, values = projection.scope_sql(grant.document.scope, by_key, style="format")
    selected = projection.select_list(grant.document.items, by_key)
    order = ", ".join(f"t.{quoted(by_key[key].column)}" for key in table.unique)
    # quoted names of the hub table, masks and scope from the signed grant; values are parameters
    statement = f"select {selected} from {quoted(table.schema, table.name)} t where {condition} order by {order}"  # noqa: S608 - catalog names
    rows, outcome = 0, "broken-off"
    endpoint = own_endpoint()
    try:
        with endpoint.connect() as connection, naming(endpoint.party), connection.cursor(name="download") as cursor:
            cursor.execute(trusted(statement), values)
            while batch := cursor.fetchmany(_ROWS_AT_A_TIME):
                rows += len(batch)
                yield batch
        outcome = "ok"
    finally:
        at = clock.now()
        with transaction.atomic():
            _record("exchange:download:finished", actor, grant, purpose, at, outcome=outcome, rows=rows)
            if outcome == "ok":
                sharing.note_delivery(grant_id=grant.id, now=at)
