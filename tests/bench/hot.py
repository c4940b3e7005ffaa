"""Where the processor time of one answer goes, part by part, without a network and other processes.

Run as `python -m tests.bench.hot`. Requests as nginx sends them are given to the HTTP protocol of a
replica by hand, over a transport that throws everything away, and to that of a bare ASGI callable
of as many bytes, by turns. What the kernel does for a request is left out: it is the same for both.
Every figure is the least of several rounds, in µs of this process's own time, so that other work of
the machine hardly matters.
"""

import argparse
import asyncio
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from uvicorn.server import ServerState

from deploy.local.secrets import create_missing
from services.scan.answering.hot import HotRoute
from services.scan.answering.ready import whole
from services.scan.answering.request_ids import request_id
from services.scan.domain import records
from services.scan.domain.aggregates import PARTS, PUBLISHERS, to_document
from services.scan.replica import Replica
from services.scan.settings import ScanSettings
from shared.service import GARBAGE_THRESHOLDS
from shared.stampcode import decode, encode
from shared.web.unreadable import Protocol
from tests.bench.bare import bare
from tests.bench.mixture import forged
from tests.bench.saying import say
from tests.bench.wrk import PROXY_HEADERS
from tests.scan.world import Goods

LOTS, SERIALS, HOT_CODES = 200, 500, 2_000
CONNECTIONS = 64
JSON, PAGE = "application/json", "text/html,application/xhtml+xml,*/*;q=0.8"


