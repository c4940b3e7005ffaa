"""A job of 100,000 stamps: in parts, in bounded memory, its progress to be seen, through a kill."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import pytest_asyncio
import structlog

from services.stamps.printing.layouts import grid
from services.stamps.printing.templates import TEMPLATES
from shared import stampcode
from tests.polling import eventually
from tests.running import Running
from tests.stamps.conftest import API, CONSOLE
from tests.stamps.crashing import World
from tests.stamps.test_crashes import print_ordered
from tests.stamps.test_printing_jobs import symbols
from tests.tokens import bearer

log = structlog.get_logger()

pytestmark = [pytest.mark.fault, pytest.mark.timeout(900)]

STAMPS = 100_000
# What a part of a job takes, several times over; the whole file is larger than this.
MOST_MEGABYTES = 300
LEASE = {"TXNG_PRINT_LEASE_SECONDS": "1.5"}


@pytest_asyncio.fixture(scope="module")
async def world(processes: Running) -> AsyncIterator[World]:
    made = World(processes)
    try:
        await made.begin()
        yield made
    finally:
        await made.end()


class Watched:
    """The most memory that any drawing process was seen to have, in MB, and what progress said."""

    def __init__(self, world: World, job_id: str) -> None:
        self.peak = 0.0
        self.service = 0.0
        self.progress: list[int] = []
        self._world = world
        self._job_id = job_id

    async def look(self) -> dict[str, Any]:
        pid = self._world.running.pid("stamps")
        self.service = max(self.service, _peak(pid))
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            self.peak = max(self.peak, _peak(int(child)))
        job = await self._world.get(f"/print-jobs/{self._job_id}")
        self.progress.append(job["done"])
        return job


def _peak(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", told)
    return int(found[1]) / 1024 if found else 0.0


async def test_a_hundred_thousand_stamps_are_printed_through_a_kill_in_bounded_memory(
    world: World, record_property: Any
) -> None:
    number = await world.batch_of(await world.ask(STAMPS))
    await world.running.restart("stamps", env=LEASE)
    job_id = await print_ordered(world, number, STAMPS - 1)
    watched = Watched(world, job_id)
    parts = {"metadata.job": job_id}

    async def some_parts_are_kept() -> bool:
        await watched.look()
        return await world.db.collection("prints.files").count_documents(parts) >= 3

    await eventually(some_parts_are_kept, 300)
    page = await world.client.get(
        f"{CONSOLE}/print-jobs/{job_id}", headers={"Cookie": f"txng_access={world.operator}"}
    )
    shown = re.search(r'<progress value="(\d+)" max="(\d+)"', page.text)
    assert shown
    assert 0 < int(shown[1]) < int(shown[2]) == STAMPS
    await world.running.kill("stamps")
    rows = world.db.collection("prints.files").find(parts)
    before = {row["_id"] async for row in rows}
    await world.running.restart("stamps", env=LEASE)

    async def done() -> bool:
        return bool((await watched.look())["state"] == "done")

    await eventually(done, 600)
    kept = await world.db.collection("print_jobs").find_one({"_id": job_id})
    assert kept is not None
    assert kept["attempt"] >= 2
    assert before <= set(kept["pieces"])  # Nothing that was finished was drawn again.
    assert max(watched.progress) <= STAMPS
    figures = {
        "drawing_peak_mb": round(watched.peak),
        "service_peak_mb": round(watched.service),
        "file_mb": round(kept["bytes"] / 1e6, 1),
    }
    for name, figure in figures.items():
        record_property(name, figure)
    log.info("a job of 100,000 stamps", **figures)
    assert 0 < watched.peak < MOST_MEGABYTES
    answer = await world.client.get(
        f"{API}/print-jobs/{job_id}/file", headers=bearer(world.approver)
    )
    assert answer.status_code == 200
    await _reads_back(world, number, answer.content)


async def _reads_back(world: World, number: int, pdf: bytes) -> None:
    """Every page is there, and sheets from all over the file read as they should."""
    per_sheet = grid(TEMPLATES["6mm"]).count
    sheets = -(-STAMPS // per_sheet)
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == sheets
    document.close()
    ring = stampcode.Keyring.load(world.secrets / "stamp-keys.json")
    for sheet in sorted({0, sheets // 3, sheets // 2, sheets - 2}):
        places = [0, per_sheet // 2, per_sheet - 1]
        found = symbols(pdf, "6mm", sheet, places)
        codes = [stampcode.encode(ring, number, sheet * per_sheet + place) for place in places]
        assert [text.rpartition("/")[2] for text in found] == codes
