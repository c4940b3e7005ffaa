"""How long a recall takes to reach consumers, while replicas answer scans.

Run as `python -m tests.bench.recall`. Real processes over a MongoDB and a RabbitMQ of their own.
First the scan capacity of all replicas together is measured: wrk asks as fast as they answer, and
the time runs until every scan is counted as well. (Counting makes way for answering, so for a while
more can be answered than the machine can keep up with; that rate is told beside it.) Then recalls
are ordered one after another, half a second apart so that none meets what the one before still
leaves to do, while scans come at half of the capacity, whatever the answers do; then again at
saturation, for the record. Two figures, each by the clocks of this one machine:

- order → last replica: from sending the order until the slowest replica shows the notice;
- acknowledged → red page: from the order's answer until a consumer page, asked for from then on
  every few milliseconds, is red on the first and on the last replica. (Asked for during the order
  as well, it was a load of its own beside the half that is meant.)
"""

import argparse
import asyncio
import os
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx2

from services.scan.store.counts import HOURS
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.stampcode import Keyring, encode
from tests.bench.own_system import run, start
from tests.bench.pacing import scans
from tests.bench.saying import say
from tests.polling import eventually
from tests.running import Running
from tests.scan.world import Goods
from tests.tokens import bearer, mint

REPLICAS = ("scan-1", "scan-2")
PROCESSES = ("registry", "stamps", "recall", "projector", "recorder", *REPLICAS)
CODES_OF_EACH = 20
PAGE_PAUSE = 0.004
WARM_UP = 5
SETTLING = 3.0
AIM_MS = 100.0
RED_WITHIN_SECONDS = 30.0
COUNTED_WITHIN_SECONDS = 300.0
SCANS = re.compile(r"^txng_scans_total\{[^}]*\} (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Timing:
    """One recall, in milliseconds."""

    answered: float
    last_replica: float
    first_red: float
    last_red: float


class Bench:
    """The running system, its goods and an official's token."""

    def __init__(
        self, running: Running, folder: Path, replicas: tuple[str, ...] = REPLICAS
    ) -> None:
        self.running = running
        self.replicas = replicas
        self.folder = folder
        self.http = httpx2.AsyncClient(timeout=60)
        self.token = mint(running.settings.secrets_dir)
        self.keyring = Keyring.load(running.settings.secrets_dir / "stamp-keys.json")
        self.goods: list[Goods] = []
        self.codes = folder / "codes"
        settings = running.settings
        self.scan_db = Database(settings.mongo_url, settings.database("scan"), "bench")

    def ports(self) -> list[int]:
        return [self.running.layout.ports[name] for name in self.replicas]

    async def prepare(self, count: int) -> None:
        """`count` lots with active stamps, as registry and stamps would tell them."""
        self.goods = [Goods() for _ in range(count)]
        await self.tell(self.goods)
        spread = [self.code(goods, n) for n in range(CODES_OF_EACH) for goods in self.goods]
        self.codes.write_text("\n".join(spread), encoding="ascii")
        await eventually(self._is_known, 120)

    async def tell(self, goods: Sequence[Goods]) -> None:
        settings = self.running.settings
        for publisher in ("registry", "stamps"):
            db = Database(settings.mongo_url, settings.database(publisher), publisher)
            told = [e for one in goods for e in one.events() if e.publisher == publisher]
            for first in range(0, len(told), 500):

                async def work(tx: Tx, part: Any = told[first : first + 500]) -> None:
                    await outbox.append(tx, *part)

                await transact(db, work)
            await db.close()

    def code(self, goods: Goods, serial: int) -> str:
        return encode(self.keyring, goods.batch, serial)

    async def _is_known(self) -> bool:
        """The last goods told are genuine on every replica and can be recalled."""
        last = self.goods[-1]
        for name in self.replicas:
            url = f"{self.running.url(name)}/v1/verdicts/{self.code(last, 0)}"
            if (await self.http.get(url)).json().get("verdict") != "genuine":
                return False
        body = {"target_kind": "lot", "target": last.lot}
        return (await self.post("/previews", body)).status_code == 200

    async def post(self, path: str, body: Any) -> httpx2.Response:
        url = f"{self.running.url('recall')}/api/recall/v1{path}"
        return await self.http.post(url, json=body, headers=bearer(self.token))

    async def recall(self, goods: Goods) -> Timing:
        """Order one recall and watch the replicas' pages turn red."""
        # Whoever orders must have proven who they are not long ago.
        self.token = mint(self.running.settings.secrets_dir)
        sent = time.time()
        case_id, answered = await self.ordered(order_of(goods))
        red = await self.red(self.code(goods, 0))
        applied = await self.applied(case_id)
        return Timing(
            answered=(answered - sent) * 1000,
            last_replica=(max(applied) - sent) * 1000,
            first_red=(min(red) - answered) * 1000,
            last_red=(max(red) - answered) * 1000,
        )

    async def ordered(self, order: dict[str, str]) -> tuple[str, float]:
        """The case, and when its order was answered."""
        answer = await self.post("/recalls", order)
        answered = time.time()
        if answer.status_code != 201:
            raise SystemExit(f"the order was refused: {answer.text}")
        return answer.json()["id"], answered

    async def red(self, code: str) -> list[float]:
        """When each replica's page of a code told of a recall, asked for from now on."""
        return await asyncio.gather(*(turns_red(port, code) for port in self.ports()))

    async def applied(self, case_id: str) -> list[float]:
        """When each replica began to show it, by their receipts."""
        url = f"{self.running.url('recall')}/api/recall/v1/recalls/{case_id}"

        async def received() -> list[float] | None:
            told = (await self.http.get(url, headers=bearer(self.token))).json()
            by_replica = {r["replica"]: r["applied_at"] for r in told["receipts"]}
            if len(by_replica) < len(self.replicas):
                return None
            return [datetime.fromisoformat(at).timestamp() for at in by_replica.values()]

        times: list[float] = await eventually(received, RED_WITHIN_SECONDS)
        return times

    async def capacity(self, seconds: int, others: int = 0) -> tuple[float, float]:
        """Scans a second: answered meanwhile, and until the last of them was counted; `others` were
        counted that no replica answered."""
        before = await self.answered()
        began = time.monotonic()
        with scans(self.codes, self.ports(), self.folder, seconds=seconds) as load:
            told = await asyncio.to_thread(load.wait)
        answered = await self.answered()

        async def all_counted() -> bool:
            return await self.counted() >= answered + others

        await eventually(all_counted, COUNTED_WITHIN_SECONDS)
        return told.answered_per_second, (answered - before) / (time.monotonic() - began)

    async def answered(self) -> int:
        """Scans answered by the replicas since they started."""
        texts = [
            (await self.http.get(f"{self.running.url(r)}/metrics")).text for r in self.replicas
        ]
        return int(sum(float(n) for text in texts for n in SCANS.findall(text)))

    async def counted(self) -> int:
        """Scans in the recorder's counts."""
        sums = {"$group": {"_id": None, "scans": {"$sum": "$scans"}}}
        found = await (await self.scan_db.collection(HOURS).aggregate([sums])).to_list()
        return found[0]["scans"] if found else 0

    async def recalls(self, goods: list[Goods], pause: float) -> list[Timing]:
        timings = []
        for one in goods:
            timings.append(await self.recall(one))
            await asyncio.sleep(pause)
        return timings


def order_of(goods: Goods) -> dict[str, str]:
    return {
        "target_kind": "lot",
        "target": goods.lot,
        "kind": "recall",
        "reason": "Đo thời gian",
        "instruction": "Không dùng",
    }


async def turns_red(port: int, code: str) -> float:
    """When the consumer's page of a code first tells of a recall, asked again and again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET /{code} HTTP/1.1\r\nHost: txng.test\r\nAccept: text/html\r\n\r\n".encode()
    deadline = time.time() + RED_WITHIN_SECONDS
    try:
        while time.time() < deadline:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            assert length is not None
            page = await reader.readexactly(int(length[1]))
            if b'href="/recalls/' in page:
                return time.time()
            await asyncio.sleep(PAGE_PAUSE)
    finally:
        writer.close()
    raise SystemExit(f"{code} was not red within {RED_WITHIN_SECONDS} s")


def report(title: str, timings: list[Timing]) -> None:
    say(f"\n{title} ({len(timings)} recalls)")
    rows = {
        "order → answer": [t.answered for t in timings],
        "order → last replica shows it": [t.last_replica for t in timings],
        "acknowledged → first red page": [t.first_red for t in timings],
        "acknowledged → last red page": [t.last_red for t in timings],
    }
    for name, values in rows.items():
        p = quantiles(values, n=100, method="inclusive")
        say(f"  {name:32} p50 {p[49]:8.1f} ms   p99 {p[98]:8.1f} ms   max {max(values):8.1f} ms")


async def bench(arguments: argparse.Namespace, running: Running, folder: Path) -> None:
    more = running.add_replicas(arguments.replicas - len(REPLICAS))
    await start(running, *PROCESSES, *more)
    it = Bench(running, folder, (*REPLICAS, *more))
    await it.prepare(WARM_UP + 2 * arguments.recalls)
    await it.recalls(it.goods[:WARM_UP], 0.1)
    answered, most = await it.capacity(arguments.seconds)
    say(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at this moment")
    say(f"{len(it.replicas)} replicas answer {answered:.0f} scans/s while counting waits")
    say(f"capacity, answered and counted: {most:.0f} scans/s")
    rest = it.goods[WARM_UP:]
    rate = arguments.rate or most / 2
    with scans(it.codes, it.ports(), folder, rate=rate) as load:
        await asyncio.sleep(SETTLING)
        timings = await it.recalls(rest[: arguments.recalls], arguments.pause)
        told = load.end()
    report(f"at {rate / most:.2f} of it, {rate:.0f} scans/s whatever the answers do", timings)
    say(
        f"  scans meanwhile: {told.answered_per_second:.0f}/s answered, {told.failed} failed, "
        f"p50 {told.p50_ms:.1f} ms, p99 {told.p99_ms:.1f} ms"
    )
    p99 = quantiles([t.last_red for t in timings], n=100, method="inclusive")[98]
    verdict = "met" if p99 < AIM_MS else "NOT met"
    say(f"  aim: acknowledged → last red page, p99 < {AIM_MS:.0f} ms: {verdict}")
    others = rest[arguments.recalls : arguments.recalls + arguments.saturated]
    with scans(it.codes, it.ports(), folder):
        await asyncio.sleep(SETTLING)
        timings = await it.recalls(others, arguments.pause)
    report("at saturation, without an aim", timings)
    await it.http.aclose()
    await it.scan_db.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recalls", type=int, default=200)
    parser.add_argument("--replicas", type=int, default=2, help="of scan")
    parser.add_argument("--saturated", type=int, default=50, help="recalls at saturation")
    parser.add_argument("--rate", type=float, default=0, help="scans a second instead of half")
    parser.add_argument("--seconds", type=int, default=5, help="of measuring the capacity")
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between recalls")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(run(bench, _arguments()))
