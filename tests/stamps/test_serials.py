"""Activating serials for a lot and changing their state: all or nothing, told by segment."""

import asyncio
from typing import Any

import pytest

from shared.contracts.acts import StampsActRecorded
from shared.contracts.stamps import (
    MAX_INTERVALS,
    SEGMENT_SERIALS,
    IntervalsChanged,
    SegmentPublished,
)
from tests.answers import ok, refused
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps


async def unchanged(stamps: Stamps, number: int, act: Any) -> None:
    """The act leaves everything as it was, and tells nothing but that it was refused."""
    before, told = await stamps.state_of_everything(), await stamps.events()
    await act
    assert await stamps.state_of_everything() == before
    news = (await stamps.events())[len(told) :]
    assert {type(event) for event in news} == {StampsActRecorded}


async def test_activated_serials_belong_to_the_lot(stamps: Stamps, farm: Farm) -> None:
    number = await stamps.a_batch(farm, 1000)
    ok(await stamps.activate(number, 0, 499, farm.lot, stamps.operator(farm.facility)))
    assert await stamps.intervals(number) == [
        (0, 499, farm.lot, "active"),
        (500, 999, "", "issued"),
    ]
    (first, second) = await stamps.events(f"{number}/0", SegmentPublished)
    assert (first.version, second.version) == (1, 2)
    assert [tuple(i) for i in second.intervals] == await stamps.intervals(number)
    (told,) = await stamps.events(str(number), IntervalsChanged)
    assert told.version == 2
    assert (told.first, told.last, told.count, told.lot) == (0, 499, 500, farm.lot)


async def test_an_activation_over_many_segments_changes_them_together(
    stamps: Stamps, farm: Farm
) -> None:
    number = await stamps.a_batch(farm, 60_000)
    first, last = SEGMENT_SERIALS - 5, 3 * SEGMENT_SERIALS + 4
    ok(await stamps.activate(number, first, last, farm.lot, stamps.operator(farm.facility)))
    assert (await stamps.batch(number))["counts"] == {
        "active": last - first + 1,
        "issued": 60_000 - (last - first + 1),
    }
    changed = {
        e.segment
        for e in await stamps.events(kind=SegmentPublished)
        if e.batch == number and e.version == 2
    }
    assert changed == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("first", "last"), [(0, 1000), (999, 1000), (1000, 1000), (5, 4), (500_000, 500_001)]
)
async def test_serials_beyond_the_batch_are_refused(
    stamps: Stamps, farm: Farm, first: int, last: int
) -> None:
    number, who = await stamps.a_batch(farm, 1000), stamps.operator(farm.facility)

    async def act() -> None:
        answer = await stamps.activate(number, first, last, farm.lot, who)
        refused(answer, 422, "serials_outside_batch")
        answer = await stamps.change(number, first, last, "revoke", who)
        refused(answer, 422, "serials_outside_batch")

    await unchanged(stamps, number, act())


async def test_serials_of_another_lot_keep_it(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm, 1000), stamps.operator(farm.facility)
    other = builders.lot(farm.facility, farm.product)
    await stamps.know(other)
    ok(await stamps.activate(number, 100, 199, farm.lot, who))

    async def act() -> None:
        for first, last in ((0, 999), (199, 300), (50, 100), (120, 130), (100, 199)):
            answer = await stamps.activate(number, first, last, other.subject, who)
            refused(answer, 409, "serials_already_activated")
        # Not even for the lot that they have: an activation is never silently nothing.
        answer = await stamps.activate(number, 100, 199, farm.lot, who)
        refused(answer, 409, "serials_already_activated")

    await unchanged(stamps, number, act())


async def test_fifty_activations_of_the_same_serials_at_once_activate_once(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm, 1000), stamps.operator(farm.facility)
    lots = [builders.lot(farm.facility, farm.product) for _ in range(50)]
    await stamps.know(*lots)
    answers = await asyncio.gather(
        *(stamps.activate(number, 0, 99, one.subject, who) for one in lots)
    )
    winners = [lot for lot, answer in zip(lots, answers, strict=True) if answer.status_code == 200]
    assert len(winners) == 1
    codes = {a.json()["code"] for a in answers if a.status_code != 200}
    assert codes == {"serials_already_activated"}
    assert (await stamps.intervals(number))[0] == (0, 99, winners[0].subject, "active")


