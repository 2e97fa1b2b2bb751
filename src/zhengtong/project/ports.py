"""Where one machine's processes listen (ZHENGTONG_WEB_PORT, _GATEWAY_PORT and _WORKER_PORT, or these), and whether that is free."""

from __future__ import annotations

import os
import socket

from zhengtong.kernel.errors import Unavailable
from zhengtong.kernel.sentences import say

WEB_PORT = int(os.environ.get("ZHENGTONG_WEB_PORT", "8000"))
GATEWAY_PORT = int(os.environ.get("ZHENGTONG_GATEWAY_PORT", "8100"))
WORKER_PORT = int(os.environ.get("ZHENGTONG_WORKER_PORT", "8200"))

WEB, GATEWAY, WORKER = (f"http://127.0.0.1:{port}" for port in (WEB_PORT, GATEWAY_PORT, WORKER_PORT))


class PortTaken(Unavailable):
    """端口已被占用。"""

    code = "port-taken"


def require_free() -> None:
    """
    Stop before anything is touched where the platform runs already: a second one would end the first one's database with itself.

    :raises PortTaken: naming the process and its port.
    """
    for name, port in (("WEB", WEB_PORT), ("GATEWAY", GATEWAY_PORT), ("WORKER", WORKER_PORT)):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                remedy = say("先停止正在运行的平台,或用 {name} 另选端口", name=f"ZHENGTONG_{name}_PORT")
                raise PortTaken(say("端口 {port} 已被占用", port=port), remedy=remedy)
