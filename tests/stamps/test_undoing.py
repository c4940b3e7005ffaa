"""A mistaken revocation is undone by a second person within ten days, exactly as it was."""

import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stamps.actions.serials import note_states
from services.stamps.domain.deciding import Undecided
from services.stamps.domain.intervals import Segment, issued
from services.stamps.domain.life import CHANGES, Changed, activation, as_done, change_of_state
from services.stamps.domain.said import Words
from services.stamps.domain.undoing import (
    UNDO_WITHIN,
    UndoTooLate,
    as_it_was,
    must_be_undoable,
    restored,
)
from shared.auth import Principal
from shared.contracts.acts import StampsActRecorded
from shared.contracts.stamps import (
    MAX_INTERVALS,
    HoldPublished,
    IntervalsChanged,
    SegmentPublished,
)
from shared.errors import Refusal
from shared.ids import now
from shared.mongo import Tx, transact
from tests.answers import ok, refused
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_serials import unchanged

SIZE = 40
steps = st.tuples(
    st.sampled_from(["activate", "suspend", "revoke", "undo", *CHANGES, "undo"]),
    st.integers(0, SIZE - 1),
    st.integers(0, SIZE - 1),
    st.sampled_from(["", "Sai nhãn", "Nghi giả"]),
)


def made(number: int, first: int, last: int, change: str, **more: Any) -> Changed:
    known = {"lot": "", "reason": "", "by": "a", "by_name": "A", "by_authority": True, "at": now()}
    return Changed(number, 1, first, last, change, **{**known, **more})


@settings(max_examples=300)
@given(st.lists(steps, max_size=25))
def test_undone_serials_are_again_what_they_were_whatever_happened_before(
    wanted: list[tuple[str, int, int, str]],
) -> None:
    """Each accepted step is kept with the map before it, as a plain list of serials."""
    (segment,) = issued(1, "f", "p", SIZE)
    history: list[Changed] = []
    before: dict[int, Segment] = {}
    for change, a, b, words in wanted:
        first, last = min(a, b), max(a, b)
        number = len(history) + 1
        if change == "undo":
            revocation = standing(history)
            if revocation is None:
                continue
            first, last = revocation.first, revocation.last
            past = as_it_was(segment, SIZE, history[: revocation.number - 1])
            assert past.intervals == before[revocation.number].intervals
            assert past.said == before[revocation.number].said
            segment = restored(segment, past, first, last)
            assert by_serial(segment) == by_serial(before[revocation.number])
            history.append(made(number, first, last, "unrevoke", undoes=revocation.number))
            continue
        act = activation("lot") if change == "activate" else change_of_state(change)
        said = words if change in ("suspend", "revoke") else ""
        one = made(
            number, first, last, change, lot="lot" * (change == "activate"), public_reason=said
        )
        try:
            after = segment.changed(first, last, act, Words(said))
        except Refusal:
            continue
        assert after == segment.changed(first, last, as_done(one), Words(said))
        if change == "revoke":
            assert by_serial(restored(after, segment, first, last)) == by_serial(segment)
        before[number], segment = segment, after
        history.append(one)


def test_what_a_segment_was_is_not_kept_for_each_of_its_changes() -> None:
    (segment,) = issued(1, "f", "p", 4_000)
    history = [made(at + 1, 2 * at, 2 * at, "lost") for at in range(600)]
    history.append(made(601, 0, 3_999, "revoke"))
    history.append(made(602, 0, 1, "unrevoke", undoes=601))
    tracemalloc.start()
    past = as_it_was(segment, 4_000, history)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert past.intervals[:2] == ((0, 0, "", "lost"), (1, 1, "", "issued"))
    assert peak < 1_000_000


def standing(history: list[Changed]) -> Changed | None:
    """The newest change, if it is a revocation."""
    return history[-1] if history and history[-1].change == "revoke" else None


def by_serial(segment: Segment) -> list[tuple[str, str, str]]:
    def told(serial: int) -> str:
        return next((one.text for one in segment.said if one.first <= serial <= one.last), "")

    return [
        (one.lot, one.state, told(serial))
        for one in segment.intervals
        for serial in range(one.first, one.last + 1)
    ]


def test_who_decided_before_an_undone_revocation_decides_again() -> None:
    undecided = Undecided([(0, 9)])
    assert undecided.found(made(3, 2, 4, "unrevoke", undoes=2)) == []
    revoked = undecided.found(made(2, 0, 9, "revoke"))
    assert [(one.first, one.last) for one in revoked] == [(0, 1), (5, 9)]
    (suspended,) = undecided.found(made(1, 0, 9, "suspend"))
    assert (suspended.first, suspended.last, suspended.by.number) == (2, 4, 1)
    assert not undecided


