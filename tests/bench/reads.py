"""What it costs a request that the read is recorded, beside the same request unrecorded (ADR 18).

Run as `python -m tests.bench.reads [--rounds 15] [--requests 1000]`, over its own MongoDB. The same
application as every service builds it, called in this process without a network: one address behind
a sign-in, recorded and listed as unrecorded, and a public one, with the recording built in and
taken out. All are asked by turns within each round; told are medians of the processor time of a
request, then what one write of all that was counted takes.
"""

import argparse
import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI

from deploy.local.secrets import create_missing
from shared import accepted_reads
from shared.accepted_reads import AcceptedReads, Opened
from shared.auth import Principal, Scope, Verifier, require
from shared.ids import now
from shared.mongo import Database
from shared.settings import Settings
from shared.web.app import create_app
from shared.web.middleware.recorded_reads import RecordedReads
from shared.web.session import ApiPrincipal
from tests.bench.saying import say
from tests.bench.surroundings import own_mongod
from tests.tokens import mint, trust

ROWS_WRITTEN = 400
router = APIRouter()


async def read(facility_id: str, who: ApiPrincipal) -> dict[str, str]:
    require(who, "facility.read", Scope(facility_id, "06862", "agriculture"))
    return {"id": facility_id}


router.get("/api/registry/v1/recorded/{facility_id}")(read)
router.get("/api/registry/v1/left-out/{facility_id}")(read)


@router.get("/facilities/{facility_id}")
async def public(facility_id: str) -> dict[str, str]:
    return {"id": facility_id}


def application(settings: Settings, db: Database, *, recording: bool) -> FastAPI:
    app = create_app(
        "registry",
        title="Bench",
        routers=[router],
        lifespan=None,
        settings=settings,
        unrecorded={"/api/registry/v1/left-out/{facility_id}": "to compare with"},
    )
    if not recording:
        left_out: object = RecordedReads
        app.user_middleware = [one for one in app.user_middleware if one.cls is not left_out]
    app.state.db = db
    app.state.verifier = Verifier(db)
    app.state.reads = AcceptedReads(db)
    return app


def caller(app: FastAPI, path: str, bearer: str) -> Callable[[], Awaitable[None]]:
    headers = [(b"host", b"bench"), (b"authorization", f"Bearer {bearer}".encode())]

    async def call() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            assert message.get("status", 200) == 200

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
            "root_path": "", "headers": headers, "client": ("127.0.0.1", 1), "server": ("b", 80),
        }  # fmt: skip
        await app(scope, receive, send)

    return call


async def measure(call: Callable[[], Awaitable[None]], requests: int) -> float:
    """Microseconds of processor time a request."""
    begun = time.process_time()
    for _ in range(requests):
        await call()
    return (time.process_time() - begun) / requests * 1e6


async def compare(settings: Settings, db: Database, rounds: int, requests: int) -> None:
    token = mint(settings.secrets_dir)
    with_it = application(settings, db, recording=True)
    without = application(settings, db, recording=False)
    for app in (with_it, without):
        await app.state.verifier.refresh()
    pairs = {
        "behind a sign-in": (
            caller(with_it, "/api/registry/v1/left-out/f1", token),
            caller(with_it, "/api/registry/v1/recorded/f1", token),
        ),
        "public": (
            caller(without, "/facilities/f1", token),
            caller(with_it, "/facilities/f1", token),
        ),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in pairs}
    for turn in range(rounds + 1):
        for name, (plain, recorded) in pairs.items():
            order = (plain, recorded) if turn % 2 else (recorded, plain)
            times = {call: await measure(call, requests) for call in order}
            if turn:
                found[name].append((times[plain], times[recorded]))
    for name, pairs_of_times in found.items():
        more = median(after - before for before, after in pairs_of_times)
        alone = median(before for before, _ in pairs_of_times)
        say(f"{name}: {alone:.0f} µs, recorded {more:+.1f} µs")


async def writing(db: Database) -> None:
    await accepted_reads.prepare(db)
    reads, at = AcceptedReads(db), now()
    begun = time.perf_counter()
    for n in range(ROWS_WRITTEN):
        who = Principal(f"a{n}", "", "province", frozenset({"check"}), "u", "s")
        reads.note(who, Opened("/x/{id}", (f"r{n}", f"s{n}")), at)
    noted = (time.perf_counter() - begun) / ROWS_WRITTEN * 1e6
    begun = time.perf_counter()
    await reads.flush()
    took = (time.perf_counter() - begun) * 1e3
    say(f"noting a read by itself: {noted:.1f} µs; writing {ROWS_WRITTEN} rows: {took:.0f} ms")


async def run(url: str, folder: Path, rounds: int, requests: int) -> None:
    create_missing(folder)
    settings = Settings(secrets_dir=folder, mongo_url=url)
    db = Database(url, "bench_reads", "registry")
    try:
        await trust(db, folder)
        await compare(settings, db, rounds, requests)
        await writing(db)
    finally:
        await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--requests", type=int, default=1000)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with own_mongod() as (url, folder):
        asyncio.run(run(url, folder / "secrets", asked.rounds, asked.requests))


if __name__ == "__main__":
    main()
