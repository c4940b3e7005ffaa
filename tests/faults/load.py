"""Scans through nginx as many phones would make them, each answer noted."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx2

from tests.faults.history import History

# Between two scans of a phone, lest together they meet the limit that an address has at nginx.
PAUSE_SECONDS = 0.05
# So long nginx may leave out who refused, though it is ready again (deploy/nginx/render.py:
# one second, by a clock of whole seconds). Whoever restarts replicas in turn waits for that.
LEFT_OUT_SECONDS = 2.1


@dataclass
class Load:
    """`answers` counts verdicts of status 200; `failures` holds everything else that came."""

    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0

    @property
    def total(self) -> int:
        return sum(self.answers.values())


class Scanning:
    """Phones that scan codes one after another until they are told to stop."""

    def __init__(
        self, origin: str, codes: Sequence[str], phones: int = 8, *, history: History | None = None
    ) -> None:
        self._origin = origin
        self._codes = codes
        self._phones = phones
        self._history = History() if history is None else history
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.load = Load()

    async def __aenter__(self) -> Load:
        self._tasks = [asyncio.create_task(self._phone(n)) for n in range(self._phones)]
        return self.load

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await asyncio.gather(*self._tasks)

    async def _phone(self, number: int) -> None:
        headers = {"User-Agent": f"phone-{number}"}
        async with httpx2.AsyncClient(timeout=10, headers=headers) as client:
            turn = number
            while not self._stop.is_set():
                code = self._codes[turn % len(self._codes)]
                turn += 1
                await asyncio.sleep(PAUSE_SECONDS)
                started = time.monotonic()
                try:
                    answer = await client.get(f"{self._origin}/v1/verdicts/{code}")
                except httpx2.TransportError as error:
                    self.load.failures.append(repr(error))
                    self._history.cut_off[code] += 1
                    continue
                self.load.slowest = max(self.load.slowest, time.monotonic() - started)
                if answer.status_code == 200:
                    verdict = answer.json()["verdict"]
                    self.load.answers[verdict] += 1
                    self._history.scanned(code, verdict, started)
                else:
                    self.load.failures.append(f"{answer.status_code} {answer.text[:200]}")
