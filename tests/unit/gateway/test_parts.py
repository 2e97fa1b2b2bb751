"""Settings, values, cursors, addresses, metrics: the small parts."""

from __future__ import annotations

import base64
import os
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.gateway import COLUMNS, make_grant
from zhengtong.contracts.grants import Operator, ScopeRule
from zhengtong.contracts.projection import comparison_type, scope_sql
from zhengtong.contracts.routing import Column
from zhengtong.engines.crypto import keyfiles
from zhengtong.engines.crypto.digests import Pseudonyms, pseudonym
from zhengtong.engines.crypto.signing import PrivateKey, Scheme
from zhengtong.gateway.addresses import Addresses
from zhengtong.gateway.cursors import Cursors
from zhengtong.gateway.descriptions import error_codes
from zhengtong.gateway.metrics import Metrics, exposition
from zhengtong.gateway.refusals import BadCursor, BadValue
from zhengtong.gateway.settings import BadSettings, Settings
from zhengtong.gateway.values import check_for, refuse_bad


@pytest.fixture
def environment(tmp_path):
    key, node = PrivateKey.generate(Scheme.SM2), PrivateKey.generate(Scheme.ED25519)
    (tmp_path / "gateway.key").write_text(keyfiles.private_text(key))
    (tmp_path / "seal.key").write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
    (tmp_path / "subject.key").write_text(base64.b64encode(os.urandom(32)).decode())
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted/node.json").write_text(keyfiles.public_text(node.public))
    names = {"DATABASE_URL": "postgresql://a", "ZHENGTONG_KEYS": str(tmp_path)}
    return names, {node.key_id}


def test_settings_come_from_the_environment(environment):
    names, trusted = environment
    settings = Settings.from_environment(
        names
        | {"ZHENGTONG_GATEWAY_PORT": "9", "ZHENGTONG_GATEWAY_PROXIES": "10.0.0.0/8, 127.0.0.1", "ZHENGTONG_GATEWAY_ORIGIN": "https://a/"}
    )
    assert (settings.port, settings.origin, settings.workers) == (9, "https://a", 1)
    assert settings.proxies == (ip_network("10.0.0.0/8"), ip_network("127.0.0.1"))
    assert set(settings.keys.trusted) == trusted
    assert settings.keys.seal.hex() not in repr(settings)
    assert "postgresql" not in repr(settings)


@pytest.mark.parametrize("change", [{"DATABASE_URL": None}, {"ZHENGTONG_GATEWAY_PORT": "x"}, {"ZHENGTONG_KEYS": "/nowhere"}])
def test_settings_that_do_not_do(environment, change):
    names = {name: value for name, value in (environment[0] | change).items() if value is not None}
    with pytest.raises(BadSettings):
        Settings.from_environment(names)


def test_a_short_key_is_refused(environment, tmp_path):
    (tmp_path / "seal.key").write_text(base64.b64encode(b"short").decode())
    with pytest.raises(BadSettings, match=r"seal\.key"):
        Settings.from_environment(environment[0])


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("integer", ["0", "-1", "2147483647"], ["2147483648", "1.0", "", "１", " 1", "1e3", "+1", "--1"]),
        ("bigint", ["9223372036854775807"], ["9223372036854775808"]),
        ("smallint", ["-32768"], ["32768"]),
        ("numeric(10,2)", ["1.50", "-3"], ["nan", "inf", "1e5", ".5", "1."]),
        ("date", ["2024-02-29"], ["2023-02-29", "2024-2-9", "20240229", "infinity", "now"]),
        (
            "timestamp with time zone",
            ["2024-02-29T10:00:00+08:00", "2024-02-29 10:00:00.5Z"],
            ["2024-02-29", "2024-02-30T10:00:00", "epoch"],
        ),
        ("boolean", ["true", "false"], ["t", "1", "TRUE"]),
        ("uuid", ["0192f0c1-7b5e-7cc3-98c4-dc0c0c07398f"], ["0192f0c17b5e7cc398c4dc0c0c07398f", "x"]),
        ("character varying(18)", ["张·伟", "a\u3000b", "'; drop table x; --"], ["a\x00b", "a\nb", "\ud800", "x" * 257, ""]),
        ("character(6)", ["110101", "1101013"], ["\t"]),
    ],
)
def test_values_are_checked_by_type(kind, good, bad):
    check = check_for(kind)
    assert check is not None
    for value in good:
        refuse_bad(check, "item", value, 256)
    for value in bad:
        with pytest.raises(BadValue):
            refuse_bad(check, "item", value, 256)