@pytest.mark.usefixtures("many_processes")
async def test_activations_by_several_processes_at_once_neither_overlap_nor_get_lost(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm, 1000), stamps.operator(farm.facility)
    rival = builders.lot(farm.facility, farm.product)
    await stamps.know(rival)
    answers = await asyncio.gather(
        *(stamps.activate(number, n * 10, n * 10 + 9, farm.lot, who) for n in range(4)),
        *(stamps.activate(number, n * 10, n * 10 + 9, rival.subject, who) for n in range(4)),
    )
    mine, theirs = answers[:4], answers[4:]
    for one, other in zip(mine, theirs, strict=True):
        assert sorted((one.status_code, other.status_code)) == [200, 409]
    counts = (await stamps.batch(number))["counts"]
    assert counts == {"active": 40, "issued": 960}
    versions = [e.version for e in await stamps.events(f"{number}/0", SegmentPublished)]
    assert versions == [1, 2, 3, 4, 5]


async def test_twenty_activations_of_different_serials_at_once_all_count(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm, 1000), stamps.operator(farm.facility)
    answers = await asyncio.gather(
        *(stamps.activate(number, n * 50, n * 50 + 49, farm.lot, who) for n in range(20))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert await stamps.intervals(number) == [(0, 999, farm.lot, "active")]
    versions = [e.version for e in await stamps.events(f"{number}/0", SegmentPublished)]
    assert versions == list(range(1, 22))


async def test_stamps_are_not_activated_for_a_lot_that_is_not_theirs(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    second = builders.product(farm.facility)
    of_second = builders.lot(farm.facility, second.subject)
    inactive = builders.lot(farm.facility, farm.product, status="withdrawn")
    await stamps.know(second, of_second, inactive)
    foreign = (await stamps.a_farm()).lot

    async def act() -> None:
        for lot_id in (foreign, of_second.subject, inactive.subject, "never-published"):
            refused(await stamps.activate(number, 0, 9, lot_id, who), 422, "lot_not_usable")

    await unchanged(stamps, number, act())


async def test_nothing_recalled_is_activated_until_the_recall_is_lifted(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    number, who = await stamps.a_batch(farm, 300), stamps.operator(farm.facility)
    touching: list[tuple[dict[str, Any], str]] = [
        ({"lots": (farm.lot,)}, "lot_recalled"),
        ({"products": (farm.product,)}, "lot_recalled"),
        ({"facilities": (farm.facility,), "kind": "withdrawal"}, "lot_recalled"),
        ({"batches": (number,)}, "stamps_recalled"),
        ({"stamps": ({"batch": number, "first": 9, "last": 20},)}, "stamps_recalled"),
    ]
    for named, code in touching:
        notice = builders.notice(**named)
        await stamps.know(notice)
        refused(await stamps.activate(number, 0, 9, farm.lot, who), 409, code)
        await stamps.know(builders.notice(notice.subject, 2, active=False, **named))
    harmless = [
        builders.notice(lots=(farm.lot,), kind="warning"),
        builders.notice(lots=("another",)),
        builders.notice(stamps=({"batch": number, "first": 10, "last": 20},)),
        builders.notice(stamps=({"batch": number + 1, "first": 0, "last": 20},)),
    ]
    await stamps.know(*harmless)
    ok(await stamps.activate(number, 0, 9, farm.lot, who))


async def test_a_stopped_facility_and_a_withdrawn_product_activate_nothing(
    stamps: Stamps,
) -> None:
    farm = await stamps.a_farm()
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    await stamps.know(builders.stopped(farm.facility, 2))
    refused(await stamps.activate(number, 0, 9, farm.lot, who), 409, "facility_not_active")
    await stamps.know(
        builders.resumed(farm.facility, 3), builders.withdrawn(farm.product, farm.facility)
    )
    refused(await stamps.activate(number, 0, 9, farm.lot, who), 409, "product_not_published")


async def test_changes_of_state_follow_the_life_cycle(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    ok(await stamps.activate(number, 0, 49, farm.lot, who))
    ok(await stamps.change(number, 0, 9, "suspend", who))
    ok(await stamps.change(number, 40, 59, "suspend", who))
    ok(await stamps.change(number, 45, 54, "unsuspend", who))
    ok(await stamps.change(number, 60, 69, "damaged", who))
    ok(await stamps.change(number, 65, 69, "destroyed", who))
    ok(await stamps.change(number, 70, 79, "return", who))
    ok(await stamps.change(number, 20, 29, "revoke", who))
    ok(await stamps.change(number, 99, 99, "lost", who))
    assert await stamps.intervals(number) == [
        (0, 9, farm.lot, "suspended"),
        (10, 19, farm.lot, "active"),
        (20, 29, farm.lot, "revoked"),
        (30, 39, farm.lot, "active"),
        (40, 44, farm.lot, "suspended"),
        (45, 49, farm.lot, "active"),
        (50, 54, "", "issued"),
        (55, 59, "", "suspended"),
        (60, 64, "", "damaged"),
        (65, 69, "", "destroyed"),
        (70, 79, "", "returned"),
        (80, 98, "", "issued"),
        (99, 99, "", "lost"),
    ]

    async def act() -> None:
        for first, last, change in (
            (10, 19, "unsuspend"),  # active
            (20, 29, "suspend"),  # revoked
            (10, 19, "return"),  # activated
            (65, 69, "revoke"),  # destroyed
            (0, 99, "damaged"),  # some may, some may not
            (70, 70, "return"),  # returned already
        ):
            answer = await stamps.change(number, first, last, change, who)
            refused(answer, 409, "serials_not_usable")
        refused(await stamps.activate(number, 65, 69, farm.lot, who), 409, "serials_not_usable")

    await unchanged(stamps, number, act())


async def test_what_an_authority_suspended_only_an_authority_lifts(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    approver = stamps.approver()
    ok(await stamps.change(number, 0, 9, "suspend", who))
    ok(await stamps.change(number, 10, 19, "suspend", approver))

    async def act() -> None:
        for first, last in ((10, 19), (15, 15), (0, 19)):
            answer = await stamps.change(number, first, last, "unsuspend", who)
            refused(answer, 403, "suspended_by_authority")

    await unchanged(stamps, number, act())
    ok(await stamps.change(number, 0, 9, "unsuspend", who))
    ok(await stamps.change(number, 10, 19, "unsuspend", approver))
    # The last to suspend decides, not one long ago.
    ok(await stamps.change(number, 10, 19, "suspend", who))
    ok(await stamps.change(number, 10, 19, "unsuspend", who))
    assert await stamps.intervals(number) == [(0, 99, "", "issued")]


async def test_a_segment_split_too_finely_is_refused_as_a_whole(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm, 2000), stamps.operator(farm.facility)
    # 499 intervals: 249 pairs and the rest.
    rows = [[2 * n, 2 * n, "", "damaged"] for n in range(249)]
    kept = [[2 * n + 1, 2 * n + 1, "", "issued"] for n in range(248)]
    whole = sorted([*rows, *kept, [497, 1999, "", "issued"]])
    assert len(whole) == MAX_INTERVALS - 2
    await stamps.db.collection("segments").update_one(
        {"_id": f"{number}/0"}, {"$set": {"intervals": whole}}
    )
    ok(await stamps.change(number, 1000, 1000, "damaged", who))

    async def act() -> None:
        answer = await stamps.activate(number, 1500, 1500, farm.lot, who)
        refused(answer, 409, "too_many_intervals")

    await unchanged(stamps, number, act())
    # What takes stamps out of use, or gives it back, is refused for no number of intervals.
    taken_out = ("damaged", "lost", "suspend", "revoke", "destroyed", "return")
    for change in (*taken_out, "unsuspend"):
        serial = 1500 + 2 * taken_out.index("suspend" if change == "unsuspend" else change)
        ok(await stamps.change(number, serial, serial, change, who))
    assert len(await stamps.intervals(number)) == MAX_INTERVALS + 2 * (len(taken_out) - 1)
    told = (await stamps.events(f"{number}/0", SegmentPublished))[-1]
    assert [tuple(one) for one in told.whole] == await stamps.intervals(number)
    assert len(told.intervals) == MAX_INTERVALS
