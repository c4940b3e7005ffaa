"""Scans at a fixed pace, whatever the answers do: sent when their time has come, never later.

Run by a bench as `python -m tests.recall.openloop RATE SECONDS CODES_FILE PORT...`; SIGTERM ends it
early. Prints one line of JSON. A request goes out on its connection even while earlier ones are
unanswered (HTTP pipelining), and its latency counts from the time it was due.
"""

import asyncio
import json
import random
import signal
import sys
import time
from collections import deque
from pathlib import Path
from typing import cast

# So many that a connection seldom gets a request before it has answered the last one.
CONNECTIONS = 256
TICK_SECONDS = 0.002
STATUS = b"HTTP/1.1 "


class Connection(asyncio.Protocol):
    """Counts answers as they come, in the order of their requests."""

    def __init__(self, latencies: list[float]) -> None:
        self.due: deque[float] = deque()
        self.failed = 0
        self._latencies = latencies
        self._tail = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes, due: float) -> None:
        if self._transport is None or self._transport.is_closing():
            self.failed += 1
            return
        self.due.append(due)
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        present = time.monotonic()
        # A status line may be cut in two by the network: its beginning waits for the rest.
        text = self._tail + data
        position = text.find(STATUS)
        end = 0
        while position >= 0 and position + 12 <= len(text):
            if text[position + 9 : position + 12] not in (b"200", b"404"):
                self.failed += 1
            self._latencies.append(present - self.due.popleft())
            end = position + 12
            position = text.find(STATUS, end)
        keep = max(end, len(text) - 11)
        self._tail = text[keep:]

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.failed += len(self.due)
        self.due.clear()


async def run(rate: float, seconds: float, codes: list[str], ports: list[int]) -> dict[str, float]:
    latencies: list[float] = []
    loop = asyncio.get_running_loop()
    connections = []
    for number in range(CONNECTIONS):
        port = ports[number % len(ports)]
        _, made = await loop.create_connection(lambda: Connection(latencies), "127.0.0.1", port)
        connections.append(made)
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    requests = [_request(code) for code in codes]
    started, sent = time.monotonic(), 0
    while not stopped.is_set() and time.monotonic() - started < seconds:
        wanted = int((time.monotonic() - started) * rate)
        for n in range(sent, wanted):
            connections[n % CONNECTIONS].send(random.choice(requests), started + n / rate)
        sent = max(sent, wanted)
        await asyncio.sleep(TICK_SECONDS)
    lasted = time.monotonic() - started
    await asyncio.sleep(0.5)
    unanswered = sum(len(one.due) for one in connections)
    for one in connections:
        one.due.clear()
        one.close()
    await asyncio.sleep(0)
    latencies.sort()
    return {
        "asked_per_second": rate,
        "sent_per_second": sent / lasted,
        "answered": len(latencies),
        "unanswered": unanswered,
        "failed": sum(one.failed for one in connections),
        "p50_ms": latencies[len(latencies) // 2] * 1000 if latencies else 0,
        "p99_ms": latencies[len(latencies) * 99 // 100] * 1000 if latencies else 0,
    }


def _request(code: str) -> bytes:
    return (
        f"GET /v1/verdicts/{code} HTTP/1.1\r\nHost: txng.test\r\nAccept: application/json\r\n"
        "Accept-Language: vi-VN,vi;q=0.9\r\nX-Real-IP: 203.0.113.7\r\n\r\n"
    ).encode()


def main() -> None:
    rate, seconds, file, *ports = sys.argv[1:]
    codes = Path(file).read_text(encoding="ascii").split()
    told = asyncio.run(run(float(rate), float(seconds), codes, [int(port) for port in ports]))
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
