"""
How long a running gateway goes on serving a grant that has been withdrawn.

``python -m tests.benchmarks revocation [--turns N] [--connections C]`` brings up a demo city, loads its gateway with look-ups under the
grant, lets the provider's head suspend and resume it on the web page, and measures from the moment the page has answered to the last call
that was still served. The limit is two seconds.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from factories.calls import resource_code
from factories.city import City, running_city
from factories.storm import Storm
from zhengtong.project.demo.caller import CallingSystem

_LIMIT_SECONDS = 2.0
_SETTLE_SECONDS = 1.0
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Head:
    """The provider's head, signed in."""

    def __init__(self, city: City) -> None:
        self._client = httpx.Client(base_url=city.web, follow_redirects=True, timeout=60)
        self._post("/sign-in/", username="civil.head", password="demo")

    def act(self, grant: str, act: str) -> float:
        """Suspend or resume; returns the moment at which the page has answered."""
        return self._post(f"/share/grants/{grant}/do/{act}/", reason="核查使用情况")

    def _post(self, path: str, **fields: str) -> float:
        found = _TOKEN.search(self._client.get(path).text)
        if found is None:
            raise RuntimeError(f"no form at {path}")
        answer = self._client.post(path, data={"csrfmiddlewaretoken": found[1], **fields}, headers={"Referer": str(self._client.base_url)})
        moment = time.monotonic()
        answer.raise_for_status()
        return moment


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="revocation benchmark")
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="zhengtong-bench-") as folder,
        running_city(Path(folder), Path(folder, "shared")) as city,
    ):
        measure(city, turns=options.turns, connections=options.connections)


def measure(city: City, *, turns: int, connections: int) -> None:
    """Suspend and resume again and again under load."""
    client = CallingSystem(city.gateway, city.key_id, city.secret, "enrolment")
    target, grant = f"/v1/resources/{quote(resource_code(client))}/rows?xzqhdm=379902", resource_code(client, what="grant")
    head = Head(city)
    served_on, refused_on = [], []
    with Storm(client, target, connections=connections) as storm:
        for _ in range(turns):
            stopped = head.act(grant, "suspend")
            if not storm.wait_for(403, since=stopped, times=connections):
                raise RuntimeError("the suspension did not arrive")
            served_on.append(max((one.at - stopped for one in storm.after(stopped) if one.status == 200), default=0.0))
            resumed = head.act(grant, "resume")
            if not storm.wait_for(200, since=resumed, times=connections):
                raise RuntimeError("the resumption did not arrive")
            refused_on.append(max((one.at - resumed for one in storm.after(resumed) if one.status == 403), default=0.0))
            time.sleep(_SETTLE_SECONDS)
    for name, found in (("suspended", served_on), ("resumed", refused_on)):
        print(f"  {name:10} {len(found)} times: median {statistics.median(found):.2f} s, longest {max(found):.2f} s")
    print(f"  answers {len(storm.heard):,}, connections broken {len(storm.broken)}")
    print(f"  longest / limit of {_LIMIT_SECONDS:.0f} s: {max(served_on) / _LIMIT_SECONDS:.2f}")


if __name__ == "__main__":
    main()
