"""Answers leave in one system call, and long ones no faster than they are read."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import uvicorn

from shared.web.onewrite import MOST_HELD, READY, TAKE, Gathering, OneWriteProtocol, laid_out
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
async def served(app: Any) -> AsyncIterator[int]:
    config = uvicorn.Config(app, port=0, http=OneWriteProtocol, lifespan="off", log_level="warning")
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
    """Hands its answer over as bytes where it may, and says how it went."""

    def __init__(self) -> None:
        self.taken: list[bool] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = scope["path"].encode()
        headers = [(b"x-made", b"ready"), (b"content-length", b"%d" % len(body))]
        answer = laid_out(200, headers) + b"\r\n" + body
        self.taken.append(scope["extensions"][READY][TAKE](answer))
        if not self.taken[-1]:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})


async def test_a_ready_answer_is_as_good_as_one_in_messages_and_the_connection_goes_on() -> None:
    app = ReadyMade()
    async with served(app) as port, httpx2.AsyncClient(timeout=10) as client:
        for name in ("one", "two"):
            answer = await client.get(f"http://127.0.0.1:{port}/{name}")
            assert (answer.status_code, answer.text) == (200, f"/{name}")
            assert answer.headers["x-made"] == "ready"
        closing = await client.get(f"http://127.0.0.1:{port}/last", headers={"Connection": "close"})
        assert closing.text == "/last"
        assert closing.headers["connection"] == "close"
    assert app.taken == [True, True, False]  # The last has a header of the server's own to add.


async def test_ready_answers_to_requests_sent_at_once_come_in_their_order() -> None:
    async with served(ReadyMade()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        asked = [b"/%d" % number for number in range(50)]
        writer.write(b"".join(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path for path in asked))
        for path in asked:
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"content-length: %d\r\n" % len(path) in head
            assert await reader.readexactly(len(path)) == path
        writer.close()


class TwiceReady:
    """Offers a second answer to a request that has had one."""

    def __init__(self) -> None:
        self.second: bool | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        take = scope["extensions"][READY][TAKE]
        answer = laid_out(200, [(b"content-length", b"2")]) + b"\r\nok"
        assert take(answer)
        self.second = take(answer)


async def test_a_request_takes_one_ready_answer_only() -> None:
    app = TwiceReady()
    async with served(app) as port, httpx2.AsyncClient(timeout=10) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).text == "ok"
    assert app.second is False
