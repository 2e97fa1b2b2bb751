"""The commands in the connection notes sign as the gateway expects; they are run, not read."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from factories import world
from zhengtong.apps.foundation.identity import api as identity

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not (shutil.which("bash") and shutil.which("openssl")), reason="the notes are for a shell with openssl"),
]
SECRET = "a-secret-for-this-test"


@pytest.fixture
def sent(tmp_path: Path) -> list[list[str]]:
    """The arguments that each ``curl`` of the notes was called with, one call a list."""
    place = world.office('市教育局\'; echo "$HOME"')
    developer = world.official(identity.Role.DEVELOPER, at=place)
    identity.add_system(by=developer, system_id="enrol", name="入学系统", office=place.code, now=world.NOW)
    identity.add_key(by=developer, system_id="enrol", algorithm="hmac-sha256", now=world.NOW)
    text = world.signed_in(developer).get("/work/systems/enrol/notes/?download=1").content.decode()
    script = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    curl = tmp_path / "curl"
    curl.write_text('#!/bin/bash\nprintf "%s\\n" "$@" END\n')
    curl.chmod(0o755)
    shell = {"PATH": f"{tmp_path}:/usr/local/bin:/usr/bin:/bin", "ZHENGTONG_SECRET": SECRET}
    done = subprocess.run(["bash", "-eu", "-c", script], env=shell, capture_output=True, text=True, check=True)
    return [call.strip().split("\n") for call in done.stdout.split("END\n") if call.strip()]


def headers(call: list[str]) -> dict[str, str]:
    pairs = [call[index + 1].split(": ", 1) for index, one in enumerate(call) if one == "-H"]
    return {name.lower(): value for name, value in pairs}


def test_the_message_signature_covers_what_it_names(sent: list[list[str]]) -> None:
    url = next(one for one in sent[0] if one.startswith("http"))
    found = headers(sent[0])
    label, parameters = found["signature-input"].split("=", 1)
    key = identity.system("enrol").keys[0]
    assert f'keyid="{key.key_id}"' in parameters
    assert re.search(r";created=\d{10};", parameters)
    base = "\n".join(
        [
            '"@method": GET',
            f'"@target-uri": {url}',
            f'"zhengtong-purpose": {found["zhengtong-purpose"]}',
            f'"@signature-params": {parameters}',
        ]
    )
    expected = base64.b64encode(hmac.digest(SECRET.encode(), base.encode(), hashlib.sha256)).decode()
    assert found["signature"] == f"{label}=:{expected}:"


def test_the_national_headers_are_signed(sent: list[list[str]]) -> None:
    found = headers(sent[1])
    message = found["gjzwfwpt_sid"] + found["gjzwfwpt_rid"] + found["gjzwfwpt_rtime"]
    assert re.fullmatch(r"\d{13}", found["gjzwfwpt_rtime"])
    assert found["gjzwfwpt_sign"] == base64.b64encode(hmac.digest(SECRET.encode(), message.encode(), hashlib.sha256)).decode()
