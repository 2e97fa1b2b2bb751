"""Where processes listen, and what follows from it."""

from __future__ import annotations

import socket

import pytest

from zhengtong.project import ports
from zhengtong.toolkit.environment import Environment


def test_a_second_platform_on_the_same_ports_is_stopped_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(ports, "GATEWAY_PORT", taken.getsockname()[1])
        monkeypatch.setattr(ports, "WEB_PORT", 1)
        with pytest.raises(ports.PortTaken) as refused:
            ports.require_free()
    assert "ZHENGTONG_GATEWAY_PORT" in str(refused.value.remedy)


def test_samples_and_the_console_follow_the_gateways_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZHENGTONG_GATEWAY_URL", raising=False)
    monkeypatch.setenv("ZHENGTONG_GATEWAY_PORT", "18600")
    assert Environment.read().gateway_url == "http://127.0.0.1:18600"
    monkeypatch.setenv("ZHENGTONG_GATEWAY_URL", "https://gateway.example/")
    assert Environment.read().gateway_url == "https://gateway.example"
