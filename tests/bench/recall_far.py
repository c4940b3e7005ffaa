"""A recall of ten million stamps beside one of a thousand, and recalls while the bus is stopped.

Run as `python -m tests.bench.recall_far`. Real processes over a MongoDB and a RabbitMQ of their
own, no scans meanwhile. First two products are recalled as wholes by turns, each lifted by two
people before its next turn: one with a single segment of stamps, one with `--stamps` of them in as
many segments as that takes. Then RabbitMQ is stopped and lots are recalled one after another: only
the feeds tell the replicas. Told are

- order → answer: from sending the order until it is acknowledged;
- acknowledged → red page: until a consumer page asked for again and again is red on the first and
  on the last replica.
"""

import argparse
import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from shared.contracts.event import Event
from shared.contracts.stamps import SEGMENT_SERIALS
from shared.mongo import Database
from shared.stampcode import MAX_SERIAL
from tests.bench.own_system import let_in, run, start
from tests.bench.recall import PROCESSES, REPLICAS, Bench, order_of
from tests.bench.saying import say
from tests.polling import eventually
from tests.running import Running
from tests.scan.world import Goods, new_batch, segment
from tests.tokens import bearer, mint

# Neither order is to wait for a second person: what is compared is the way to the pages.
NO_CAP = {"TXNG_RECALL_CAP_STAMPS": "1000000000", "TXNG_RECALL_CAP_LOTS": "1000000"}
WHOLE_SECONDS = 5.0
GREEN_WITHIN_SECONDS = 60.0


class Large(Goods):
    """One product with very many active stamps, in batches as large as may be."""

    def __init__(self, stamps: int) -> None:
        super().__init__()
        self.segments: list[Event] = []
        batch, left = self.batch, stamps
        while left:
            of_batch = min(left, MAX_SERIAL + 1)
            for number, first in enumerate(range(0, of_batch, SEGMENT_SERIALS)):
                last = min(first + SEGMENT_SERIALS, of_batch) - 1
                held = [(first, last, self.lot, "active")]
                self.segments.append(
                    segment(batch, self.facility, self.product, held, number=number)
                )
            batch, left = new_batch(), left - of_batch

    def events(self) -> list[Event]:
        return [*self.passports(), *self.segments]


@dataclass(frozen=True)
class Timing:
    """One recall, in milliseconds."""

    answered: float
    first_red: float
    last_red: float


async def measured(it: Bench, goods: Goods, order: dict[str, str]) -> tuple[str, Timing]:
    it.token = mint(it.running.settings.secrets_dir)
    sent = time.time()
    case_id, answered = await it.ordered(order)
    red = await it.red(it.code(goods, 0))
    timing = Timing(
        (answered - sent) * 1000, (min(red) - answered) * 1000, (max(red) - answered) * 1000
    )
    return case_id, timing


async def lifted(it: Bench, goods: Goods, case_id: str) -> None:
    """By two people, until every replica says genuine again."""
    url = f"{it.running.url('recall')}/api/recall/v1/recalls/{case_id}/lift"
    for path, body in (("", {"reason": "Đo thời gian"}), ("/confirm", {})):
        by = bearer(mint(it.running.settings.secrets_dir))
        answer = await it.http.post(url + path, json=body, headers=by)
        assert answer.status_code == 200, answer.text

    async def green() -> None:
        for name in it.replicas:
            address = f"{it.running.url(name)}/v1/verdicts/{it.code(goods, 0)}"
            assert (await it.http.get(address)).json()["verdict"] == "genuine", name

    await eventually(green, GREEN_WITHIN_SECONDS)


async def by_turns(it: Bench, small: Goods, large: Goods, rounds: int, pause: float) -> None:
    timings: dict[str, list[Timing]] = {"small": [], "large": []}
    for _ in range(rounds):
        for name, goods in (("small", small), ("large", large)):
            order = order_of(goods) | {"target_kind": "product", "target": goods.product}
            case_id, timing = await measured(it, goods, order)
            timings[name].append(timing)
            await lifted(it, goods, case_id)
            await asyncio.sleep(pause)
    for name, rows in timings.items():
        report(f"a {name} product as a whole", rows)
    ratio = _p(timings["large"], 50, "last_red") / _p(timings["small"], 50, "last_red")
    say(f"  large ÷ small, acknowledged → last red page, p50: {ratio:.2f} (aim: the same)")


async def without_bus(it: Bench, goods: list[Goods], pause: float) -> None:
    assert it.running.rabbitmq is not None
    await asyncio.to_thread(it.running.rabbitmq.stop)
    try:
        timings = []
        for one in goods:
            timings.append((await measured(it, one, order_of(one)))[1])
            await asyncio.sleep(pause)
    finally:
        await asyncio.to_thread(it.running.rabbitmq.start)
    report("with the bus stopped", timings)
    slowest = max(one.last_red for one in timings) / 1000
    told = "met" if slowest < WHOLE_SECONDS else "NOT met"
    say(f"  aim: never beyond {WHOLE_SECONDS:.0f} s: {told} ({slowest:.2f} s)")


def _p(timings: list[Timing], percent: int, name: str) -> float:
    values = [getattr(one, name) for one in timings]
    return float(quantiles(values, n=100, method="inclusive")[percent - 1])


def report(title: str, timings: list[Timing]) -> None:
    say(f"\n{title} ({len(timings)} recalls)")
    for name, words in (
        ("answered", "order → answer"),
        ("first_red", "acknowledged → first red page"),
        ("last_red", "acknowledged → last red page"),
    ):
        most = max(getattr(one, name) for one in timings)
        p50, p99 = (_p(timings, percent, name) for percent in (50, 99))
        say(f"  {words:32} p50 {p50:8.1f} ms   p99 {p99:8.1f} ms   max {most:8.1f} ms")


async def bench(arguments: argparse.Namespace, running: Running, folder: Path) -> None:
    more = running.add_replicas(arguments.replicas - len(REPLICAS))
    names = (*PROCESSES, *more)
    await let_in(running)
    await running.start("recall", env=NO_CAP)
    await start(running, *(name for name in names if name != "recall"))
    it = Bench(running, folder, (*REPLICAS, *more))
    large = Large(arguments.stamps)
    said = time.monotonic()
    await it.tell([large])
    await it.prepare(2 + arguments.recalls)
    await eventually(lambda: _all_taken_in(running, large), 900)
    say(f"{arguments.stamps:,} stamps were known everywhere after {time.monotonic() - said:.0f} s")
    small, warm, *goods = it.goods
    await measured(it, warm, order_of(warm))
    await by_turns(it, small, large, arguments.rounds, arguments.pause)
    await without_bus(it, goods, arguments.pause)
    await it.http.aclose()
    await it.scan_db.close()


async def _all_taken_in(running: Running, large: Large) -> bool:
    """Every segment of the large product is in scan's database and in recall's."""
    settings = running.settings
    wanted = {"_id": {"$in": [event.subject for event in large.segments]}}
    for service in ("scan", "recall"):
        db = Database(settings.mongo_url, settings.database(service), "bench")
        found = await db.collection("segments").count_documents(wanted)
        await db.close()
        if found < len(large.segments):
            return False
    return True


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stamps", type=int, default=10_000_000, help="of the large product")
    parser.add_argument("--rounds", type=int, default=50, help="recalls of either product")
    parser.add_argument("--recalls", type=int, default=100, help="while the bus is stopped")
    parser.add_argument("--replicas", type=int, default=4, help="of scan")
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between recalls")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(run(bench, _arguments()))
