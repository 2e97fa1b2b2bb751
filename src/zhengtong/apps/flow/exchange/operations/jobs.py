"""A run as the engine's job: which rows, from where, into what, under which rules and masks."""

from __future__ import annotations

from django.db import connection
from psycopg import sql

from zhengtong.apps.flow.exchange.models import Binding, Push, Run
from zhengtong.apps.flow.exchange.operations.binding import endpoint_of, own_endpoint, target_options
from zhengtong.apps.flow.exchange.operations.receiving import source_of
from zhengtong.apps.flow.exchange.rules import columns
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts import projection
from zhengtong.contracts.grants import Channel, Mask
from zhengtong.engines.crypto.sealing import unseal
from zhengtong.engines.dataflow.connectors.base import Source
from zhengtong.engines.dataflow.connectors.postgresql.config import Endpoint, Selected, naming, quoted, trusted
from zhengtong.engines.dataflow.connectors.postgresql.reader import PostgresSource
from zhengtong.engines.dataflow.ddl import EngineTables, create_table_sql
from zhengtong.engines.dataflow.items import Item, ItemType
from zhengtong.engines.dataflow.job import Absent, Full, Incremental, Job, Target
from zhengtong.engines.dataflow.rules import rule_from_dict
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Party, Refused, Unavailable
from zhengtong.toolkit.keys import node_keys

HUB_TABLES = EngineTables(schema=columns.HUB_SCHEMA)


class GrantNotInForce(Refused):
    """授权已暂停、终止或不在有效期内,数据不会流动。"""

    code = "grant-not-in-force"


class NothingToPush(Unavailable):
    """提供方的数据还没有归集,暂时无可推送。"""

    code = "nothing-to-push"
    party = Party.PROVIDER


def office_of(run: Run) -> str:
    """The office whose run it is: the provider's for collecting, the receiver's for pushing."""
    if run.binding is not None:
        return run.binding.resource.office.code
    if run.push is not None:
        return run.push.front.office.code
    return ""


def grant_of(push: Push) -> sharing.GrantView:
    """The grant behind a push."""
    return sharing.grant(push.grant.number)


def job_of(run: Run) -> Job:
    """The engine's job of a run."""
    if run.binding is not None:
        return collect_job(run.binding)
    assert run.push is not None  # noqa: S101 - a constraint of the table
    return push_job(run.push)


def collect_job(binding: Binding) -> Job:
    """Source table or file → hub table, under the binding's rules."""
    resource = catalog.resource(binding.resource_id)
    items = tuple(columns.column_item(item) for item in resource.items)
    mapping = {item.key: binding.mapping[item.key] for item in items}
    return Job(
        name=f"collect-{binding.resource_id}",
        source=_source(binding, mapping),
        target=Target(
            endpoint=own_endpoint(),
            schema=columns.HUB_SCHEMA,
            table=columns.hub_table_name(binding.resource_id),
            options=target_options(binding),
            engine=HUB_TABLES,
        ),
        items=items,
        mapping=mapping,
        rules=tuple(rule_from_dict(rule) for rule in binding.rules),
        mode=_mode(binding),
        digest=True,
    )


def _source(binding: Binding, mapping: dict[str, str]) -> Source:
    if binding.edition is not None:
        return source_of(binding.edition)
    wanted = list(dict.fromkeys([*mapping.values(), *([binding.cursor] if binding.cursor else [])]))
    return PostgresSource(endpoint_of(binding), binding.schema, binding.table, tuple(Selected.column(name) for name in wanted))


def _mode(binding: Binding) -> Full | Incremental:
    if binding.mode == Binding.Mode.INCREMENTAL and binding.landed_at is not None:
        return Incremental(cursor=binding.cursor, overlap=binding.overlap)
    return Full(absent=Absent(binding.absent), absent_limit=binding.most_vanishing / 100)


def push_job(push: Push) -> Job:
    """
    Hub table → front database: only granted items, masked and scoped in SQL before they leave the hub.

    :raises GrantNotInForce: unless the grant is active, in term and allows pushing.
    :raises NothingToPush: before the resource has landed.
    """
    grant = grant_of(push)
    if not grant.in_force(clock.now()) or Channel.PUSH not in grant.document.channels:
        raise GrantNotInForce
    if not Binding.objects.filter(resource_id=grant.resource_id, landed_at__isnull=False).exists():
        raise NothingToPush
    resource = catalog.resource(grant.resource_id)
    table = columns.routing_table(grant.resource_id, resource.items)
    by_key = {column.key: column for column in table.columns}
    condition, values = projection.scope_sql(grant.document.scope, by_key, style="format")
    selected = tuple(Selected(item.key, projection.masked(by_key[item.key], item.mask)) for item in grant.document.items)
    items = tuple(
        _pushed_item(columns.column_item(one), granted.mask)
        for one in resource.items
        for granted in grant.document.items
        if granted.key == one.key
    )
    front = Endpoint(front_url(push), Party.CLIENT)
    _ensure_front_table(front, push, items)
    return Job(
        name=f"push-{grant.number}",
        source=PostgresSource(own_endpoint(), table.schema, table.name, selected, condition, tuple(values)),
        target=Target(endpoint=front, schema=push.front.schema, table=push.table, create_engine_tables=True),
        items=items,
        mapping={item.key: item.key for item in items},
        digest=True,
    )


def _pushed_item(item: Item, mask: Mask) -> Item:
    """A masked value is text and may be absent, whatever the item was."""
    if mask is Mask.NONE:
        return item
    return Item(key=item.key, name=item.name, type=ItemType.TEXT, is_key=item.is_key, nullable=not item.is_key)


def front_url(push: Push) -> str:
    """The receiver's address."""
    front = push.front
    return unseal(node_keys().seal, front.sealed_url, f"front:{front.office_id}:{front.name}").decode()


def _ensure_front_table(front: Endpoint, push: Push, items: tuple[Item, ...]) -> None:
    with front.connect() as target, naming(front.party):
        there = target.execute("select to_regclass(%s)", (quoted(push.front.schema, push.table),)).fetchone()
        if there and there[0] is None:
            for statement in create_table_sql(push.front.schema, push.table, items):
                target.execute(trusted(statement))


def _counted(schema: str, table: str) -> sql.Composed:
    return sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))


def hub_rows(resource_id: int) -> int:
    """How many rows of a resource the hub holds."""
    with connection.cursor() as cursor:
        cursor.execute(_counted(columns.HUB_SCHEMA, columns.hub_table_name(resource_id)).as_string())
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def expected_rows(run: Run) -> int | None:
    """How many rows a full run will read, for its progress; None for incremental ones."""
    if run.mode != Binding.Mode.FULL:
        return None
    if run.push is not None:
        return hub_rows(grant_of(run.push).resource_id)
    if run.binding is None:
        return None
    if run.binding.edition is not None:
        return run.binding.edition.rows
    with endpoint_of(run.binding).connect() as source, naming(Party.PROVIDER):
        row = source.execute(_counted(run.binding.schema, run.binding.table)).fetchone()
    return int(row[0]) if row else None
