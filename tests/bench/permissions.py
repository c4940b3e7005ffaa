"""What the check of permissions costs a request, beside the same request without it.

Run as `python -m tests.bench.permissions [--rounds 15] [--requests 400]`, over its own MongoDB.
One application as every service builds it, called in this process without a network: with nothing
asked about the caller, with the token verified, and with the matrix and the scope of an object
asked too (an own one, one of others); then the same around one read of MongoDB. All are asked by
turns within each round; told are medians of the processor time of a request.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request

from deploy.local.secrets import create_missing
from shared.auth import Principal, Scope, Verifier, area_filter, require
from shared.errors import Refusal
from shared.mongo import Database
from shared.settings import Settings
from shared.web.app import create_app
from shared.web.session import ApiPrincipal
from tests.bench.saying import say
from tests.bench.surroundings import own_mongod
from tests.tokens import mint, trust

PREFIX = "/api/registry/v1/bench"
ACTION = "facility.read"
OWN = Scope("f1", "06862", "agriculture")
OTHERS = Scope("f2", "99999", "health")
VARIANTS = (
    ("nothing asked", "bare"),
    ("token verified", "token"),
    ("token, matrix and scope", "checked"),
    ("the same, an object of others (404)", "foreign"),
    ("one read, nothing asked", "read"),
    ("one read, token, matrix and scope", "read-checked"),
)


router = APIRouter(prefix=PREFIX)


@router.get("/bare")
async def bare() -> dict[str, str]:
    return {"id": "f1"}


@router.get("/token")
async def token(who: ApiPrincipal) -> dict[str, str]:
    return {"id": "f1"}


@router.get("/checked")
async def checked(who: ApiPrincipal) -> dict[str, str]:
    require(who, ACTION, OWN)
    return {"id": "f1"}


@router.get("/foreign")
async def foreign(who: ApiPrincipal) -> dict[str, str]:
    require(who, ACTION, OTHERS)
    return {"id": "f2"}


@router.get("/read")
async def read(request: Request) -> dict[str, str]:
    return await _row(request)


@router.get("/read-checked")
async def read_checked(who: ApiPrincipal, request: Request) -> dict[str, str]:
    row = await _row(request)
    require(who, ACTION, Scope(row["id"], row["commune"], row["sector"]))
    return row


async def _row(request: Request) -> dict[str, str]:
    row = await request.app.state.db.collection("facilities").find_one({"_id": "f1"})
    assert row is not None
    return {"id": row["_id"], "commune": row["commune"], "sector": row["sector"]}


def caller(app: FastAPI, name: str, bearer: str) -> Callable[[], Awaitable[int]]:
    """Calls one address as a server would; the status of the answer."""
    headers = [(b"host", b"bench"), (b"accept-language", b"vi")]
    headers.append((b"authorization", f"Bearer {bearer}".encode()))

    async def call() -> int:
        status = 0

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)

        path = f"{PREFIX}/{name}"
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("bench", 80),
        }
        await app(scope, receive, send)
        return status

    return call


async def measure(call: Callable[[], Awaitable[int]], requests: int) -> float:
    """Microseconds of processor time a request."""
    begun = time.process_time()
    for _ in range(requests):
        await call()
    return (time.process_time() - begun) / requests * 1e6


def alone(principal: Principal, times: int = 100_000) -> dict[str, float]:
    """Microseconds of the calls by themselves."""

    def refused() -> None:
        with contextlib.suppress(Refusal):
            require(principal, ACTION, OTHERS)

    found = {}
    for name, call in (
        ("require, own object", lambda: require(principal, ACTION, OWN)),
        ("require, object of others", refused),
        ("area_filter", lambda: area_filter(principal)),
    ):
        begun = time.process_time()
        for _ in range(times):
            call()
        found[name] = (time.process_time() - begun) / times * 1e6
    return found


@contextlib.asynccontextmanager
async def application(url: str, folder: Path) -> AsyncIterator[tuple[FastAPI, str]]:
    create_missing(folder)
    settings = Settings(secrets_dir=folder, mongo_url=url)
    db = Database(url, "bench_permissions", "registry")
    await db.collection("facilities").insert_one(
        {"_id": "f1", "commune": "06862", "sector": "agriculture"}
    )
    app = create_app("registry", title="Bench", routers=[router], lifespan=None, settings=settings)
    await trust(db, folder)
    app.state.db = db
    app.state.settings = settings
    app.state.verifier = Verifier(db)
    await app.state.verifier.refresh()
    claims: dict[str, Any] = {"tier": "commune", "kinds": ["check", "operate"], "unit": "xa"}
    claims |= {"communes": ["06862", "06863", "06864"], "sector": "agriculture"}
    try:
        yield app, mint(folder, **claims)
    finally:
        await db.close()


async def run(url: str, folder: Path, rounds: int, requests: int) -> None:
    async with application(url, folder) as (app, bearer):
        calls = {name: caller(app, path, bearer) for name, path in VARIANTS}
        taken: dict[str, list[float]] = {name: [] for name in calls}
        for name, call in calls.items():
            expected = 404 if "others" in name else 200
            assert await call() == expected, name
            await measure(call, requests)
        for _ in range(rounds):
            for name, call in calls.items():
                taken[name].append(await measure(call, requests))
        principal = await app.state.verifier.verify(bearer)
        show(taken, alone(principal))


def show(taken: dict[str, list[float]], by_themselves: dict[str, float]) -> None:
    """Differences and ratios are medians of each round's own, so that a slow round counts once."""
    say(f"{'request':<38}{'µs':>8}{'+ µs':>8}{'×':>7}")
    for name, values in taken.items():
        base = taken["one read, nothing asked" if name.startswith("one read") else "nothing asked"]
        more = median(one - other for one, other in zip(values, base, strict=True))
        ratio = median(one / other for one, other in zip(values, base, strict=True))
        say(f"{name:<38}{median(values):>8.0f}{more:>8.1f}{ratio:>7.2f}")
    step = [c - t for c, t in zip(taken[VARIANTS[2][0]], taken[VARIANTS[1][0]], strict=True)]
    say(f"matrix and scope beyond the verified token: {median(step):.1f} µs a request")
    for name, value in by_themselves.items():
        say(f"{name} by itself: {value:.2f} µs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--requests", type=int, default=400)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    os.environ.pop("TXNG_PERMISSIONS_FILE", None)
    with own_mongod() as (url, folder):
        asyncio.run(run(url, folder / "secrets", asked.rounds, asked.requests))


if __name__ == "__main__":
    main()
