"""How fast scans are counted, what judging copies costs, and how long a stop is felt.

Run as `python -m tests.bench.recorder [--scans 50000] [--stop 60] [--rate SCANS]`. Real processes
over a MongoDB and a RabbitMQ of their own.

First the recorder alone: spool segments as a replica seals them are put into its queue at once, and
the time runs until their scans are counted. The cases differ in how many stamps the scans are of
and how many sources read each. Beside it what a replica, asked nothing, spends on following the
counters meanwhile, and after how long it knows them all.

Then the whole: scans come evenly to two replicas, the recorder is stopped for a while, started
again, and has to catch up while scans go on coming. At the end every scan that was answered is
compared with what was counted.
"""

import argparse
import asyncio
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from services.scan.counting.spool import QUEUE, Spool
from services.scan.domain.records import PLACES, SOURCE_BYTES, pack
from services.scan.store.counts import STAMPS
from shared.messaging.bus import Hosts, Publisher
from shared.messaging.topology import Names
from tests.bench.own_system import run, start
from tests.bench.pacing import scans
from tests.bench.recall import PROCESSES, REPLICAS, Bench
from tests.bench.saying import say
from tests.bench.wrk import cpu_seconds
from tests.polling import eventually
from tests.running import Running

LOTS = 200
SERIALS = 500
COUNTED_WITHIN = 600.0
# Counting is level with answering when what was answered is counted within so long: spools are
# sealed every second, one batch is being counted, and those that came meanwhile are the next.
LEVEL_SECONDS = 6.0
OFTEN = re.compile(r"^txng_scan_often (\S+)$", re.MULTILINE)


class Case(NamedTuple):
    """How often each stamp is scanned, and by how many sources."""

    scans: int
    sources: int


CASES = (Case(25, 1), Case(1, 1), Case(5, 5), Case(50, 50))


