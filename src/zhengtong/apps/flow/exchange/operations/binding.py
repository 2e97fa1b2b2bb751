"""Bind a resource to what stands behind it, and make its table in the hub."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from zhengtong.apps.flow.exchange.models import Binding
from zhengtong.apps.flow.exchange.rules import access, columns, places
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api as quality
from zhengtong.engines.crypto.sealing import seal, unseal
from zhengtong.engines.dataflow.connectors.base import ConnectionReport, SourceColumn
from zhengtong.engines.dataflow.connectors.postgresql import introspection
from zhengtong.engines.dataflow.connectors.postgresql.config import Endpoint, trusted
from zhengtong.engines.dataflow.ddl import TargetOptions, create_table_sql, migrate_table_sql
from zhengtong.engines.dataflow.items import Item
from zhengtong.engines.dataflow.rules import Checker, rule_from_dict
from zhengtong.kernel.errors import Invalid, Party
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.keys import node_keys
from zhengtong.toolkit.outbox import api as outbox


@dataclass(frozen=True)
class TableBinding:
    """
    A binding to a table of a PostgreSQL database.

    ``mapping`` is item key → source column; ``rules`` are the engine's plain dictionaries; an incremental binding names a ``cursor``.
    """

    url: str
    schema: str
    table: str
    mapping: dict[str, str]
    rules: list[dict[str, Any]] = field(default_factory=list)
    mode: str = Binding.Mode.FULL
    cursor: str = ""
    overlap: str = ""
    every_minutes: int | None = None


def own_endpoint() -> Endpoint:
    """The hub: the platform's own database."""
    return Endpoint(settings.DATABASE_URL, Party.PLATFORM)


def source_endpoint(url: str) -> Endpoint:
    """
    A departmental database.

    :raises BadAddress: if the address cannot be used.
    """
    return Endpoint(places.postgresql(url, own_database=settings.DATABASE_URL).url, Party.PROVIDER)


def endpoint_of(binding: Binding) -> Endpoint:
    """The database behind a stored binding."""
    return Endpoint(unseal(node_keys().seal, binding.sealed_url, f"binding:{binding.resource_id}").decode(), Party.PROVIDER)


@transaction.atomic
def bind_table(*, by: identity.Actor | str, resource_id: int, wanted: TableBinding, now: datetime) -> None:
    """
    Bind a resource to a table, or change its binding, and make or widen its hub table.

    :raises BadAddress: if the address cannot be used.
    :raises Invalid: if a rule does not fit its item, an item has no column, a mapped column is not there, or no item is a key.
    :raises ExchangeFailure: if the source does not answer.
    """
    resource = catalog.resource(resource_id)
    if isinstance(by, identity.Actor):
        access.require_operate(by, resource.office)
    place = places.postgresql(wanted.url, own_database=settings.DATABASE_URL)
    found = introspection.columns(Endpoint(place.url, Party.PROVIDER), wanted.schema, wanted.table)
    items = [columns.column_item(item) for item in resource.items]
    _check_table(wanted, items, found)
    facts = {
        "kind": Binding.Kind.POSTGRESQL,
        "sealed_url": seal(node_keys().seal, place.url.encode(), f"binding:{resource_id}"),
        "place": place.shown,
        "schema": wanted.schema,
        "table": wanted.table,
        "edition": None,
        "absent": Binding.Absent.KEEP,
        "mapping": wanted.mapping,
        "rules": wanted.rules,
        "mode": wanted.mode,
        "cursor": wanted.cursor,
        "overlap": wanted.overlap,
        "every_minutes": wanted.every_minutes,
        "next_run_at": now + timedelta(minutes=wanted.every_minutes) if wanted.every_minutes else None,
    }
    keep(by, resource, facts, {"place": place.shown, "table": f"{wanted.schema}.{wanted.table}", "mode": wanted.mode}, now)


