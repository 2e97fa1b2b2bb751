"""Where one machine's processes listen: ZHENGTONG_WEB_PORT, ZHENGTONG_GATEWAY_PORT and ZHENGTONG_WORKER_PORT, or these."""

from __future__ import annotations

import os

WEB_PORT = int(os.environ.get("ZHENGTONG_WEB_PORT", "8000"))
GATEWAY_PORT = int(os.environ.get("ZHENGTONG_GATEWAY_PORT", "8100"))
WORKER_PORT = int(os.environ.get("ZHENGTONG_WORKER_PORT", "8200"))

WEB, GATEWAY, WORKER = (f"http://127.0.0.1:{port}" for port in (WEB_PORT, GATEWAY_PORT, WORKER_PORT))
