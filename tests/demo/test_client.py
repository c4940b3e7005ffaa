"""The demo's client, before a server that answers as it is told."""

import asyncio
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from deploy.demo.client import Api, Refused

ANSWERS: list[int] = []


class Answering(BaseHTTPRequestHandler):
    """Answers with the statuses of ANSWERS, one after the other."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status = ANSWERS.pop(0)
        body = b'{"access_token": "t", "expires_in": 60}' if status == 200 else b"{}"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def origin() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_what_may_be_repeated_waits_for_a_service_that_is_just_away(origin: str) -> None:
    ANSWERS[:] = [503, 503, 200]
    async with Api(origin) as api:
        answer = await asyncio.wait_for(api.call("POST", "/x", json={}, repeatable=True), 30)
    assert answer["access_token"] == "t"


async def test_an_act_without_a_key_is_not_sent_twice(origin: str) -> None:
    ANSWERS[:] = [503, 200]
    async with Api(origin) as api:
        with pytest.raises(Refused):
            await api.call("POST", "/x", json={})
    assert ANSWERS == [200]
