"""What others tell: delivered twice, late and in reverse, it ends the same."""

from collections.abc import Sequence
from typing import Any

import pytest

from shared.contracts.event import Event
from shared.contracts.stamps import HoldPublished
from shared.ids import new_id
from tests.answers import ok, refused
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps


async def hold_of(stamps: Stamps, facility_id: str) -> dict[str, Any] | None:
    return await stamps.db.collection("holds").find_one({"_id": f"facility:{facility_id}"})


async def one_by_one(stamps: Stamps, events: Sequence[Event]) -> None:
    """In exactly this order, and each of them twice."""
    for event in events:
        await stamps.know(event)
        await stamps.tell(event)


def a_life(facility_id: str) -> list[Event]:
    """Published, stopped, resumed, stopped again, as registry tells it: passport, then fact."""
    return [
        builders.facility(facility_id, 1),
        builders.facility(facility_id, 2, status="stopped"),
        builders.stopped(facility_id, 3, "Lần một"),
        builders.facility(facility_id, 4),
        builders.resumed(facility_id, 5),
        builders.facility(facility_id, 6, status="stopped"),
        builders.stopped(facility_id, 7, "Lần hai"),
    ]


@pytest.mark.parametrize("order", ["as told", "in reverse", "facts first", "passports first"])
async def test_a_facility_stopped_twice_ends_stopped_in_any_order(
    stamps: Stamps, order: str
) -> None:
    facility_id = new_id()
    life = a_life(facility_id)
    passports = [e for e in life if e.version in (1, 2, 4, 6)]
    facts = [e for e in life if e.version in (3, 5, 7)]
    orders = {
        "as told": life,
        "in reverse": life[::-1],
        "facts first": [*facts, *passports],
        "passports first": [*passports[::-1], *facts[::-1]],
    }
    await one_by_one(stamps, orders[order])
    hold = await hold_of(stamps, facility_id)
    assert hold is not None
    assert (hold["active"], hold["reason"]) == (True, "Lần hai")
    known = await stamps.db.collection("facilities").find_one({"_id": facility_id})
    assert known is not None
    assert (known["active"], known["name"]) == (False, life[0].name)  # type: ignore[attr-defined]
    told = await stamps.events(hold["_id"], HoldPublished)
    assert [event.version for event in told] == list(range(1, len(told) + 1))
    assert (told[-1].active, told[-1].scope, told[-1].target) == (True, "facility", facility_id)
    assert len(told) == (3 if order in ("as told", "facts first") else 1)


@pytest.mark.parametrize("order", ["as told", "in reverse"])
async def test_a_facility_that_resumed_ends_active_in_any_order(stamps: Stamps, order: str) -> None:
    facility_id = new_id()
    life = a_life(facility_id)[:5]
    await one_by_one(stamps, life if order == "as told" else life[::-1])
    hold = await hold_of(stamps, facility_id)
    assert hold is not None
    assert not hold["active"]
    known = await stamps.db.collection("facilities").find_one({"_id": facility_id})
    assert known is not None
    assert known["active"]
    assert not (await stamps.events(hold["_id"], HoldPublished))[-1].active


async def test_an_edit_of_a_stopped_facility_does_not_resume_it(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    await stamps.know(
        builders.facility(farm.facility, 2, status="stopped"),
        builders.stopped(farm.facility, 3),
        builders.facility(farm.facility, 4, status="stopped", name="Tên mới"),
    )
    body = {"product_id": farm.product, "quantity": 10}
    answer = await stamps.post("/requests", body, stamps.operator(farm.facility))
    refused(answer, 409, "facility_not_active")
    hold = await hold_of(stamps, farm.facility)
    assert hold is not None
    assert hold["active"]


async def test_a_facility_edited_while_the_news_of_its_stop_is_late_ends_stopped(
    stamps: Stamps,
) -> None:
    farm = await stamps.a_farm()
    await stamps.know(builders.facility(farm.facility, 4, status="stopped", name="Tên mới"))
    await stamps.know(builders.stopped(farm.facility, 3))
    body = {"product_id": farm.product, "quantity": 10}
    answer = await stamps.post("/requests", body, stamps.operator(farm.facility))
    refused(answer, 409, "facility_not_active")


@pytest.mark.parametrize("order", ["as told", "in reverse"])
async def test_a_withdrawal_counts_whether_it_comes_before_or_after_the_publication(
    stamps: Stamps, order: str
) -> None:
    farm = await stamps.a_farm()
    good = builders.product(farm.facility, name="Mực khô Cô Tô")
    events: list[Event] = [good, builders.withdrawn(good.subject, farm.facility)]
    await one_by_one(stamps, events if order == "as told" else events[::-1])
    known = await stamps.db.collection("products").find_one({"_id": good.subject})
    assert known is not None
    # The name is known in both orders: pages show it, though no stamps are to be had.
    assert (known["active"], known["name"]) == (False, "Mực khô Cô Tô")
    await stamps.know(builders.product(farm.facility, good.subject, version=3))
    await stamps.tell(*events)
    body = {"product_id": good.subject, "quantity": 10}
    ok(await stamps.post("/requests", body, stamps.operator(farm.facility)), 201)


async def test_the_newest_passport_stays(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    newer = builders.facility(farm.facility, 5, name="Tên mới", commune=builders.OTHER_COMMUNE)
    await stamps.know(newer)
    await stamps.know(builders.facility(farm.facility, 4, name="Tên cũ"))
    number = await stamps.a_batch(farm)
    here = stamps.token("commune", "approve", communes=[builders.OTHER_COMMUNE])
    there = stamps.token("commune", "approve", communes=[builders.COMMUNE])
    ok(await stamps.get(f"/batches/{number}", here))
    refused(await stamps.get(f"/batches/{number}", there), 404, "not_found")
    assert "Tên mới" in (await stamps.page(f"/batches/{number}", here)).text


async def test_a_lot_that_was_taken_back_is_no_longer_usable(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    made = builders.lot(farm.facility, farm.product)
    gone = builders.lot(
        farm.facility, farm.product, subject=made.subject, version=2, status="withdrawn"
    )
    await one_by_one(stamps, [gone, made])
    refused(await stamps.activate(number, 0, 9, made.subject, who), 422, "lot_not_usable")


@pytest.mark.parametrize("order", ["as told", "in reverse"])
async def test_a_lifted_notice_stays_lifted(stamps: Stamps, farm: Farm, order: str) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    made = builders.lot(farm.facility, farm.product)
    await stamps.know(made)
    ordered = builders.notice(lots=(made.subject,))
    lifted = builders.notice(ordered.subject, 2, lots=(made.subject,), active=False)
    again = builders.notice(ordered.subject, 3, lots=(made.subject,))
    await one_by_one(stamps, [ordered, lifted] if order == "as told" else [lifted, ordered])
    ok(await stamps.activate(number, 0, 9, made.subject, who))
    await one_by_one(stamps, [again, lifted, ordered])
    refused(await stamps.activate(number, 10, 19, made.subject, who), 409, "lot_recalled")
