"""Prove the loop on the running demo city, as a stranger would: call, verify, be refused, receive, and check the ledger offline."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

import psycopg
from psycopg import sql

from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts.grants import Channel
from zhengtong.kernel import clock
from zhengtong.kernel.codes import identity_number
from zhengtong.kernel.errors import Unavailable
from zhengtong.project.demo import founding
from zhengtong.project.demo.caller import Answer, CallingSystem
from zhengtong.project.demo.founding import Databases, grant_of
from zhengtong.project.demo.staff import STAFF, actor_named
from zhengtong.project.demo.tables import TABLES
from zhengtong.toolkit.keys import node_keys

_PERSONS, _DIVISIONS = "常住人口基本信息", "行政区划代码"
_WAIT_SECONDS = 30
_REFUSALS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}


@dataclass(frozen=True)
class Proof:
    """One thing that was tried: what was expected and what was seen."""

    title: str
    seen: str
    holds: bool


class NotProven(Unavailable):
    """自检发现有不成立的地方。"""

    code = "not-proven"


def developer_key(now: datetime) -> identity.NewKey:
    """A new key for the enrolment system, of which the self-check and the printed sample make use."""
    developer = actor_named("edu.developer", on=clock.local_date(now))
    return identity.add_key(by=developer, system_id=founding.SYSTEM, algorithm="hmac-sha256", now=now)


def prove(
    *, origin: str, databases: Databases, key: identity.NewKey, tell: Callable[[Proof], None], datasets: tuple[int, int] | None = None
) -> None:
    """
    Try everything and tell each outcome.

    :param datasets: how many of how many datasets were opened; None while that goes on.
    :raises NotProven: at the end, if anything does not hold.
    """
    client = CallingSystem(origin, key.key_id, key.secret, "enrolment")
    proofs: list[Proof] = []

    def note(title: str, seen: str, *, holds: bool) -> None:
        proofs.append(Proof(title, seen, holds))
        tell(proofs[-1])

    _collected(databases, note)
    person = _a_person(databases)
    request_id = _called(client, person, note)
    _refused(client, person, note)
    _pushed(databases, note)
    _in_the_ledger(request_id, note)
    if datasets is not None:
        note("开放数据", f"{opendata.figures()['datasets']} 个数据集已开放,无需登录即可下载", holds=datasets[0] == datasets[1])
    failed = [proof.title for proof in proofs if not proof.holds]
    if failed:
        raise NotProven("自检未通过:" + "、".join(failed))


Note = Callable[..., None]


def _collected(databases: Databases, note: Note) -> None:
    """Rows of every source = rows kept in the hub + rows refused + rows repeated: the sources' count against the runs'."""
    there = 0
    for table in TABLES:
        with psycopg.connect(databases.urls[table.department]) as source:
            row = source.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table.department, table.name))).fetchone()
        there += row[0] if row else 0
    total: Counter[str] = Counter()
    titles = {table.title for table in TABLES}
    for department in dict.fromkeys(table.department for table in TABLES):
        steward = actor_named(f"{STAFF[department]}.steward", on=clock.today())
        runs = _first_runs(steward)
        names = {key: one.content.name for key, one in catalog.resources_by_id([run.resource_id for run in runs]).items()}
        for run in runs:
            if names[run.resource_id] in titles:
                total.update(run.counts)
    kept, refused, repeated = total["inserted"], total["quarantined"], total["duplicates"]
    seen = f"{len(TABLES)} 张业务表共 {there} 行 = 入库 {kept} + 退回 {refused} + 重复 {repeated}"
    note("归集对账", seen, holds=there == total["read"] == kept + refused + repeated > 0)


def _first_runs(steward: identity.Actor) -> list[exchange.RunView]:
    """The first collecting run of each table of an office, which took in everything; later ones see only what has changed."""
    first: dict[int, exchange.RunView] = {}
    after = ""
    while runs := exchange.runs(steward, after=after, limit=500):
        # newest first: the last one seen is the first one made
        first |= {run.resource_id: run for run in runs if run.kind is exchange.RunKind.COLLECT and run.receipt}
        after = runs[-1].place
    return list(first.values())


def _a_person(databases: Databases) -> tuple[str, str]:
    """A resident whose number proves itself, as the department's own table has them: number and name."""
    with psycopg.connect(databases.urls["public_security"]) as source:
        rows = source.execute(
            'select "GMSFHM", "XM" from public_security.czrk_jbxx where length("GMSFHM") = 18 order by 1 limit 200'
        ).fetchall()
    return next((number, name) for number, name in rows if name and identity_number.is_valid(number))


