"""A thousand million stamps: the time to issue them, the bytes they take, what a scan then costs.

Run as `python -m tests.bench.scale [--batches N] [--state DIR]`; tests/bench/README.md tells what
is measured and how to read it.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.local.servers import Mongod, RabbitMQ
from tests.bench.saying import say
from tests.scale import asking
from tests.scale.asking import DRAWS, Round, Subject
from tests.scale.shapes import QUANTITY
from tests.scale.sizes import disk_bytes, shape, sizes
from tests.scale.system import REPLICA, Progress, System, resident_megabytes, servers

WHOLE = 100_000
SMALL = 100
# Issued by one process before the next takes over; what it cost is then booked.
SLICE = 2_000


@dataclass
class Spent:
    """What issuing has cost so far, over all runs on one state folder."""

    batches: int = 0
    acts: int = 0
    issuing_seconds: float = 0.0
    draining_seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> "Spent":
        return cls(**json.loads(file.read_text())) if file.exists() else cls()

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)))

    def add_cpu(self, before: dict[str, float], after: dict[str, float]) -> None:
        for name, seconds in after.items():
            self.cpu[name] = self.cpu.get(name, 0.0) + seconds - before.get(name, 0.0)


def main() -> int:
    arguments = _arguments()
    with ExitStack() as stack:
        if arguments.state is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="txng-scale-")))
        else:
            folder = arguments.state.absolute()
        mongod, rabbitmq = stack.enter_context(servers(folder))
        asyncio.run(bench(arguments, folder, mongod, rabbitmq))
    return 0


async def bench(
    arguments: argparse.Namespace, folder: Path, mongod: Mongod, rabbitmq: RabbitMQ
) -> None:
    small, large = (System(name, folder, mongod, rabbitmq) for name in ("small", "large"))
    try:
        say(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at this moment")
        await small.start()
        await small.issue((await small.progress()).batches, SMALL, 1)
        await small.drained()
        await large.start()
        spent = await issue(large, arguments, folder / "spent.json")
        report_issuing(spent, await large.progress())
        await report_sizes(large, mongod)
        for system in (small, large):
            await system.start_replica()
        subjects = [await asking.subject(system, folder) for system in (small, large)]
        await ask(subjects, arguments)
    finally:
        await small.close()
        await large.close()


async def issue(large: System, arguments: argparse.Namespace, file: Path) -> Spent:
    """Issue what is missing, then wait until scan's database has everything."""
    spent = Spent.read(file)
    while (done := (await large.progress()).batches) < arguments.batches:
        end = min(done + SLICE, arguments.batches)
        started, before = time.monotonic(), large.cpu()
        acts, cpu = await large.issue(done, end, arguments.processes)
        spent.issuing_seconds += time.monotonic() - started
        spent.add_cpu({**before, "issuing": 0.0}, {**large.cpu(), "issuing": cpu})
        spent.batches += end - done
        spent.acts += acts
        spent.write(file)
        tell_progress(spent.issuing_seconds, await large.progress())
    started, before = time.monotonic(), large.cpu()
    await large.drained()
    spent.draining_seconds += time.monotonic() - started
    spent.add_cpu(before, large.cpu())
    spent.write(file)
    return spent


async def ask(subjects: list[Subject], arguments: argparse.Namespace) -> None:
    """Verdicts as the replicas were started, and again when they were asked for every batch."""
    report_memory("started", subjects, [await asking.figures(one) for one in subjects])
    taken = await asking.rounds(subjects, arguments.rounds, arguments.rate, arguments.seconds)
    report_rounds("from the start", taken, arguments)
    for one in subjects:
        await asking.ask_all(one)
    report_memory("every batch asked once", subjects, [await asking.figures(s) for s in subjects])
    taken = await asking.rounds(subjects, arguments.rounds, arguments.rate, arguments.seconds)
    report_rounds("after that", taken, arguments)
    figures = [await asking.figures(one) for one in subjects]
    report_memory("at the end", subjects, figures)
    for one, told in zip(subjects, figures, strict=True):
        verdicts = {name: n for name, n in told.items() if name.startswith("txng_scans") and n}
        say(f"{one.system.name}: {verdicts}")