def test_a_revocation_can_be_undone_for_ten_days_to_the_instant() -> None:
    who = Principal("b", "B", "department", frozenset({"approve"}), "u", "s", communes=("*",))
    one = made(1, 0, 9, "revoke")
    must_be_undoable(one, who=who, now=one.at + UNDO_WITHIN)
    assert timedelta(days=10) == UNDO_WITHIN
    with pytest.raises(UndoTooLate):
        must_be_undoable(one, who=who, now=one.at + UNDO_WITHIN + timedelta(milliseconds=1))


async def undo(stamps: Stamps, number: int, change: int, token: str, **more: Any) -> Any:
    body = {"reason": "Bấm nhầm lô", **more}
    return await stamps.post(f"/batches/{number}/changes/{change}/undo", body, token)


async def test_serials_get_back_exactly_what_they_had(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm, 20_000), stamps.operator(farm.facility)
    ok(await stamps.activate(number, 16_300, 16_500, farm.lot, who))
    ok(await stamps.change(number, 16_350, 16_400, "suspend", who))
    ok(await stamps.change(number, 10, 19, "lost", who))
    before = await stamps.intervals(number)
    ok(await stamps.change(number, 0, 16_600, "revoke", stamps.approver()))
    assert [one[3] for one in await stamps.intervals(number)].count("revoked") > 0
    ok(await undo(stamps, number, 4, stamps.approver()))
    assert await stamps.intervals(number) == before
    # Who suspended lifts it, as before: the undoing decided nothing anew.
    ok(await stamps.change(number, 16_350, 16_400, "unsuspend", who))
    told = (await stamps.events(str(number), IntervalsChanged))[-2]
    assert (told.change, told.first, told.last) == ("unrevoke", 0, 16_600)
    published = (await stamps.events(f"{number}/1", SegmentPublished))[-2]
    assert (published.version, "revoked" in {one.state for one in published.intervals}) == (
        5,
        False,
    )
    acts = [e for e in await stamps.events() if isinstance(e, StampsActRecorded)]
    assert [(a.action, a.outcome) for a in acts][-2] == ("stamps.undo", "accepted")


async def test_the_revocation_of_a_finely_cut_segment_is_undone(stamps: Stamps, farm: Farm) -> None:
    """Though it cuts it into more intervals again than other acts may."""
    number = await stamps.a_batch(farm, 2_000)
    who = Principal("a", "A", "facility", frozenset({"operate"}), "u", "s", farm.facility)
    every_second = [(serial, serial) for serial in range(0, 2 * MAX_INTERVALS, 2)]

    async def work(tx: Tx) -> None:
        await note_states(tx, number, every_second, "lost", reason="Thử", who=who, now=now())

    ok(await stamps.activate(number, 1_500, 1_999, farm.lot, stamps.operator(farm.facility)))
    await transact(stamps.db, work)
    before = await stamps.intervals(number)
    assert len(before) > 2 * MAX_INTERVALS
    ok(await stamps.change(number, 0, 1_999, "revoke", stamps.approver()))
    assert len(await stamps.intervals(number)) == 2
    ok(await undo(stamps, number, MAX_INTERVALS + 2, stamps.approver()))
    assert await stamps.intervals(number) == before
    told = (await stamps.events(f"{number}/0", SegmentPublished))[-1]
    assert [tuple(one) for one in told.whole] == before


async def test_only_another_person_not_below_and_once(stamps: Stamps, farm: Farm) -> None:
    number, approver = await stamps.a_batch(farm, 100), stamps.approver()
    operator = stamps.operator(farm.facility, person=["mark"])
    commune = stamps.token("commune", "approve", communes=[builders.COMMUNE])
    ok(await stamps.change(number, 0, 9, "revoke", operator))
    ok(await stamps.change(number, 10, 19, "revoke", approver))
    ok(await stamps.change(number, 20, 29, "suspend", approver))

    async def act() -> None:
        refused(await undo(stamps, number, 1, operator), 403, "own_revocation")
        second = stamps.operator(farm.facility, person=["mark", "other"])
        refused(await undo(stamps, number, 1, second), 403, "own_revocation")
        for below in (operator, commune):
            refused(await undo(stamps, number, 2, below), 403, "decided_above")
        refused(await undo(stamps, number, 2, approver), 403, "own_revocation")
        other = stamps.approver()
        refused(await undo(stamps, number, 3, other), 409, "not_a_revocation")
        refused(await undo(stamps, number, 4, other), 404, "not_found")
        refused(await undo(stamps, number, 2, other, first=5), 422, "serials_outside_change")
        refused(await undo(stamps, number, 2, other, reason=""), 422, "invalid_input")

    await unchanged(stamps, number, act())
    ok(await undo(stamps, number, 1, stamps.operator(farm.facility), first=0, last=4))
    other = stamps.approver()
    ok(await stamps.change(number, 9, 9, "destroyed", operator))
    for span in ({}, {"first": 4, "last": 5}, {"first": 9}):
        refused(await undo(stamps, number, 1, other, **span), 409, "serials_changed_since")
    ok(await undo(stamps, number, 1, other, first=5, last=8))
    found = await stamps.intervals(number)
    assert found[:2] == [(0, 8, "", "issued"), (9, 9, "", "destroyed")]


