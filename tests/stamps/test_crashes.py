"""kill -9 in the midst of issuing, telling and printing: nothing is lost or happens twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from tests.polling import eventually
from tests.running import Running
from tests.stamps.conftest import API
from tests.stamps.crashing import World
from tests.tokens import bearer

pytestmark = pytest.mark.fault


@pytest_asyncio.fixture(scope="module")
async def world(processes: Running) -> AsyncIterator[World]:
    made = World(processes)
    made.witness.start()
    try:
        await made.begin()
        await eventually(lambda: made.witness.consumers[0].connected, 20)
        yield made
    finally:
        await made.witness.stop()
        await made.end()


@pytest.mark.parametrize(
    "point",
    [
        "stamps.issue.number_drawn",
        "stamps.issue.before_commit",
        "stamps.issue.after_commit",
        "relay.confirmed",
    ],
)
async def test_whoever_was_cut_off_by_a_kill_learns_the_outcome_by_the_same_key(
    world: World, point: str
) -> None:
    earlier = await world.ask()
    acknowledged = await world.batch_of(earlier)
    request_id = await world.ask()
    await world.must_be_relayed()
    await world.armed(point)
    await world.running.until_ready("stamps")
    with suppress(httpx2.HTTPError):  # The relay may be killed after the answer has left.
        answer = await world.approve(request_id)
        assert point == "relay.confirmed", answer.text
    await world.until_killed()
    await world.running.restart("stamps")
    number = await world.batch_of(request_id)
    assert await world.batch_of(request_id) == number
    await world.must_be_sound(request_id, number)
    await world.must_be_sound(earlier, acknowledged)
    await world.must_be_heard_once(request_id, number)


async def test_a_relay_killed_after_numbering_and_after_publishing_tells_everything_once(
    world: World,
) -> None:
    request_id = await world.ask()
    await world.must_be_relayed()
    await world.armed("stamps.issue.after_commit")
    await world.running.until_ready("stamps")
    with pytest.raises(httpx2.HTTPError):
        await world.approve(request_id)
    await world.until_killed()
    for point in ("relay.numbered", "relay.confirmed"):
        # Its first sweep meets what the process before it left behind.
        world.running.launch("stamps", env={"TXNG_CRASH_AT": point})
        await world.until_killed()
    await world.running.restart("stamps")
    number = await world.batch_of(request_id)
    await world.must_be_sound(request_id, number)
    await world.must_be_heard_once(request_id, number)


async def test_of_twenty_approvals_under_way_at_a_kill_each_ends_with_one_batch(
    world: World,
) -> None:
    requests = [await world.ask() for _ in range(20)]
    await world.must_be_relayed()
    await world.armed("stamps.issue.after_commit")
    await world.running.until_ready("stamps")
    await asyncio.gather(*map(world.approve, requests), return_exceptions=True)
    await world.until_killed()
    await world.running.restart("stamps")
    numbers = await asyncio.gather(*map(world.batch_of, requests))
    assert len(set(numbers)) == 20
    for request_id, number in zip(requests, numbers, strict=True):
        await world.must_be_sound(request_id, number)
        await world.must_be_heard_once(request_id, number)


async def test_a_batch_never_gets_the_number_of_another_even_if_the_counter_is_set_back(
    world: World,
) -> None:
    first = await world.batch_of(await world.ask())
    await world.db.collection("counters").update_one({"_id": "batch"}, {"$set": {"n": first - 2}})
    request_id = await world.ask()
    number = await world.batch_of(request_id)
    assert number > first
    await world.must_be_sound(request_id, number)


async def test_an_activation_killed_before_its_commit_has_not_happened(world: World) -> None:
    number = await world.batch_of(await world.ask())
    await world.armed("stamps.activate.before_commit")
    await world.running.until_ready("stamps")
    body = {"first": 0, "last": 9, "lot_id": world.farm.lot}
    path, headers = f"{API}/batches/{number}/activations", bearer(world.operator)
    with pytest.raises(httpx2.HTTPError):
        await world.client.post(path, json=body, headers=headers)
    await world.until_killed()
    await world.running.restart("stamps")
    assert (await world.get(f"/batches/{number}"))["counts"] == {"issued": 1000}
    again = await world.client.post(path, json=body, headers=headers)
    assert again.status_code == 200, again.text
    assert (await world.get(f"/batches/{number}"))["counts"] == {"active": 10, "issued": 990}


async def print_ordered(world: World, number: int, last: int) -> str:
    body = {"size": "6mm", "first": 0, "last": last}
    path = f"{API}/batches/{number}/print-jobs"
    answer = await world.client.post(path, json=body, headers=bearer(world.operator))
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def _printed(world: World, job_id: str) -> bytes:
    async def done() -> bool:
        return bool((await world.get(f"/print-jobs/{job_id}"))["state"] == "done")

    await eventually(done, 60)
    path = f"{API}/print-jobs/{job_id}/file"
    return (await world.client.get(path, headers=bearer(world.approver))).content


async def test_a_print_job_whose_worker_was_killed_is_taken_up_by_another(world: World) -> None:
    number = await world.batch_of(await world.ask())
    lease = {"TXNG_PRINT_LEASE_SECONDS": "1.5"}
    await world.armed("stamps.print.drawn", **lease)
    await world.running.until_ready("stamps")
    job_id = await print_ordered(world, number, 999)
    await world.until_killed()
    await world.running.restart("stamps", env=lease)
    assert (await _printed(world, job_id)).endswith(b"%%EOF\n")
    kept = await world.db.collection("print_jobs").find_one({"_id": job_id})
    assert kept is not None
    assert kept["attempt"] == 2


async def test_a_killed_worker_s_finished_parts_are_not_drawn_again(world: World) -> None:
    number = await world.batch_of(await world.ask(12_000))
    lease = {"TXNG_PRINT_LEASE_SECONDS": "1.5"}
    await world.armed("stamps.print.part", **lease)
    await world.running.until_ready("stamps")
    job_id = await print_ordered(world, number, 11_999)
    await world.until_killed()
    files = world.db.collection("prints.files")
    parts = {"metadata.job": job_id}
    (first,) = [row["_id"] async for row in files.find(parts)]
    await world.running.restart("stamps", env=lease)
    content = await _printed(world, job_id)
    kept = await world.db.collection("print_jobs").find_one({"_id": job_id})
    assert kept is not None
    assert kept["attempt"] == 2
    assert len(kept["pieces"]) == 5
    assert kept["pieces"][1] == first
    assert kept["bytes"] == len(content)
    assert content.count(b"/Type /Page ") == 29


async def test_the_drawing_process_of_a_killed_service_ends_too(world: World) -> None:
    request_id = await world.ask(100_000)
    number = await world.batch_of(request_id)
    job_id = await print_ordered(world, number, 99_999)

    async def under_way() -> bool:
        return bool((await world.get(f"/print-jobs/{job_id}"))["done"] > 0)

    await eventually(under_way, 30)
    (child,) = _children(world.running.pid("stamps"))
    await world.running.kill("stamps")
    await eventually(lambda: not Path(f"/proc/{child}").exists(), 20)
    await world.running.restart("stamps", env={"TXNG_PRINT_LEASE_SECONDS": "1.5"})


def _children(pid: int) -> list[int]:
    return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
