"""The gateway process: ``run`` is what the command ``zhengtong gateway`` calls."""

from __future__ import annotations

import gc
import logging

import structlog
import uvicorn
from uvicorn.supervisors import Multiprocess

from zhengtong.gateway.app import GatewayApp
from zhengtong.gateway.protocol import HttpProtocol
from zhengtong.gateway.service import Gateway
from zhengtong.gateway.settings import Settings

_GRACE_SECONDS = 30


def run(settings: Settings | None = None) -> None:
    """
    Serve until a signal ends the process: take no new calls, finish those in flight, write every trace.

    Several workers share the port; each has its own chain in the ledger, and all share the tables of nonces and quotas.

    :raises BadSettings: if the environment does not say what is needed.
    """
    settings = settings or Settings.from_environment()
    if settings.workers == 1:
        _prepare_process()
        uvicorn.Server(_config(settings, GatewayApp(Gateway(settings)))).run()
        return
    # each worker makes its own application from the environment; settings cannot be handed over a process boundary with their keys
    config = _config(settings, "zhengtong.gateway.main:application", factory=True)
    Multiprocess(config, sockets=[config.bind_socket()]).run()


def application() -> GatewayApp:
    """The application of one worker process, from the environment."""
    _prepare_process()
    return GatewayApp(Gateway(Settings.from_environment()))


def _prepare_process() -> None:
    configure_logging()
    # calls leave no cycles behind; looking for them often would only cost
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _config(settings: Settings, app: GatewayApp | str, *, factory: bool = False) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=factory,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        http=HttpProtocol,
        loop="uvloop",
        ws="none",
        lifespan="on",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        interface="asgi3",
        log_config=None,
        backlog=2_048,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def configure_logging() -> None:
    """JSON lines on standard error, warnings of libraries among them. Calls are not logged: the ledger has them."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )
