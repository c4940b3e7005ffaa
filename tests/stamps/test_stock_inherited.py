"""Stock follows when its unit is merged into another: whoever stands for it today acts on it."""

from typing import Any

import pytest

from services.stamps.actions import inheriting
from services.stamps.domain.known import heirs
from services.stamps.store import print_jobs
from shared.contracts.acts import StampsActRecorded
from shared.contracts.stamps import StockMoved
from shared.ids import new_id, now
from tests.answers import ok, refused
from tests.polling import eventually
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_stock import (
    central,
    hand_over,
    handed,
    in_stock,
    officer,
    print_,
    printed,
    receive,
    unit,
)
from tests.stamps.test_stock_waiting import waits

HERE: dict[str, Any] = {"communes": (builders.COMMUNE,)}


def clerk(stamps: Stamps, unit_id: str, **claims: Any) -> str:
    return officer(stamps, unit=unit_id, **claims)


def merged(one: str, into: str, version: int = 2) -> Any:
    return unit(one, version, "UBND xã cũ", active=False, successor_id=into, **HERE)


async def kept_by(stamps: Stamps, number: int) -> set[str]:
    """The units with which something of a batch lies."""
    found = ok(await stamps.get(f"/batches/{number}/stock", stamps.approver()))["lying"]
    return {one["unit_id"] for one in found if one["place"] in ("stock", "unusable", "handed")}


async def followed(stamps: Stamps, number: int, heir: str) -> None:
    async def there() -> bool:
        return await kept_by(stamps, number) == {heir}

    await eventually(there, 20)


@pytest.mark.parametrize("late", [False, True])
async def test_what_a_merged_unit_had_is_its_successors(
    stamps: Stamps, farm: Farm, late: bool
) -> None:
    """Heard twice, in either order, and the old unit once more after it was merged."""
    old, heir = new_id(), new_id()
    number, who = await central(stamps, farm, 200), stamps.operator(farm.facility)
    await in_stock(stamps, number, 0, 99, clerk(stamps, old))
    ok(await stamps.change(number, 95, 99, "revoke", stamps.approver()))
    waiting = await printed(stamps, number, 100, 149, clerk(stamps, old))
    given, differs = [
        await handed(stamps, number, serials, token=clerk(stamps, old))
        for serials in ("0-9", "10-19")
    ]
    ok(await receive(stamps, differs, who, missing="19", text="Thiếu"))
    done = await handed(stamps, number, "20-29", token=clerk(stamps, old))
    ok(await receive(stamps, done, who))
    new = clerk(stamps, heir)
    refused(await hand_over(stamps, number, "30-39", new), 409, "not_in_stock")
    refused(await stamps.post(f"/print-jobs/{waiting}/stock", {}, new), 403, "not_your_print")

    standing = unit(heir, 1, "UBND xã mới", **HERE)
    events = [merged(old, heir), standing, unit(old, 1, "UBND xã cũ", **HERE)]
    for event in events if late else reversed(events):
        await stamps.tell(event)
        await stamps.tell(event)
    await followed(stamps, number, heir)

    ok(await hand_over(stamps, number, "30-39", new), 201)
    ok(await stamps.post(f"/print-jobs/{waiting}/stock", {}, new))
    ok(await stamps.post(f"/handovers/{given}/withdrawal", {"reason": "Nhầm"}, new))
    ok(await stamps.post(f"/handovers/{differs}/answers", {"agrees": True}, new))
    assert (await waits(stamps, number))["to_hand_over"] == {heir: 65 + 10 + 50 - 10}
    # What was before stays as it was.
    assert ok(await stamps.get(f"/handovers/{done}", new))["unit_id"] == old
    (told,) = [
        one for one in await stamps.events(f"{number}/stock", StockMoved) if one.act == "inherit"
    ]
    assert (told.unit_id, told.to_unit_id) == (old, heir)
    assert told.moved[-1] == (95, 99, "unusable")
    (act,) = [
        one
        for one in await stamps.events(str(number), StampsActRecorded)
        if one.facts.get("act") == "inherit"
    ]
    assert (act.actor.account_id, act.outcome) == ("", "accepted")
    assert (act.facts["from_unit"], act.facts["to_unit"]) == (old, heir)
    assert await inheriting.follow(stamps.db, {old: heir}, now()) == 0, "nothing is left"
    page = (await stamps.page(f"/batches/{number}/stock", new)).text
    assert "Đơn vị giữ tem đã sáp nhập" in page


async def test_what_is_done_in_an_old_units_name_after_it_was_merged_follows_too(
    stamps: Stamps, farm: Farm
) -> None:
    """A sign-in of before may still act for some minutes; the next look finds what it left."""
    old, heir = new_id(), new_id()
    number = await central(stamps, farm)
    job = ok(await print_(stamps, number, 0, 9, clerk(stamps, old)), 202)["id"]
    assert await inheriting.follow(stamps.db, {old: heir}, now()) == 1
    assert (await print_jobs.get(stamps.db, job)).unit_id == heir
    await in_stock(stamps, number, 50, 59, clerk(stamps, old))
    assert await inheriting.follow(stamps.db, {old: heir}, now()) == 1
    assert await kept_by(stamps, number) == {heir}


async def test_a_move_between_units_that_become_one_is_received_by_another_of_it(
    stamps: Stamps, farm: Farm
) -> None:
    old, heir = new_id(), new_id()
    await stamps.tell(unit(old, 1, "UBND xã cũ", **HERE), unit(heir, 1, "UBND xã mới", **HERE))

    async def heard() -> bool:
        known = {"_id": {"$in": [old, heir]}, "successor_version": 1}
        return await stamps.db.collection("units").count_documents(known) == 2

    await eventually(heard)
    number = await central(stamps, farm)
    giver = clerk(stamps, old, account="who-gave", person=["mark of who gave"])
    await in_stock(stamps, number, 0, 99, giver)
    made, withdrawn = [
        await handed(stamps, number, serials, token=giver, to_unit_id=heir)
        for serials in ("0-49", "50-59")
    ]
    await stamps.tell(merged(old, heir))
    await followed(stamps, number, heir)
    same = clerk(stamps, heir, account="who-gave", person=["mark of who gave"])
    other = clerk(stamps, heir, account="who-counts", person=["mark of who counts"])
    refused(await receive(stamps, made, same), 403, "not_handed_to_you")
    ok(await stamps.post(f"/handovers/{withdrawn}/withdrawal", {"reason": "Nhầm"}, same))
    ok(await receive(stamps, made, other, missing="49", text="Thiếu một"))
    path = f"/handovers/{made}/answers"
    refused(await stamps.post(path, {"agrees": True}, other), 403, "own_word")
    assert ok(await stamps.post(path, {"agrees": True}, same))["state"] == "settled"
    assert await waits(stamps, number) == {"to_hand_over": {heir: 99}}


def test_of_a_chain_the_last_counts_and_what_is_not_clear_is_left() -> None:
    assert heirs({"a": "b", "b": "c", "c": ""}) == {"a": "c", "b": "c"}
    assert heirs({"a": "b"}) == {}, "a successor nobody has heard of yet"
    assert heirs({"a": "b", "b": "a", "c": ""}) == {}
    assert heirs({"a": "a", "c": "d", "d": "a"}) == {}
