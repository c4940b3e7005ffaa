"""A facility reports serials as sold: told once, and the stamps stay as they are."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stamps.actions import selling
from services.stamps.domain.intervals import merged
from services.stamps.domain.selling import TAKE_BACK_WITHIN, TakeBackTooLate, first_unsold
from services.stamps.store import segments
from shared.auth import Principal
from shared.contracts.acts import StampsActRecorded
from shared.contracts.stamps import Interval, IntervalsChanged, SegmentPublished
from shared.ids import now
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


async def test_the_page_offers_what_is_not_reported_yet(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    there = f"/batches/{number}/sold"
    ok(await stamps.activate(number, 10, 49, farm.lot, who))
    assert "đầu tiên: 10–49" in (await stamps.page(there, who)).text
    ok(await sell(stamps, number, 10, 29, who))
    assert "đầu tiên: 30–49" in (await stamps.page(there, who)).text
    ok(await sell(stamps, number, 30, 49, who))
    page = (await stamps.page(there, who)).text
    assert "Mọi tem đang dùng của lô này đã được báo bán" in page
    assert 'name="first"' not in page
    ok(await take_back(stamps, number, 2, who))
    assert "đầu tiên: 10–29" in (await stamps.page(there, who)).text


async def test_where_reports_are_too_many_to_look_at_the_page_offers_nothing_and_claims_nothing(
    stamps: Stamps, farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    there = f"/batches/{number}/sold"
    ok(await stamps.activate(number, 0, 9, farm.lot, who))
    ok(await sell(stamps, number, 0, 4, who))
    ok(await sell(stamps, number, 5, 9, who))
    assert "đã được báo bán" in (await stamps.page(there, who)).text
    monkeypatch.setattr(segments, "MOST_SALES", 1)
    page = (await stamps.page(there, who)).text
    assert 'name="first"' in page
    assert "đã được báo bán" not in page
    assert "chưa báo bán đầu tiên" not in page


@given(
    st.lists(st.sampled_from(["active", "lost"]), min_size=20, max_size=20),
    st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=6),
)
def test_what_is_offered_is_in_use_and_reported_by_nobody(
    states: list[str], ranges: list[tuple[int, int]]
) -> None:
    intervals = list(merged(Interval(at, at, "l", state) for at, state in enumerate(states)))
    sales: list[tuple[int, int]] = []
    sold = set[int]()
    for one, other in ranges:
        first, last = min(one, other), max(one, other)
        covered = set(range(first, last + 1))
        # Each stamp is reported once; what was reported may have been lost since.
        if not covered & sold:
            sold |= covered
            sales.append((first, last))
    free = [at for at, state in enumerate(states) if state == "active" and at not in sold]
    found = first_unsold(intervals, sales)
    assert (found is None) == (not free)
    if found is not None:
        first, last = found
        assert first == free[0]
        assert set(range(first, last + 1)) <= set(free)
        assert last + 1 not in free


async def take_back(stamps: Stamps, number: int, change: int, token: str, **more: Any) -> Any:
    body = {"reason": "Gõ nhầm khoảng", **more}
    return await stamps.post(f"/batches/{number}/sales/{change}/take-back", body, token)


async def test_a_mistyped_sale_is_taken_back_and_can_be_reported_again(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    ok(await stamps.activate(number, 0, 49, farm.lot, who))
    ok(await sell(stamps, number, 0, 49, who))
    before = await stamps.intervals(number)
    ok(await take_back(stamps, number, 2, who))
    assert await stamps.intervals(number) == before
    sold, told = (await stamps.events(str(number), IntervalsChanged))[-2:]
    assert (told.change, told.first, told.last, told.undoes) == ("unsold", 0, 49, sold.version)
    assert told.reason == "Gõ nhầm khoảng"
    ok(await sell(stamps, number, 0, 4, who))
    refused(await sell(stamps, number, 4, 5, who), 409, "serials_already_sold")
    # What is taken out of use afterwards is undone as it was: sales are no states.
    ok(await stamps.change(number, 0, 9, "revoke", who))
    other = stamps.operator(farm.facility, account="another")
    ok(await stamps.post(f"/batches/{number}/changes/5/undo", {"reason": "Nhầm"}, other))
    assert await stamps.intervals(number) == before
    acts = [
        (one.action, one.outcome, one.reason)
        for one in await stamps.events(f"{number}/3", StampsActRecorded)
    ]
    assert acts == [("stamps.unsell", "accepted", "Gõ nhầm khoảng")]


async def test_only_a_sale_and_once_and_within_three_days_and_with_a_reason(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    ok(await stamps.activate(number, 0, 49, farm.lot, who))
    ok(await sell(stamps, number, 0, 9, who))
    ok(await sell(stamps, number, 10, 19, who))
    ok(await take_back(stamps, number, 3, who))
    seller = Principal("a", "A", "facility", frozenset({"operate"}), "u", "s", farm.facility)
    late = now() + TAKE_BACK_WITHIN + timedelta(minutes=1)

    async def act() -> None:
        refused(await take_back(stamps, number, 1, who), 409, "not_a_sale")
        refused(await take_back(stamps, number, 3, who), 409, "sale_taken_back")
        refused(await take_back(stamps, number, 4, who), 409, "not_a_sale")
        refused(await take_back(stamps, number, 99, who), 404, "not_found")
        refused(await take_back(stamps, number, 2, who, reason=""), 422, "invalid_input")
        refused(await take_back(stamps, number, 2, who, first=0), 422, "invalid_input")
        refused(await take_back(stamps, number, 2, stamps.approver()), 403, "forbidden")
        stranger = stamps.operator((await stamps.a_farm()).facility)
        refused(await take_back(stamps, number, 2, stranger), 404, "not_found")
        with pytest.raises(TakeBackTooLate):
            await selling.take_back(number, 2, reason="x", who=seller, db=stamps.db, now=late)

    await unchanged(stamps, number, act())


async def test_of_ten_at_once_one_takes_the_sale_back(
    stamps: Stamps, farm: Farm, many_processes: None
) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    ok(await stamps.activate(number, 0, 49, farm.lot, who))
    ok(await sell(stamps, number, 0, 9, who))
    answers = await asyncio.gather(*(take_back(stamps, number, 2, who) for _ in range(10)))
    assert [one.status_code for one in answers].count(200) == 1
    told = await stamps.events(str(number), IntervalsChanged)
    assert [one.change for one in told] == ["activate", "sold", "unsold"]


async def test_by_page_a_sale_is_taken_back_and_told_in_the_history(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    ok(await stamps.activate(number, 0, 49, farm.lot, who))
    ok(await sell(stamps, number, 0, 9, who))
    there = f"/batches/{number}/sales/2/take-back"
    assert there in (await stamps.page(f"/batches/{number}", who)).text
    assert there not in (await stamps.page(f"/batches/{number}", stamps.approver())).text
    empty = await stamps.send_form(there, {"reason": ""}, who)
    assert empty.status_code == 422
    answer = await stamps.send_form(there, {"reason": "Gõ nhầm khoảng"}, who)
    assert answer.status_code == 303
    page = (await stamps.page(f"/batches/{number}", who)).text
    assert "Rút lại báo bán: tem 0–9" in page
    assert there not in page
    again = (await stamps.page(there, who)).text
    assert "đã được rút lại rồi" in again
    assert 'name="reason"' not in again
