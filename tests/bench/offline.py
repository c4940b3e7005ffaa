"""How large a snapshot for places without signal is, and how long its program is at it.

Run as `python -m tests.bench.offline [--lots 1000] [--codes 1000000] [--run 64] [--stamps 0]`, over
a MongoDB that is started for it. Lots are recalled, four to a notice; revoked stamps lie in runs of
`--run` between as many good ones (of 1: as scattered as can be); a product with `--stamps` stamps
is recalled beside them. The first snapshot makes all codes, one that is read anew only those of
segments that changed, and one that nothing bears on is dated and signed.
"""

import argparse
import asyncio
import gzip
import resource
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from deploy.local.secrets import create_missing
from services.scan.domain.aggregates import PARTS
from services.scan.domain.offline import Snapshot
from services.scan.domain.segments import SEGMENT_BITS
from services.scan.hearing.feeds import Feeds
from services.scan.offline import signing
from services.scan.offline.building import Builder
from services.scan.settings import ScanSettings
from services.scan.store import keys, models
from services.scan.store import offline as store
from shared.contracts.event import Event
from shared.contracts.recall import MAX_TARGETS
from shared.ids import now
from shared.mongo import Database, Tx, transact
from shared.stampcode import MAX_SERIAL
from tests.bench.saying import say
from tests.bench.surroundings import own_mongod
from tests.scan.world import facility, lot, notice, product, segment

LOTS_A_NOTICE = 4
# Of events, each with as many intervals as there may be: what the bench holds itself is small.
AT_ONCE = 8
SEGMENT = 1 << SEGMENT_BITS
FEEDS = {"recall": "http://127.0.0.1:1", "stamps": "http://127.0.0.1:1"}


def goods(lots: int) -> list[Event]:
    """Recalled lots of a hundred products of ten facilities."""
    made: list[Event] = [facility(f"f-{n}", name=f"Hợp tác xã số {n}") for n in range(10)]
    made += [
        product(f"p-{n}", f"f-{n % 10}", name=f"Na dai loại {n}", gtin=f"95201010{n:05d}")
        for n in range(100)
    ]
    ids = [f"l-{n}" for n in range(lots)]
    made += [
        lot(one, f"p-{n % 100}", f"f-{n % 10}", code=f"NA-2611{n:05d}") for n, one in enumerate(ids)
    ]
    for first in range(0, lots, LOTS_A_NOTICE):
        made.append(notice(f"case-{first}", lots=tuple(ids[first : first + LOTS_A_NOTICE])))
    return made


def revoked(codes: int, run: int) -> Iterator[Event]:
    """Segments whose runs are revoked and good by turns, the good ones longer if need be."""
    a_batch = (MAX_SERIAL + 1) // SEGMENT
    # No segment is in more than 500 intervals.
    period = max(2 * run, SEGMENT // 248)
    for number in range(-(-codes // (SEGMENT // period * run))):
        start = number % a_batch * SEGMENT
        runs = [
            interval
            for at in range(start, start + SEGMENT - period + 1, period)
            for interval in (
                (at, at + run - 1, "", "revoked"),
                (at + run, at + period - 1, "", "active"),
            )
        ]
        batch = 1 + number // a_batch
        yield segment(batch, "f-0", "p-0", runs, number=number % a_batch)


def of_product(stamps: int) -> list[Event]:
    """A recalled product of a facility of its own, all of its stamps active; as recall does, the
    notices name the product and all its lots, one a segment."""
    if not stamps:
        return []
    made: list[Event] = [
        facility("f-large", name="Nhà máy lớn"),
        product("p-large", "f-large", name="Nước mắm", gtin="9520101099999"),
    ]
    lots = [f"l-large-{number}" for number in range(-(-stamps // SEGMENT))]
    made += [lot(one, "p-large", "f-large", code=one.upper()) for one in lots]
    made += [notice("case-large", products=("p-large",), lots=tuple(lots[:MAX_TARGETS]))]
    for number, one in enumerate(lots):
        start = number * SEGMENT
        runs = [(start, min(start + SEGMENT, stamps) - 1, one, "active")]
        made.append(segment(1_000_000, "f-large", "p-large", runs, number=number))
    return made


async def kept(db: Database, events: Iterable[Event]) -> None:
    rest = iter(events)
    while part := list(islice(rest, AT_ONCE)):

        async def work(tx: Tx, part: Any = part) -> None:
            for event in part:
                await models.keep_newest(tx, PARTS[event.type], [event])

        await transact(db, work)


async def bench(lots: int, codes: int, run: int, stamps: int, folder: Path, url: str) -> None:
    create_missing(folder)
    settings = ScanSettings(secrets_dir=folder, mongo_url=url, db_prefix="bench")
    db = Database(url, settings.database("scan"), "bench")
    await keys.prepare(db)
    await store.prepare(db)
    await kept(db, chain(goods(lots), revoked(codes, run), of_product(stamps)))
    feeds = Feeds({**FEEDS, "registry": "http://127.0.0.1:1"})
    builder = Builder(db, feeds, settings)
    say(f"Before the first the bench itself had taken {_peak()} MB at most.")
    say("| snapshot | seconds | CPU s | bytes | gzip | codes | lots | left out | peak MB |")
    say("|---|---|---|---|---|---|---|---|---|")
    ring = builder._ring(folder)
    made: Snapshot | None = None
    for name in ("first", "read anew", "read anew", "dated anew"):
        began, cpu = time.perf_counter(), time.process_time()
        if made is None or name != "dated anew":
            made, _ = await builder._read(1, now(), ring)
        else:
            made = replace(made, number=2, as_of=now())
        file = signing.signed(signing.key_of(folder), made)
        spent = time.perf_counter() - began, time.process_time() - cpu
        left = ", ".join(one.what for one in made.listing.incomplete) or "nothing"
        say(
            f"| {name} | {spent[0]:.1f} | {spent[1]:.1f} | {len(file):,}"
            f" | {len(gzip.compress(file, 6)):,} | {made.codes:,} | {len(made.listing.lots):,}"
            f" | {left} | {_peak()} |"
        )
    await feeds.close()
    await db.close()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=1_000)
    parser.add_argument("--codes", type=int, default=1_000_000)
    parser.add_argument("--run", type=int, default=64)
    parser.add_argument("--stamps", type=int, default=0)
    asked = parser.parse_args()
    with own_mongod() as (url, folder):
        given = asked.lots, asked.codes, asked.run, asked.stamps
        asyncio.run(bench(*given, folder / "secrets", url))


if __name__ == "__main__":
    main()
