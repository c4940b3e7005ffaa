"""What is taken out of use in stock is handed over no more, and lies there again if given back."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stamps.actions import inheriting
from services.stamps.domain.intervals import Segment
from services.stamps.domain.places import KEPT, PLACES, Lying, Place, parted, rewritten
from services.stamps.store import segments
from services.stamps.store import stock as store
from shared.contracts.stamps import Interval, StockMoved
from shared.ids import now
from tests.answers import ok, refused
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_stock import (
    UNIT,
    central,
    hand_over,
    handed,
    officer,
    places,
    printed,
    receive,
    stocked,
)
from tests.stamps.test_stock_moved import DEPARTMENT, department, known_units
from tests.stamps.test_stock_waiting import waits
from tests.stamps.test_undoing import undo

__all__ = ["known_units"]
SIZE = 30
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
spans = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).map(sorted)


def pieces(drawn: Sequence[tuple[list[int], Place, str]]) -> tuple[Lying, ...]:
    lying: tuple[Lying, ...] = (Lying(0, SIZE - 1, "ordered", SINCE),)
    for (first, last), place, unit in drawn:

        def change(one: Lying, place: Place = place, unit: str = unit) -> Lying:
            return Lying(one.first, one.last, place, SINCE, unit, "job")

        lying = rewritten(lying, first, last, change)
    return lying


def by_serial(lying: Sequence[Lying]) -> list[tuple[Place, str]]:
    return [(one.place, one.unit_id) for one in lying for _ in range(one.first, one.last + 1)]


@settings(max_examples=300)
@given(
    st.lists(st.tuples(spans, st.sampled_from(PLACES), st.sampled_from(["a", "b"])), max_size=8),
    st.sets(st.integers(0, SIZE - 1)),
)
def test_a_unit_keeps_as_stock_what_is_unused_and_nothing_else(
    drawn: list[tuple[list[int], Place, str]], bad: set[int]
) -> None:
    lying = pieces(drawn)
    states = ["revoked" if serial in bad else "issued" for serial in range(SIZE)]
    after = parted(lying, [Interval(n, n, "", state) for n, state in enumerate(states)])
    for serial, ((was, of), (place, unit)) in enumerate(
        zip(by_serial(lying), by_serial(after), strict=True)
    ):
        assert unit == of
        kept: Place = "unusable" if serial in bad else "stock"
        assert place == (kept if was in KEPT else was)
    assert all(a.last + 1 == b.first for a, b in itertools.pairwise(after))
    # Given back its use, everything lies as if nothing had been: in as many pieces too.
    whole = [Interval(0, SIZE - 1, "", "issued")]
    assert parted(after, whole) == parted(lying, whole)


async def counts(stamps: Stamps, number: int) -> dict[str, int]:
    found: dict[str, int] = ok(await stamps.get(f"/batches/{number}/stock", officer(stamps)))[
        "counts"
    ]
    return found


async def test_what_goes_bad_in_stock_is_no_longer_to_be_handed_over(
    stamps: Stamps, farm: Farm
) -> None:
    number, approver = await stocked(stamps, farm), stamps.approver()
    for at, change in enumerate(("damaged", "lost", "destroyed", "revoke", "suspend", "return")):
        ok(await stamps.change(number, 10 * at, 10 * at + 9, change, approver))
        assert await waits(stamps, number) == {"to_hand_over": {UNIT: 90 - 10 * at}}
    assert await counts(stamps, number) == {"stock": 40, "unusable": 60}
    assert await places(stamps, number) == [(0, 59, "unusable"), (60, 99, "stock")]
    refused(await hand_over(stamps, number, "0-99"), 409, "serials_not_usable")
    refused(await hand_over(stamps, number, "59"), 409, "serials_not_usable")
    told = (await stamps.events(f"{number}/stock", StockMoved))[-1]
    assert (told.act, told.moved) == ("set_aside", ((50, 59, "unusable"),))
    ok(await stamps.change(number, 40, 49, "unsuspend", approver))
    assert await waits(stamps, number) == {"to_hand_over": {UNIT: 50}}
    told = (await stamps.events(f"{number}/stock", StockMoved))[-1]
    assert (told.act, told.moved) == ("bring_back", ((40, 49, "stock"),))
    ok(await hand_over(stamps, number, "40-49, 60-99"), 201)
    assert await waits(stamps, number) == {"to_receive": 1}


async def test_an_undone_revocation_brings_stamps_back_to_where_they_lay(
    stamps: Stamps, farm: Farm
) -> None:
    number = await stocked(stamps, farm)
    await handed(stamps, number, "90-99")
    ok(await stamps.change(number, 20, 29, "damaged", stamps.approver()))
    before = ok(await stamps.get(f"/batches/{number}/stock", officer(stamps)))["lying"]
    ok(await stamps.change(number, 0, 99, "revoke", stamps.approver()))
    assert await waits(stamps, number) == {"to_receive": 1}
    assert await places(stamps, number) == [(0, 89, "unusable"), (90, 99, "handed")]
    ok(await undo(stamps, number, 2, stamps.approver()))
    after = ok(await stamps.get(f"/batches/{number}/stock", officer(stamps)))["lying"]
    assert after == before
    assert await waits(stamps, number) == {"to_hand_over": {UNIT: 80}, "to_receive": 1}


async def test_what_went_bad_on_its_way_into_a_stock_is_unusable_there(
    stamps: Stamps, farm: Farm
) -> None:
    """However it comes there: printed, not received after all, or taken in from another unit."""
    number, approver = await central(stamps, farm), stamps.approver()
    job = await printed(stamps, number, 0, 99)
    ok(await stamps.change(number, 0, 9, "revoke", approver))
    body = {"spoilt": "9-10", "reason": "Kẹt giấy"}
    stored = ok(await stamps.post(f"/print-jobs/{job}/stock", body, officer(stamps)))
    assert stored["counts"] == {"stock": 89, "unusable": 9, "spoilt": 2}
    made = await handed(stamps, number, "11-29")
    ok(await stamps.change(number, 15, 19, "lost", approver))
    ok(await stamps.post(f"/handovers/{made}/withdrawal", {"reason": "Nhầm"}, officer(stamps)))
    assert (15, 19, "unusable") in await places(stamps, number)
    moved = await handed(stamps, number, "50-59", to_unit_id=DEPARTMENT)
    ok(await stamps.change(number, 50, 54, "suspend", approver))
    ok(await receive(stamps, moved, department(stamps)))
    assert (50, 54, "unusable") in await places(stamps, number)
    assert (await waits(stamps, number))["to_hand_over"] == {UNIT: 74, DEPARTMENT: 5}
    # What was spoilt in printing stays so, though a revocation of it is undone.
    ok(await undo(stamps, number, 1, stamps.approver()))
    assert (9, 10, "spoilt") in await places(stamps, number)


@pytest.mark.parametrize("undone", [False, True])
async def test_stock_and_state_do_not_part_where_both_change_at_once(
    stamps: Stamps, farm: Farm, undone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Revoked, or given back its use, after who takes it back has read what it was."""
    number, approver = await stocked(stamps, farm), stamps.approver()
    made = await handed(stamps, number, "10-19")
    if undone:
        ok(await stamps.change(number, 10, 19, "suspend", approver))
    read, rivals = segments.of_batch, list[asyncio.Task[Any]]()

    async def read_and_changed(*asked: Any) -> list[Segment]:
        found = await read(*asked)
        if not rivals:
            change = "unsuspend" if undone else "revoke"
            rivals.append(asyncio.create_task(stamps.change(number, 10, 19, change, approver)))
            await asyncio.wait(rivals, timeout=1.0)
        return found

    monkeypatch.setattr(segments, "of_batch", read_and_changed)
    ok(await stamps.post(f"/handovers/{made}/withdrawal", {"reason": "Nhầm"}, officer(stamps)))
    ok(await rivals[0])
    expected = {"stock": 100} if undone else {"stock": 90, "unusable": 10}
    assert await counts(stamps, number) == expected
    again = await hand_over(stamps, number, "10-19")
    assert again.status_code == (201 if undone else 409)


