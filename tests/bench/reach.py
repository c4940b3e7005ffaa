"""How soon it is known what a recall reaches, over a genealogy of a million lots.

Run as `python -m tests.bench.reach [--lots 1000000] [--affected 100000] [--rounds 20]`, over a
MongoDB of its own. Three shapes of `--affected` lots each: a deep chain (bundles of 100 lots, each
bundle from the one before), a fan (every lot from the first) and a mesh of layers of 1,000, each
lot from three of the layer above. What is left of `--lots` are lots of small families. Every lot
has stamps, one in four a shipment, one in two scans.

Told are the time of loading, the memory of this process before and after, the size of the read
model on disk and in the cache of the database; then, of the root of each shape and of other lots,
by turns: the walk alone, the whole blast radius as the page asks for it, and its page as drawn.
"""

import argparse
import asyncio
import os
import resource
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

from services.recall import store
from services.recall.domain.target import Target, TargetKind
from services.recall.domain.terms import Cap
from services.recall.pages.picture import Names, columns, draw
from services.recall.queries import journeys as journeys_of
from services.recall.queries import radius, told, upstream
from services.recall.store import genealogy, kept, tracing
from services.recall.store.facts import FACILITIES, PRODUCTS
from services.recall.views.radius import LOTS_TOLD, RadiusView
from shared.auth import Principal
from shared.mongo import Database, Document
from tests.bench.saying import say
from tests.bench.surroundings import own_mongod

AT = datetime(2026, 11, 1, tzinfo=UTC)
MAKERS, BUNDLE, LAYER, FAMILY = 2_000, 100, 1_000, 5
WHO = Principal("a", "A", "department", frozenset({"approve"}), "u", "s", communes=("*",))


