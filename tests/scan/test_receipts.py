"""Every replica says when it shows a notice, which way it came, and says so once."""

from datetime import timedelta
from typing import Any

from shared.contracts.event import encode
from shared.ids import now
from tests.polling import eventually
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, World, free_port, name, notice

Heard = list[dict[str, Any]]


def receipts(heard: Heard, case: str) -> list[dict[str, Any]]:
    return [
        event["data"]
        for event in heard
        if event["type"] == "scan.notice_applied.v1" and event["data"]["case_id"] == case
    ]


async def test_each_replica_sends_one_receipt_for_each_version_of_a_notice(
    world: World, heard: Heard
) -> None:
    goods, case = Goods(), name("case")
    await world.tell(*goods.events())
    async with world.projecting(), world.replica("r1") as one, world.replica("r2") as two:
        for scans in (one, two):
            await becomes(scans, goods.batch, 7, "genuine")
        ordered = notice(case, lots=(goods.lot,))
        await world.tell(ordered)
        await eventually(lambda: len(receipts(heard, case)) == 2)
        told = receipts(heard, case)
        assert {one["replica"] for one in told} == {"r1", "r2"}
        assert {one["by"] for one in told} == {"bus"}
        assert {one["notice_version"] for one in told} == {1}
        # Once more by the bus, and the lift.
        publisher = world.services["recall"].publisher
        again = ordered.model_copy(update={"number": one.replica.memory.taken["recall"].highest})
        await publisher.publish(again.type, encode(again), again.id)
        await world.tell(notice(case, 2, active=False, lots=(goods.lot,)))
        await eventually(lambda: len(receipts(heard, case)) == 4)
        assert [one["notice_version"] for one in receipts(heard, case)].count(2) == 2


async def test_a_receipt_waits_for_the_broker_and_says_that_the_feed_brought_the_notice(
    world: World, heard: Heard
) -> None:
    goods, case = Goods(), name("case")
    await world.tell(*goods.events())
    nowhere = f"amqp://guest:guest@127.0.0.1:{free_port()}/"
    async with world.projecting(), world.replica(amqp_url=nowhere) as scans:
        await becomes(scans, goods.batch, 7, "genuine")
        await world.tell(notice(case, lots=(goods.lot,)))
        await becomes(scans, goods.batch, 7, "recalled")
        waiting = scans.replica.receipts.waiting
        assert [receipt.by for receipt in waiting] == ["feed"]
        assert receipts(heard, case) == []


async def test_old_notices_met_at_the_start_are_shown_without_a_receipt(
    world: World, heard: Heard
) -> None:
    goods, case = Goods(), name("case")
    old = notice(case, lots=(goods.lot,)).model_copy(update={"time": now() - timedelta(hours=3)})
    await world.tell(*goods.events(), old)
    async with world.projecting(), world.replica() as scans:
        await becomes(scans, goods.batch, 7, "recalled")
        later = name("case")
        await world.tell(notice(later, lots=(goods.lot,)))
        await eventually(lambda: receipts(heard, later))
        assert receipts(heard, case) == []
