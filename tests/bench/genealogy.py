"""How long the genealogy of a lot takes that is connected with very many others.

Run as `python -m tests.bench.genealogy [--lots 10000] [--rounds 7]`, over a MongoDB of its own.
Three shapes: a chain (every lot from the one before), a fan (every lot from the first) and a mesh
of layers of 100, each lot from three of the layer above. Timed: finding all connected lots, and
what a page then reads and draws of them (50 in the list, up to three steps in the picture).
"""

import argparse
import asyncio
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from statistics import median
from typing import Any

from services.registry.actions.genealogy import Family
from services.registry.domain.lot import Lot
from services.registry.domain.records import Aggregate, Owner
from services.registry.pages.movement.family_picture import DRAWN_A_STEP, draw
from services.registry.store import genealogy, records
from services.registry.store.codec import COLLECTIONS
from shared.mongo import Database
from tests.bench.lots import published
from tests.bench.saying import say
from tests.bench.surroundings import own_mongod

LAYER = 100
AT = datetime(2026, 11, 1, tzinfo=UTC)
OWNER = Owner("f", "Hợp tác xã Đồi Nắng", "CS22-00000017", "07090", "agriculture")


def lot(shape: str, number: int, inputs: tuple[str, ...]) -> dict[str, Any]:
    code = f"{shape.upper()}-{number}"
    content = Lot("f", "p", code, Decimal(100), "kg", date(2026, 11, 1), inputs=inputs)
    return published(f"{shape}-{number}", content, OWNER, AT)


def inputs_of(shape: str, number: int, chance: Random) -> tuple[str, ...]:
    if number == 0:
        return ()
    if shape == "chain":
        return (f"chain-{number - 1}",)
    if shape == "fan" or number < LAYER:
        return (f"{shape}-0",)
    above = (number // LAYER - 1) * LAYER
    return tuple(f"mesh-{above + chance.randrange(LAYER)}" for _ in range(3))


async def fill(db: Database, count: int) -> None:
    await records.prepare(db)
    rows = db.collection(COLLECTIONS[Aggregate.LOT])
    chance = Random(7)
    for shape in ("chain", "fan", "mesh"):
        documents = [lot(shape, n, inputs_of(shape, n, chance)) for n in range(count)]
        await rows.insert_many(documents, ordered=False)
    await genealogy.prepare(db)


async def measure(db: Database, lot_id: str, rounds: int) -> tuple[int, float, float]:
    """Connected lots, and the median milliseconds of finding them and of what a page shows."""
    record = await records.get(db, Aggregate.LOT, lot_id)
    read, drawn = [], []
    for _ in range(rounds):
        begun = time.perf_counter()
        before = await genealogy.upstream(db, record.content.inputs)
        after = await genealogy.downstream(db, lot_id)
        read.append(time.perf_counter() - begun)
        family = Family(record, tuple(before), tuple(after))
        begun = time.perf_counter()
        await genealogy.told(db, family.kin[:50])
        near = await genealogy.told(db, family.near(3, DRAWN_A_STEP))
        draw(family, near, links={}, names={})
        drawn.append(time.perf_counter() - begun)
    return len(family.kin), median(read) * 1000, median(drawn) * 1000


async def run(url: str, count: int, rounds: int) -> None:
    db = Database(url, "bench_genealogy", "registry")
    try:
        await fill(db, count)
        say(f"{'lot':<22}{'connected':>10}{'find ms':>10}{'show ms':>10}")
        for lot_id in (
            "fan-0",
            f"mesh-{count // 2}",
            "mesh-0",
            f"chain-{count // 2}",
            "chain-0",
        ):
            connected, read, drawn = await measure(db, lot_id, rounds)
            say(f"{lot_id:<22}{connected:>10,}{read:>10.0f}{drawn:>10.1f}")
    finally:
        await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    with own_mongod() as (url, _):
        asyncio.run(run(url, asked.lots, asked.rounds))


if __name__ == "__main__":
    main()
