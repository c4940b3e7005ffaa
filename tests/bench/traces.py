"""How long a page takes of a million trace events searched, and of a hundred thousand lots listed.

Run as `python -m tests.bench.traces [--events 1000000] [--lots 100000] [--rounds 200]
[--seconds 15]`, over a MongoDB of its own. Each round asks for another commune, facility, word or
page. Timed is what a page reads: the rows of one page, and for lots their count too.

The rows are written before the indexes are made: kept up row by row in a cache that is smaller than
they are, the indexes alone took longer than everything else together.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from services.registry import store
from services.registry.domain.communes import communes
from services.registry.domain.diary import Entry, Step
from services.registry.domain.lot import Lot
from services.registry.domain.records import Aggregate, Owner
from services.registry.store import lists, trace_events
from services.registry.store.codec import COLLECTIONS
from services.registry.store.trace_events import TRACE, Wanted
from shared.auth import Principal
from shared.mongo import Database
from tests.bench.lots import published
from tests.bench.saying import say
from tests.bench.surroundings import own_mongod

NAME = "bench_traces"
FACILITIES, BATCH = 2_000, 5_000
UNCOUNTED, FEWEST = 3, 20
FIRST = datetime(2023, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=1_400)
SUPPLIES = ("Abamectin 1.8EC", "Mancozeb 80WP", "Phân hữu cơ", "Amoxicillin", "Emamectin 5WG")
PLACES = ("Đồi Nắng", "Bãi Cháy", "Cửa Ông", "Sông Khoai", "Đầm Hà", "Trà Cổ", "Quan Lạn")
CODES = sorted(communes())


def owner(number: int) -> Owner:
    return Owner(
        facility_id=f"facility-{number}",
        name=f"Hợp tác xã {PLACES[number % len(PLACES)]} {number}",
        code=f"CS22-{number:08d}",
        commune=CODES[number % len(CODES)],
        sector=("agriculture", "trade", "health")[number % 3],
    )


def event(number: int, chance: Random) -> dict[str, Any]:
    """One row as the service itself writes it."""
    step = chance.choice(list(Step))
    used = {"kind": "pesticide", "name": chance.choice(SUPPLIES), "lot_number": f"VS{number}"}
    entry = Entry(
        id=f"e{number}",
        step=step,
        at=FIRST + SPAN * chance.random(),
        place=f"Thôn {chance.randrange(40)}, {chance.choice(PLACES)}",
        **(used if step is Step.INPUT else {}),  # type: ignore[arg-type]
    )
    lot = number // 10
    whose = owner(chance.randrange(FACILITIES))
    return trace_events._entry_row("lot", f"lot-{lot}", entry, whose, f"L{lot}")


def a_lot(number: int, chance: Random) -> dict[str, Any]:
    whose = owner(chance.randrange(FACILITIES))
    at = FIRST + SPAN * chance.random()
    content = Lot(
        whose.facility_id, f"p{number % 500}", f"L{number}", Decimal(100), "kg", date(2026, 8, 1)
    )
    return published(f"lot-{number}", content, whose, at)


async def fill(
    db: Database, name: str, make: Callable[[int, Random], dict[str, Any]], count: int
) -> None:
    chance = Random(7)
    for start in range(0, count, BATCH):
        rows = [make(number, chance) for number in range(start, min(start + BATCH, count))]
        await db.collection(name).insert_many(rows, ordered=False)


def official(chance: Random, *, commune: bool) -> Principal:
    return Principal(
        account_id="a",
        name="A",
        tier="commune" if commune else "province",
        kinds=frozenset({"check"}),
        unit_id="u",
        session_id="s",
        communes=(chance.choice(CODES),) if commune else ("*",),
    )


def a_facility(chance: Random) -> str:
    return f"facility-{chance.randrange(FACILITIES)}"


def month(chance: Random) -> dict[str, Any]:
    since = FIRST + SPAN * (0.9 * chance.random())
    return {"since": since, "until": since + timedelta(days=30)}


Ask = Callable[[Random], Awaitable[int]]


def searches(db: Database) -> dict[str, Ask]:
    """What people ask for; each returns how many rows the page has."""

    async def events(who: Principal, wanted: Wanted, chance: Random, depth: int = 0) -> int:
        at = FIRST + SPAN * chance.random()
        mark = trace_events._mark({"at": at, "_id": "~"}) if depth else ""
        found, _ = await trace_events.search(db, who, wanted, after=mark)
        return len(found)

    async def lots(who: Principal, page: int) -> int:
        await lists.console_count(db, Aggregate.LOT, who)
        return len(await lists.console_list(db, Aggregate.LOT, who, page=page))

    def province(chance: Random) -> Principal:
        return official(chance, commune=False)

    def commune(chance: Random) -> Principal:
        return official(chance, commune=True)

    return {
        "events: all, first page": lambda c: events(province(c), Wanted(), c),
        "events: all, any page": lambda c: events(province(c), Wanted(), c, 1),
        "events: a commune": lambda c: events(commune(c), Wanted(), c),
        "events: a commune's harvests, any page": lambda c: events(
            commune(c), Wanted(step="harvesting"), c, 1
        ),
        "events: a facility, any page": lambda c: events(
            province(c), Wanted(facility_id=a_facility(c)), c, 1
        ),
        "events: a rare word": lambda c: events(
            province(c), Wanted(text=f"VS{c.randrange(1_000_000)}"), c
        ),
        "events: a common word": lambda c: events(province(c), Wanted(text="hợp"), c),
        "events: two words": lambda c: events(
            province(c), Wanted(text=f"{c.choice(SUPPLIES).split()[0]} {c.choice(PLACES)}"), c
        ),
        "events: two words of a commune": lambda c: events(
            commune(c), Wanted(text=f"abamectin {c.choice(PLACES)}"), c
        ),
        "events: two words of a commune, a step": lambda c: events(
            commune(c), Wanted(text=f"thôn {c.choice(PLACES)}", step="harvesting"), c
        ),
        "events: two words, a step that has none": lambda c: events(
            province(c), Wanted(text=f"abamectin {c.choice(PLACES)}", step="harvesting"), c
        ),
        "events: two words, a month": lambda c: events(
            province(c), Wanted(text=f"abamectin {c.choice(PLACES)}", **month(c)), c
        ),
        "events: two words of a facility": lambda c: events(
            province(c), Wanted(text=f"thôn {c.choice(PLACES)}", facility_id=a_facility(c)), c
        ),
        "events: two words, rare together": lambda c: events(
            province(c), Wanted(text=f"abamectin {c.randrange(FACILITIES)}"), c
        ),
        "lots: a commune, with count": lambda c: lots(commune(c), 1),
        "lots: all, with count": lambda c: lots(province(c), 1),
        "lots: all, page 2,000": lambda c: lots(province(c), 2_000),
    }


async def measure(ask: Ask, rounds: int, seconds: float) -> list[tuple[float, int]]:
    """Milliseconds and rows of each round, the quickest first; the first asks are not counted."""
    chance = Random(11)
    for _ in range(UNCOUNTED):
        await ask(chance)
    found: list[tuple[float, int]] = []
    end = time.perf_counter() + seconds
    while len(found) < rounds and (time.perf_counter() < end or len(found) < FEWEST):
        begun = time.perf_counter()
        rows = await ask(chance)
        found.append(((time.perf_counter() - begun) * 1000, rows))
    return sorted(found)


async def indexed(url: str) -> None:
    """All indexes, over a connection that waits for them, as a service's start does."""
    db = Database(url, NAME, "registry", patient=True)
    try:
        await store.prepare(db)
    finally:
        await db.close()


