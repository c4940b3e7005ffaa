"""A bad network: a TCP proxy that delays, swallows or resets what goes through it."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit, urlunsplit

from deploy.local.ports import free_port

Mode = Literal["pass", "black hole", "reset"]
CHUNK = 65_536


class Proxy:
    """Listens on `port` and passes on to where `url` leads; `through` is that url by this way.

    A black hole keeps connections, old and new, and passes nothing on: only time-outs help. What
    was swallowed is not delivered later, so a mended network finds its old connections broken.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        self._target = (parts.hostname, parts.port)
        self.port = free_port()
        self.delay = 0.0
        self._mode: Mode = "pass"
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._swallowed: set[asyncio.StreamWriter] = set()
        login = parts.netloc.rpartition("@")[0]
        host = f"{login}@127.0.0.1:{self.port}" if login else f"127.0.0.1:{self.port}"
        self.through = urlunsplit(parts._replace(netloc=host))

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self._abort(self._open)

    def pass_on(self) -> None:
        """As a sound network does; connections that lost something meanwhile are reset."""
        self._mode = "pass"
        self._abort(self._swallowed)

    def swallow(self) -> None:
        self._mode = "black hole"

    def reset(self) -> None:
        """Reset every connection, and each that is tried from now on."""
        self._mode = "reset"
        self._abort(self._open)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            if self._mode == "reset":
                writer.transport.abort()
                return
            if self._mode == "black hole":
                self._swallowed.add(writer)
                await reader.read()  # Until the other side gives up.
                return
            await self._join(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # The other end is gone, or the loop ends, which asyncio would tell of at length.
        finally:
            self._open.discard(writer)
            self._swallowed.discard(writer)
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        beyond, back = await asyncio.open_connection(*self._target)
        self._open.add(back)
        ways = [
            asyncio.create_task(self._carry(reader, back, writer)),
            asyncio.create_task(self._carry(beyond, writer, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            self._open.discard(back)
            back.transport.abort()

    async def _carry(
        self, reader: asyncio.StreamReader, to: asyncio.StreamWriter, of: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                if self._mode == "black hole":
                    self._swallowed.add(of)
                    continue
                if self.delay:
                    await asyncio.sleep(self.delay)
                to.write(data)
                await to.drain()

    def _abort(self, writers: set[asyncio.StreamWriter]) -> None:
        for writer in list(writers):
            writer.transport.abort()