def tell_progress(seconds: float, progress: Progress) -> None:
    say(
        f"{seconds:8.0f} s  {progress.batches:,} batches, {progress.committed:,} events, "
        f"{progress.relayed:,} relayed, {progress.projected:,} projected"
    )


def report_issuing(spent: Spent, progress: Progress) -> None:
    whole = spent.issuing_seconds + spent.draining_seconds
    each = spent.batches or 1
    say(f"\nissued {spent.batches:,} batches of {QUANTITY:,} stamps with {spent.acts:,} acts")
    say(
        f"  time to issue        {spent.issuing_seconds:10.1f} s  "
        f"{each / spent.issuing_seconds:.1f} batches/s, "
        f"{each * QUANTITY / spent.issuing_seconds:,.0f} stamps/s, "
        f"{spent.acts / spent.issuing_seconds:.0f} acts/s"
    )
    say(f"  then until projected {spent.draining_seconds:10.1f} s")
    say(f"  events               {progress.committed:10,}    {progress.committed / whole:.0f}/s")
    say("  processor time a batch, in ms:")
    for name, seconds in sorted(spent.cpu.items(), key=lambda pair: -pair[1]):
        say(f"    {name:18} {seconds / each * 1000:10.2f}")
    cpu = sum(spent.cpu.values())
    say(f"    {'together':18} {cpu / each * 1000:10.2f}")
    say(
        f"  extrapolated: {WHOLE:,} batches take {whole / each * WHOLE / 60:.0f} min as here, "
        f"{cpu / each * WHOLE / 2 / 60:.0f} min of two processors that do nothing else"
    )


async def report_sizes(large: System, mongod: Mongod) -> None:
    held = await shape(large)
    say(f"\n{held.stamps:,} stamps in {held.batches:,} batches and {held.segments:,} segments")
    say(
        f"  intervals            {held.intervals:10,}    median {held.median} a batch, "
        f"{held.hundreds:,} batches with 200 or more"
    )
    for size in await sizes(large):
        say(
            f"  {size.name:26} {size.total / 1e6:9.1f} MB  "
            f"(storage {size.storage / 1e6:.1f}, indexes {size.indexes / 1e6:.1f}; "
            f"{size.documents:,} documents, {size.total / held.batches:,.0f} bytes a batch)"
        )
    say(f"  mongod's folder            {disk_bytes(mongod.state / 'db') / 1e6:9.1f} MB")


def report_memory(when: str, subjects: list[Subject], told: list[dict[str, float]]) -> None:
    say(f"\nreplicas, {when}:")
    for one, figures in zip(subjects, told, strict=True):
        megabytes = resident_megabytes(one.system.running.pid(REPLICA))
        segments = figures["txng_scan_segments"]
        say(f"  {one.system.name:6} {megabytes:7.1f} MB resident, {segments:,.0f} segments kept")


def report_rounds(
    when: str, taken: dict[tuple[str, str], list[Round]], arguments: argparse.Namespace
) -> None:
    say(
        f"\nJSON verdicts at {arguments.rate:.0f}/s {when}, medians of {arguments.rounds} rounds "
        f"of {arguments.seconds:.0f} s"
    )
    say(f"  {'':18}{'p50 ms':>8}{'p99 ms':>8}{'reads a scan':>14}{'p50 ×':>8}{'p99 ×':>8}")
    for draw in DRAWS:
        small, large = taken[draw, "small"], taken[draw, "large"]
        of_p50, of_p99 = asking.ratios(large, small)
        for name, rounds in (("small", small), ("large", large)):
            p50, p99, reads = asking.medians(rounds)
            ratio = f"{of_p50:8.2f}{of_p99:8.2f}" if rounds is large else ""
            say(f"  {draw:8} {name:9}{p50:8.2f}{p99:8.2f}{reads:14.3f}{ratio}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=2_000, help=f"{WHOLE} for the whole")
    parser.add_argument("--state", type=Path, help="kept, and taken up again by the next run")
    parser.add_argument("--processes", type=int, default=1, help="that issue at once")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rate", type=float, default=300, help="verdicts asked for a second")
    parser.add_argument("--seconds", type=float, default=5, help="of a round")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
