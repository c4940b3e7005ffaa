"""A recall that was acknowledged is shown, once, wherever a process dies on its way."""

from collections import Counter

import httpx2
import pytest

from shared.ids import new_id
from shared.mongo import Database
from tests.faults.world import World
from tests.polling import eventually

CRASHES = (
    "recall.order.before_commit",
    "recall.order.after_commit",
    "relay.numbered",
    "relay.confirmed",
)


@pytest.mark.parametrize("point", CRASHES)
async def test_an_order_cut_off_anywhere_is_one_case_after_the_same_order_again(
    world: World, point: str
) -> None:
    goods = await world.goods(10)
    await _known_to_recall(world, goods.lot_id)
    await world.running.restart("recall", env={"TXNG_CRASH_AT": point})
    key = new_id()
    acknowledged = ""
    try:
        answer = await world.order(goods.lot_id, key)
        assert answer.status_code == 201, answer.text
        acknowledged = answer.json()["id"]
    except httpx2.TransportError:
        assert point.startswith("recall.order"), "only a crash in the order may cut it off"
    assert await world.running.until_exit("recall") != 0
    await world.running.restart("recall")
    again = await world.order(goods.lot_id, key)
    assert again.status_code in (200, 201), again.text
    case = again.json()["id"]
    assert acknowledged in ("", case)
    await world.until(goods.codes[0], "recalled")

    async def told_once() -> None:
        assert await world.ledger_count("recall.ordered.v1", case) == 1
        assert await world.ledger_count("recall.notice_published.v1", f"{case}/1") == 1

    await eventually(told_once, 30)


async def _known_to_recall(world: World, lot_id: str) -> None:
    async def known() -> None:
        body = {"target_kind": "lot", "target": lot_id}
        answer = await world.send("recall", "/previews", body, world.approver)
        assert answer.status_code == 200, answer.text

    await eventually(known, 30)


@pytest.mark.parametrize(
    ("name", "queue"),
    [
        ("projector", "scan.projection"),
        ("recall", "recall.genealogy"),
        ("stamps", "stamps.facts"),
        ("reporting", "reporting.ledger"),
        ("reporting", "reporting.statistics"),
    ],
)
async def test_a_consumer_killed_between_effect_and_acknowledgement_takes_effect_once(
    world: World, name: str, queue: str
) -> None:
    known = await world.goods(3)
    before = await eventually(lambda: _counted(world, upto=known.facility_id), 30)
    await world.running.terminate(name)
    facility_id = await world.facility()
    # What is counted must be among what is cut off: told by its version, all else bears repeating.
    meanwhile = 0 if name == "stamps" else 3
    if meanwhile:
        await world.batch(known.facility_id, known.product_id, meanwhile)
    world.running.launch(name, env={"TXNG_CRASH_AT": f"consumer.{queue}.before_ack"})
    assert await world.running.until_exit(name) != 0
    await world.running.restart(name)
    product_id = await world.product(facility_id)
    lot_id = await world.lot(facility_id, product_id)
    batch = await world.batch(facility_id, product_id, 7)
    await world.activate(facility_id, batch, 0, 6, lot_id)
    (code,) = await world.codes(facility_id, batch, 0, 0)
    await world.until(code, "genuine")

    async def counted_once() -> None:
        grown = await _counted(world) - before
        batches = 2 if meanwhile else 1
        assert grown["requests"] == grown["batches_issued"] == batches
        assert grown["stamps_issued"] == 7 + meanwhile
        assert grown["stamps_activated"] == 7
        subject = facility_id
        assert await world.ledger_count("registry.facility_published.v1", subject) == 1

    await eventually(counted_once, 30)


async def _counted(world: World, *, upto: str = "") -> Counter[str]:
    """What reporting has counted of each kind, decisions on requests together; nothing before the
    stamps of the facility `upto` were counted as active."""
    settings = world.running.settings
    db = Database(settings.mongo_url, settings.database("reporting"), "reporting")
    rows = [row async for row in db.collection("counters").find({})]
    await db.close()
    found: Counter[str] = Counter()
    for row in rows:
        found["requests" if row["metric"].startswith("requests_") else row["metric"]] += row["n"]
    active = {row.get("facility") for row in rows if row["metric"] == "stamps_activated"}
    return found if not upto or upto in active else Counter()


@pytest.mark.parametrize(
    "name", ["identity", "registry", "stamps", "recall", "reporting", "projector", "recorder"]
)
async def test_any_service_killed_and_started_again_goes_on_by_itself(
    world: World, name: str
) -> None:
    goods = await world.goods(3)
    await world.running.kill(name)
    if name != "recall":
        await world.recall(goods.lot_id)
        await world.until(goods.codes[0], "recalled")
    await world.running.restart(name)
    other = await world.goods(3)
    case = await world.recall(other.lot_id)
    await world.until(other.codes[0], "recalled")

    async def chained() -> None:
        assert await world.ledger_count("recall.ordered.v1", case) == 1

    await eventually(chained, 30)