def keep(by: identity.Actor | str, resource: catalog.ResourceView, facts: dict[str, Any], detail: dict[str, Any], now: datetime) -> None:
    """Store a checked binding, shape its hub table, and record it; inside the caller's transaction."""
    facts = {**facts, "changed_at": now}
    binding, _made = Binding.objects.update_or_create(resource_id=resource.id, defaults=facts, create_defaults={**facts, "created_at": now})
    options = target_options(binding)
    _shape_hub_table(resource.id, [columns.column_item(item) for item in resource.items], options)
    label = by.label if isinstance(by, identity.Actor) else by
    security.record("exchange:binding:set", at=now, actor=label, office=resource.office, resource=resource.code, detail=detail)
    outbox.publish(identity.ROUTING_STALE, {"resource": resource.id, "binding": binding.pk}, at=now)
    quality.binding_changed(resource.id, at=now)


def target_options(binding: Binding) -> TargetOptions:
    """The columns the hub table has besides the items: the last run that met a row, where rows may vanish."""
    return TargetOptions(run_column=columns.RUN_COLUMN) if binding.absent == Binding.Absent.DELETE else TargetOptions()


def _check_table(wanted: TableBinding, items: list[Item], found: list[SourceColumn]) -> None:
    if not found:
        raise Invalid(
            say("来源没有表 {schema}.{table},或账户无权读取", schema=wanted.schema, table=wanted.table),
            field="table",
            remedy="核对模式与表名,授予 SELECT",
        )
    names = {one.name for one in found}
    check_mapping(items, wanted.mapping, wanted.rules, names)
    if wanted.mode == Binding.Mode.INCREMENTAL and wanted.cursor not in names:
        raise Invalid("增量归集需要一个随每次变更增大的列", field="cursor", remedy="选择更新时间等列,或改用全量")


def check_mapping(items: list[Item], mapping: dict[str, str], rules: list[dict[str, Any]], names: Collection[str]) -> None:
    """
    See whether every item has a column, one is a key, and the rules fit.

    :raises Invalid: if not, with the item as its field.
    """
    for item in items:
        column = mapping.get(item.key, "")
        if column not in names:
            lacks = say("信息项“{label}”的来源列 {column} 不存在", label=item.label, column=column)
            none = say("信息项“{label}”没有对应的来源列", label=item.label)
            raise Invalid(lacks if column else none, field=item.key, remedy="在映射中为其选择来源列")
    if not any(item.is_key for item in items):
        raise Invalid("目录中没有标为主键的信息项,无法按键更新", field="items", remedy="在目录中标出主键")
    Checker(items, [rule_from_dict(rule) for rule in rules])


def _shape_hub_table(resource_id: int, items: list[Item], options: TargetOptions) -> None:
    name = columns.hub_table_name(resource_id)
    existing = introspection.target_table(own_endpoint(), columns.HUB_SCHEMA, name)
    statements = (
        create_table_sql(columns.HUB_SCHEMA, name, items, options) if existing is None else migrate_table_sql(existing, items, options)
    )
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(trusted(statement))


def test_connection(*, actor: identity.Actor, office: str, url: str) -> ConnectionReport:
    """What works, or what is wrong and how to mend it."""
    access.require_operate(actor, office)
    return introspection.test_connection(source_endpoint(url))


@transaction.atomic
def set_schedule(*, actor: identity.Actor, resource_id: int, every_minutes: int | None, now: datetime) -> None:
    """Collect every so many minutes, or only when asked (None)."""
    binding = Binding.objects.select_for_update(of=("self",)).select_related("resource__office").get(resource_id=resource_id)
    access.require_operate(actor, binding.resource.office.code)
    if binding.kind == Binding.Kind.FILES:
        raise Invalid("文件没有定时归集", field="every", remedy="每次提交新一期文件后归集")
    binding.every_minutes = every_minutes
    binding.next_run_at = now + timedelta(minutes=every_minutes) if every_minutes else None
    binding.save(update_fields=["every_minutes", "next_run_at"])
    security.record(
        "exchange:schedule:set", at=now, actor=actor.label, office=binding.resource.office.code, detail={"minutes": every_minutes or 0}
    )
