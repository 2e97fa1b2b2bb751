"""The front: public for strangers, and the way to where their work is for everybody else."""

from __future__ import annotations

import pytest
from django.test import Client

from factories import services as factory
from factories import world
from zhengtong.apps.foundation.identity import api as identity

pytestmark = pytest.mark.django_db


def test_a_stranger_finds_services_by_what_happens_in_a_life() -> None:
    empty = Client().get("/").content.decode()
    assert "我遇到了这样的事" not in empty
    assert 'action="/services/"' in empty
    factory.desk().published()
    front = Client().get("/").content.decode()
    assert "/services/?event=" in front
    for address in ("/me/", "/licences/verify/", "/open/", "/sign-in/"):
        assert f'href="{address}"' in front


def test_officials_are_led_to_their_work() -> None:
    assert world.signed_in(world.official(identity.Role.STEWARD)).get("/")["Location"] == "/work/"
    assert world.signed_in(world.official(duty=identity.Duty.SYSTEM)).get("/")["Location"] == "/manage/"
