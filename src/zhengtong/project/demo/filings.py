"""What filing needs in the demo city: the calling system and its grants, officials where the best known items are filed, a hall."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from importlib import resources

from zhengtong.apps.affairs.filing import api as filing
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts.grants import Channel
from zhengtong.kernel.clock import local_date
from zhengtong.project.demo.cases import POSTS
from zhengtong.project.demo.forms import KEYS, TABLES, Known, items_of
from zhengtong.project.demo.offices import Office
from zhengtong.project.demo.staff import BY, STAFF, account, actor_named, prefix
from zhengtong.project.demo.staff import known as known_accounts

SYSTEM = PURPOSE = "service-filing"
HALL = "civic"


def known(by_table: Mapping[str, int]) -> dict[str, Known]:
    """The sources as forms name them."""
    found = catalog.resources_by_id(set(by_table.values()))
    made = {}
    for kind, table in TABLES.items():
        resource = found[by_table[table]]
        made[kind] = Known(resource.code, {item.name: item.key for item in resource.content.items})
    return made


def connect(by_table: Mapping[str, int], bureau: str, *, now: datetime) -> None:
    """The data bureau registers filing's calling system, is granted what forms ask for, unmasked, and sets it up."""
    developer = actor_named("bureau.developer", on=local_date(now))
    if not any(one.id == SYSTEM for one in identity.systems(offices=frozenset({bureau}))):
        identity.add_system(by=developer, system_id=SYSTEM, name="政务服务申报取数", office=bureau, now=now)
        identity.add_key(by=developer, system_id=SYSTEM, algorithm="hmac-sha256", now=now)
    held = {one.resource_id for one in sharing.grants_of_system(SYSTEM, bureau, now=now)}
    sources = known(by_table)
    for kind, table in TABLES.items():
        if by_table[table] not in held:
            _granted(kind, by_table[table], sources[kind], bureau, now)
    if filing.setting() is None:
        filing.connect(by=BY, system=SYSTEM, purpose=PURPOSE, now=now)
    exchange.publish(now=now)


def _granted(kind: str, resource_id: int, source: Known, bureau: str, now: datetime) -> None:
    """Apply, sign, answer and grant, each by whoever may."""
    on = local_date(now)
    items = tuple(source.items[name] for name in items_of(kind))
    request = sharing.Request(
        items=items,
        channels=(Channel.LOOKUP,),
        usage_basis="《政务数据共享条例》:能够通过共享获取的,不得要求申请人重复提交",
        scenario="群众和企业申报时代填本人、本企业的信息",
        usage_scope="政务服务平台,只查申请人本人",
        purpose_code=PURPOSE,
        purpose="办理政务服务事项",
        since=on,
        until=on + timedelta(days=1095),
        system=SYSTEM,
        filters=(source.items[KEYS[kind]],),
    )
    steward, head = actor_named("bureau.steward", on=on), actor_named("bureau.head", on=on)
    draft = sharing.Draft(request)
    number = sharing.apply(actor=steward, office=bureau, wanted={resource_id: items}, draft=draft, now=now)[0]
    sharing.submit(actor=steward, number=number, now=now)
    sharing.sign(actor=head, number=number, now=now)
    answer = sharing.Answer(agree=True, reason="符合共享条件,代填需要原值", masks={})
    provider = STAFF[TABLES[kind].partition(".")[0]]
    sharing.propose(actor=actor_named(f"{provider}.steward", on=on), number=number, answer=answer, now=now)
    sharing.conclude(actor=actor_named(f"{provider}.head", on=on), number=number, now=now)


def open_hall(offices: Mapping[str, Office], *, now: datetime) -> None:
    """Officials in every office where a well-known item is filed, and the civic centre with windows, a queue and appointments."""
    there = known_accounts()
    lines = resources.files(__package__).joinpath("errands.txt").read_text(encoding="utf-8").splitlines()
    for key in sorted({line.partition("|")[0] for line in lines if line and not line.startswith("#")}):
        for role, (suffix, title) in POSTS.items():
            account(f"{prefix(key)}.{suffix}", f"{offices[key].short}{title}", offices[key].credit_code, there, now, role=role)
    if not filing.halls():
        office = offices["approval_service"].credit_code
        filing.add_hall(
            actor=BY,
            office=office,
            code=HALL,
            name="云州市政务服务中心",
            address="云州市市民路 1 号",
            opens=time(9),
            closes=time(17),
            seats=4,
            now=now,
        )
