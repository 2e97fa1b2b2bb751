"""A little world for the gateway: a hub table, the ledger, signed grants and snapshots, and clients that sign."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import hmac
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from zhengtong.contracts import grants, routing, traces
from zhengtong.contracts.grants import Channel, Grant, GrantedItem, GrantState, Mask, Operator, Party, Purpose, Quota, ScopeRule
from zhengtong.contracts.routing import Caller, CallerKey, Column, Route, Snapshot, Table
from zhengtong.contracts.signed import SignedDocument
from zhengtong.engines.crypto import keyfiles
from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.crypto.sealing import seal
from zhengtong.engines.crypto.signing import PrivateKey, PublicKey, Scheme
from zhengtong.gateway.settings import Keys, Settings

SQL = Path(__file__).parents[2] / "src/zhengtong/apps/foundation/security/sql/0001_ledger.sql"
RESOURCE = "307001/000012"
SECRET = b"appsecret0001"
ITEMS = (
    GrantedItem("sfzh", Mask.IDENTITY, filterable=True),
    GrantedItem("xm", Mask.NAME),
    GrantedItem("sjh", Mask.PHONE),
    GrantedItem("dz", Mask.ADDRESS),
    GrantedItem("qh", Mask.NONE, filterable=True),
    GrantedItem("csrq", Mask.NONE, filterable=True),
    GrantedItem("nl", Mask.NONE, filterable=True),
)
COLUMNS = (
    Column("sfzh", "id_no", "character varying(18)", "公民身份号码", nullable=False),
    Column("xm", "name", "text", "姓名"),
    Column("sjh", "phone", "text", "手机号"),
    Column("dz", "address", "text", "住址"),
    Column("qh", "district", "character(6)", "区划"),
    Column("csrq", "birth", "date", "出生日期"),
    Column("nl", "age", "integer", "年龄"),
    Column("bz", "remark", "text", "备注"),
)
TABLE = Table("hub", "resident", COLUMNS, unique=("sfzh",), indexed=("sfzh", "qh"), subjects={"sfzh": "person"})
CREATE = """
create schema hub;
create table hub.resident (
    id_no varchar(18) primary key, name text, phone text, address text, district char(6), birth date, age integer, remark text
);
create index resident_district on hub.resident (district);
create table routing_snapshot (
    version bigint primary key, payload text not null, scheme text not null, key_id text not null, signature bytea not null,
    published_at timestamptz not null default now()
);
"""


def identity(number: int) -> str:
    """The identity number of the n-th resident."""
    return f"1101051990{number:08d}"


def district(number: int) -> str:
    """The region of the n-th resident; every tenth lives out of scope."""
    return "320100" if number % 10 == 9 else f"11010{number % 5}"


def resident(number: int) -> tuple[Any, ...]:
    """The n-th resident."""
    born = datetime(1990, 1, 1, tzinfo=UTC).date() + timedelta(days=number % 365)
    name = f"张=伟{number}" if number % 7 == 0 else f"李,“娜”{number}"
    return identity(number), name, f"1380000{number:04d}", f"北京市朝阳区建国路{number}号", district(number), born, number % 90, "内部"


def make_grant(**changes: Any) -> Grant:
    """A grant for residents of districts 1101.. under masks."""
    grant = Grant(
        number="G-0001",
        node="city",
        issued_at=datetime(2026, 1, 1, tzinfo=UTC),
        application="A-0001",
        resource=RESOURCE,
        resource_name="常住人口",
        provider=Party("11110105000000001A", "公安局"),
        consumer=Party("11110105000000002B", "民政局"),
        callers=("mz-app",),
        channels=(Channel.LOOKUP, Channel.VERIFY),
        items=ITEMS,
        purposes=(Purpose("dibao", "低保核查"), Purpose("yanglao", "养老资格")),
        not_before=datetime(2020, 1, 1, tzinfo=UTC),
        not_after=datetime(2090, 1, 1, tzinfo=UTC),
        scope=(ScopeRule("qh", Operator.PREFIX, ("1101",)),),
        quota=Quota(per_second=100_000, per_day=1_000_000, page_rows=20),
    )
    return grants.Grant(**({name: getattr(grant, name) for name in grant.__struct_fields__} | changes))


@dataclass
class World:
    """Keys, callers and a database; publishes snapshots."""

    url: str
    folder: Path
    scheme: Scheme = Scheme.ED25519
    version: int = 0
    node: PrivateKey = field(init=False)
    gateway: PrivateKey = field(init=False)
    #: keys that blocks may be signed with: the gateway's, never the node's
    signers: dict[str, PublicKey] = field(init=False)
    keys: Keys = field(init=False)
    ed25519: PrivateKey = field(init=False)
    sm2: PrivateKey = field(init=False)
    callers: tuple[Caller, ...] = ()

    def __post_init__(self) -> None:
        self.node = PrivateKey.generate(self.scheme)
        self.gateway = PrivateKey.generate(self.scheme)
        self.signers = {self.gateway.key_id: self.gateway.public}
        self.keys = Keys(self.gateway, {self.node.key_id: self.node.public}, os.urandom(32), os.urandom(32))
        self.ed25519, self.sm2 = PrivateKey.generate(Scheme.ED25519), PrivateKey.generate(Scheme.SM2)
        secret = seal(self.keys.seal, SECRET, "caller-key:k-hmac")
        sm3 = seal(self.keys.seal, SECRET, "caller-key:k-sm3")
        self.callers = (
            Caller(
                id="mz-app",
                name="救助系统",
                office="11110105000000002B",
                office_name="民政局",
                keys=(
                    CallerKey("k-hmac", "hmac-sha256", secret),
                    CallerKey("k-sm3", "hmac-sm3", sm3),
                    CallerKey("k-ed", "ed25519", base64.b64encode(self.ed25519.public.raw).decode()),
                    CallerKey("k-sm2", "sm2", base64.b64encode(self.sm2.public.raw).decode()),
                    CallerKey(
                        "k-old", "hmac-sha256", seal(self.keys.seal, SECRET, "caller-key:k-old"), not_after=datetime(2021, 1, 1, tzinfo=UTC)
                    ),
                ),
                rid="r_test_0001",
            ),
        )

    def write_keys(self, folder: Path) -> None:
        """A gateway's own folder of keys: nothing in it signs a grant."""
        (folder / "trusted").mkdir(parents=True, exist_ok=True)
        (folder / "gateway.key").write_text(keyfiles.private_text(self.gateway))
        (folder / f"trusted/{self.node.key_id}.json").write_text(keyfiles.public_text(self.node.public))
        (folder / "seal.key").write_text(base64.b64encode(self.keys.seal).decode())
        (folder / "subject.key").write_text(base64.b64encode(self.keys.subjects).decode())

    def settings(self, **changes: Any) -> Settings:
        """Settings for a gateway in this world, small in every respect."""
        settings = Settings(
            database_url=self.url,
            keys=self.keys,
            state=self.folder / "state",
            shared=self.folder / "shared",
            replay_slots=2**16,
            quota_slots=2**6,
            lanes=2,
            page_lanes=2,
            stream_connections=2,
            poll=0.2,
        )
        return dataclasses.replace(settings, **changes)

    async def create(self, rows: int = 100) -> None:
        """Make the tables and fill them."""
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(CREATE + SQL.read_text())
            await connection.copy_records_to_table("resident", schema_name="hub", records=[resident(number) for number in range(rows)])
            await connection.execute("analyze hub.resident")
        finally:
            await connection.close()

    def signed(self, payload: bytes, key: PrivateKey | None = None) -> SignedDocument:
        """A document signed by the node, or by somebody else."""
        key = key or self.node
        return SignedDocument(payload.decode(), key.scheme.value, key.key_id, key.sign(payload))

    def route(
        self,
        grant: Grant,
        *,
        state: GrantState = GrantState.ACTIVE,
        table: Table = TABLE,
        sid: str = "s_test_0001",
        key: PrivateKey | None = None,
    ) -> Route:
        """A grant as a snapshot carries it."""
        return Route(self.signed(grants.encode(grant), key), state, table, sid)

    def snapshot(self, *routes: Route, callers: tuple[Caller, ...] | None = None, version: int | None = None) -> Snapshot:
        """The next snapshot."""
        self.version = version if version is not None else self.version + 1
        return Snapshot(self.version, "city", datetime(2026, 1, 1, tzinfo=UTC), callers or self.callers, routes)

    async def publish(self, *routes: Route, callers: tuple[Caller, ...] | None = None, key: PrivateKey | None = None) -> int:
        """Publish a snapshot with these routes, and tell the gateways."""
        snapshot = self.snapshot(*routes, callers=callers)
        document = self.signed(routing.encode(snapshot), key)
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(
                "insert into routing_snapshot (version, payload, scheme, key_id, signature) values ($1, $2, $3, $4, $5)",
                *(snapshot.version, document.payload, document.scheme, document.key_id, document.signature),
            )
            await connection.execute("select pg_notify($1, $2)", routing.SNAPSHOT_CHANNEL, str(snapshot.version))
        finally:
            await connection.close()
        return snapshot.version

    async def entries(self) -> list[traces.Entry]:
        """Every entry of every chain, after checking each chain from end to end."""
        connection = await asyncpg.connect(self.url)
        try:
            rows = await connection.fetch("select * from ledger_block order by chain, height")
            heads = {row["chain"]: (row["height"], row["hash"]) for row in await connection.fetch("select * from ledger_chain")}
        finally:
            await connection.close()
        found: list[traces.Entry] = []
        last: dict[str, tuple[int, str]] = {}
        for row in rows:
            height, previous = last.get(row["chain"], (0, traces.GENESIS))
            assert (row["height"], row["previous"]) == (height + 1, previous)
            digest = Digest(row["digest"])
            head = traces.header(
                digest=row["digest"],
                chain=row["chain"],
                height=row["height"],
                at=row["at"],
                count=row["count"],
                previous=row["previous"],
                body_hash=digest.of(row["body"]).hex(),
            )
            hashed = digest.of(head)
            assert hashed.hex() == row["hash"]
            signer = self.signers[row["key_id"]]
            assert signer.verify(hashed, row["signature"])
            block = traces.decode_entries(row["body"])
            assert len(block) == row["count"]
            found += block
            last[row["chain"]] = (row["height"], row["hash"])
        assert last == heads
        return found


