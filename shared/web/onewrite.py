"""uvicorn's protocol, but what an answer writes in one turn of the loop leaves in one system call.

As it comes, head and body of every answer are written to the socket one after the other; the second
call costs about as much as a whole answer that is ready in memory. Such a ready answer may also be
handed over as the bytes it is, by an extension of ASGI that is offered in the scope: checking its
headers one by one and the two messages cost a fifth of what remains.
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from weakref import ref

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

# The extension's name; what is under TAKE takes a whole answer, and says whether it did.
READY, TAKE = "txng.ready_answer", "take"
Take = Callable[[bytes], bool]

# No more than this is held back: a long answer must feel how fast its reader reads.
MOST_HELD = 65_536


class Gathering:
    """A transport that holds what is written until the loop has run what is ready to run."""

    __slots__ = ("_call_soon", "_held", "_size", "_transport", "_write")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._write = transport.write
        self._call_soon = loop.call_soon
        self._held: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        if not self._held:
            self._call_soon(self._flush)
        self._held.append(data)
        self._size += len(data)
        if self._size > MOST_HELD:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held:
            data = b"".join(self._held)
            self._held, self._size = [], 0
            self._write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class OneWriteProtocol(HttpToolsProtocol):
    """Given to uvicorn as `http`; offers the extension to every request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(Gathering(transport, self.loop))  # type: ignore[arg-type]

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        # The scope belongs to the cycle: a strong reference back would leave every request to the
        # garbage collector, whose pauses of tens of milliseconds everybody would wait for.
        cycle.scope["extensions"] = {READY: {TAKE: partial(_answer, ref(cycle))}}
        super()._start_asgi_task(cycle, app)


def _answer(this: ref[RequestResponseCycle], answer: bytes) -> bool:
    """Send a whole answer; False, with nothing done, where it has to be sent message by message."""
    cycle = this()
    if (
        cycle is None
        or cycle.response_started
        or cycle.disconnected
        or not cycle.keep_alive
        or cycle.flow.write_paused
    ):
        return False
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(answer)
    cycle.message_event.set()
    cycle.on_response()
    return True


def laid_out(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A ready answer's beginning, to which more headers and the empty line are added."""
    return STATUS_LINE[status] + b"".join(b"%b: %b\r\n" % header for header in headers)
