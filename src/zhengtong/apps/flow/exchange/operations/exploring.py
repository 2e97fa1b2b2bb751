"""
Look at a source before it is bound: does it answer, which tables, which columns, a few rows.

Threat model. The address carries a password: between the steps of the wizard it travels only sealed, bound to the account and the resource.
Sample rows are masked in SQL by the sensitivity of the item, so that a steward who maps columns sees no more than a consumer would.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings

from zhengtong.apps.flow.exchange.models import Binding
from zhengtong.apps.flow.exchange.operations.binding import TableBinding, bind_table, endpoint_of
from zhengtong.apps.flow.exchange.rules import access, columns, places
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts import projection
from zhengtong.contracts.grants import Mask
from zhengtong.contracts.routing import Column
from zhengtong.engines.crypto.sealing import SealBroken, seal, unseal
from zhengtong.engines.dataflow import mapping
from zhengtong.engines.dataflow.connectors.base import ConnectionReport, SourceColumn, SourceTable
from zhengtong.engines.dataflow.connectors.postgresql import introspection
from zhengtong.engines.dataflow.connectors.postgresql.config import Endpoint, naming, quoted, trusted
from zhengtong.kernel.errors import Invalid, Party
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.keys import node_keys

_SAMPLE_ROWS = 5
#: people wait for these questions
_PATIENCE = 15


class SourceForgotten(Invalid):
    """The address is no longer at hand; give it again."""

    code = "source-forgotten"


@dataclass(frozen=True)
class Explored:
    """A source under exploration: ``token`` is its sealed address, ``place`` the address without its password."""

    token: str
    place: str
    report: ConnectionReport


def _context(actor: identity.Actor, resource_id: int) -> str:
    return f"wizard:{actor.account_id}:{resource_id}"


def _require(actor: identity.Actor, resource_id: int) -> catalog.ResourceView:
    resource = catalog.resource(resource_id)
    access.require_operate(actor, resource.office)
    return resource


def explore(*, actor: identity.Actor, resource_id: int, url: str) -> Explored:
    """
    Try an address; with an empty ``url`` the one the resource is bound to.

    :raises BadAddress: if the address cannot be used.
    :raises SourceForgotten: if no address was given and none is stored.
    """
    _require(actor, resource_id)
    if url.strip():
        place = places.postgresql(url, own_database=settings.DATABASE_URL)
        endpoint, shown = Endpoint(place.url, Party.PROVIDER), place.shown
    else:
        row = Binding.objects.filter(resource_id=resource_id, kind=Binding.Kind.POSTGRESQL).first()
        if row is None:
            raise SourceForgotten(field="url", remedy="填写来源数据库的地址")
        endpoint, shown = endpoint_of(row), row.place
    report = introspection.test_connection(replace(endpoint, statement_timeout=_PATIENCE))
    return Explored(seal(node_keys().seal, endpoint.url.encode(), _context(actor, resource_id)), shown, report)


def _endpoint(actor: identity.Actor, resource_id: int, token: str) -> Endpoint:
    try:
        url = unseal(node_keys().seal, token, _context(actor, resource_id)).decode()
    except SealBroken as exc:
        raise SourceForgotten from exc
    return Endpoint(url, Party.PROVIDER, statement_timeout=_PATIENCE)


def source_tables(*, actor: identity.Actor, resource_id: int, token: str) -> list[SourceTable]:
    """The tables and views that the account can read."""
    _require(actor, resource_id)
    return introspection.tables(_endpoint(actor, resource_id, token))


@dataclass(frozen=True)
class Fit:
    """A table beside the items: its columns, and the likeliest column of each item."""

    columns: list[SourceColumn]
    suggestions: list[mapping.Suggestion]


def fit(*, actor: identity.Actor, resource_id: int, token: str, schema: str, table: str) -> Fit:
    """
    Columns of a table with a suggested mapping.

    :raises Invalid: if there is no such table.
    """
    resource = _require(actor, resource_id)
    found = introspection.columns(_endpoint(actor, resource_id, token), schema, table)
    if not found:
        raise Invalid(
            say("来源没有表 {schema}.{table},或账户无权读取", schema=schema, table=table),
            field="table",
            remedy="核对模式与表名,授予 SELECT",
        )
    return Fit(found, mapping.suggest([columns.column_item(item) for item in resource.items], found))


def findings(*, resource_id: int, found: list[SourceColumn], chosen: dict[str, str]) -> list[mapping.Finding]:
    """What does not fit between the chosen columns and the items."""
    resource = catalog.resource(resource_id)
    return mapping.check_mapping([columns.column_item(item) for item in resource.items], found, chosen)


def sample(*, actor: identity.Actor, resource_id: int, token: str, schema: str, table: str, chosen: dict[str, str]) -> list[dict[str, Any]]:
    """A few rows by item key, as text, masked in SQL by the sensitivity of each item."""
    resource = _require(actor, resource_id)
    endpoint = _endpoint(actor, resource_id, token)
    types = {one.name: one.type for one in introspection.columns(endpoint, schema, table)}
    parts = []
    for item in resource.items:
        column = chosen.get(item.key, "")
        if column not in types:
            continue
        mask = sharing.PROPOSED_MASKS.get(item.sensitivity, Mask.NONE)
        if mask is Mask.YEAR and not types[column].startswith(("date", "timestamp")):
            mask = Mask.HIDDEN
        expression = projection.masked(Column(item.key, column, types[column], item.name), mask)
        parts.append(f"({expression})::text as {quoted(item.key)}")
    if not parts:
        return []
    statement = f"select {', '.join(parts)} from {quoted(schema, table)} t limit {_SAMPLE_ROWS}"  # noqa: S608 - quoted identifiers of the source itself
    with endpoint.connect() as connection, naming(endpoint.party):
        cursor = connection.execute(trusted(statement))
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def bind_explored(*, actor: identity.Actor, resource_id: int, token: str, wanted: TableBinding, now: datetime) -> None:
    """Bind a resource to the table that was explored; ``wanted.url`` is taken from the token. See :func:`bind_table`."""
    _require(actor, resource_id)
    url = _endpoint(actor, resource_id, token).url
    bind_table(by=actor, resource_id=resource_id, wanted=replace(wanted, url=url), now=now)