async def test_after_ten_days_it_is_refused_and_says_what_to_do(stamps: Stamps, farm: Farm) -> None:
    number = await stamps.a_batch(farm, 10)
    ok(await stamps.change(number, 0, 9, "revoke", stamps.approver()))
    kept, key = stamps.db.collection("changes"), {"_id": f"{number}/1"}
    await kept.update_one(key, {"$set": {"at": now() - UNDO_WITHIN - timedelta(seconds=1)}})
    answer = await undo(stamps, number, 1, stamps.approver())
    refused(answer, 409, "undo_too_late")
    page = await stamps.page(f"/batches/{number}/changes/1/undo", stamps.approver())
    assert "Đã quá 10 ngày" in page.text
    assert 'name="reason"' not in page.text
    await kept.update_one(key, {"$set": {"at": now() - UNDO_WITHIN + timedelta(minutes=5)}})
    ok(await undo(stamps, number, 1, stamps.approver()))


async def test_holds_and_notices_go_on_over_what_was_undone(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    number, who = await stamps.a_batch(farm, 10), stamps.operator(farm.facility)
    order = {"batch": number, "reason": "Nghi ngờ"}
    ok(await stamps.post("/holds", order, stamps.approver()), 201)
    ok(await stamps.change(number, 0, 9, "revoke", stamps.approver()))
    await stamps.know(builders.notice(batches=(number,)))
    told = len([e for e in await stamps.events() if isinstance(e, HoldPublished)])
    ok(await undo(stamps, number, 1, stamps.approver()))
    assert [one["active"] for one in (await stamps.batch(number))["holds"]] == [True]
    assert len([e for e in await stamps.events() if isinstance(e, HoldPublished)]) == told
    # Still recalled: nothing of it is brought into use.
    refused(await stamps.activate(number, 0, 9, farm.lot, who), 409, "stamps_recalled")


async def test_by_page_another_person_finds_the_way_and_a_wrong_form_loses_nothing(
    stamps: Stamps, farm: Farm
) -> None:
    number, first = await stamps.a_batch(farm, 10), stamps.approver()
    ok(await stamps.change(number, 0, 9, "revoke", first))
    there = f"/batches/{number}/changes/1/undo"
    assert there not in (await stamps.page(f"/batches/{number}", first)).text
    assert "không được tự hoàn tác" in (await stamps.page(there, first)).text
    second = stamps.approver()
    assert there in (await stamps.page(f"/batches/{number}", second)).text
    wrong = {"first": "3", "last": "x", "reason": "Nhầm lô"}
    answer = await stamps.send_form(there, wrong, second)
    assert answer.status_code == 422
    assert 'value="x"' in answer.text
    assert "Nhầm lô" in answer.text
    answer = await stamps.send_form(there, {"first": "3", "last": "4", "reason": "Nhầm"}, second)
    assert answer.status_code == 303
    found = await stamps.intervals(number)
    assert found == [(0, 2, "", "revoked"), (3, 4, "", "issued"), (5, 9, "", "revoked")]


async def test_a_revocation_from_before_persons_were_kept_is_undone_too(
    stamps: Stamps, farm: Farm
) -> None:
    number = await stamps.a_batch(farm, 10)
    ok(await stamps.change(number, 0, 9, "revoke", stamps.approver()))
    old = {"by_person": "", "undoes": "", "by_tier": ""}
    await stamps.db.collection("changes").update_one({"_id": f"{number}/1"}, {"$unset": old})
    answer = await undo(stamps, number, 1, stamps.operator(farm.facility))
    refused(answer, 403, "revoked_by_authority")
    ok(await undo(stamps, number, 1, stamps.approver()))
