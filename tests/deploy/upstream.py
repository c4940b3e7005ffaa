"""A stand-in for a service behind nginx: answers every request with what it was asked."""

import asyncio
import json
from dataclasses import dataclass, field


@dataclass
class Upstream:
    """Answers 200 with its name, the path and the headers; may hang or hang up instead."""

    name: str
    port: int
    hangs_up: bool = False
    hangs: bool = False
    seen: list[str] = field(default_factory=list)
    server: asyncio.Server | None = None
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self.server is not None:
            self.server.close()
            for writer in self.open:
                writer.close()
            await self.server.wait_closed()
            self.server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode().split("\r\n")
                headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
                await reader.readexactly(int(headers.get("content-length", "0")))
                self.seen.append(first)
                if self.hangs_up:
                    break
                if self.hangs:
                    await reader.read()  # Until nginx gives up and closes.
                    break
                said = {"name": self.name, "request": first, "headers": headers}
                body = json.dumps(said).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    + f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open.discard(writer)
            writer.close()
