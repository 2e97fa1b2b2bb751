"""Publish what gateways serve: one signed snapshot, a new version whenever it would differ."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from django.db import connection, transaction

from zhengtong.apps.flow.exchange.models import Binding
from zhengtong.apps.flow.exchange.rules import columns
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts import routing
from zhengtong.contracts.grants import Channel, GrantState
from zhengtong.contracts.routing import SNAPSHOT_CHANNEL, Caller, CallerKey, Route, Snapshot
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.keys import node_keys

_KEPT_VERSIONS = 20
#: identity names a key by its signature scheme, the routing contract by its curve
_GATEWAY_ALGORITHMS = {"sm2-sm3": "sm2"}
_ONLINE = {Channel.LOOKUP, Channel.VERIFY}


def publish(*, now: datetime) -> int:
    """
    Publish the present routes and callers; returns the version in force afterwards.

    Nothing is written when nothing changed. Two workers publishing at once queue at an advisory lock.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('zhengtong-routing', 0))")
        cursor.execute("select version, content_hash from routing_snapshot order by version desc limit 1")
        version, published_hash = cursor.fetchone() or (0, "")
        served = _served(now)
        callers, routes = _callers(now), _routes(served)
        content = msgspec.json.encode((callers, routes))
        content_hash = hashlib.sha256(content).hexdigest()
        if content_hash == published_hash:
            return int(version)
        snapshot = Snapshot(version=version + 1, node=environment().node, published_at=now, callers=callers, routes=routes)
        payload, key = routing.encode(snapshot), node_keys().signing
        cursor.execute(
            "insert into routing_snapshot (version, payload, scheme, key_id, signature, published_at, content_hash) "
            "values (%s, %s, %s, %s, %s, %s, %s)",
            [snapshot.version, payload.decode(), key.scheme, key.key_id, key.sign(payload), now, content_hash],
        )
        cursor.execute("delete from routing_snapshot where version <= %s", [snapshot.version - _KEPT_VERSIONS])
        cursor.execute("select pg_notify(%s, %s)", [SNAPSHOT_CHANNEL, str(snapshot.version)])
        for grant in served:
            if grant.state is GrantState.ACTIVE and grant.delivered_at is None:
                sharing.note_delivery(grant_id=grant.id, now=now)
    return snapshot.version


def _callers(now: datetime) -> tuple[Caller, ...]:
    return tuple(
        Caller(
            id=system.id,
            name=system.name,
            office=system.office,
            office_name=system.office_name,
            keys=tuple(
                CallerKey(key.key_id, _GATEWAY_ALGORITHMS.get(key.algorithm, key.algorithm), key.material, key.not_after)
                for key in system.keys
                if key.revoked_at is None and (key.not_after is None or key.not_after > now)
            ),
            rid=system.rid,
            networks=system.networks,
        )
        for system in identity.systems(active=True)
    )


def _served(now: datetime) -> list[sharing.GrantView]:
    """Grants of resources whose data is in the hub, for channels that a gateway serves."""
    landed = set(Binding.objects.filter(landed_at__isnull=False, is_active=True).values_list("resource_id", flat=True))
    return [one for one in sharing.grants_to_route(now) if one.resource_id in landed and _ONLINE & set(one.document.channels)]


def _routes(served: list[sharing.GrantView]) -> tuple[Route, ...]:
    found = []
    for grant in served:
        table = columns.routing_table(grant.resource_id, catalog.resource(grant.resource_id).items)
        found.append(Route(grant=grant.signed, state=grant.state, table=table, sid=service_id(grant.document.resource)))
    return tuple(found)


def service_id(resource_code: str) -> str:
    """The service id of a resource under the national convention."""
    return "s_" + resource_code.replace("/", "_")
