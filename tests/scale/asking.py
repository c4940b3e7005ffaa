"""Asking one replica of each system for verdicts by turns, at a pace that neither is busy with."""

import asyncio
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

import httpx2

from deploy.local.layout import ROOT
from deploy.local.server import tied_to_us
from shared.stampcode import Keyring, encode
from tests.scale.shapes import QUANTITY, uniform, zipf
from tests.scale.system import REPLICA, System

DRAWN = 100_000
PIPELINED = 50
DRAWS = {"uniform": uniform, "Zipf": zipf}


class Round(NamedTuple):
    """One run of the load: latencies in milliseconds, and reads of the database per scan."""

    p50: float
    p99: float
    reads: float


@dataclass(frozen=True)
class Subject:
    """One replica and the codes that it is asked."""

    system: System
    one_of_each: list[str]
    drawn: dict[str, Path]

    @property
    def port(self) -> int:
        return self.system.running.layout.ports[REPLICA]


async def subject(system: System, folder: Path) -> Subject:
    """Draws the codes to be asked, of the batches that the system has."""
    found = system.stamps.collection("batches").find({}, {"_id": 1}).sort("_id", 1)
    batches = [row["_id"] async for row in found]
    ring = Keyring.load(system.running.settings.secrets_dir / "stamp-keys.json")
    draw = Random(len(batches))
    drawn = {}
    for name, choose in DRAWS.items():
        chosen = choose(draw, len(batches) * QUANTITY, DRAWN)
        codes = [encode(ring, batches[n // QUANTITY], n % QUANTITY) for n in chosen]
        drawn[name] = folder / f"{system.name}-{name}"
        drawn[name].write_text("\n".join(codes), encoding="ascii")
    return Subject(system, [encode(ring, batch, QUANTITY // 2) for batch in batches], drawn)


async def rounds(
    subjects: Sequence[Subject], count: int, rate: float, seconds: float
) -> dict[tuple[str, str], list[Round]]:
    """Per draw and system the rounds, taken by turns so that what else happens meets all alike."""
    found: dict[tuple[str, str], list[Round]] = {}
    for _ in range(count):
        for draw in DRAWS:
            for one in subjects:
                told = await _round(one, draw, rate, seconds)
                found.setdefault((draw, one.system.name), []).append(told)
    return found


async def _round(one: Subject, draw: str, rate: float, seconds: float) -> Round:
    before = (await figures(one))["txng_scan_database_reads_total"]
    load = ["tests.recall.openloop", str(rate), str(seconds), str(one.drawn[draw]), str(one.port)]
    process = await asyncio.create_subprocess_exec(
        *tied_to_us([sys.executable, "-m", *load]), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    told = json.loads(output)
    if told["failed"] or told["unanswered"]:
        raise SystemExit(f"scans failed: {told}")
    reads = (await figures(one))["txng_scan_database_reads_total"] - before
    return Round(told["p50_ms"], told["p99_ms"], reads / told["answered"])


async def ask_all(one: Subject) -> None:
    """A stamp of every batch once, as fast as the replica answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", one.port)
    for start in range(0, len(one.one_of_each), PIPELINED):
        codes = one.one_of_each[start : start + PIPELINED]
        writer.write(b"".join(map(_request, codes)))
        for _ in codes:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            if not head.startswith(b"HTTP/1.1 200") or length is None:
                raise SystemExit(f"a scan failed: {head!r}")
            await reader.readexactly(int(length[1]))
    writer.close()


async def figures(one: Subject) -> dict[str, float]:
    """The replica's own figures, by name."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"http://127.0.0.1:{one.port}/metrics", timeout=30)).text
    lines = (line.rpartition(" ") for line in text.splitlines() if line.startswith("txng_scan"))
    return {name: float(value) for name, _, value in lines}


def medians(taken: Sequence[Round]) -> Round:
    return Round(*(median(values) for values in zip(*taken, strict=True)))


def ratios(large: Sequence[Round], small: Sequence[Round]) -> tuple[float, float]:
    """The medians of the rounds' own ratios, p50 and p99."""
    pairs = list(zip(large, small, strict=True))
    return median(a.p50 / b.p50 for a, b in pairs), median(a.p99 / b.p99 for a, b in pairs)


def _request(code: str) -> bytes:
    return (
        f"GET /v1/verdicts/{code} HTTP/1.1\r\nHost: txng.test\r\nAccept: application/json\r\n\r\n"
    ).encode()
