"""Answers leave in one system call, and long ones no faster than they are read."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import uvicorn

from shared.web.onewrite import MOST_HELD, Gathering, OneWriteProtocol, laid_out
from tests.polling import eventually

CHUNK = b"x" * 10_000
CHUNKS = 3_000


class Recording(asyncio.Transport):
    """Notes every write that would be a system call."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[bytes] = []

    def write(self, data: Any) -> None:
        self.calls.append(bytes(data))

    def close(self) -> None:
        self.calls.append(b"closed")


class Streaming:
    """Sends many chunks without ever pausing by itself, and counts them."""

    def __init__(self) -> None:
        self.sent = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(CHUNKS):
            await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
            self.sent += 1
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def served(app: Any, keep_alive: int = 75) -> AsyncIterator[int]:
    config = uvicorn.Config(
        app,
        port=0,
        http=OneWriteProtocol,
        lifespan="off",
        log_level="warning",
        timeout_keep_alive=keep_alive,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


async def test_what_is_written_in_one_turn_leaves_in_one_call() -> None:
    recording = Recording()
    gathering = Gathering(recording, asyncio.get_running_loop())
    gathering.write(b"head ")
    gathering.write(b"body")
    assert recording.calls == []
    await asyncio.sleep(0)
    assert recording.calls == [b"head body"]
    gathering.write(b"last")
    gathering.close()
    await asyncio.sleep(0)
    assert recording.calls == [b"head body", b"last", b"closed"]


async def test_much_is_not_held_back() -> None:
    recording = Recording()
    Gathering(recording, asyncio.get_running_loop()).write(b"x" * (MOST_HELD + 1))
    assert len(recording.calls) == 1


async def test_a_long_answer_arrives_whole() -> None:
    async with served(Streaming()) as port, httpx2.AsyncClient(timeout=30) as client:
        answer = await client.get(f"http://127.0.0.1:{port}/")
        assert answer.content == CHUNK * CHUNKS


async def test_who_does_not_read_holds_the_sender_up() -> None:
    app = Streaming()
    async with served(app) as port:
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await eventually(lambda: app.sent > 0)
            await asyncio.sleep(0.5)
            held_up = app.sent
            assert held_up < CHUNKS
            await asyncio.sleep(0.2)
            assert app.sent == held_up


async def test_a_request_leaves_nothing_to_the_garbage_collector() -> None:
    """Its pauses would be felt by everybody who scans meanwhile."""
    async with served(ReadyMade()) as port, httpx2.AsyncClient() as client:
        url = f"http://127.0.0.1:{port}/x"
        await client.get(url)
        gc.collect()
        gc.disable()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(200):
                writer.write(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
                await reader.readuntil(b"/x")
            writer.close()
            assert gc.collect() < 200
        finally:
            gc.enable()


class ReadyMade:
    """Has some answers at once, and says which way each request went."""

    def __init__(self) -> None:
        self.at_once_asked: list[bytes] = []
        self.called: list[str] = []

    def at_once(self, url: bytes, headers: Any, client: Any) -> bytes | None:
        self.at_once_asked.append(url)
        if url.startswith(b"/fail"):
            raise RuntimeError("a mistake of the application")
        if url.startswith(b"/slow"):
            return None
        sized = [(b"x-made", b"ready"), (b"content-length", b"%d" % len(url))]
        return laid_out(200, sized) + b"\r\n" + url

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        self.called.append(scope["path"])
        if scope["path"].startswith("/slow"):
            await asyncio.sleep(0.05)
        body = scope["path"].encode()
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def test_an_answer_at_once_is_as_good_as_one_in_messages_and_the_connection_goes_on() -> None:
    app = ReadyMade()
    async with served(app) as port, httpx2.AsyncClient(timeout=10) as client:
        for name in ("one", "two"):
            answer = await client.get(f"http://127.0.0.1:{port}/{name}")
            assert (answer.status_code, answer.text) == (200, f"/{name}")
            assert answer.headers["x-made"] == "ready"
        assert app.called == []


async def test_what_uvicorn_has_to_add_to_goes_the_long_way() -> None:
    app = ReadyMade()
    async with served(app) as port, httpx2.AsyncClient(timeout=10) as client:
        url = f"http://127.0.0.1:{port}"
        closing = await client.get(f"{url}/last", headers={"Connection": "close"})
        assert (closing.text, closing.headers["connection"]) == ("/last", "close")
        await client.head(f"{url}/head")
        await client.post(f"{url}/post", content=b"body")
        await client.get(f"{url}/expect", headers={"Expect": "100-continue"})
        assert app.at_once_asked == []
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /old HTTP/1.0\r\nHost: x\r\n\r\n")
        assert b"connection: close" in await reader.read()
        writer.close()
    assert app.called == ["/last", "/head", "/post", "/expect", "/old"]


async def test_an_application_that_fails_at_once_is_called_as_ever() -> None:
    app = ReadyMade()
    async with served(app) as port, httpx2.AsyncClient(timeout=10) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/fail")).text == "/fail"
    assert app.called == ["/fail"]


async def test_a_body_that_nobody_expects_is_no_request_of_its_own() -> None:
    app = ReadyMade()
    async with served(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        inner = b"GET /inner HTTP/1.1\r\nHost: x\r\n\r\n"
        for path in (b"/one", b"/slow", b"/two"):
            writer.write(
                b"GET %b HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b"
                % (path, len(inner), inner)
            )
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"content-length: %d\r\n" % len(path) in head
            assert await reader.readexactly(len(path)) == path
        writer.close()
    assert app.at_once_asked == [b"/one", b"/slow", b"/two"]


async def test_requests_sent_at_once_are_answered_in_their_order_whichever_way_each_goes() -> None:
    async with served(ReadyMade()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        asked = [b"/%b%d" % (b"" if number % 7 else b"slow", number) for number in range(50)]
        writer.write(b"".join(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path for path in asked))
        for path in asked:
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"content-length: %d\r\n" % len(path) in head
            assert await reader.readexactly(len(path)) == path
        writer.close()


@pytest.mark.parametrize("path", [b"/ready", b"/slow"])
async def test_a_connection_that_stays_quiet_is_ended_and_a_busy_one_is_not(path: bytes) -> None:
    async with served(ReadyMade(), keep_alive=1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        loop = asyncio.get_running_loop()
        for _ in range(4):  # Longer in all than it may be quiet.
            writer.write(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path)
            await reader.readuntil(path)
            last = loop.time()
            await asyncio.sleep(0.5)
        async with asyncio.timeout(20):
            assert await reader.read() == b""
        assert loop.time() - last > 0.9
        writer.close()
