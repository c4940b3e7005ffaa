"""A facility reports serials as sold: told once, and the stamps stay as they are."""

import asyncio
from typing import Any

from shared.contracts.stamps import IntervalsChanged, SegmentPublished
from tests.answers import ok, refused
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_serials import unchanged


async def sell(stamps: Stamps, number: int, first: int, last: int, token: str) -> Any:
    return await stamps.post(f"/batches/{number}/sales", {"first": first, "last": last}, token)


async def test_a_sale_is_told_and_leaves_the_state_alone(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    ok(await stamps.activate(number, 0, 49, farm.lot, who))
    before = await stamps.intervals(number)
    ok(await sell(stamps, number, 10, 19, who))
    assert await stamps.intervals(number) == before
    told = (await stamps.events(str(number), IntervalsChanged))[-1]
    assert (told.change, told.first, told.last, told.count) == ("sold", 10, 19, 10)
    assert len(await stamps.events(f"{number}/0", SegmentPublished)) == 2
    # What was sold is still everybody's to take out of use, and who did that is still known.
    ok(await stamps.change(number, 0, 29, "suspend", stamps.approver()))
    refused(await stamps.change(number, 15, 15, "unsuspend", who), 403, "suspended_by_authority")


async def test_only_what_is_in_use_is_sold_and_once(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    ok(await stamps.activate(number, 0, 49, farm.lot, who))
    ok(await sell(stamps, number, 10, 19, who))

    async def act() -> None:
        for first, last in ((10, 19), (0, 10), (19, 30), (0, 49)):
            refused(await sell(stamps, number, first, last, who), 409, "serials_already_sold")
        for first, last in ((50, 50), (40, 60)):
            refused(await sell(stamps, number, first, last, who), 409, "serials_not_on_sale")
        refused(await sell(stamps, number, 90, 100, who), 422, "serials_outside_batch")
        refused(await sell(stamps, number, 0, 5, stamps.approver()), 403, "forbidden")

    await unchanged(stamps, number, act())


async def test_twenty_reports_of_the_same_sale_at_once_count_once(
    stamps: Stamps, farm: Farm, many_processes: None
) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    ok(await stamps.activate(number, 0, 49, farm.lot, who))
    answers = await asyncio.gather(*(sell(stamps, number, 0, 9, who) for _ in range(20)))
    assert [one.status_code for one in answers].count(200) == 1
    told = await stamps.events(str(number), IntervalsChanged)
    assert [one.change for one in told] == ["activate", "sold"]


async def test_by_page_the_report_is_sent_and_shown(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    assert "không có tem nào đang dùng" in (await stamps.page(f"/batches/{number}/sold", who)).text
    ok(await stamps.activate(number, 0, 49, farm.lot, who))
    assert f"/batches/{number}/sold" in (await stamps.page(f"/batches/{number}", who)).text
    there = f"/batches/{number}/sold"
    wrong = await stamps.send_form(there, {"first": "60", "last": "60", "note": "HĐ 12"}, who)
    assert wrong.status_code == 409
    assert "HĐ 12" in wrong.text
    answer = await stamps.send_form(there, {"first": "0", "last": "9", "note": "HĐ 12"}, who)
    assert answer.status_code == 303
    assert "Báo đã bán: tem 0–9" in (await stamps.page(f"/batches/{number}", who)).text
