"""Structured logs: JSON lines for machines, readable lines on a terminal. No raw personal value is ever an argument."""

from __future__ import annotations

import sys

import structlog


def configure(*, process: str, readable: bool | None = None) -> None:
    """Set up structlog for one process; ``readable`` defaults to whether standard error is a terminal."""
    if readable is None:
        readable = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
