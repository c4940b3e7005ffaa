"""What a scan costs of which memory lacks something, beside one of which it lacks nothing.

Run as `python -m tests.bench.misses [--rounds 3] [--profile]`. As in `tests.bench.hot`, requests
are given by hand to the HTTP protocol of a replica, as many in a turn of the loop as a mixture has
of them at 64 connections; what is lacking it reads from a MongoDB that is started for it. Figures
are µs of this process alone, the least of several rounds; `reads` and `documents` say how often the
database was asked for one scan, and for how many documents.
"""

import argparse
import asyncio
import cProfile
import gc
import os
import pstats
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

from services.scan.domain.aggregates import LOTS, SEGMENTS
from services.scan.domain.verdict import NO_LINK
from services.scan.replica import Replica
from services.scan.store import models
from shared.service import GARBAGE_THRESHOLDS
from shared.stampcode import decode, encode
from tests.bench.bare import bare
from tests.bench.hot import JSON, PAGE, Nowhere, Served, knowing, requests_for
from tests.bench.mixture import unmet
from tests.bench.saying import say
from tests.bench.surroundings import own_mongod

# Of 64 connections about so many meet one in a mixture of 70/20/10.
TOGETHER = 13
COUNT = 2_000


class Told(Nowhere):
    """Says when as many answers have been written as were waited for."""

    left = 0
    all_there: "asyncio.Future[None] | None" = None

    def write(self, data: Any) -> None:
        super().write(data)
        Told.left -= 1
        if not Told.left and Told.all_there is not None:
            Told.all_there.set_result(None)


class Cost(NamedTuple):
    """Of one scan: µs of this process, reads of the database, documents asked for."""

    spent: float
    reads: float
    documents: float


async def ask(served: Served, requests: list[bytes], replica: Replica, together: int) -> Cost:
    reads, documents = replica.lookup.reads, replica.lookup.documents
    began = time.process_time()
    for start in range(0, len(requests), together):
        part = requests[start : start + together]
        Told.left, Told.all_there = len(part), asyncio.get_running_loop().create_future()
        for protocol, request in zip(served.protocols, part, strict=False):
            protocol.data_received(request)
        await asyncio.wait_for(Told.all_there, 10)
    spent = time.process_time() - began
    return Cost(
        spent / len(requests) * 1e6,
        (replica.lookup.reads - reads) / len(requests),
        (replica.lookup.documents - documents) / len(requests),
    )


async def bench(arguments: argparse.Namespace, url: str, folder: Path) -> None:
    replica, goods = knowing(folder, mongo_url=url)
    settings, ring = replica.settings, replica.keys.ring
    hot = replica.hot_route(bare(1))
    for one in goods:
        await replica.scanner.find(one.batch, 0)
    count = COUNT * arguments.rounds
    kinds: dict[str, Callable[[], Any]] = {
        "nothing of it ever met": lambda: unmet(settings, ring, None, count),
        "a batch and a lot never met": lambda: unmet(settings, ring, goods[0], count),
        "a batch never met": lambda: unmet(settings, ring, goods[0], count, of_its_lot=True),
    }
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)  # As every service process does.
    say(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    say(f"\n{'µs of the process a scan':44}{'µs':>8}{'reads':>8}{'documents':>11}")
    profile = cProfile.Profile()
    for kind, prefix, accept in (("JSON", "/v1/verdicts/", JSON), ("page", "/", PAGE)):
        served = Served(hot, Told)
        again = [encode(ring, one.batch, n) for n in range(20) for one in goods[:100]]
        rounds = {name: in_rounds(await make(), arguments.rounds) for name, make in kinds.items()}
        rounds["a code never met of a batch that was met"] = in_rounds(
            [
                encode(ring, one.batch, serial + (200 if kind == JSON else 0))
                for serial in range(200, 200 + count // len(goods) + 1)
                for one in goods
            ],
            arguments.rounds,
        )
        rounds["a code that lies ready"] = [again] * (arguments.rounds + 1)
        for name, parts in rounds.items():
            costs = []
            for codes in parts:
                requests = requests_for([prefix + code for code in codes], accept, len(codes))
                if arguments.profile and "a lot never" in name:
                    profile.enable()
                costs.append(await ask(served, requests, replica, arguments.together))
                profile.disable()
            least = min(costs)
            row = f"{least.spent:8.1f}{least.reads:8.2f}{least.documents:11.2f}"
            say(f"{kind + ': ' + name:44}{row}")
    await report_parts(replica, await unmet(settings, ring, goods[0], 1_000), arguments.rounds)
    if arguments.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(40)
    replica.spool.finish()
    await replica.db.close()


def in_rounds(codes: list[str], rounds: int) -> list[list[str]]:
    return [codes[n * COUNT : (n + 1) * COUNT] for n in range(rounds)]


async def report_parts(replica: Replica, codes: list[str], rounds: int) -> None:
    """What a miss is made of, each part by itself, over documents as the projection writes them."""
    batches = [stamp.batch for code in codes if (stamp := decode(replica.keys.ring, code))]
    ids, lot_ids = [f"{one}/0" for one in batches], [f"unmet-{one}" for one in batches]
    segments = await models.find_many(replica.db, SEGMENTS, ids)
    lots = await models.find_many(replica.db, LOTS, lot_ids)
    memory, scanner, forms = replica.memory, replica.scanner, replica.forms
    voices = list(replica.hot_route(bare(1))._negotiator.voices.values())
    known = {}

    def know(n: int) -> None:
        known[n] = scanner._know(batches[n], 7, NO_LINK)

    pieces: dict[str, Callable[[int], Any]] = {
        "interval map taken in": lambda n: memory.admit(SEGMENTS, ids[n], segments[ids[n]]),
        "lot taken in": lambda n: memory.admit(LOTS, lot_ids[n], lots[lot_ids[n]]),
        "what is lacking": lambda n: scanner._needs(ids[n], 7),
        "case made and judged, twice": know,
        "JSON drawn": lambda n: forms.of(known[n], True, voices[0].variant),
        "page drawn": lambda n: forms.of(known[n], True, voices[1].variant),
    }
    say(f"\n{'parts of a scan of what was never met':44}{'µs':>8}")
    for name, piece in pieces.items():
        began = time.process_time()
        for n in range(len(ids)):
            piece(n)
        say(f"{name:44}{(time.process_time() - began) / len(ids) * 1e6:8.2f}")
    for size in (1, TOGETHER, 50):
        for name, collection, keys in (("maps", SEGMENTS, ids), ("lots", LOTS, lot_ids)):
            least = 1e9
            for _ in range(rounds):
                began = time.process_time()
                for start in range(0, len(keys), size):
                    await models.find_many(replica.db, collection, keys[start : start + size])
                least = min(least, time.process_time() - began)
            of = f"{size} {name} read together, each"
            say(f"{of:44}{least / len(keys) * 1e6:8.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--together", type=int, default=TOGETHER, help="misses in a turn")
    parser.add_argument("--profile", action="store_true", help="the functions that take the time")
    arguments = parser.parse_args()
    with own_mongod() as (url, folder):
        uvloop.run(bench(arguments, url, folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