class Nowhere(asyncio.Transport):
    """Counts what is written and sends nothing."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.written = 0

    def write(self, data: Any) -> None:
        self.written += 1

    def is_closing(self) -> bool:
        return False


class Served:
    """An application behind the protocol, with a number of connections."""

    def __init__(self, app: Any, transport: Callable[[], Nowhere] = Nowhere) -> None:
        config = uvicorn.Config(
            app, http=Protocol, proxy_headers=False, access_log=False, timeout_keep_alive=600
        )
        config.load()
        state = ServerState()
        self.transports = [transport() for _ in range(CONNECTIONS)]
        self.protocols = [Protocol(config, state, {}) for _ in range(CONNECTIONS)]
        for protocol, one in zip(self.protocols, self.transports, strict=True):
            protocol.connection_made(one)

    async def ask(self, requests: list[bytes]) -> float:
        """µs for each request, a turn of the loop for as many as there are connections."""
        before = sum(transport.written for transport in self.transports)
        began = time.process_time()
        for start in range(0, len(requests), CONNECTIONS):
            for protocol, request in zip(
                self.protocols, requests[start : start + CONNECTIONS], strict=False
            ):
                protocol.data_received(request)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        taken = time.process_time() - began
        answered = sum(transport.written for transport in self.transports) - before
        assert answered == len(requests), (answered, len(requests))
        return taken / len(requests) * 1e6


def knowing(folder: Path, **changes: Any) -> tuple[Replica, list[Goods]]:
    """A replica that is confirmed for good and has everything in memory."""
    create_missing(folder / "secrets")
    settings = ScanSettings(
        **changes,
        secrets_dir=folder / "secrets",
        spool_dir=folder,
        replica="bench",
        feeds=dict.fromkeys(PUBLISHERS, "http://localhost"),
        trust_proxy=True,
    )
    replica = Replica(settings)
    goods = [Goods() for _ in range(LOTS)]
    for one in goods:
        for event in one.events():
            told = event.model_copy(update={"number": 1})
            part = PARTS[told.type]
            document = {"published": to_document(told)}
            assert replica.memory.admit(part.collection, told.subject, document)
    replica.confirmer.until, replica.confirmer.genealogy_to = float("inf"), 1
    replica.confirmer.as_of = datetime.now(UTC)
    replica.visitors.turn_day(replica.confirmer.as_of.date())
    replica.spool.open()
    return replica, goods


def requests_for(paths: list[str], accept: str, count: int) -> list[bytes]:
    headers = "".join(f"{name}: {value}\r\n" for name, value in PROXY_HEADERS.items())
    return [
        f"GET {paths[n % len(paths)]} HTTP/1.1\r\nHost: localhost\r\n{headers}Accept: {accept}\r\n"
        f"X-Request-ID: {n:032x}\r\n\r\n".encode()
        for n in range(count)
    ]


async def bench(arguments: argparse.Namespace, folder: Path) -> None:
    replica, goods = knowing(folder)
    hot = replica.hot_route(bare(1))
    codes = [encode(replica.keys.ring, one.batch, n) for n in range(SERIALS) for one in goods]
    for one in goods:
        await replica.scanner.find(one.batch, 0)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)  # As every service process does.
    say(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    say(f"\n{'µs of the process a request':44}{'µs':>8}{'bare ×':>8}")
    served = Served(hot)
    for kind, prefix, accept in (("JSON", "/v1/verdicts/", JSON), ("page", "/", PAGE)):
        size = len(await _body(hot, prefix + codes[0], accept))
        yardstick = Served(bare(size))
        wrong = [prefix + forged(code) for code in codes[:HOT_CODES]]
        every = [prefix + code for code in codes]
        rows = {
            f"{kind}: {HOT_CODES} codes, ready": (served, every[:HOT_CODES], HOT_CODES),
            f"{kind}: {len(codes)} codes, made anew": (served, every, len(every)),
            f"{kind}: forged codes beyond the limit": (served, wrong, HOT_CODES),
            f"{kind}: bare ASGI, {size} bytes": (yardstick, every[:HOT_CODES], HOT_CODES),
        }
        least = dict.fromkeys(rows, float("inf"))
        for _ in range(arguments.rounds):
            for name, (whom, paths, count) in rows.items():
                asked = requests_for(paths, accept, count)
                if paths is not every:
                    await whom.ask(asked)  # What is asked for again lies ready.
                least[name] = min(least[name], await whom.ask(asked))
        for name, spent in least.items():
            say(f"{name:44}{spent:8.2f}{least[name_of_bare(rows)] / spent:8.2f}")
    report_parts(hot, replica, codes, arguments.rounds)
    replica.spool.finish()


def name_of_bare(rows: dict[str, Any]) -> str:
    return next(name for name in rows if "bare" in name)


async def _body(hot: HotRoute, path: str, accept: str) -> bytes:
    given = [(b"accept", accept.encode()), (b"x-real-ip", b"203.0.113.7")]
    answer = hot.at_once(path.encode(), given, None)
    assert answer is not None, path
    return answer.partition(b"\r\n\r\n")[2]


def report_parts(hot: HotRoute, replica: Replica, codes: list[str], rounds: int) -> None:
    """Each part of `at_once` by itself."""
    url = f"/v1/verdicts/{codes[5]}".encode()
    text, address, agent = codes[5].encode(), b"203.0.113.7", PROXY_HEADERS["User-Agent"].encode()
    given = [(name.lower().encode(), value.encode()) for name, value in PROXY_HEADERS.items()]
    given += [
        (b"host", b"localhost"),
        (b"accept", b"application/json"),
        (b"x-request-id", b"0" * 32),
    ]
    headers = dict(given)
    _, batch, serial = decode(replica.keys.ring, text) or (0, 0, 0)
    known = replica.scanner.peek(batch, serial)
    assert known is not None
    answers, voice = hot._answers, hot._negotiator.voice(headers)
    ready = answers.make(known, True, voice, codes[5], batch, serial)
    record = records.pack(0, bytes(16), batch, serial, bytes(8), 0, 0, bytes(3))
    pieces: dict[str, Callable[[], Any]] = {
        "headers, language and form": lambda: hot._negotiator.voice(dict(given)),
        "found ready": lambda: answers.ready(voice, url),
        "code verified": lambda: decode(replica.keys.ring, text),
        "looked up in memory": lambda: replica.scanner.peek(batch, serial),
        "answer made of it": lambda: answers.make(known, True, voice, codes[5], batch, serial),
        "kept": lambda: answers.keep(voice, url, ready),
        "request id read": lambda: request_id(headers),
        "visitor hashed": lambda: replica.visitors.user(address, agent),
        "record packed": lambda: records.pack(
            0, bytes(16), batch, serial, bytes(8), 0, 0, bytes(3)
        ),
        "record written": lambda: replica.spool.append(record),
        "counted (these four, address, time)": lambda: hot._counted.note(
            headers, None, 0, batch, serial, 0
        ),
        "answer put together": lambda: whole(ready, voice.time, b"0" * 32),
        "limit asked": lambda: hot._limit.is_spent(address),
    }
    say(f"\n{'parts of a JSON verdict':44}{'µs':>8}")
    for name, piece in pieces.items():
        say(f"{name:44}{min(_timed(piece) for _ in range(rounds)):8.2f}")


def _timed(piece: Callable[[], Any], times: int = 2_000) -> float:
    began = time.process_time()
    for _ in range(times):
        piece()
    return (time.process_time() - began) / times * 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="txng-bench-") as folder:
        uvloop.run(bench(arguments, Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
