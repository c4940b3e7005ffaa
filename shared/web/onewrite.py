"""uvicorn's protocol, but what an answer writes in one turn of the loop leaves in one system call.

As it comes, head and body of every answer are written to the socket one after the other; the second
call costs about as much as a whole answer that is ready in memory.

An application may also offer a method `at_once`: the whole answer to a plain GET as the bytes that
are sent, or None where it has to be called as ASGI has it. Such an answer leaves before uvicorn has
made anything for the request: its task, its event, its checks of headers one by one and its timer
cost more than most such answers.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

log = structlog.get_logger()

# Of the request: its address as in the request line, its headers in small letters, who asks.
AtOnce = Callable[[bytes, list[tuple[bytes, bytes]], tuple[str, int] | None], bytes | None]

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

    def write_whole(self, data: bytes) -> None:
        """An answer that nothing follows: there is nothing to gather it with."""
        if self._held:
            self.write(data)
        else:
            self._write(data)

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
    """Given to uvicorn as `http`; asks the application for answers at once, if it has any."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._at_once: AtOnce | None = getattr(self.app, "at_once", None)
        self._answered = False
        self._quiet_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._gathering = Gathering(transport, self.loop)
        super().connection_made(self._gathering)  # type: ignore[arg-type]

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._end_timer()

    def on_headers_complete(self) -> None:
        answer = self._told_at_once() if self._at_once is not None else None
        if answer is None:
            super().on_headers_complete()
            return
        self._answered = True
        self._gathering.write_whole(answer)
        self.server_state.total_requests += 1
        self._quiet_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._begin_timer(self.timeout_keep_alive)

    def _told_at_once(self) -> bytes | None:
        """The whole answer; None where others come first, or the answer needs headers of uvicorn's
        own: `connection: close`, `100 Continue`."""
        parser = self.parser
        if (
            parser.get_method() != b"GET"
            or (self.cycle is not None and not self.cycle.response_complete)
            or self.flow.write_paused
            or self.expect_100_continue
            or parser.get_http_version() != "1.1"
            or not parser.should_keep_alive()
            or parser.should_upgrade()
            or self.limit_concurrency is not None
        ):
            return None
        assert self._at_once is not None
        try:
            return self._at_once(self.url, self.headers, self.client)
        except Exception:
            # The parser would take it for a request that cannot be read.
            log.exception("an answer at once failed")
            return None

    def on_body(self, body: bytes) -> None:
        if not self._answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._answered:
            self._answered = False
        else:
            super().on_message_complete()

    # uvicorn ends a connection that has been quiet for a while, by a timer that it begins anew with
    # every answer. Here answers at once only note the time, and the timer looks at it when it ends.

    def on_response_complete(self) -> None:
        self._end_timer()
        super().on_response_complete()
        self._quiet_since = self.loop.time()

    def timeout_keep_alive_handler(self) -> None:
        self.timeout_keep_alive_task = None
        if self._quiet_since is None:
            return  # A request is under way; its answer begins the next timer.
        left = self._quiet_since + self.timeout_keep_alive - self.loop.time()
        if left > 0.001:
            self._begin_timer(left)
        else:
            super().timeout_keep_alive_handler()

    def _unset_keepalive_if_required(self) -> None:
        self._quiet_since = None

    def _begin_timer(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self.timeout_keep_alive_handler
        )

    def _end_timer(self) -> None:
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None


def laid_out(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A ready answer's beginning, to which more headers and the empty line are added."""
    return STATUS_LINE[status] + b"".join(b"%b: %b\r\n" % header for header in headers)
