"""
The service that a team would write by hand: FastAPI, SQLAlchemy's ORM, and the gateway's duties in the usual way.

It checks the same signatures, remembers nonces, counts calls, reads the grant, masks in Python and commits an audit row before it answers,
each with one obvious statement. It is no straw man: connections are pooled, statements prepared, models reused. It is here to be measured
against, and nothing else uses it. Started by ``start.py`` inside ``.venv-bench``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import time
import uuid
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel
from sqlalchemy import JSON, BigInteger, DateTime, String, create_engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

# one connection for each of the 40 threads that FastAPI runs plain functions in; with fewer they would wait for each other
engine = create_engine(os.environ["PEER_DATABASE"], pool_size=40, max_overflow=8)
sessions = sessionmaker(engine)
app = FastAPI()
INPUT = re.compile(r'sig=(\(([^)]*)\);created=(\d+);nonce="([^"]*)";keyid="([^"]*)"(?:;alg="[^"]*")?)')


class Base(DeclarativeBase):
    """The service's tables."""


class Key(Base):
    """A caller's secret."""

    __tablename__ = "peer_key"
    key_id: Mapped[str] = mapped_column(primary_key=True)
    caller: Mapped[str]
    secret: Mapped[str]


class Grant(Base):
    """What a caller may read."""

    __tablename__ = "peer_grant"
    caller: Mapped[str] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(primary_key=True)
    purposes: Mapped[list[str]] = mapped_column(JSON)
    per_day: Mapped[int] = mapped_column(BigInteger)
    not_after: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Nonce(Base):
    """A nonce that was used."""

    __tablename__ = "peer_nonce"
    nonce: Mapped[str] = mapped_column(primary_key=True)
    created: Mapped[int]


class Usage(Base):
    """Calls of a day."""

    __tablename__ = "peer_usage"
    caller: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    calls: Mapped[int]


class Audit(Base):
    """Who read what."""

    __tablename__ = "peer_audit"
    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    caller: Mapped[str]
    resource: Mapped[str]
    purpose: Mapped[str]
    subject: Mapped[str]
    rows: Mapped[int]


class Resident(Base):
    """The hub table."""

    __tablename__ = "bench"
    __table_args__ = {"schema": "hub"}
    id_no: Mapped[str] = mapped_column(String(18), primary_key=True)
    name: Mapped[str]
    phone: Mapped[str]
    address: Mapped[str]
    district: Mapped[str]
    birth: Mapped[date]
    age: Mapped[int]
    remark: Mapped[str]
    extra1: Mapped[str]
    extra2: Mapped[str]
    extra3: Mapped[str]
    extra4: Mapped[str]


class Row(BaseModel):
    """A row as it leaves."""

    sfzh: str
    xm: str
    sjh: str
    dz: str
    qh: str
    csrq: date
    nl: int
    bz: str
    x1: str
    x2: str
    x3: str
    x4: str


class Page(BaseModel):
    """An answer."""

    data: list[Row]
    request_id: str


def session() -> Session:
    """A session for one call."""
    with sessions() as opened:
        yield opened


def authenticate(request: Request, opened: Session) -> str:
    """The caller, by signature and nonce."""
    match = INPUT.fullmatch(request.headers.get("signature-input", ""))
    if match is None:
        raise HTTPException(401, "signature")
    member, components, created, nonce, key_id = match.groups()
    key = opened.get(Key, key_id)
    if key is None or abs(time.time() - int(created)) > 3_000:
        raise HTTPException(401, "key")
    derived = {
        "@method": request.method,
        "@path": request.scope["raw_path"].decode().partition("?")[0],
        "@query": "?" + request.url.query,
    }
    names = [name.strip('"') for name in components.split()]
    lines = [f'"{name}": {derived[name] if name in derived else request.headers[name]}' for name in names]
    base = "\n".join([*lines, f'"@signature-params": {member}']).encode()
    expected = base64.b64encode(hmac.digest(key.secret.encode(), base, "sha256")).decode()
    if not hmac.compare_digest(f"sig=:{expected}:", request.headers.get("signature", "")):
        raise HTTPException(401, "signature")
    try:
        opened.add(Nonce(nonce=nonce, created=int(created)))
        opened.flush()
    except IntegrityError as exc:
        raise HTTPException(409, "replayed") from exc
    return key.caller


def admit(opened: Session, caller: str, resource: str, purpose: str) -> None:
    """The grant and the day's quota."""
    grant = opened.get(Grant, (caller, resource))
    if grant is None or purpose not in grant.purposes or grant.not_after < datetime.now(UTC):  # noqa: TID251
        raise HTTPException(403, "grant")
    count = "insert into peer_usage values (:caller, current_date, 1) on conflict (caller, day) do update set calls = peer_usage.calls + 1"
    calls = opened.execute(text(count + " returning calls"), {"caller": caller}).scalar_one()
    if calls > grant.per_day:
        raise HTTPException(429, "quota")


def shown(row: Resident) -> Row:
    """A row under its masks."""
    return Row(
        sfzh=row.id_no[:6] + "*" * (len(row.id_no) - 10) + row.id_no[-4:],
        xm=row.name[:1] + "*" * (len(row.name) - 1),
        sjh=row.phone[:3] + "*" * (len(row.phone) - 7) + row.phone[-4:],
        dz=row.address[:6] + "****",
        qh=row.district,
        csrq=row.birth,
        nl=row.age,
        bz=row.remark,
        x1=row.extra1,
        x2=row.extra2,
        x3=row.extra3,
        x4=row.extra4,
    )


@app.get("/ready")
def ready() -> dict[str, str]:
    """Whether the service is up."""
    return {"status": "ok"}


@app.get("/v1/resources/{first}/{second}/rows")
def rows(
    first: str,
    second: str,
    request: Request,
    opened: Annotated[Session, Depends(session)],
    sfzh: str | None = None,
    qh: str | None = None,
    limit: int = 100,
) -> Page:
    """Look up by identity number, or page by region."""
    caller, resource = authenticate(request, opened), f"{first}/{second}"
    purpose = request.headers.get("zhengtong-purpose", "").partition(";")[0]
    admit(opened, caller, resource, purpose)
    query = select(Resident)
    query = query.where(Resident.id_no == sfzh) if sfzh else query.where(Resident.district == qh).order_by(Resident.id_no).limit(limit)
    data = [shown(row) for row in opened.scalars(query)]
    entry = Audit(
        id=uuid.uuid4().hex,
        at=datetime.now(UTC),  # noqa: TID251
        caller=caller,
        resource=resource,
        purpose=purpose,
        subject=hashlib.sha256((sfzh or "").encode()).hexdigest(),
        rows=len(data),
    )
    opened.add(entry)
    opened.commit()
    return Page(data=data, request_id=entry.id)


def prepare() -> None:
    """Make the service's own tables."""
    Base.metadata.drop_all(engine, tables=[table for table in Base.metadata.sorted_tables if table.schema is None])
    Base.metadata.create_all(engine, tables=[table for table in Base.metadata.sorted_tables if table.schema is None])
    with sessions() as opened:
        opened.add(Key(key_id="k-hmac", caller="mz-app", secret=os.environ["PEER_SECRET"]))
        end = datetime(2090, 1, 1, tzinfo=UTC)
        opened.add(Grant(caller="mz-app", resource=os.environ["PEER_RESOURCE"], purposes=["dibao"], per_day=2**40, not_after=end))
        opened.commit()


if __name__ == "__main__":
    import sys

    import uvicorn

    prepare()
    uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="warning")
