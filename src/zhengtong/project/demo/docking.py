"""Two departments of the demo city work in systems of their own: they dock, and their small systems run beside the platform."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import NotFound
from zhengtong.project import ports
from zhengtong.project.demo.staff import actor_named, prefix
from zhengtong.project.supervisor import Child

#: office by its key, its system, what that is called
_SYSTEMS = (("taxation", "tax_approvals", "税务审批系统"), ("human_resources", "insurance_approvals", "社保审批系统"))
#: the first of the ports on which they listen
_PORT = int(os.environ.get("ZHENGTONG_DOCKED_PORT", "8091"))
#: where the worker may call them
NETWORKS = {"ZHENGTONG_OUTGOING_NETWORKS": os.environ.get("ZHENGTONG_OUTGOING_NETWORKS") or "127.0.0.1/32"}


def systems(var: Path, *, now: datetime) -> list[Child]:
    """Let both dock, those that do not yet, and say how their systems are started; their secrets lie in files that only we read."""
    return [_system(var / "demo", office, system, name, _PORT + place, now) for place, (office, system, name) in enumerate(_SYSTEMS)]


def _system(folder: Path, office: str, system: str, name: str, port: int, now: datetime) -> Child:
    clerk = actor_named(f"{prefix(office)}.clerk", on=local_date(now))
    bureau = actor_named("bureau.approver", on=local_date(now))
    file = folder / f"{system}.json"
    try:
        identity.system(system)
    except NotFound:
        identity.add_system(by="process:demo", system_id=system, name=name, office=clerk.office, now=now)
    if not file.exists():
        key = identity.add_key(by="process:demo", system_id=system, algorithm="hmac-sha256", now=now)
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump({"key": key.key_id, "secret": key.secret}, out)
    if not any(one.system == system for one in cases.dockings(bureau)):
        fields = ["applicant", "answers"]
        cases.dock(actor=bureau, office=clerk.office, system=system, address=f"http://127.0.0.1:{port}", fields=fields, now=now)
    command = [sys.executable, "-m", "zhengtong.project.demo.docked", "--port", str(port), "--platform", ports.WEB, "--key", str(file)]
    return Child(system, command)
