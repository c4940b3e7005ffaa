"""A worker that is killed in the middle of an import: the next one finishes it, each row once."""

import asyncio
import io
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio

from services.registry import store
from services.registry.actions.imports import importing
from services.registry.domain.imports import Import, Stage
from services.registry.domain.records import Aggregate
from services.registry.store import imports
from shared.auth import Principal
from shared.ids import new_id, now
from shared.mongo import Database
from tests.registry.sheets import facility_row, name, xlsx

# Several chunks of each stage: 500 rows are read at once, 200 judged, 100 applied.
ROWS = 250
WHO = Principal(
    account_id="killed",
    name="Người nhập",
    tier="department",
    kinds=frozenset({"approve"}),
    unit_id="unit",
    session_id="session",
    communes=("*",),
    issued_at=int(time.time()),
)


@pytest_asyncio.fixture
async def db(mongo_url: str) -> AsyncIterator[Database]:
    """A database of its own, with no registry running beside it."""
    made = Database(mongo_url, f"killed_{uuid4().hex[:8]}", "registry")
    await store.prepare(made)
    yield made
    await made.client.drop_database(made.name)
    await made.close()


async def worked(mongo_url: str, db: Database, one: Import, crash_at: str = "") -> int:
    """Run a worker until the import rests or it dies; how it ended."""
    environment = {**os.environ, "TXNG_CRASH_AT": crash_at}
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.registry.import_worker", mongo_url, db.name, one.id,
        env=environment,
    )  # fmt: skip
    return await asyncio.wait_for(worker.wait(), 120)


async def uploaded(db: Database, data: bytes) -> Import:
    return await importing.upload(
        io.BytesIO(data), "a.xlsx", Aggregate.FACILITY, import_id=new_id(), who=WHO, now=now(),
        db=db,
    )  # fmt: skip


async def applied(db: Database, one: Import) -> Import:
    fresh = await imports.get(db, one.id)
    assert fresh.stage is Stage.READY, fresh
    return await importing.apply(one.id, version=fresh.version, who=WHO, now=now(), db=db)


async def written(db: Database) -> tuple[int, int, int]:
    """Facilities, their distinct names, and versions."""
    facilities = db.collection("facilities")
    return (
        await facilities.count_documents({}),
        len(await facilities.distinct("draft.name")),
        await db.collection("versions").count_documents({}),
    )


@pytest.mark.parametrize("point", ["import.applying", "import.applied"])
async def test_killed_while_it_writes_it_goes_on_and_writes_nothing_twice(
    mongo_url: str, db: Database, point: str
) -> None:
    data = xlsx([facility_row(name()) for _ in range(ROWS)])
    one = await uploaded(db, data)
    assert await worked(mongo_url, db, one) == 0
    await applied(db, one)
    assert await worked(mongo_url, db, one, crash_at=point) == -signal.SIGKILL
    half = (await written(db))[0]
    assert half == (100 if point == "import.applied" else 0)
    assert (await imports.get(db, one.id)).stage is Stage.APPLYING
    assert await worked(mongo_url, db, one) == 0
    done = await imports.get(db, one.id)
    assert (done.stage, done.outcomes) == (Stage.DONE, {"entered": ROWS})
    assert await written(db) == (ROWS, ROWS, 2 * ROWS)

    again = await uploaded(db, data)
    assert await worked(mongo_url, db, again) == 0
    assert (await imports.get(db, again.id)).counts == {"same": ROWS}


async def test_killed_after_every_chunk_it_still_comes_to_its_end(
    mongo_url: str, db: Database
) -> None:
    one = await uploaded(db, xlsx([facility_row(name()) for _ in range(ROWS)]))
    assert await worked(mongo_url, db, one, crash_at="import.judged") == -signal.SIGKILL
    assert await worked(mongo_url, db, one) == 0
    await applied(db, one)
    deaths = 0
    while await worked(mongo_url, db, one, crash_at="import.applied") == -signal.SIGKILL:
        deaths += 1
    # Three chunks were written, each the end of a worker.
    assert deaths == 3
    done = await imports.get(db, one.id)
    assert (done.stage, done.outcomes) == (Stage.DONE, {"entered": ROWS})
    assert await written(db) == (ROWS, ROWS, 2 * ROWS)


async def test_killed_while_it_reads_it_reads_the_file_anew(mongo_url: str, db: Database) -> None:
    one = await uploaded(db, xlsx([facility_row(name()) for _ in range(600)]))
    assert await worked(mongo_url, db, one, crash_at="import.read") == -signal.SIGKILL
    assert await db.collection("import_rows").count_documents({"import_id": one.id}) == 500
    assert await worked(mongo_url, db, one) == 0
    ready = await imports.get(db, one.id)
    assert (ready.stage, ready.counts) == (Stage.READY, {"new": 600})
    assert await db.collection("import_rows").count_documents({"import_id": one.id}) == 600
