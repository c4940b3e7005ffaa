"""What waits for decisions is told by place, each time it changes, and never twice (R17)."""

import asyncio
from typing import Any

import pytest

from services.registry.actions import awaiting
from services.registry.domain.records import Aggregate
from services.registry.store import awaited
from services.registry.store.codec import COLLECTIONS
from services.registry.store.following import Lost
from services.registry.store.waiting import Waiting
from shared.contracts.registry import ReviewsWaiting
from shared.ids import new_id, now
from tests.answers import ok
from tests.polling import eventually
from tests.registry import builders
from tests.registry.conftest import Registry

# Before anything has waited there nothing is told.
NOTHING = ReviewsWaiting(
    subject="x", version=1, time=now(), commune=builders.COMMUNE, sector="agriculture"
)


async def told(registry: Registry) -> ReviewsWaiting:
    """The newest word on the commune of these tests, after counting once more."""
    await awaiting.tell(registry.db, now=now())
    key = f"{builders.COMMUNE}/agriculture"
    found: list[ReviewsWaiting] = await registry.events(key, ReviewsWaiting)
    return found[-1] if found else NOTHING


def number(event: ReviewsWaiting, aggregate: str, state: str, account: str = "") -> int:
    for one in event.waiting:
        if (one.aggregate, one.state) == (aggregate, state):
            return one.makers.get(account, 0) if account else one.count
    return 0


async def test_what_waits_is_told_with_every_step_and_whose_own_it_is(registry: Registry) -> None:
    clerk = new_id()
    maker: Any = registry.clerk(account=clerk)
    facility = await registry.entered("facilities", builders.facility(tax_number=""), maker)
    before = await told(registry)
    await registry.submitted("facilities", facility["id"], maker)
    after = await told(registry)
    assert before is NOTHING or after.version > before.version
    grown = number(after, "facility", "submitted") - number(before, "facility", "submitted")
    assert (grown, number(after, "facility", "submitted", clerk)) == (1, 1)
    checker = new_id()
    accepted = registry.checker(account=checker)
    ok(await registry.decide("facilities", facility["id"], "accept", accepted))
    checked = await told(registry)
    assert number(checked, "facility", "submitted", clerk) == 0
    assert number(checked, "facility", "checked", checker) == 1
    assert number(checked, "facility", "checked", clerk) == 1
    ok(await registry.decide("facilities", facility["id"], "publish", registry.approver()))
    assert number(await told(registry), "facility", "checked", checker) == 0