@pytest.mark.parametrize("kind", ["jsonb", "bytea", "text[]", "point"])
def test_types_that_cannot_be_filtered_on(kind):
    assert check_for(kind) is None


@pytest.mark.parametrize(
    ("kind", "bare"),
    [
        ("character varying(18)", "character varying"),
        ("varchar(18)", "varchar"),
        ("character(6)", "bpchar"),
        ("char(6)", "bpchar"),
        ("numeric(10, 2)", "numeric"),
        ("timestamp(3) with time zone", "timestamp with time zone"),
        ("INTEGER", "integer"),
    ],
)
def test_comparison_drops_the_length(kind, bare):
    assert comparison_type(kind) == bare
    column = Column("k", "c", kind, "")
    sql, values = scope_sql([ScopeRule("k", Operator.EQ, ("1",))], {"k": column})
    assert sql == f't."c" in ($1::text::{bare})'
    assert values == ["1"]


binding = ("caller", "grant", "fields", "item", "eq", "value")


@given(st.lists(st.text(max_size=20), min_size=1, max_size=3))
def test_cursors_come_back(position):
    cursors = Cursors(b"k" * 32)
    cursor = cursors.write(position, binding)
    assert cursors.read(cursor, binding, len(position)) == position
    with pytest.raises(BadCursor):
        cursors.read(cursor, (*binding[:-1], "other"), len(position))
    with pytest.raises(BadCursor):
        cursors.read(cursor, binding, len(position) + 1)
    with pytest.raises(BadCursor):
        Cursors(b"l" * 32).read(cursor, binding, len(position))


@given(st.text(max_size=60))
def test_invented_cursors_do_not_open(text):
    with pytest.raises(BadCursor):
        Cursors(b"k" * 32).read(text, binding, 1)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("8.8.8.8", b"1.2.3.4", "8.8.8.8"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", b"1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", b"9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", b"10.0.0.3, 10.0.0.2", "10.0.0.1"),
        ("10.0.0.1", b"nonsense", "nonsense"),
        ("", b"1.2.3.4", ""),
    ],
)
def test_only_our_proxies_are_believed(peer, forwarded, expected):
    assert Addresses((ip_network("10.0.0.0/8"),)).of(peer, forwarded) == expected


def test_many_pseudonyms_equal_one():
    assert Pseudonyms(b"k" * 32).name("person", " 11010x ") == pseudonym(b"k" * 32, "person", "11010X")


def test_metrics_of_workers_are_summed(tmp_path):
    one, two = Metrics(), Metrics()
    for metrics, calls in ((one, 3), (two, 4)):
        metrics.snapshot_version = calls
        for _ in range(calls):
            metrics.call("rows", "ok", 0.003)
    two.call("rows", "no-grant", 9.0)
    two.leave_copy(tmp_path)
    (copy,) = tmp_path.glob("metrics-*.json")
    copy.rename(tmp_path / "metrics-1.json")
    now = (tmp_path / "metrics-1.json").stat().st_mtime
    text = exposition(one.with_others(tmp_path, now), now, ready=True).decode()
    assert 'zhengtong_gateway_calls_total{kind="rows",outcome="ok"} 7.0' in text
    assert 'zhengtong_gateway_latency_seconds_bucket{le="0.005"} 7.0' in text
    assert 'zhengtong_gateway_latency_seconds_bucket{le="+Inf"} 8.0' in text
    assert "zhengtong_gateway_snapshot_version 3.0" in text
    assert one.with_others(tmp_path, now + 60).calls == {"rows": {"ok": 3}}
    assert not (tmp_path / "metrics-1.json").exists()


def test_every_refusal_has_a_code_of_its_own():
    codes = error_codes()
    assert len(codes) > 40
    assert all(code == code.lower() and code.replace("-", "").isalpha() for code in codes)


def test_the_factorys_table_covers_the_grant():
    assert {item.key for item in make_grant().items} < {column.key for column in COLUMNS}
