"""Files, signatures checked by foreign tools, presentations, status lists, the script that needs nothing of ours."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import gmssl_pyx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from factories.licences import COMPANY, PERSON, Desk
from factories.world import NOW
from zhengtong.apps.affairs.licences import api
from zhengtong.apps.affairs.licences.models import Licence
from zhengtong.apps.affairs.licences.operations import status
from zhengtong.apps.affairs.licences.queries import verifying
from zhengtong.apps.affairs.licences.rules import documents, statuslist
from zhengtong.apps.foundation.security import api as security
from zhengtong.contracts import verify_licence
from zhengtong.engines.crypto.signing import PrivateKey, Scheme
from zhengtong.kernel.actors import NotYours
from zhengtong.kernel.errors import Invalid
from zhengtong.toolkit import certificates
from zhengtong.toolkit.keys import node_keys

ADDRESS = "https://example.com/licences/verify/"


def fetched(name: str, kind: api.FileKind) -> bytes:
    return api.download(party=COMPANY, identifier=name, kind=kind, address=ADDRESS, by="process:test", now=NOW)


@pytest.mark.parametrize("kind", list(api.FileKind))
def test_every_file_verifies_and_says_what_became_of_the_licence(desk: Desk, kind: api.FileKind) -> None:
    name = desk.issue()
    raw = fetched(name, kind)
    assert api.by_file(raw, now=NOW).verdict is api.Verdict.VALID
    api.act(actor=desk.head, identifier=name, what=api.Act.SUSPEND, reason="现场检查", now=NOW)
    found = api.by_file(raw, now=NOW)
    assert found.verdict is api.Verdict.SUSPENDED
    assert found.licence is not None
    assert found.licence.identifier == name


@pytest.mark.parametrize("kind", list(api.FileKind))
def test_one_flipped_bit_fails(desk: Desk, kind: api.FileKind) -> None:
    raw = fetched(desk.issue(), kind)
    for at in range(len(raw) // 50, len(raw), len(raw) // 23):
        changed = bytearray(raw)
        changed[at] ^= 1
        try:
            found = api.by_file(bytes(changed), now=NOW).verdict
        except Invalid:
            continue
        assert found is api.Verdict.TAMPERED or (kind is api.FileKind.OFD and _same_parts(raw, bytes(changed))), at


def _same_parts(one: bytes, other: bytes) -> bool:
    """Whether two containers hold the same parts: a flipped bit in a time of the directory changes none."""
    first, second = zipfile.ZipFile(io.BytesIO(one)), zipfile.ZipFile(io.BytesIO(other))
    return {name: first.read(name) for name in first.namelist()} == {name: second.read(name) for name in second.namelist()}


def test_a_file_of_another_installation_is_not_ours(desk: Desk, tmp_path: Path) -> None:
    name = desk.issue()
    certificates._make(tmp_path / "licences", "elsewhere", NOW)
    foreign = certificates._read(tmp_path / "licences", 0)
    row = Licence.objects.get(identifier=name)
    body, signature = row.body.encode(), foreign.sign(documents.PREFIX + row.body.encode())
    assert api.by_text(documents.present(body, signature, {}, foreign.sign, now=NOW), now=NOW).verdict is api.Verdict.TAMPERED


@pytest.mark.parametrize("raw", [b"", b"%PDF-1.7 nothing", b"PK\x03\x04junk", b"{}", b"hello"])
def test_what_is_no_file_of_ours_is_said_to_be_none(desk: Desk, raw: bytes) -> None:
    with pytest.raises(Invalid):
        api.by_file(raw, now=NOW)


def test_the_container_holds_the_metadata_and_a_page(desk: Desk) -> None:
    name = desk.issue()
    container = zipfile.ZipFile(io.BytesIO(fetched(name, api.FileKind.OFD)))
    root = container.read("OFD.xml").decode()
    for key in ("ZZMC", "ZZBS", "ZZBFJG", "CZZT", "CZZTDM", "CZZTDMLXDM", "ZZYXQQSRQ", "ZZYXQJZRQ", "KZ_place", "KZ_chief"):
        assert f'Name="{key}"' in root
    assert "食品经营许可证" in container.read("Doc_0/Pages/Page_0/Content.xml").decode()
    assert {"Doc_0/Document.xml", "Doc_0/PublicRes.xml", "Doc_0/Signs/Signatures.xml"} <= set(container.namelist())


def test_the_node_signature_holds_for_openssl(desk: Desk, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    assert openssl
    data = json.loads(fetched(desk.issue(), api.FileKind.JSON))
    key = Ed25519PublicKey.from_public_bytes(node_keys().trusted[data["key_id"]].raw)
    public, message, signature = tmp_path / "key.pem", tmp_path / "message", tmp_path / "signature"
    public.write_bytes(key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    signature.write_bytes(documents.unb64(data["signature"]))
    command = [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", str(public), "-rawin", "-in", str(message), "-sigfile", str(signature)]
    whole = bytearray(documents.PREFIX + data["body"].encode())
    message.write_bytes(whole)
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    whole[40] ^= 1
    message.write_bytes(whole)
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0


def test_an_sm2_signature_holds_for_openssl_and_for_gmssl(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    assert openssl
    key, message = PrivateKey.generate(Scheme.SM2), bytearray(documents.PREFIX + documents.body({"ZZBS": "x"}, {"a": "甲"}, {"a": "s"}))
    signed = key.sign(bytes(message))
    assert gmssl_pyx.sm2_verify(key.public.raw, bytes(message), signed)
    # the head of a SubjectPublicKeyInfo for a point on SM2
    info = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004") + key.public.raw
    (tmp_path / "key.der").write_bytes(info)
    (tmp_path / "signature").write_bytes(signed)
    command = [
        *(openssl, "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", str(tmp_path / "key.der"), "-rawin", "-digest", "sm3"),
        *("-pkeyopt", "distid:1234567812345678", "-in", str(tmp_path / "message"), "-sigfile", str(tmp_path / "signature")),
    ]
    for flipped in (False, True):
        message[30] ^= flipped
        (tmp_path / "message").write_bytes(message)
        assert (subprocess.run(command, check=False, capture_output=True).returncode == 0) is not flipped
        assert key.public.verify(bytes(message), signed) is not flipped


def test_the_certificate_chains_for_openssl(desk: Desk, tmp_path: Path) -> None:
    keys = api.published_keys(now=NOW)
    for name in ("certificate", "authority"):
        (tmp_path / name).write_text(keys[name])
    command = ["openssl", "verify", "-CAfile", str(tmp_path / "authority"), str(tmp_path / "certificate")]
    assert b"OK" in subprocess.run(command, check=True, capture_output=True).stdout


def shown(name: str, *keys: str) -> str:
    return api.present(party=COMPANY, identifier=name, keys=keys, by="process:test", now=NOW)


def test_a_presentation_shows_the_chosen_fields_for_some_minutes(desk: Desk) -> None:
    name = desk.issue()
    text = shown(name, "KZ_place")
    found = api.by_text(text, now=NOW + timedelta(minutes=4))
    assert (found.verdict, found.over, found.fields) == (api.Verdict.VALID, False, {"KZ_place": "云州市人民路 1 号"})
    later = api.by_text(text, now=NOW + timedelta(minutes=6))
    assert later.over
    assert not later.fields
    with pytest.raises(Invalid):
        shown(name, "KZ_none")
    with pytest.raises(api.LicenceUnknown):
        api.present(party=PERSON, identifier=name, keys=["CZZT"], by="process:test", now=NOW)
    api.act(actor=desk.head, identifier=name, what=api.Act.SUSPEND, reason="现场检查", now=NOW)
    with pytest.raises(api.NotInForce):
        shown(name, "CZZT")


def test_a_licence_of_somebody_else_is_not_downloaded(desk: Desk) -> None:
    name = desk.issue()
    with pytest.raises(api.LicenceUnknown):
        api.download(party=PERSON, identifier=name, kind=api.FileKind.PDF, address=ADDRESS, by="process:test", now=NOW)
    with pytest.raises(api.LicenceUnknown):
        api.field_names(PERSON, name)
    assert not api.of_holder(PERSON)


def test_a_row_that_was_changed_is_used_no_more(desk: Desk) -> None:
    name = desk.issue()
    row = Licence.objects.get(identifier=name)
    Licence.objects.filter(pk=row.pk).update(body=row.body.replace("食品", "药品"))
    assert not verifying.intact(Licence.objects.get(pk=row.pk))
    with pytest.raises(api.Tampered):
        fetched(name, api.FileKind.PDF)


def test_a_status_list_says_what_was_revoked_and_is_made_anew(desk: Desk) -> None:
    one, other = desk.issue(), desk.issue()
    number, place = statuslist.place(Licence.objects.get(identifier=one).pk)
    before = json.loads(json.loads(api.status_list(number, now=NOW))["payload"])
    assert statuslist.decode(before["encodedList"], place) == 0
    api.act(actor=desk.head, identifier=one, what=api.Act.REVOKE, reason="伪造材料取得", now=NOW)
    after = json.loads(json.loads(api.status_list(number, now=NOW))["payload"])
    assert statuslist.decode(after["encodedList"], place) == 2
    assert statuslist.decode(after["encodedList"], statuslist.place(Licence.objects.get(identifier=other).pk)[1]) == 0
    assert after["validUntil"] - after["validFrom"] == status.LASTS.total_seconds()
    with pytest.raises(api.ListUnknown):
        api.status_list(number + 1000, now=NOW)


def test_the_script_says_the_same_without_us(desk: Desk, tmp_path: Path) -> None:
    name = desk.issue()
    number = statuslist.place(Licence.objects.get(identifier=name).pk)[0]
    keys, now = api.published_keys(now=NOW), NOW.timestamp()
    text, data = shown(name, "KZ_place"), fetched(name, api.FileKind.JSON).decode()

    def lists() -> list[dict[str, str]]:
        return [json.loads(api.status_list(number, now=NOW))]

    assert verify_licence.verdict(keys, text, lists(), now) == "valid"
    assert verify_licence.verdict(keys, data, lists(), now) == "valid"
    assert verify_licence.verdict(keys, text, lists(), now + 400) == "over"
    assert verify_licence.verdict(keys, data, lists(), now + 2 * 86400) == "stale"
    assert verify_licence.verdict(keys, data.replace("热食", "冷食"), lists(), now) == "tampered"
    assert verify_licence.verdict(keys, data, [], now) == "stale"
    assert verify_licence.verdict(keys, data, lists(), now + 6 * 366 * 86400) == "expired"
    api.act(actor=desk.head, identifier=name, what=api.Act.REVOKE, reason="伪造材料取得", now=NOW)
    assert verify_licence.verdict(keys, data, lists(), now) == "revoked"
    for file, content in (("keys", json.dumps(keys)), ("licence", data), ("list", json.dumps(lists()[0]))):
        (tmp_path / file).write_text(content)
    command = [sys.executable, verify_licence.__file__, *(str(tmp_path / file) for file in ("keys", "licence", "list"))]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, env={})
    assert (ran.returncode, ran.stdout.strip()) == (1, "stale"), ran.stderr  # by the clock of this machine the list is over


def test_an_official_reads_for_a_case_and_leaves_a_trace(desk: Desk) -> None:
    name = desk.issue()
    with pytest.raises(Invalid):
        api.read(actor=desk.stranger, identifier=name, purpose="", case="BJ1", now=NOW)
    with pytest.raises(Invalid):
        api.read(actor=desk.stranger, identifier=name, purpose="核对经营场所", case="", now=NOW)
    with pytest.raises(api.AllowanceUnknown):
        api.end_allowance(actor=desk.head, number=1, now=NOW)
    found = api.read(actor=desk.stranger, identifier=name, purpose="核对经营场所", case="BJ1", now=NOW)
    assert ("法定代表人", "李大海") in [(label, value) for label, value, _field in found.fields]
    while security.unfold():
        pass
    entry = next(iter(security.entries(security.EntryFilter(event="licences:licence:read"))))
    assert (entry.purpose, entry.case, entry.office) == ("核对经营场所", "BJ1", desk.stranger.office)
    with pytest.raises(NotYours):
        api.read(actor=desk.approver, identifier=name, purpose="核对经营场所", case="BJ1", now=NOW)


def test_no_trace_no_data(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    name = desk.issue()

    def busy(*_args: object, **_facts: object) -> str:
        raise security.LedgerBusy

    monkeypatch.setattr(security, "record", busy)
    for asked in (
        lambda: api.read(actor=desk.stranger, identifier=name, purpose="核对经营场所", case="BJ1", now=NOW),
        lambda: shown(name, "CZZT"),
        lambda: fetched(name, api.FileKind.JSON),
    ):
        with pytest.raises(security.LedgerBusy):
            asked()


CAUSE = {"事由": "办理开户", "调用类别": "办事", "事项编码": "1", "事项名称": "开户", "系统名称": "一体化"}


def test_a_system_gets_what_it_may_and_no_more(desk: Desk) -> None:
    name = desk.issue()
    facts = {
        "type_code": desk.type_code,
        "office": desk.stranger.office,
        "system": "一体化",
        "fields": ["place", "chief"],
        "personal": False,
        "networks": ["10.0.0.0/8"],
        "per_day": 2,
        "now": NOW,
    }
    for wrong in (desk.steward, desk.stranger, desk.approver):
        with pytest.raises(NotYours):
            api.allow(actor=wrong, **facts)  # type: ignore[arg-type]
    key = api.allow(actor=desk.head, **facts)  # type: ignore[arg-type]
    asked = {"key": key, "address": "10.1.1.1", "cause": CAUSE, "now": NOW}
    rows = api.data_by_holder(holder=COMPANY, **asked)  # type: ignore[arg-type]
    assert rows[0]["KZ_place"] == "云州市人民路 1 号"
    assert rows[0]["KZ_chief"] == "李**"
    assert "KZ_scope" not in rows[0]
    for change in ({"address": "192.168.1.1"}, {"key": "ztl_x"}):
        with pytest.raises(api.KeyRefused):
            api.data_by_holder(holder=COMPANY, **(asked | change))  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        api.data_by_holder(holder=COMPANY, **(asked | {"cause": {}}))  # type: ignore[arg-type]
    assert api.data_by_identifier(identifier=name, **asked)["ZZBS"] == name  # type: ignore[arg-type]
    with pytest.raises(api.DayFull):
        api.data_by_identifier(identifier=name, **asked)  # type: ignore[arg-type]
    number = api.allowances(desk.type_code)[0].id
    with pytest.raises(NotYours):
        api.end_allowance(actor=desk.stranger, number=number, now=NOW)
    api.end_allowance(actor=desk.head, number=number, now=NOW)
    with pytest.raises(api.KeyRefused):
        api.data_by_holder(holder=COMPANY, **(asked | {"now": NOW + timedelta(days=1)}))  # type: ignore[arg-type]