def inputs_of(shape: str, n: int, chance: Random) -> list[str]:
    if n == 0:
        return []
    if shape == "chain":
        return [f"chain-{n - BUNDLE}"] if n >= BUNDLE else ["chain-0"]
    if shape == "fan" or (shape == "mesh" and n <= LAYER):
        return [f"{shape}-0"]
    if shape == "mesh":
        above = ((n - 1) // LAYER - 1) * LAYER + 1
        return sorted({f"mesh-{above + chance.randrange(LAYER)}" for _ in range(3)})
    return [f"small-{n - 1}"] if n % FAMILY else []


def lots(count: int, affected: int) -> Iterator[Document]:
    chance = Random(7)
    sizes = dict.fromkeys(("chain", "fan", "mesh"), affected)
    sizes["small"] = max(0, count - 3 * affected)
    for shape, size in sizes.items():
        for n in range(size):
            maker = chance.randrange(MAKERS)
            yield {
                "_id": f"{shape}-{n}",
                "version": 1,
                "turn": 1,
                "facility_id": f"f{maker}",
                "product_id": f"p{maker}",
                "code": f"L{n:07}",
                "quantity": "120.5",
                "unit": "kg",
                "unit_en": "kg",
                "produced_on": "2026-11-01",
                "inputs": inputs_of(shape, n, chance),
                "search": f"l{n:07}",
            }


def segment(n: int, lot: Document) -> Document:
    counts = {"issued": 120, "active": 100}
    own = {"facility_id": lot["facility_id"], "product_id": lot["product_id"]}
    lots = [{"lot": lot["_id"], **counts}]
    where = {"_id": f"{n}/0", "version": 1, "turn": 1, "batch": n, "segment": 0}
    return {**where, **own, **counts, "lots": lots, "intervals": [[0, 119, lot["_id"], "active"]]}


def shipment(n: int, lot: Document) -> Document:
    line = {"lot_id": lot["_id"], "quantity": "40", "unit": "kg", "received": "40", "returned": "0"}
    ends = {"from_facility_id": lot["facility_id"], "to_facility_id": f"f{n % MAKERS}"}
    about = {"code": f"S{n}", "kind": "transfer", "status": "received", "country": ""}
    held = {"sent_at": AT, "lot_ids": [lot["_id"]], "lots": [line]}
    return {"_id": f"s{n}", "version": 1, "turn": 1, **about, **ends, **held}


def scanned(n: int, lot: Document) -> Document:
    key = {"facility_id": lot["facility_id"], "product_id": lot["product_id"]}
    where = {"lot_id": lot["_id"], "commune": f"07{n % 50:03}"}
    return {"_id": f"c{n}", "turn": 1, **key, **where, "scans": 3, "last": AT}


async def fill(db: Database, count: int, affected: int) -> None:
    await store.prepare(db)
    makers = range(MAKERS)
    place = {"commune": "07001", "commune_name": "Phường 07001", "sector": "agriculture"}
    await db.collection(FACILITIES).insert_many(
        [
            {"_id": f"f{n}", "version": 1, "code": f"CS{n}", "name": f"Cơ sở {n}", "name_en": ""}
            | place
            | {"commune": f"07{n % 50:03}"}
            for n in makers
        ]
    )
    await db.collection(PRODUCTS).insert_many(
        [
            {"_id": f"p{n}", "version": 1, "facility_id": f"f{n}", "code": "P", "gtin": ""}
            | {"name": f"Sản phẩm {n}", "name_en": ""}
            for n in makers
        ]
    )
    waiting: dict[str, list[Document]] = {}
    for n, lot in enumerate(lots(count, affected)):
        waiting.setdefault(genealogy.LOTS, []).append(lot)
        waiting.setdefault("segments", []).append(segment(n, lot))
        if n % 4 == 0:
            waiting.setdefault("shipments", []).append(shipment(n, lot))
        if n % 2 == 0:
            waiting.setdefault("scan_counts", []).append(scanned(n, lot))
        if len(waiting[genealogy.LOTS]) == 10_000:
            await _write(db, waiting)
            waiting = {}
    await _write(db, waiting)
    # As many turns as are left on the rows.
    numbers = {"$set": {"turns": 1, "told": 1}}
    await db.collection(genealogy.GUARD).update_many({}, numbers)


async def _write(db: Database, waiting: dict[str, list[Document]]) -> None:
    for name, rows in waiting.items():
        await db.collection(name).insert_many(rows, ordered=False)


def megabytes() -> float:
    """What the process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


async def sizes(db: Database) -> None:
    for name in (genealogy.LOTS, "segments", "shipments", "scan_counts"):
        stats = (
            await (
                await db.collection(name).aggregate([{"$collStats": {"storageStats": {}}}])
            ).to_list(1)
        )[0]["storageStats"]
        cached = stats["wiredTiger"]["cache"]["bytes currently in the cache"]
        disk = (stats["storageSize"] + stats["totalIndexSize"]) / 1e6
        say(f"  {name:12} {stats['count']:>9,} rows {disk:8.0f} MB on disk {cached / 1e6:8.0f} MB")


async def preview(db: Database, lot_id: str) -> radius.Radius:
    target = Target(TargetKind.LOT, lot_id)
    return await radius.preview(target, who=WHO, cap=Cap(100_000, 500), db=db)


async def answer(db: Database, lot_id: str) -> int:
    """As the API gives it."""
    found = await preview(db, lot_id)
    rows = await radius.rows(found, db, 0, LOTS_TOLD)
    journeys = await journeys_of.journeys(found, db, LOTS_TOLD)
    back = await upstream.upstream(found, who=WHO, db=db)
    whom = await told.to_be_told(found, db=db)
    view = RadiusView.of(found, rows, journeys, back, whom, beyond=())
    return len(view.model_dump_json())


async def page(db: Database, lot_id: str) -> int:
    """What its page reads and draws, but for the template."""
    found = await preview(db, lot_id)
    await radius.rows(found, db, 0, 20)
    await journeys_of.journeys(found, db, 100)
    await upstream.upstream(found, who=WHO, db=db)
    await told.to_be_told(found, db=db)
    names = Names(found.known_facilities, {}, {})
    return len(draw(found.picture, columns(found.picture, names, {})) or "")


async def trace(db: Database, lot_id: str) -> int:
    """As an order traces it."""
    return len((await tracing.downstream(db, (await genealogy.lots(db, [lot_id])).values())).lots)


async def measure(
    name: str, asked: Callable[[Database, str], Awaitable[int]], db: Database, roots: list[str]
) -> None:
    taken = []
    for root in roots:
        begun = time.perf_counter()
        await asked(db, root)
        taken.append((time.perf_counter() - begun) * 1000)
    p = quantiles(taken, n=100, method="inclusive") if len(taken) > 1 else [taken[0]] * 99
    say(f"  {name:28} p50 {p[49]:8.0f} ms   p99 {p[98]:8.0f} ms   max {max(taken):8.0f} ms")


async def bench(url: str, count: int, affected: int, rounds: int) -> None:
    db = Database(url, "bench_reach", "recall", patient=True)
    try:
        begun = time.perf_counter()
        await fill(db, count, affected)
        say(f"{count:,} lots written in {time.perf_counter() - begun:.0f} s; the read model:")
        await sizes(db)
        before, begun = megabytes(), time.perf_counter()
        memory = kept.of(db)
        following: asyncio.Task[Any] = asyncio.create_task(memory.keep())
        while await memory.caught_up() is None:
            await asyncio.sleep(0.2)
        say(f"in memory after {time.perf_counter() - begun:.1f} s: +{megabytes() - before:.0f} MB")
        small = Random(3)
        for shape in ("chain", "fan", "mesh", "small"):
            reached = await trace(db, f"{shape}-0")
            say(f"{shape}: {reached:,} lots reached")
            roots = [f"{shape}-0"] * rounds
            if shape == "small":
                most = max(1, count - 3 * affected)
                roots = [f"small-{small.randrange(most)}" for _ in range(rounds * 10)]
            for name, asked in (("order traces", trace), ("API answers", answer), ("page", page)):
                await measure(name, asked, db, roots)
        say(f"memory at the end {megabytes():.0f} MB; load average {os.getloadavg()[0]:.1f}")
        following.cancel()
    finally:
        await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=1_000_000)
    parser.add_argument("--affected", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    asked = parser.parse_args()
    with own_mongod() as (url, _):
        asyncio.run(bench(url, asked.lots, asked.affected, asked.rounds))


if __name__ == "__main__":
    main()
