"""Stamps in stock move between units: one hands them over, the other counts and takes them in."""

from typing import Any

import pypdfium2
import pytest_asyncio

from services.stamps.store import units
from shared.auth import Scope
from shared.contracts.acts import StampsActRecorded
from shared.contracts.stamps import IntervalsChanged, StockMoved
from shared.ids import new_id
from shared.mongo import Tx, transact
from tests.answers import ok, refused
from tests.polling import eventually
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_serials import unchanged
from tests.stamps.test_stock import (
    UNIT,
    hand_over,
    handed,
    officer,
    places,
    receive,
    stocked,
    today,
    unit,
)

DEPARTMENT, ELSEWHERE, GONE = "unit-so", "unit-xa-khac", "unit-da-giai-the"
TO: dict[str, Any] = {"to_unit_id": DEPARTMENT}


def department(stamps: Stamps, **claims: Any) -> str:
    """Of the department, which takes stamps of the whole province in its stock."""
    return stamps.approver(**{"unit": DEPARTMENT, "account": "an-bo-so", **claims})


@pytest_asyncio.fixture(scope="module", autouse=True)
async def known_units(stamps: Stamps) -> None:
    here = {"communes": (builders.COMMUNE,)}
    told = [
        unit(UNIT, 1, "UBND xã", **here),
        unit(DEPARTMENT, 1, "Sở Nông nghiệp", tier="department", communes=("*",)),
        unit(ELSEWHERE, 1, "UBND xã khác", communes=("99999",)),
        unit(GONE, 1, "UBND xã cũ", active=False, **here),
        unit("unit-so-y-te", 1, "Sở Y tế", tier="department", communes=("*",), sector="health"),
        unit("unit-tinh", 1, "UBND tỉnh", tier="province", communes=("*",)),
    ]
    await stamps.tell(*told)

    async def heard() -> bool:
        wanted = {"name": {"$exists": True}, "area_version": {"$gte": 1}}
        ids = {"_id": {"$in": [one.subject for one in told]}}
        found = await stamps.db.collection("units").count_documents({**ids, **wanted})
        return found == len(told)

    await eventually(heard)


