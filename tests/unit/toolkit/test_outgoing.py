"""The one way out: where it does not go, and what it does not swallow."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from zhengtong.kernel.errors import Invalid
from zhengtong.toolkit.outgoing import AddressRefused, PlaceSilent, Reader, may_be_called, networks

HERE = networks("127.0.0.0/8")


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Pages(BaseHTTPRequestHandler):
    def log_message(self, *given: object) -> None:
        """Silent."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/inside":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
            self.end_headers()
        elif path == "/file":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
        elif path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
            self.end_headers()
        else:
            body = gzip.compress(b"0" * 3_000_000) if path == "/bomb" else b"hello"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            if path == "/bomb":
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(body)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "0.0.0.1",
        "::1",
        "fe80::1%eth0",
        "::ffff:127.0.0.1",
        "100.64.0.1",
        "224.0.0.1",
    ],
)
def test_what_is_not_public_is_not_called(address: str) -> None:
    assert not may_be_called(address, ())


def test_public_places_and_named_networks_are_called() -> None:
    assert may_be_called("1.2.4.8", ())
    assert may_be_called("2400:3200::1", ())
    assert may_be_called("10.1.2.3", networks("10.0.0.0/8"))
    assert may_be_called("::ffff:10.1.2.3", networks("10.0.0.0/8"))
    assert not may_be_called("10.1.2.3", networks("172.16.0.0/12"))


def test_a_network_that_is_none_is_said_so() -> None:
    with pytest.raises(Invalid, match="ZHENGTONG_OUTGOING_NETWORKS"):
        networks("10.0.0.0/8,everything")


def test_this_machine_is_refused_by_number_and_by_name() -> None:
    with served(Pages) as root:
        port = root.rpartition(":")[2]
        for host in ("127.0.0.1", "localhost"):
            with pytest.raises(AddressRefused):
                Reader().get(f"http://{host}:{port}/")
        answer = Reader(HERE).get(f"{root}/x", params={"a": "数据"})
        assert (answer.status, answer.body) == (200, b"hello")
        assert answer.url.endswith("/x?a=%E6%95%B0%E6%8D%AE")


def test_a_redirect_passes_the_same_gate() -> None:
    with served(Pages) as root:
        for path in ("/inside", "/file"):
            with pytest.raises(AddressRefused):
                Reader(HERE).get(root + path)
        with pytest.raises(PlaceSilent, match="转来转去"):
            Reader(HERE).get(f"{root}/round")


def test_an_answer_that_unpacks_to_too_much_is_cut_off() -> None:
    with served(Pages) as root, pytest.raises(PlaceSilent, match="应答超过 1 MB"):
        Reader(HERE, most_bytes=2**20).get(f"{root}/bomb")


@pytest.mark.parametrize("address", ["ftp://example.cn/", "file:///etc/passwd", "http://", "https://user:secret@example.cn/"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        Reader(HERE).get(address)


def test_nobody_there_is_the_providers_matter() -> None:
    with pytest.raises(PlaceSilent) as caught:
        Reader(HERE, seconds=2).get("http://127.0.0.1:9/")
    assert caught.value.party == "provider"
