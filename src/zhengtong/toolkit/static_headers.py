"""Headers of static files that need some of their own."""

from __future__ import annotations

from collections.abc import MutableMapping

#: a worker obeys the policy that came with its own script, not that of the page: what runs in it reaches this host and no other
_WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"


def static_headers(headers: MutableMapping[str, str], _path: str, url: str) -> None:
    """Bind the worker of the workbench, and whatever SQL makes it do, to our own host."""
    if "/duckdb/" in url and url.endswith(".js"):
        headers["Content-Security-Policy"] = _WORKER_POLICY
