"""Answers leave in one system call, and long ones no faster than they are read."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import uvicorn

from shared.web.onewrite import MOST_HELD, Gathering, OneWriteProtocol
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
