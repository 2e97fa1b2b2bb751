"""``web`` as an ASGI application: Django behind its probes."""

from __future__ import annotations

import os
import time
from typing import Any

from django.core.asgi import get_asgi_application
from django.db import connections
from prometheus_client import Counter, Histogram

from zhengtong.project import readiness
from zhengtong.toolkit import logs
from zhengtong.toolkit.probes import Probes, Receive, Scope, Send

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhengtong.project.settings")
logs.configure(process="web")

_REQUESTS = Counter("zhengtong_web_requests_total", "Pages answered", ["status"])
_SECONDS = Histogram("zhengtong_web_seconds", "Time to answer a page")


class _Measured:
    """Counts and times what Django answers."""

    def __init__(self) -> None:
        self.django = get_asgi_application()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        begun = time.perf_counter()

        async def counted(message: Any) -> None:
            if message["type"] == "http.response.start":
                _REQUESTS.labels(status=str(message["status"])).inc()
                _SECONDS.observe(time.perf_counter() - begun)
            await send(message)

        await self.django(scope, receive, counted)


async def _lifespan(receive: Receive, send: Send) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})


application = Probes(_Measured(), readiness.CHECKS)

# Under ASGI every request runs in a thread of its own, and a connection that belongs to a thread would be made anew for each of them.
_database = connections.settings["default"]
_database["CONN_MAX_AGE"] = 0
_database["OPTIONS"] = {**_database["OPTIONS"], "pool": {"min_size": 2, "max_size": 20, "timeout": 10}}