async def test_many_at_once_leave_stock_as_the_state_is(stamps: Stamps, farm: Farm) -> None:
    number, rounds = await stocked(stamps, farm, 200), 20
    for at in range(0, 10 * rounds, 10):
        made = await handed(stamps, number, f"{at}-{at + 9}")
        ok(await stamps.change(number, at, at + 9, "suspend", stamps.approver()))
        for answer in await asyncio.gather(
            stamps.post(f"/handovers/{made}/withdrawal", {"reason": "Nhầm"}, officer(stamps)),
            stamps.change(number, at, at + 9, "unsuspend", stamps.approver()),
        ):
            ok(answer)
    assert await counts(stamps, number) == {"stock": 200}


async def test_the_page_tells_what_can_be_handed_over_from_what_cannot(
    stamps: Stamps, farm: Farm
) -> None:
    number = await stocked(stamps, farm)
    ok(await stamps.change(number, 0, 9, "revoke", stamps.approver(), "In sai nhãn"))
    page = (await stamps.page(f"/batches/{number}/stock", officer(stamps))).text
    assert "Trong kho, không dùng được: 10" in page
    assert "Trong kho: 90" in page
    assert "In sai nhãn" in page
    form = (await stamps.page(f"/batches/{number}/hand-over", officer(stamps))).text
    assert 'value="10-99"' in form
    listed = (await stamps.page("/stock?place=unusable", officer(stamps))).text
    assert f"/batches/{number}/stock" in listed
    mine = (await stamps.page("/stock?unit=mine", officer(stamps))).text
    assert f"/batches/{number}/stock" in mine
    ok(await stamps.change(number, 10, 99, "revoke", stamps.approver()))
    mine = (await stamps.page("/stock?unit=mine", officer(stamps))).text
    assert f"/batches/{number}/stock" not in mine


