"""``web`` as an ASGI application: Django behind its probes, and open rows beside it."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.db import connections
from django.http import HttpRequest, HttpResponseBase
from prometheus_client import Counter, Histogram

from zhengtong.gateway.moments import Moments
from zhengtong.gateway.open_rows import FairBeside, OpenRowsApp
from zhengtong.gateway.opendata.desk import PREFIX, OpenDesk, OpenSettings
from zhengtong.gateway.opendata.traces import OwnTraces
from zhengtong.project import readiness
from zhengtong.toolkit import logs
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.probes import Probes, Receive, Scope, Send

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhengtong.project.settings")
logs.configure(process="web")

_REQUESTS = Counter("zhengtong_web_requests_total", "Pages answered", ["status"])
_SECONDS = Histogram("zhengtong_web_seconds", "Time to answer a page")


class _InOneThread(ASGIHandler):
    """
    Django with all of its middleware and the view in one thread for a request.

    Django's own handler goes to a thread and back before and after each middleware that is not asynchronous, which is all of them.
    """

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - Django's
        """Build the chain for a thread, whatever is asked for."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in the thread of this request, where its connection to the database is."""
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


class _Measured:
    """Counts and times what Django answers."""

    def __init__(self) -> None:
        django.setup(set_prefix=False)
        url, installation, moments = settings.DATABASE_URL, environment(), Moments()
        self.traces = OwnTraces(url=url, keys=installation.keys, node=installation.node, moments=moments)
        self.open_rows = OpenRowsApp(OpenDesk(OpenSettings.from_environment(url), self.traces, moments))
        self.django = FairBeside(self.open_rows.desk, _InOneThread())

    async def end(self) -> None:
        """Write what was counted and what waits for the ledger."""
        await self.open_rows.desk.close()
        await self.traces.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send, self.end)
            return
        begun = time.perf_counter()

        async def counted(message: Any) -> None:
            if message["type"] == "http.response.start":
                _REQUESTS.labels(status=str(message["status"])).inc()
                _SECONDS.observe(time.perf_counter() - begun)
            await send(message)

        # rows are answered by the engine over connections of its own: Django would take longer than the question
        served = self.open_rows if scope.get("path", "").startswith(PREFIX.decode()) else self.django
        await served(scope, receive, counted)


async def _lifespan(receive: Receive, send: Send, end: Callable[[], Awaitable[None]]) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await end()
    await send({"type": "lifespan.shutdown.complete"})


application = Probes(_Measured(), readiness.CHECKS)

# Under ASGI every request runs in a thread of its own, and a connection that belongs to a thread would be made anew for each of them.
_database = connections.settings["default"]
_database["CONN_MAX_AGE"] = 0
# several processes share what the database has for one installation
_most = 10 if "PROMETHEUS_MULTIPROC_DIR" in os.environ else 20
_database["OPTIONS"] = {**_database["OPTIONS"], "pool": {"min_size": 2, "max_size": _most, "timeout": 10}}
