"""
The rows of a resource as they stand at one moment, masked in SQL, for what an office decided to open.

One statement is one snapshot: what is collected meanwhile is not in it. Rows come in the order of the published key, or of all published
columns where the key stays inside, so that the order tells nothing about what is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from zhengtong.apps.flow.exchange.models import Binding
from zhengtong.apps.flow.exchange.operations.binding import own_endpoint
from zhengtong.apps.flow.exchange.rules import columns
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts import projection
from zhengtong.contracts.grants import GrantedItem, Mask
from zhengtong.engines.dataflow.connectors.postgresql.config import naming, quoted
from zhengtong.engines.dataflow.connectors.postgresql.reader import frame_of
from zhengtong.kernel.errors import Party, Unavailable


class NothingLanded(Unavailable):
    """这个资源的数据还没有归集到平台。"""

    code = "nothing-landed"
    party = Party.PROVIDER


@dataclass(frozen=True)
class HubSnapshot:
    """Typed rows in frames, which may be taken once; since when they lie in the hub, and how many there were at the last count."""

    frames: Iterator[pl.DataFrame]
    schema: dict[str, pl.DataType]
    #: the published items that identify a row, in index order; empty if one of them stays inside or is masked
    unique: tuple[str, ...]
    landed_at: datetime
    expected: int


def snapshot(resource: catalog.ResourceView, items: Sequence[GrantedItem]) -> HubSnapshot:
    """
    The rows of a resource, only these items, each under its mask.

    :raises NothingLanded: before a run has brought data.
    :raises UnknownItem: if the resource has no such item.
    """
    binding = Binding.objects.filter(resource_id=resource.id, landed_at__isnull=False).first()
    if binding is None or binding.landed_at is None:
        raise NothingLanded
    table = columns.routing_table(resource.id, resource.items)
    by_key = {column.key: column for column in table.columns}
    selected = projection.select_list(items, by_key)
    plain = {item.key for item in items if item.mask is Mask.NONE}
    unique = table.unique if set(table.unique) <= plain else ()
    order = ", ".join(f"t.{quoted(by_key[key].column)}" for key in unique) or ", ".join(str(place + 1) for place in range(len(items)))
    # quoted names of the hub table and masks of the platform; nothing comes from a request
    statement = f"select {selected} from {quoted(table.schema, table.name)} t order by {order}"  # noqa: S608 - catalog names
    types = {one.key: columns.column_item(one).dtype for one in resource.items}
    schema = {item.key: types[item.key] if item.key in plain else pl.String() for item in items}
    return HubSnapshot(_frames(statement, schema), schema, unique, binding.landed_at, binding.rows)


def _frames(statement: str, schema: dict[str, pl.DataType]) -> Iterator[pl.DataFrame]:
    endpoint = own_endpoint()
    with naming(endpoint.party), endpoint.connect_bulk() as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        for batch in cursor.fetch_record_batch():
            yield frame_of(batch).cast(schema)  # type: ignore[arg-type]  # polars' own stubs know types by name only