async def test_what_was_sent_back_is_told_for_its_facility(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    product = await registry.entered("products", builders.product(), operator)
    await registry.submitted("products", product["id"], operator)
    why = {"reason": "Thiếu ảnh"}
    ok(await registry.decide("products", product["id"], "reject", registry.checker(), **why))
    back = [one for one in (await told(registry)).waiting if one.state == "sent_back"]
    assert [
        one.facilities.get(facility["id"], 0) for one in back if one.aggregate == "product"
    ] == [1]
    await registry.submitted("products", product["id"], operator)
    back = [one for one in (await told(registry)).waiting if one.state == "sent_back"]
    assert facility["id"] not in {key for one in back for key in one.facilities}


async def test_a_receipt_waits_for_its_senders_word_until_it_is_given(registry: Registry) -> None:
    sender = await registry.a_facility(kinds=["processing"])
    product = await registry.a_product(sender["id"])
    lot = await registry.a_lot(sender["id"], product["id"])
    shop = await registry.a_facility(kinds=["shop"])
    body = {"lot": lot["id"], "quantity": "1", "unit": "kg", "at": "2026-08-22T08:00:00+07:00",
            "place": "Cửa hàng"}  # fmt: skip
    receipts = [
        ok(await registry.post("/receipts", body, registry.operator(shop["id"])), 201)["id"]
        for _ in range(2)
    ]
    assert (await told(registry)).answers.get(sender["id"]) == 2
    waiting = Waiting(registry.db)
    await agrees(registry, waiting)
    mine = registry.operator(sender["id"])
    ok(await registry.post(f"/shipments/{receipts[0]}/acknowledge", {}, mine))
    await agrees(registry, waiting)
    assert (await told(registry)).answers.get(sender["id"]) == 1
    why = {"reason": "Không giao"}
    ok(await registry.post(f"/shipments/{receipts[1]}/disown", why, mine))
    await agrees(registry, waiting)
    assert sender["id"] not in (await told(registry)).answers
    await waiting.close()


async def test_nothing_is_told_twice_by_however_many_processes(registry: Registry) -> None:
    await told(registry)
    facility = await registry.entered(
        "facilities", builders.facility(tax_number=""), registry.clerk()
    )
    await registry.submitted("facilities", facility["id"], registry.clerk())
    before = len(await registry.events(kind=ReviewsWaiting))
    await asyncio.gather(*(awaiting.tell(registry.db, now=now()) for _ in range(5)))
    # The service's own counter may have been one of them.
    assert len(await registry.events(kind=ReviewsWaiting)) - before <= 1
    assert await awaiting.tell(registry.db, now=now()) == 0


async def test_a_place_where_nothing_waits_any_more_is_told_too(registry: Registry) -> None:
    place = builders.OTHER_COMMUNE
    maker = registry.clerk(place)
    body = builders.facility(tax_number="", commune=place)
    facility = await registry.entered("facilities", body, maker)
    await registry.submitted("facilities", facility["id"], maker)
    await awaiting.tell(registry.db, now=now())
    again = builders.facility(tax_number="", commune=place, name="Sửa lại", version=2)
    ok(await registry.put(f"/facilities/{facility['id']}", again, maker))
    await awaiting.tell(registry.db, now=now())
    key = f"{place}/agriculture"
    newest = (await registry.events(key, ReviewsWaiting))[-1]
    assert number(newest, "facility", "submitted") == 0
    assert (await awaited.told(registry.db, key))[key].version == newest.version


async def agrees(registry: Registry, waiting: Waiting) -> None:
    """What is kept in memory is what counting everything finds."""
    await waiting.catch_up()
    counted = await awaited.counted(registry.db)
    kept = waiting.counted({*waiting.due, *counted})
    assert {key: one for key, one in kept.items() if one.kinds} == counted


async def test_what_is_kept_up_is_what_counting_everything_finds(registry: Registry) -> None:
    waiting = Waiting(registry.db)
    try:
        await agrees(registry, waiting)
        clerk, checker = registry.clerk(), registry.checker()
        facility = await registry.entered("facilities", builders.facility(tax_number=""), clerk)
        await agrees(registry, waiting)
        await registry.submitted("facilities", facility["id"], clerk)
        await agrees(registry, waiting)
        ok(await registry.decide("facilities", facility["id"], "accept", checker))
        await agrees(registry, waiting)
        why = {"reason": "Thiếu ảnh"}
        ok(
            await registry.decide(
                "facilities", facility["id"], "reject", registry.approver(), **why
            )
        )
        await agrees(registry, waiting)
        rows = registry.db.collection(COLLECTIONS[Aggregate.FACILITY])
        key = {"_id": facility["id"]}
        # It moves to another commune, by whatever way, and is gone.
        await rows.update_one(key, {"$set": {"owner.commune": builders.OTHER_COMMUNE}})
        await agrees(registry, waiting)
        await rows.delete_one(key)
        await agrees(registry, waiting)
    finally:
        await waiting.close()


async def test_what_was_lost_sight_of_is_read_anew(registry: Registry) -> None:
    waiting = Waiting(registry.db)
    try:
        await agrees(registry, waiting)
        await waiting.close()
        clerk = registry.clerk()
        facility = await registry.entered("facilities", builders.facility(tax_number=""), clerk)
        await registry.submitted("facilities", facility["id"], clerk)
        with pytest.raises(Lost):
            await waiting.catch_up()
        await agrees(registry, waiting)
    finally:
        await waiting.close()


async def test_two_that_follow_tell_each_change_once_and_nothing_without_one(
    registry: Registry,
) -> None:
    both = [Waiting(registry.db), Waiting(registry.db)]
    try:
        for one in both:
            await awaiting.tell_at_start(registry.db, one, now=now())
        assert [await awaiting.tell_changed(registry.db, one, now=now()) for one in both] == [0, 0]
        clerk = registry.clerk()
        facility = await registry.entered("facilities", builders.facility(tax_number=""), clerk)
        await registry.submitted("facilities", facility["id"], clerk)
        before = len(await registry.events(kind=ReviewsWaiting))
        await asyncio.gather(*(awaiting.tell_changed(registry.db, one, now=now()) for one in both))
        # The service's own may have been the first.
        assert len(await registry.events(kind=ReviewsWaiting)) - before <= 1
        assert await awaiting.tell(registry.db, now=now()) == 0
    finally:
        for one in both:
            await one.close()


async def test_the_service_tells_by_itself(registry: Registry) -> None:
    account = new_id()
    clerk: Any = registry.clerk(account=account)
    facility = await registry.entered("facilities", builders.facility(tax_number=""), clerk)
    await registry.submitted("facilities", facility["id"], clerk)
    key = f"{builders.COMMUNE}/agriculture"

    async def is_told() -> bool:
        found: list[ReviewsWaiting] = await registry.events(key, ReviewsWaiting)
        return bool(found) and number(found[-1], "facility", "submitted", account) == 1

    await eventually(is_told, timeout=20)
