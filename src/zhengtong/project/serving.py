"""
``zhengtong web``: the control plane in one process or several that share its port.

A page is mostly Python, which keeps one core busy; more pages at a time need more processes. None keeps anything that the others would
have to know (answers that are kept are kept under the state of the index and the synonyms that they were made from), so any of them may
answer any request.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import uvicorn
from uvicorn.supervisors import Multiprocess

from zhengtong.kernel.errors import Invalid
from zhengtong.toolkit.environment import Environment

_GRACE_SECONDS = 20
#: a process that does not answer its parent for so long hangs; a busy machine alone does not make it wait that long
_HANGING_SECONDS = 60
_MOST_BY_ITSELF = 4
_APPLICATION = "zhengtong.project.asgi:application"


def processes_for(environment: Environment, asked: int | None = None) -> int:
    """
    How many processes serve: as many as asked for, else as the setting says, else one per core up to four; the demo city has one.

    :raises Invalid: if fewer than one is asked for.
    """
    number = environment.web_processes if asked is None else asked
    if asked is not None and asked < 1:
        raise Invalid("web 至少要有一个进程", field="--processes")
    return number or (1 if environment.demo else min(_MOST_BY_ITSELF, len(os.sched_getaffinity(0))))


def serve(*, host: str, port: int, processes: int, metrics: Path) -> None:
    """
    Serve until SIGTERM or SIGINT: take no new requests, finish those in flight.

    With several processes a parent starts them, and again what ends; each counts into a file of its own below ``metrics``, from which any
    of them answers ``/metrics`` for all. Counts begin at zero with the parent.
    """
    if processes > 1:
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir(parents=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
    config = uvicorn.Config(
        _APPLICATION,
        host=host,
        port=port,
        workers=processes,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_worker_healthcheck=_HANGING_SECONDS,
    )
    if processes == 1:
        uvicorn.Server(config).run()
    else:
        Multiprocess(config, sockets=[config.bind_socket()]).run()
