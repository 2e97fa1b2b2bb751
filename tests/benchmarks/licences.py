"""
Licences: issue out of a register, and verify by identifier, at the size of a province's licence library.

    python -m tests.benchmarks licences [--licences=796000] [--issued=10000] [--checks=2000]

A new database holds ``--licences`` licences before anything is measured; all but ``--issued`` of them are copies of one signed row
under numbers of their own, since what verification costs depends on the table and not on who signed. Issue is timed through the
register's job as the worker runs it; verification through :func:`api.by_identifier` at random identifiers, one after another, on a
connection that is open.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
import uuid
from pathlib import Path

LEAST_A_SECOND, MOST_MILLISECONDS = 500, 20.0
_COPY = """
    insert into licences_licence (id, identifier, type_id, made_by_id, office_id, serial, version, holder, holder_shown, code_shown, state,
        valid_from, valid_until, issued_at, "case", sealed, body, signature, key_id, certified, certificate_id)
    select n, replace(identifier, serial, 'B' || n), type_id, made_by_id, office_id, 'B' || n, version, md5(n::text), holder_shown,
        code_shown, state, valid_from, valid_until, issued_at, '', sealed, body, signature, key_id, certified, certificate_id
    from licences_licence, generate_series(10000000, 10000000 + %s) n where licences_licence.id = %s
"""


def main(options: list[str]) -> None:
    """Make a database, fill it, measure, drop it."""
    parser = argparse.ArgumentParser(prog="licences")
    for name, usual in (("licences", 796_000), ("issued", 10_000), ("checks", 2_000)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    wanted = parser.parse_args(options)
    sys.path.insert(0, str(Path(__file__).parents[1]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhengtong.project.settings")

    import django
    from django.conf import settings
    from django.db import connection, connections

    django.setup()
    name = f"bench_licences_{uuid.uuid4().hex[:8]}"
    with connection.cursor() as cursor:
        cursor.execute(f"create database {name}")
    usual = connection.settings_dict["NAME"]
    connection.close()
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = name
    try:
        _measure(wanted)
    finally:
        connection.close()
        connections["default"].settings_dict["NAME"] = usual
        with connection.cursor() as cursor:
            cursor.execute(f"drop database {name} with (force)")


def _measure(wanted: argparse.Namespace) -> None:
    from django.core.management import call_command
    from django.db import connection

    from factories import licences
    from factories.world import NOW
    from zhengtong.apps.affairs.licences import api
    from zhengtong.apps.affairs.licences.models import Licence

    call_command("migrate", verbosity=0)
    desk = licences.desk()
    row = ["云州面馆有限公司", licences.COMPANY.code, "人民路", "李大海", "热食"]
    header = [api.HOLDER_NAME, api.HOLDER_CODE, "place", "chief", "scope"]
    api.start(
        actor=desk.steward,
        type_code=desk.type_code,
        office=desk.office.code,
        name="bench",
        header=header,
        rows=[row] * wanted.issued,
        now=NOW,
    )
    begun = time.perf_counter()
    api.work_off(now=NOW, most=wanted.issued)
    rate = wanted.issued / (time.perf_counter() - begun)
    verdict = "ok" if rate >= LEAST_A_SECOND else "MISSED"
    print(f"issue from a register  {rate:8,.0f} a second   (at least {LEAST_A_SECOND}: {verdict})")
    first = Licence.objects.earliest("id").pk
    with connection.cursor() as cursor:
        cursor.execute(_COPY, [max(wanted.licences - wanted.issued, 0), first])
        cursor.execute("analyze licences_licence")
    known = list(Licence.objects.filter(pk__lt=10_000_000).values_list("identifier", flat=True))
    taken = []
    for _ in range(wanted.checks):
        identifier = random.choice(known)
        begun = time.perf_counter()
        assert api.by_identifier(identifier, now=NOW).verdict is api.Verdict.VALID
        taken.append(1000 * (time.perf_counter() - begun))
    taken.sort()
    p50, p95 = taken[len(taken) // 2], taken[len(taken) * 95 // 100]
    verdict = "ok" if p95 <= MOST_MILLISECONDS else "MISSED"
    total = Licence.objects.count()
    print(f"verify among {total:,}  p50 {p50:.1f} ms, p95 {p95:.1f} ms   (at most {MOST_MILLISECONDS:.0f}: {verdict})")


if __name__ == "__main__":
    main(sys.argv[1:])