async def test_stock_of_before_it_was_told_apart_is_told_apart_once(
    stamps: Stamps, farm: Farm
) -> None:
    number = await stocked(stamps, farm)
    ok(await stamps.change(number, 0, 9, "lost", stamps.approver()))
    kept = await stamps.db.collection("stock").find_one({"_id": number})
    assert kept is not None
    old = [{**kept["lying"][-1], "first": 0}]
    await stamps.db.collection("stock").update_one(
        {"_id": number}, {"$set": {"lying": old}, "$unset": {"parted": ""}}
    )
    refused(await hand_over(stamps, number, "0-9"), 409, "serials_not_usable")
    for _ in range(2):
        await inheriting.part(stamps.db, now())
        assert await places(stamps, number) == [(0, 9, "unusable"), (10, 99, "stock")]
    told = [one.act for one in await stamps.events(f"{number}/stock", StockMoved)]
    assert told[-2:] == ["set_aside", "set_aside"]
    assert await waits(stamps, number) == {"to_hand_over": {UNIT: 90}}
    assert (await store.kept_by(stamps.db, UNIT)).count(number) == 1


async def test_what_takes_stamps_out_of_use_is_refused_for_no_number_of_pieces(
    stamps: Stamps, farm: Farm
) -> None:
    """An act on more pieces than one event tells is told by several, each with a number."""
    number, many = await stocked(stamps, farm, 6_000), 2_500
    kept = await stamps.db.collection("stock").find_one({"_id": number})
    assert kept is not None
    (piece,) = kept["lying"]

    def row(first: int, last: int, place: str) -> dict[str, Any]:
        return {**piece, "first": first, "last": last, "place": place}

    lying = [row(n, n, ("stock", "unusable")[n % 2]) for n in range(2 * many)]
    lying.append(row(2 * many, 5_999, "stock"))
    intervals = [[n, n, "", ("issued", "lost")[n % 2]] for n in range(2 * many)]
    intervals.append([2 * many, 5_999, "", "issued"])
    await stamps.db.collection("stock").update_one({"_id": number}, {"$set": {"lying": lying}})
    await stamps.db.collection("segments").update_one(
        {"_id": f"{number}/0"}, {"$set": {"intervals": intervals}}
    )
    ok(await stamps.change(number, 0, 5_999, "revoke", stamps.approver()))
    assert await counts(stamps, number) == {"unusable": 6_000}
    told = (await stamps.events(f"{number}/stock", StockMoved))[3:]
    assert [(one.act, len(one.moved)) for one in told] == [("set_aside", 2_000), ("set_aside", 501)]
    assert [one.version for one in told] == [4, 5]