async def written(db: Database, url: str, events: int, lots: int) -> None:
    """Rows, then indexes; says how long each took."""
    steps: dict[str, Callable[[], Awaitable[None]]] = {
        f"{events:,} events written": lambda: fill(db, TRACE, event, events),
        f"{lots:,} lots written": lambda: fill(db, COLLECTIONS[Aggregate.LOT], a_lot, lots),
        "indexes made": lambda: indexed(url),
    }
    for name, step in steps.items():
        begun = time.perf_counter()
        await step()
        say(f"{name} in {time.perf_counter() - begun:.0f} s")


async def run(url: str, asked: argparse.Namespace) -> None:
    db = Database(url, NAME, "registry")
    try:
        await written(db, url, asked.events, asked.lots)
        say(f"{'':<42}{'p50 ms':>9}{'p99 ms':>9}{'most':>9}{'rows':>7}{'rounds':>8}")
        for name, ask in searches(db).items():
            found = await measure(ask, asked.rounds, asked.seconds)
            times = [took for took, _ in found]
            p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
            rows = sum(number for _, number in found) / len(found)
            say(f"{name:<42}{p50:>9.1f}{p99:>9.1f}{times[-1]:>9.1f}{rows:>7.0f}{len(found):>8}")
    finally:
        await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--lots", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=15, help="at most so long for each search")
    asked = parser.parse_args()
    with own_mongod() as (url, _):
        asyncio.run(run(url, asked))


if __name__ == "__main__":
    main()
