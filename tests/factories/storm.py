"""Load on a gateway from many connections at once, as fast as it answers; every answer is kept and every broken connection counted."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from zhengtong.project.demo.caller import CallingSystem

_ANSWER_SECONDS = 60


@dataclass(frozen=True)
class Heard:
    """One answer: when (monotonic seconds), status, party at fault, code of the refusal, request id."""

    at: float
    status: int
    party: str
    code: str
    request_id: str


class Storm:
    """
    ``connections`` kept-alive connections, each asking ``target`` again as soon as it has its answer.

    ``broken`` lists what happened to connections that ended without an answer; they are opened again.
    """

    def __init__(self, client: CallingSystem, target: str, *, connections: int = 64) -> None:
        self._client, self._target, self._connections = client, target, connections
        self._over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._blow()), daemon=True)
        self.heard: list[Heard] = []
        self.broken: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(_ANSWER_SECONDS)

    def after(self, moment: float) -> list[Heard]:
        """The answers that came after a moment (monotonic seconds)."""
        return [one for one in self.heard if one.at > moment]

    def wait_for(self, status: int, *, since: float, times: int, seconds: float = 60) -> bool:
        """Wait until so many of the latest answers in a row have a status; False if they do not in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            latest = self.after(since)[-times:]
            if len(latest) == times and all(one.status == status for one in latest):
                return True
            time.sleep(0.1)
        return False

    async def _blow(self) -> None:
        await asyncio.gather(*(self._line() for _ in range(self._connections)))

    async def _line(self) -> None:
        address = urlsplit(self._client.origin)
        while not self._over.is_set():
            try:
                reader, writer = await asyncio.open_connection(address.hostname, address.port)
                while not self._over.is_set():
                    lines = [f"GET {self._target} HTTP/1.1", f"Host: {address.netloc}"]
                    lines += [f"{name}: {value}" for name, value in self._client._headers("GET", self._target, b"").items()]
                    writer.write("\r\n".join([*lines, "", ""]).encode())
                    status, body = await asyncio.wait_for(_answer(reader), _ANSWER_SECONDS)
                    said = [str(body.get(name, "")) for name in ("party", "code", "request_id")]
                    self.heard.append(Heard(time.monotonic(), status, said[0], said[1], said[2]))
                writer.close()
            except (OSError, EOFError, ValueError) as exc:
                self.broken.append(repr(exc))
                await asyncio.sleep(0.05)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, Any]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
    length = next(int(line.partition(":")[2]) for line in head if line.startswith("content-length:"))
    return int(head[0].split(" ")[1]), json.loads(await reader.readexactly(length))
