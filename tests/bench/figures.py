"""How long figures by area take over 100,000 facilities, beside the same over 100.

Run as `python -m tests.bench.figures [--facilities 100000] [--rounds 9]`, over its own MongoDB.
The rows are those that reporting wrote before it counted by area, so told is also how long the
first start of this version takes over them. Asked are the queries behind `/statistics` and the page
of figures, as the province, a department, a commune and a facility, both sizes by turns.
"""

import argparse
import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from random import Random
from statistics import median
from typing import Any

from services.reporting import queries, store
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database, Document
from tests.bench.saying import say
from tests.bench.surroundings import own_mongod

COMMUNES = tuple(f"{6000 + number:05}" for number in range(54))
SECTORS = ("agriculture", "agriculture", "industry_trade", "health")
DAYS = tuple(f"2026-11-{day:02}" for day in range(1, 11))
ASKED: tuple[tuple[str, Callable[..., Awaitable[Any]]], ...] = (
    ("/statistics", queries.statistics_for),
    ("days", queries.last_days),
    ("breakdown", queries.breakdown_for),
)


def counter(metric: str, day: str, facility: str, number: int) -> Document:
    key = f"{metric}|{day}|facility={facility}"
    return {"_id": key, "metric": metric, "day": day, "facility": facility, "n": number}


def rows_of(number: int, chance: Random) -> dict[str, list[Document]]:
    """A facility with three products, four lots, an account, and figures of eleven days."""
    facility, commune = f"f{number:06}", COMMUNES[number % len(COMMUNES)]
    days = chance.sample(DAYS, 5)
    counters = [counter("scans_by_facility", day, facility, chance.randint(1, 90)) for day in days]
    counters += [counter("stamps_issued", day, facility, 1_000) for day in days[:3]]
    counters += [counter("stamps_activated", day, facility, 700) for day in days[1:4]]
    where = {"commune": commune, "commune_name": f"Xã {commune}", "sector": SECTORS[number % 4]}
    kept = {
        "name": f"Cơ sở {number}",
        "kinds": ["grower"] if number % 3 else ["processing", "packing"],
        "facility_class": "commitment" if number % 5 else "certificate",
        "status": "stopped" if number % 50 == 0 else "active",
    }
    own = {"facility_id": facility, "version": 1}
    return {
        "facilities": [{"_id": facility, **where, **kept, "version": 1}],
        "products": [{"_id": f"{facility}p{n}", **own, "active": n > 0} for n in range(3)],
        "lots": [{"_id": f"{facility}l{n}", **own, "code": "L"} for n in range(4)],
        "accounts": [{"_id": f"{facility}a", **own, "status": "active", "unit_id": "u"}],
        "counters": counters,
    }


async def fill(db: Database, facilities: int) -> None:
    chance = Random(7)
    waiting: dict[str, list[Document]] = {}
    for number in range(facilities):
        for name, rows in rows_of(number, chance).items():
            waiting.setdefault(name, []).extend(rows)
        if number % 2_000 == 1_999 or number == facilities - 1:
            for name, rows in waiting.items():
                await db.collection(name).insert_many(rows, ordered=False)
            waiting = {}


def askers() -> dict[str, Principal]:
    def who(tier: str, **where: Any) -> Principal:
        return Principal("a", "A", tier, frozenset({"report", "operate"}), "u", "s", **where)

    return {
        "province": who("province", communes=("*",)),
        "department": who("department", communes=("*",), sector="agriculture"),
        "commune": who("commune", communes=COMMUNES[1:2]),
        "facility": who("facility", facility_id="f000001"),
    }


async def measure(sides: dict[str, Database], rounds: int) -> None:
    say(f"{'milliseconds (medians)':28}" + "".join(f"{side:>12}" for side in sides) + "   ratio")
    for name, principal in askers().items():
        for asked, query in ASKED:
            more = {"now": now()} if asked == "days" else {}
            taken: dict[str, list[float]] = {side: [] for side in sides}
            for turn in range(-1, rounds):
                for side, db in sides.items():
                    began = time.perf_counter()
                    await query(principal, db=db, **more)
                    if turn >= 0:
                        taken[side].append((time.perf_counter() - began) * 1000)
            small, large = [median(values) for values in taken.values()]
            say(f"{name + ': ' + asked:28}{small:12.1f}{large:12.1f}{large / small:8.2f}")
    say(f"load average {os.getloadavg()[0]:.1f}")


async def bench(url: str, facilities: int, rounds: int) -> None:
    sides = {}
    for size in (100, facilities):
        db = sides[f"{size:,}"] = Database(url, f"bench{size}", "reporting", patient=True)
        await fill(db, size)
        began = time.perf_counter()
        await store.prepare(db)
        say(f"{size:,} facilities: first start prepares in {time.perf_counter() - began:.1f} s")
    await measure(sides, rounds)
    for db in sides.values():
        await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facilities", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    with own_mongod() as (url, _):
        asyncio.run(bench(url, asked.facilities, asked.rounds))


if __name__ == "__main__":
    main()