async def test_the_way_of_a_stamp_from_one_stock_to_another_and_on(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stocked(stamps, farm), stamps.operator(farm.facility)
    made = await handed(stamps, number, "0-59", **TO)
    assert await places(stamps, number) == [(0, 59, "handed"), (60, 99, "stock")]
    # It is nobody's to give before it is taken in, nor the facility's to receive.
    refused(await hand_over(stamps, number, "0-9"), 409, "not_in_stock")
    refused(await hand_over(stamps, number, "0-9", department(stamps)), 409, "not_in_stock")
    refused(await receive(stamps, made, who), 403, "forbidden")
    view = ok(await receive(stamps, made, department(stamps)))
    assert (view["state"], view["to_unit_id"]) == ("received", DEPARTMENT)
    assert await places(stamps, number) == [(0, 59, "stock"), (60, 99, "stock")]
    lying = ok(await stamps.get(f"/batches/{number}/stock", department(stamps)))["lying"]
    assert [one["unit_id"] for one in lying] == [DEPARTMENT, UNIT]
    refused(await hand_over(stamps, number, "0-9"), 409, "not_in_stock")
    refused(await stamps.activate(number, 0, 9, farm.lot, who), 409, "not_received")
    on = await handed(stamps, number, "0-9", token=department(stamps))
    ok(await receive(stamps, on, who))
    ok(await stamps.activate(number, 0, 9, farm.lot, who))
    # And back again.
    back = await handed(stamps, number, "10-59", token=department(stamps), to_unit_id=UNIT)
    ok(await receive(stamps, back, officer(stamps)))
    ok(await hand_over(stamps, number, "10-59"), 201)
    told = await stamps.events(f"{number}/stock", StockMoved)
    assert [(one.act, one.unit_id, one.to_unit_id) for one in told][3:5] == [
        ("transfer", UNIT, DEPARTMENT),
        ("take_in", DEPARTMENT, DEPARTMENT),
    ]
    assert told[4].moved == ((0, 59, "stock"),)
    acts = await stamps.events(made, StampsActRecorded)
    assert [(one.action, one.outcome) for one in acts] == [
        ("stamps.hand_over", "accepted"),
        ("stamps.hand_over", "forbidden"),
        ("stamps.hand_over", "accepted"),
    ]
    assert acts[0].facts["to_unit"] == DEPARTMENT


async def test_stock_goes_only_to_another_unit_that_answers_for_the_facility(
    stamps: Stamps, farm: Farm
) -> None:
    number = await stocked(stamps, farm)

    async def act() -> None:
        refused(await hand_over(stamps, number, "0-9", to_unit_id=UNIT), 422, "to_own_unit")
        for other in (ELSEWHERE, GONE, "unit-so-y-te", "unit-tinh", new_id()):
            found = await hand_over(stamps, number, "0-9", to_unit_id=other)
            refused(found, 422, "takes_no_stock")
        far = officer(stamps, unit=ELSEWHERE, communes=["99999"])
        refused(await hand_over(stamps, number, "0-9", far, **TO), 404, "not_found")

    await unchanged(stamps, number, act())
    page = (await stamps.page(f"/batches/{number}/hand-over", officer(stamps))).text
    assert f'value="{DEPARTMENT}"' in page
    for other in (UNIT, ELSEWHERE, GONE, "unit-so-y-te", "unit-tinh"):
        assert f'value="{other}"' not in page


async def test_only_another_person_of_the_receiving_unit_takes_stock_in(
    stamps: Stamps, farm: Farm
) -> None:
    number, phone = await stocked(stamps, farm), ["mark of a telephone"]
    made = await handed(stamps, number, "0-9", token=officer(stamps, person=phone), **TO)

    async def act() -> None:
        for other in (officer(stamps), stamps.approver(unit="unit-khac")):
            refused(await receive(stamps, made, other), 403, "not_handed_to_you")
        same = department(stamps, person=phone)
        refused(await receive(stamps, made, same), 403, "own_hand_over")
        far = officer(stamps, unit=DEPARTMENT, communes=["99999"])
        refused(await receive(stamps, made, far), 404, "not_found")

    await unchanged(stamps, number, act())
    page = await stamps.page(f"/handovers/{made}/receive", officer(stamps))
    assert page.status_code == 403
    ok(await receive(stamps, made, department(stamps)))


async def test_what_another_unit_finds_missing_is_lost_and_settled_between_the_two(
    stamps: Stamps, farm: Farm
) -> None:
    number, clerk, taker = await stocked(stamps, farm), officer(stamps), department(stamps)
    made = await handed(stamps, number, "0-49", **TO)
    lack = {"missing": "10-19", "damaged": "49", "text": "Thiếu một dải"}
    assert ok(await receive(stamps, made, taker, **lack))["state"] == "differs"
    assert [(one[2], one[0], one[1]) for one in await places(stamps, number)] == [
        ("stock", 0, 9), ("missing", 10, 19), ("stock", 20, 48), ("damaged", 49, 49),
        ("stock", 50, 99),
    ]  # fmt: skip
    told = await stamps.events(str(number), IntervalsChanged)
    assert [(one.change, one.first, one.last) for one in told] == [
        ("lost", 10, 19),
        ("damaged", 49, 49),
    ]
    path = f"/handovers/{made}/answers"
    agrees = {"agrees": True}
    refused(await stamps.post(path, agrees, taker), 403, "own_word")
    facility = stamps.operator(farm.facility)
    refused(await stamps.post(path, agrees, facility), 403, "not_your_hand_over")
    other = officer(stamps, unit="another-unit")
    refused(await stamps.post(path, agrees, other), 403, "not_your_hand_over")
    ok(await stamps.post(path, {"text": "Đã đếm đủ"}, clerk))
    waits = (await stamps.page(f"/handovers/{made}", taker)).text
    assert "Đến lượt bạn" in waits
    view = ok(await stamps.post(path, agrees, department(stamps, account="a-colleague")))
    assert view["state"] == "settled"
    assert [one["side"] for one in view["words"]] == ["unit", "authority", "unit"]


async def test_a_move_that_did_not_take_place_is_withdrawn_by_who_gave_it(
    stamps: Stamps, farm: Farm
) -> None:
    """Not by the unit it was meant for, though it stands above."""
    number = await stocked(stamps, farm)
    made = await handed(stamps, number, "0-9", **TO)
    path, why = f"/handovers/{made}/withdrawal", {"reason": "Nhầm đơn vị"}
    refused(await stamps.post(path, why, department(stamps)), 403, "not_your_hand_over")
    ok(await stamps.post(path, why, officer(stamps)))
    assert await places(stamps, number) == [(0, 9, "stock"), (10, 99, "stock")]
    refused(await receive(stamps, made, department(stamps)), 409, "hand_over_not_waiting")
    told = (await stamps.events(f"{number}/stock", StockMoved))[-1]
    assert (told.act, told.unit_id, told.to_unit_id) == ("take_back", UNIT, DEPARTMENT)


async def test_moves_between_units_are_not_shown_to_facilities(stamps: Stamps, farm: Farm) -> None:
    number, who = await stocked(stamps, farm), stamps.operator(farm.facility)
    made = await handed(stamps, number, "0-9", **TO)
    own = await handed(stamps, number, "10-19")
    listed = {one["id"] for one in ok(await stamps.get("/handovers", who))["items"]}
    assert own in listed
    assert made not in listed
    for there in ("", "/note"):
        refused(await stamps.get(f"/handovers/{made}{there}", who), 404, "not_found")
    assert (await stamps.page(f"/handovers/{made}", who)).status_code == 404
    stock = (await stamps.page(f"/batches/{number}/stock", who)).text
    assert own in stock
    assert made not in stock
    assert made in (await stamps.page(f"/batches/{number}/stock", officer(stamps))).text


async def test_the_way_between_units_by_forms(stamps: Stamps, farm: Farm) -> None:
    number, clerk, taker = await stocked(stamps, farm), officer(stamps), department(stamps)
    given = {"serials": "0–49", "recipient": "Lê Thị Sáu", "handed_on": today(), **TO}
    page = f"/batches/{number}/hand-over"
    wrong = await stamps.send_form(page, {**given, "to_unit_id": ELSEWHERE}, clerk)
    assert wrong.status_code == 422
    assert "Đơn vị này không giữ tem cho cơ sở" in wrong.text
    there = (await stamps.send_form(page, given, clerk)).headers["location"]
    path = there.removeprefix("/console/stamps").partition("?")[0]
    assert "Sở Nông nghiệp" in (await stamps.page(path, clerk)).text
    assert "/receive" not in (await stamps.page(path, clerk)).text
    shown = (await stamps.page(path, taker)).text
    assert "Tem này chưa vào kho của đơn vị bạn" in shown
    assert f"{path}/withdraw" not in shown
    assert "Sở Nông nghiệp" in (await stamps.page("/handovers?state=open", taker)).text
    note = (await stamps.page(f"{path}/note", taker)).content
    text = " ".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(note))
    for words in ("Biên bản chuyển kho", "Sở Nông nghiệp", "UBND xã", "Lê Thị Sáu"):
        assert words.casefold() in text.casefold()
    assert (await stamps.send_form(f"{path}/receive", {}, taker)).status_code == 303
    history = (await stamps.page(f"/batches/{number}/stock", taker)).text
    assert "Chuyển sang kho đơn vị khác" in history
    assert "Đơn vị nhận vào kho" in history


async def test_what_a_unit_answers_for_is_heard_twice_and_in_any_order(stamps: Stamps) -> None:
    key, place = new_id(), Scope("f", builders.COMMUNE, "agriculture")
    newest = unit(key, 3, "C", communes=("*",), sector="agriculture")
    late = unit(key, 2, "B", communes=("*",), active=False)

    async def hear(*events: Any) -> None:
        async def work(tx: Tx) -> None:
            for one in events:
                await units.note_area(tx, one)

        await transact(stamps.db, work)

    for _ in range(2):
        await hear(newest, late, newest)
        found = await units.get(stamps.db, key)
        assert found.answers_for(place)
        offered = await units.answering_for(stamps.db, place, ["commune"])
        assert key in {one.id for one in offered}
    gone = unit(key, 4, "D", communes=("*",), active=False)
    await hear(gone, newest)
    assert not (await units.get(stamps.db, key)).answers_for(place)
