"""A storm of recalls: very many notices in a minute, while scans come at half of the capacity.

Run as `python -m tests.bench.storm [--notices 1000] [--storm 60] [--quiet 15] [--rate SCANS]`. Real
processes over a MongoDB and a RabbitMQ of their own, as in `tests.bench.recall`, whose capacity is
measured first. Then scans come evenly and whatever the answers do, first while nothing else
happens, then while recalls of one lot each are ordered, evenly as well. Three things are told:

- the latencies of the scans in the storm, beside those of the quiet before it;
- for every order, what both replicas say of a stamp of that lot five seconds after the order was
  acknowledged: anything but `recalled` is told, and `genuine` would be stale;
- from the order, and from its acknowledgement, until the last replica shows the notice, by the
  receipts of the replicas; and for one order in ten, until a consumer's page asked for again and
  again is red on both.
"""

import argparse
import asyncio
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import httpx2

from tests.bench.own_system import run, start
from tests.bench.pacing import Paced, scans
from tests.bench.recall import PROCESSES, REPLICAS, WARM_UP, Bench, order_of, turns_red
from tests.bench.saying import say
from tests.running import Running
from tests.scan.world import Goods

STALE_SECONDS = 5.0
WATCHED_ONE_IN = 10
# Orders under way at once; were they more, the generator would be what is measured.
MOST_AT_ONCE = 64
# An order that the system cannot take just now is sent again, as a person would.
REPEAT_SECONDS = 0.5
AIM = 1.5


@dataclass(frozen=True)
class Ordered:
    """One order: its case, when it was sent and acknowledged (seconds since 1970), what each
    replica said five seconds later, and when the page was red on the last one if it was watched."""

    case: str
    sent: float
    acknowledged: float
    said: tuple[str, ...]
    red: float | None


class Storm:
    """Orders recalls at a fixed pace and looks at each after five seconds."""

    def __init__(self, bench: Bench) -> None:
        self.repeated = 0
        self._bench = bench
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    async def rage(self, goods: list[Goods], seconds: float) -> list[Ordered]:
        began = time.monotonic()
        orders = []
        for number, one in enumerate(goods):
            due = began + number * seconds / len(goods)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            watched = number % WATCHED_ONE_IN == 0
            orders.append(asyncio.create_task(self._order(one, watched)))
        return await asyncio.gather(*orders)

    async def _order(self, goods: Goods, watched: bool) -> Ordered:
        async with self._room:
            sent = time.time()
            while (answer := await self._bench.post("/recalls", order_of(goods))).is_error:
                if answer.status_code != 503:
                    raise SystemExit(f"an order was refused: {answer.text}")
                self.repeated += 1
                await asyncio.sleep(REPEAT_SECONDS)
            acknowledged = time.time()
        code = self._bench.code(goods, 0)
        red = None
        if watched:
            red = max(await asyncio.gather(*(turns_red(p, code) for p in self._bench.ports())))
        await asyncio.sleep(max(0.0, acknowledged + STALE_SECONDS - time.time()))
        said = await asyncio.gather(*(self._verdict(name, code) for name in REPLICAS))
        return Ordered(answer.json()["id"], sent, acknowledged, tuple(said), red)

    async def _verdict(self, replica: str, code: str) -> str:
        url = f"{self._bench.running.url(replica)}/v1/verdicts/{code}"
        try:
            answer = await self._bench.http.get(url)
        except httpx2.HTTPError:
            return "no answer"
        return str(answer.json()["verdict"])


async def bench(arguments: argparse.Namespace, running: Running, folder: Path) -> None:
    await start(running, *PROCESSES)
    it = Bench(running, folder)
    await it.prepare(WARM_UP + arguments.notices)
    await it.recalls(it.goods[:WARM_UP], 0.1)
    answered, most = await it.capacity(arguments.seconds)
    say(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at this moment")
    say(f"{len(REPLICAS)} replicas answer {answered:.0f} scans/s while counting waits")
    say(f"capacity, answered and counted: {most:.0f} scans/s")
    rate = arguments.rate or most / 2
    with scans(it.codes, it.ports(), folder, rate=rate, seconds=arguments.quiet) as load:
        quiet = await asyncio.to_thread(load.wait)
    with scans(it.codes, it.ports(), folder, rate=rate) as load:
        began = time.monotonic()
        storm = Storm(it)
        orders = await storm.rage(it.goods[WARM_UP:], arguments.storm)
        lasted = time.monotonic() - began - STALE_SECONDS
        stormy = load.end()
    report(rate, quiet, stormy)
    say(f"\n{len(orders)} notices in {lasted:.0f} s; {storm.repeated} orders were repeated (503)")
    report_verdicts(orders)
    await report_latencies(it, orders)
    say(f"load average {os.getloadavg()[0]:.1f} at the end")
    await it.http.aclose()
    await it.scan_db.close()


def report(rate: float, quiet: Paced, stormy: Paced) -> None:
    say(f"\n{f'scans at {rate:.0f}/s':12}{'answered/s':>12}{'failed':>8}{'p50 ms':>9}{'p99 ms':>9}")
    for name, told in (("quiet", quiet), ("storm", stormy)):
        say(
            f"{name:12}{told.answered_per_second:12.0f}{told.failed:8d}"
            f"{told.p50_ms:9.2f}{told.p99_ms:9.2f}"
        )
    ratio = stormy.p99_ms / quiet.p99_ms
    say(f"p99 × {ratio:.2f} (aim {AIM}: {'met' if ratio <= AIM else 'NOT met'})")


def report_verdicts(orders: list[Ordered]) -> None:
    said = Counter(verdict for one in orders for verdict in one.said)
    told = ", ".join(f"{verdict} {count}" for verdict, count in said.most_common())
    say(f"five seconds after the acknowledgement both replicas said: {told}")
    say(f"stale: {said['genuine']} of {said.total()} verdicts")


async def report_latencies(it: Bench, orders: list[Ordered]) -> None:
    """What the receipts tell is read only now: it is no part of the storm."""
    shown = [max(await it.applied(one.case)) for one in orders]
    rows = {
        "order → acknowledged": [one.acknowledged - one.sent for one in orders],
        "order → last replica shows it": [
            at - one.sent for at, one in zip(shown, orders, strict=True)
        ],
        "acknowledged → last replica": [
            at - one.acknowledged for at, one in zip(shown, orders, strict=True)
        ],
        "acknowledged → last red page": [
            one.red - one.acknowledged for one in orders if one.red is not None
        ],
    }
    for name, values in rows.items():
        p = quantiles([value * 1000 for value in values], n=100, method="inclusive")
        say(
            f"  {name:32} p50 {p[49]:8.1f} ms   p99 {p[98]:8.1f} ms   "
            f"max {max(values) * 1000:8.1f} ms"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notices", type=int, default=1_000)
    parser.add_argument("--storm", type=float, default=60, help="seconds they are spread over")
    parser.add_argument("--quiet", type=int, default=15, help="seconds of scans before it")
    parser.add_argument("--rate", type=float, default=0, help="scans a second instead of half")
    parser.add_argument("--seconds", type=int, default=4, help="of measuring the capacity")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(run(bench, _arguments()))