def _called(client: CallingSystem, person: tuple[str, str], note: Note) -> str:
    number, name = person
    resource = grant_of(Channel.LOOKUP, _PERSONS, on=clock.today()).document.resource
    answer = _patiently(lambda: client.rows(resource, gmsfhm=number))
    row = (answer.body.get("data") or [{}])[0]
    shown = name[0] + "*" * (len(name) - 1)
    note(
        "按公民身份号码查询,姓名脱敏",
        f"{row.get('xm')} {row.get('gmsfhm')}",
        holds=answer.status == HTTPStatus.OK and row.get("xm") == shown,
    )
    yes = client.verify(resource, key={"gmsfhm": number}, match={"xm": name})
    no = client.verify(resource, key={"gmsfhm": number}, match={"xm": "查无此人"})
    results = yes.body.get("result"), no.body.get("result")
    note("核验只答是否", f"本人 {results[0]},他人 {results[1]}", holds=results == (True, False))
    divisions = grant_of(Channel.LOOKUP, _DIVISIONS, on=clock.today()).document.resource
    listed = client.rows(divisions, xzqhdm="379902").body.get("data") or [{}]
    note("民政行政区划查询", str(listed[0].get("xzqhmc")), holds=listed[0].get("xzqhmc") == "云城区")
    return str(answer.body.get("request_id", ""))


def _patiently(call: Callable[[], Answer]) -> Answer:
    """A key that was made a moment ago reaches the gateway within two seconds."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while (answer := call()).status in {401, 503} and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer


def _refused(client: CallingSystem, person: tuple[str, str], note: Note) -> None:
    number, _name = person
    resource = grant_of(Channel.LOOKUP, _PERSONS, on=clock.today()).document.resource
    tried = {
        "查询未授权的信息项": client.rows(resource, gmsfhm=number, fields="gmsfhm,lxdh"),
        "没有说明的用途": replace(client, purpose="marketing").rows(resource, gmsfhm=number),
        "错误的密钥": replace(client, secret=client.secret[::-1]).rows(resource, gmsfhm=number),
        "没有授权的资源": client.rows("202001/000001", gmsfhm=number),
    }
    for title, answer in tried.items():
        leaked = "data" in answer.body
        note(f"拒绝:{title}", f"{answer.status} {answer.body.get('code')}", holds=answer.status in _REFUSALS and not leaked)


def _pushed(databases: Databases, note: Note) -> None:
    """The rows in the education office's own database are those the receipt names, with masked names, and the receipt is signed."""
    edu = actor_named("edu.developer", on=clock.today())
    push = next(one for one in exchange.pushes(edu) if one.table.rpartition(".")[2] == founding.PUSHED_TABLE)
    run = next(run for run in exchange.runs(edu, push_id=push.id) if run.state is exchange.RunState.FINISHED)
    with psycopg.connect(databases.urls[founding.FRONT]) as front:
        table = sql.Identifier("public", founding.PUSHED_TABLE)
        total, masked = front.execute(
            sql.SQL("select count(*), count(*) filter (where xm like '_%%*') from {}").format(table)
        ).fetchone() or (0, 0)
    signed = node_keys().trusted[run.receipt_key_id].verify(run.receipt.encode(), bytes.fromhex(run.receipt_signature))
    kept = run.counts["inserted"] + run.counts["updated"] + run.counts["unchanged"]
    note(
        "推送到教育局前置库",
        f"{total} 行,姓名全部脱敏,回执签名{'成立' if signed else '不成立'}",
        holds=total == masked == kept > 0 and signed,
    )


def _in_the_ledger(request_id: str, note: Note) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while not (found := security.entries(security.EntryFilter(id=request_id))) and time.monotonic() < deadline:
        security.unfold()
        time.sleep(0.2)
    entry = found[0] if found else None
    note("每次读取都有存证", f"{entry.event} 用途 {entry.purpose}" if entry else "没有找到", holds=entry is not None)
    checked, findings = security.verify()
    note("账本在线校验", f"{checked} 块,{len(findings)} 处问题", holds=checked > 0 and not findings)
    with tempfile.TemporaryDirectory() as folder:
        security.export(Path(folder))
        script = Path(folder) / "verify_ledger.py"
        done = subprocess.run([sys.executable, "-I", script, folder], capture_output=True, text=True, check=False)
    note(
        "账本导出后用独立脚本校验", done.stdout.strip().splitlines()[-1] if done.stdout else done.stderr[-200:], holds=done.returncode == 0
    )