class Counting:
    """Puts segments into the recorder's queue and waits until they are counted."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self._bench = bench
        self._folder = folder
        settings = bench.running.settings
        names = Names(settings.bus_prefix)
        self._publisher = Publisher(Hosts(settings.amqp_hosts), names, "bench")
        self.synthetic = 0

    async def case(self, case: Case, number: int, count: int) -> None:
        """Counts so many scans and tells what that took."""
        running = self._bench.running
        spool = Spool(self._folder / "spool", f"case-{number}")
        spool.open()
        for record in self._records(case, number, count):
            spool.append(record)
        spool.finish()
        messages = [spool.message(path) for path in spool.waiting()]
        pids = [running.pid("recorder"), running.pid(REPLICAS[0])]
        before, counted = list(map(cpu_seconds, pids)), await self._bench.counted()
        began = time.monotonic()
        for name, body in messages:
            await self._publisher.send(QUEUE, body, name)

        async def all_counted() -> bool:
            return await self._bench.counted() >= counted + count

        await eventually(all_counted, COUNTED_WITHIN)
        lasted = time.monotonic() - began
        own = (cpu_seconds(pids[0]) - before[0]) / count * 1e6
        followed = await self._followed(began)
        replica = cpu_seconds(pids[1]) - before[1]
        self.synthetic += count
        name = f"{count // case.scans} stamps, {case.sources} sources each"
        say(f"{name:44}{count / lasted:9.0f}{own:9.1f}{followed:12.1f}{replica:12.2f}")

    async def _followed(self, began: float) -> float:
        """After how many seconds a replica knows every stamp that was scanned five times."""
        stamps = self._bench.scan_db.collection(STAMPS)
        often = await stamps.count_documents({"count": {"$gte": 5}})

        async def knows_all() -> bool:
            url = f"{self._bench.running.url(REPLICAS[0])}/metrics"
            found = OFTEN.search((await self._bench.http.get(url)).text)
            return found is not None and float(found[1]) >= min(often, 100_000)

        await eventually(knows_all, 120)
        return time.monotonic() - began

    def _records(self, case: Case, number: int, count: int) -> Iterator[bytes]:
        """Scans of goods that are in the read models, within the last minute."""
        goods = self._bench.goods
        at = time.time_ns() // 1_000_000
        stamps = max(1, count // case.scans)
        for scan in range(count):
            stamp = scan % stamps
            source = (scan // stamps) % case.sources
            neighbour = (number << 16 | stamp % 4_096) if case.sources == 1 else source + 1
            batch, serial = goods[stamp % LOTS].batch, stamp // LOTS % SERIALS
            yield pack(
                at - scan % 60_000,
                (number << 64 | scan).to_bytes(16),
                batch,
                serial,
                (number << 40 | scan % 20_000).to_bytes(8),
                0,
                PLACES["genuine"],
                neighbour.to_bytes(SOURCE_BYTES, "little"),
            )

    async def close(self) -> None:
        await self._publisher.drop()


async def bench(arguments: argparse.Namespace, running: Running, folder: Path) -> None:
    await start(running, *PROCESSES)
    it = Bench(running, folder)
    await it.prepare(LOTS)
    say(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before")
    counting = Counting(it, folder)
    began, before = time.monotonic(), cpu_seconds(running.pid(REPLICAS[0]))
    await asyncio.sleep(5)
    idle = (cpu_seconds(running.pid(REPLICAS[0])) - before) / (time.monotonic() - began)
    say(f"a replica that is asked nothing and follows nothing: {idle:.3f} s of processor a second")
    say(f"\n{'':44}{'scans/s':>9}{'CPU µs':>9}{'followed s':>12}{'replica s':>12}")
    for number, case in enumerate(CASES):
        await counting.case(case, number + 1, arguments.scans)
    await counting.close()
    if arguments.stop:
        await stopped(arguments, it, counting.synthetic)
    say(f"load average {os.getloadavg()[0]:.1f} at the end")
    await it.http.aclose()
    await it.scan_db.close()


async def stopped(arguments: argparse.Namespace, it: Bench, synthetic: int) -> None:
    """The recorder is away for a while, then catches up while scans go on."""
    _, most = await it.capacity(arguments.seconds, synthetic)
    rate = arguments.rate or most / 2
    say(f"\ncapacity, answered and counted: {most:.0f} scans/s; asked {rate:.0f}/s from now on")
    with scans(it.codes, it.ports(), it.folder, rate=rate) as load:
        await asyncio.sleep(3)
        await it.running.terminate("recorder")
        await asyncio.sleep(arguments.stop)
        backlog = await it.answered() - (await it.counted() - synthetic)
        began = time.monotonic()
        await it.running.start("recorder")
        started = time.monotonic()
        answered = await it.answered()
        await _until_counted(it, answered + synthetic)
        drained = time.monotonic()
        while True:
            asked = time.monotonic()
            await _until_counted(it, await it.answered() + synthetic)
            if (behind := time.monotonic() - asked) < LEVEL_SECONDS:
                break
        level = time.monotonic()
        told = load.end()
    say(
        f"away for {arguments.stop:.0f} s: {backlog} scans waited; {started - began:.1f} s to start"
    )
    say(
        f"the backlog was counted {drained - started:.1f} s after that, level with answering after"
        f" {level - started:.1f} s, then {behind:.1f} s behind it"
        f" ({told.answered_per_second:.0f} scans/s went on, p99 {told.p99_ms:.1f} ms,"
        f" {told.failed} failed)"
    )
    answered = await it.answered()
    await _until_counted(it, answered + synthetic)
    await asyncio.sleep(LEVEL_SECONDS)
    counted = await it.counted() - synthetic
    exact = "exactly" if counted == answered else "NOT the same"
    say(f"answered {answered}, counted {counted}: {exact}")


async def _until_counted(it: Bench, scans: int) -> None:
    async def counted() -> bool:
        return await it.counted() >= scans

    await eventually(counted, COUNTED_WITHIN)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=int, default=50_000, help="in each case")
    parser.add_argument("--stop", type=float, default=60, help="seconds the recorder is away")
    parser.add_argument("--rate", type=float, default=0, help="scans a second instead of half")
    parser.add_argument("--seconds", type=int, default=4, help="of measuring the capacity")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(run(bench, _arguments()))