def sign(
    target: str,
    *,
    method: str = "GET",
    key_id: str = "k-hmac",
    secret: bytes | PrivateKey = SECRET,
    digest: str = "sha256",
    purpose: str | None = "dibao",
    body: bytes = b"",
    created: int | None = None,
    nonce: str | None = None,
    components: tuple[str, ...] | None = None,
    parameters: str = "",
    extra: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers of a signed request, RFC 9421, written out by hand so that the gateway is not checked against itself."""
    headers: dict[str, str] = dict(extra or {})
    if purpose is not None:
        headers["zhengtong-purpose"] = purpose
    if body:
        headers["content-digest"] = "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"
    path, _, query = target.partition("?")
    derived = {"@method": method, "@path": path, "@query": "?" + query, "@target-uri": "http://gateway" + target, "@authority": "gateway"}
    covered = components or ("@method", "@path", "@query", *(name for name in ("zhengtong-purpose", "content-digest") if name in headers))
    created = int(time.time()) if created is None else created
    nonce = nonce if nonce is not None else base64.b64encode(os.urandom(12)).decode()
    listed = " ".join(f'"{name}"' for name in covered)
    member = f'({listed});created={created};nonce="{nonce}";keyid="{key_id}"{parameters}'
    lines = [f'"{name}": {derived[name] if name.startswith("@") else headers[name]}' for name in covered]
    base = "\n".join([*lines, f'"@signature-params": {member}']).encode()
    signature = secret.sign(base) if isinstance(secret, PrivateKey) else hmac.digest(secret, base, digest)
    headers["signature-input"] = "sig=" + member
    headers["signature"] = "sig=:" + base64.b64encode(signature).decode() + ":"
    return headers


def national(*, rid: str = "r_test_0001", sid: str = "s_test_0001", rtime: int | None = None, secret: bytes = SECRET) -> dict[str, str]:
    """The headers of a request under the national convention."""
    moment = str(int(time.time() * 1000) if rtime is None else rtime)
    mac = hmac.digest(secret, f"{sid}{rid}{moment}".encode(), "sha256")
    return {"gjzwfwpt_rid": rid, "gjzwfwpt_sid": sid, "gjzwfwpt_rtime": moment, "gjzwfwpt_sign": base64.b64encode(mac).decode()}


async def until(condition: Any, what: str) -> None:
    """Wait until something holds; the bound is only there so that a broken build ends."""
    for _ in range(6000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"never happened: {what}")
