"""A worker process of the queue of imports; ``stall`` leaves it at its second chunk for ever, to be killed there."""

from __future__ import annotations

import asyncio
import sys
import time

import django

django.setup()

from procrastinate.contrib.django import app  # noqa: E402 - needs Django set up

from zhengtong.apps.resources.catalog.operations import importing  # noqa: E402


def stall() -> None:
    """Take two records at a time, and never come to an end with the second two."""
    importing._CHUNK = 2
    take = importing.Intake.take

    def slow(self: importing.Intake, run: importing.ImportRun, part: list[importing.Chunk]) -> None:
        take(self, run, part)
        if run.done:
            sys.stdout.write("stalled\n")
            sys.stdout.flush()
            time.sleep(600)

    importing.Intake.take = slow  # type: ignore[method-assign]


async def main() -> None:
    """Work off what waits, then end."""
    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        async with worker.open_async():
            await worker.run_worker_async(queues=["imports"], wait=False, install_signal_handlers=False)


if __name__ == "__main__":
    if "stall" in sys.argv:
        stall()
    asyncio.run(main())
