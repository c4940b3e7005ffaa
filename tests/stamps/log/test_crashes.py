"""kill -9 of the sequencer between any two steps: every leaf is in the log once, in one tree."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from services.stamps.log import verify
from services.stamps.log.leaves import leaf_of
from services.stamps.store import log as store
from shared.mongo import Tx, transact
from tests.polling import eventually
from tests.running import Running
from tests.stamps import builders
from tests.stamps.crashing import World

pytestmark = pytest.mark.fault


@pytest_asyncio.fixture(scope="module")
async def world(processes: Running) -> AsyncIterator[World]:
    made = World(processes)
    made.witness.start()
    try:
        await made.begin()
        yield made
    finally:
        await made.witness.stop()
        await made.end()


async def checkpoint(world: World) -> verify.Checkpoint | None:
    key = verify.Key((await world.client.get("/api/stamps/v1/log/key")).text)
    answer = await world.client.get("/api/stamps/v1/log/checkpoint")
    return verify.Checkpoint(answer.text, key) if answer.status_code == 200 else None


async def waiting(world: World, *subjects: str) -> None:
    """Leaves that were queued by acts which nobody has sequenced yet."""

    async def work(tx: Tx) -> None:
        for subject in subjects:
            await store.add(tx, leaf_of(builders.notice(subject), b"\x00" * 16))

    await transact(world.db, work)


async def test_what_was_done_before_there_was_a_log_is_taken_in(
    world: World, tmp_path: Path
) -> None:
    batch = await world.batch_of(await world.ask())
    await world.must_be_relayed()
    await world.running.terminate("stamps")
    for name in (store.ENTRIES, store.QUEUE, store.HEADS):
        await world.db.collection(name).drop()
    await world.running.restart("stamps")
    await eventually(lambda: world.db.collection(store.ENTRIES).find_one({"key": f"batch/{batch}"}))
    state = str(tmp_path / "log.json")
    url = world.running.url("stamps")
    assert await asyncio.to_thread(verify.main, [url, "--state", state]) == 0


@pytest.mark.parametrize("point", ["log.appended", "log.before_commit", "log.committed"])
async def test_a_sequencer_killed_at_any_step_goes_on_with_the_same_tree(
    world: World, point: str, tmp_path: Path
) -> None:
    state = str(tmp_path / "log.json")
    url = world.running.url("stamps")
    batch = await world.batch_of(await world.ask())

    async def told() -> bool:
        return (
            await world.db.collection(store.ENTRIES).find_one({"key": f"batch/{batch}"}) is not None
        )

    await eventually(told)
    assert await asyncio.to_thread(verify.main, [url, "--state", state]) == 0
    before = await eventually(lambda: checkpoint(world))
    await world.running.terminate("stamps")
    await waiting(world, *(f"{point}/{number}" for number in range(3)))
    world.running.launch("stamps", env={"TXNG_CRASH_AT": point})
    await world.until_killed()
    # What a reader would have been shown in that moment: the old tree, or the whole of the new one.
    head = (await store.head(world.db)).checkpoint
    left = await world.db.collection(store.QUEUE).count_documents({})
    assert (head.size - before.size, left) == ((3, 0) if point == "log.committed" else (0, 3))
    await world.running.restart("stamps")

    async def grown() -> bool:
        found = await checkpoint(world)
        return found is not None and found.size >= before.size + 3

    await eventually(grown)
    assert await asyncio.to_thread(verify.main, [url, "--state", state, "--all"]) == 0
    rows = [row async for row in world.db.collection(store.ENTRIES).find({}, {"key": 1})]
    assert sorted(row["_id"] for row in rows) == list(range(len(rows)))
    assert len({row["key"] for row in rows}) == len(rows)
