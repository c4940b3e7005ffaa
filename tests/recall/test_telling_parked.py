"""What cannot be told holds up nothing else; growths that keep coming starve nobody."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import bson
import pytest
from pymongo import monitoring
from pymongo.errors import AutoReconnect, OperationFailure

from services.recall.courier import setting_aside, spreading
from services.recall.courier.spreading import Spreader
from services.recall.domain.contact import Channel
from services.recall.domain.delivery import Message
from services.recall.store import contacts, deliveries, growths, parked, tellings
from services.recall.store.cases import CASES
from services.recall.store.deliveries import DELIVERIES
from services.recall.store.delivery_rows import delivery_of
from services.recall.store.facts import FACILITIES
from services.recall.store.standings import STANDINGS
from services.recall.store.tellings import GIVES_WAY, PAGES, TELLINGS
from shared import mongo
from shared.contracts.recall import RecallLifted, ScopeChanged
from shared.ids import new_id, now
from shared.mongo import Database, Document
from tests.polling import eventually
from tests.recall.conftest import Recall
from tests.recall.telling import Inbox, courier, forget, hearing, rows, smtp, unit
from tests.recall.test_telling_pages import (
    UNITS,
    a_case,
    an_address,
    finish,
    heard,
    many,
    order_of_many,
    order_of_many_beside,
)


@pytest.fixture(scope="module")
async def told(province: Recall) -> AsyncIterator[Recall]:
    """It hears, and nothing but the tests writes messages of that."""
    units = [unit(f"u-page{n}", "09001") for n in range(UNITS)]
    async with hearing(province, *units, unit("u-whole", "*", sector="*"), spreading=False):
        yield province


@pytest.fixture(autouse=True)
async def clean(told: Recall) -> AsyncIterator[None]:
    yield
    await forget(told)
    await told.db.collection(FACILITIES).delete_many({"commune": "09001"})


def growth(case_id: str, *facilities: str, version: int = 2) -> ScopeChanged:
    return ScopeChanged(
        subject=case_id,
        version=version,
        time=now(),
        added_lots=(),
        cause="x",
        added_facilities=facilities,
    )


def lift(case_id: str) -> RecallLifted:
    return RecallLifted(
        subject=case_id, version=9, time=now(), reason="x", requested_by="a", confirmed_by="b"
    )


async def reaches(recall: Recall, case_id: str, ids: Sequence[str]) -> None:
    """The case has these in its scope."""
    places = [
        {"facility_id": id_, "commune": "09001", "sector": "agriculture"} for id_ in ["f1", *ids]
    ]
    await recall.db.collection(CASES).update_one({"_id": case_id}, {"$set": {"places": places}})


async def row_of(recall: Recall, **wanted: Any) -> Document:
    found = await recall.db.collection(TELLINGS).find_one(wanted)
    assert found is not None
    return found


async def at_once(recall: Recall, page: int = 50) -> None:
    """Everything is told, however long it would wait before the next try."""
    for _ in range(150):
        if not await recall.db.collection(TELLINGS).count_documents({"parked": None}):
            return
        await recall.db.collection(TELLINGS).update_many({}, {"$set": {"next_at": now()}})
        await Spreader(recall.db, page=page).step()


async def test_a_growth_lays_out_nobody_who_has_no_address_and_was_in_the_case_before(
    told: Recall,
) -> None:
    ids = await many(told, 30)
    await told.db.collection("contacts").delete_many({"owner_id": {"$in": ids[10:]}})
    case_id = await order_of_many(told, "pk1", ids)
    await reaches(told, case_id, ids)
    await finish(told, 50)
    await told.repeat(growth(case_id, ids[0]))
    await heard(told, case_id)
    await Spreader(told.db).step()
    assert (await row_of(told, case_id=case_id))["told_to"] == 1
    await finish(told, 50)
    # One that got an address since is told, as before.
    late = await many_more(told, ids[20])
    await told.repeat(growth(case_id, ids[0], version=3))
    await heard(told, case_id)
    await finish(told, 50)
    assert [row["message"] for row in await rows(told, case_id, owner_id=late)] == ["scope_changed"]


async def many_more(recall: Recall, facility: str) -> str:
    one = await recall.db.collection("contacts").find_one({})
    assert one is not None
    new = {**one, "_id": f"{facility}-late", "owner_id": facility, "owner_kind": "facility"}
    await recall.db.collection("contacts").insert_one({**new, "address": "late@page.example"})
    return facility


async def test_growths_that_came_meanwhile_are_told_as_one_and_again_change_nothing(
    told: Recall,
) -> None:
    ids = await many(told, 6)
    case_id = await order_of_many(told, "pk2", ids[:3])
    await finish(told, 50)
    events = [growth(case_id, id_, version=n) for n, id_ in enumerate(ids[3:], 2)]
    await told.repeat(*events)
    await heard(told, case_id, 3)
    assert await finish(told, 50) == 3, "laid out, told, and the units"
    found = await rows(told, case_id, message="scope_changed")
    assert {row["owner_id"] for row in found if row["owner_kind"] == "facility"} == set(ids[3:])
    for row in found:
        assert {row["event_id"], *row["joined"]} == {one.id for one in events}
        assert row["case_version"] == 4
    assert {row["facilities_total"] for row in found if row["owner_kind"] == "unit"} == {3}
    await told.db.collection("inbox").delete_many({})
    await told.repeat(*reversed(events))
    await heard(told, case_id, 3)
    await finish(told, 50)
    assert await rows(told, case_id, message="scope_changed") == found


async def test_what_waits_for_minutes_goes_before_growths_that_keep_coming(told: Recall) -> None:
    await told.repeat(lift("waits"), *(growth(f"grows{n}", "page-1") for n in range(3)))
    await heard(told, "waits")
    for n in range(3):
        await heard(told, f"grows{n}")
    first = await tellings.next_due(told.db, now())
    assert first is not None
    assert first.telling.case_id.startswith("grows")
    later = now() + tellings.AGED
    await told.db.collection(TELLINGS).update_many(
        {"case_id": {"$ne": "waits"}}, {"$set": {"heard_at": later}}
    )
    first = await tellings.next_due(told.db, later)
    assert first is not None
    assert first.telling.case_id == "waits"
    await order_of_many_beside(told, "pk3", [])
    first = await tellings.next_due(told.db, later)
    assert first is not None
    assert first.telling.message == "ordered", "what makes goods leave the shelves comes first"


async def test_an_order_that_cannot_be_told_holds_up_the_lift_only_for_so_long(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await many(told, 4)
    case_id = await order_of_many(told, "pk4", ids)
    await reaches(told, case_id, ids)
    spreads = Spreader(told.db, page=2)
    for _ in range(2):
        await spreads.step()
    assert {row["owner_id"] for row in await rows(told, case_id)} == {ids[0]}
    await told.repeat(lift(case_id))
    await heard(told, case_id, 2)

    monkeypatch.setattr(spreading.Spreader, "_tell_page", breaks_for_orders(spreads))
    await told.db.collection(TELLINGS).update_one(
        {"message": "ordered"}, {"$set": {"failures": GIVES_WAY - 2}}
    )
    await told.db.collection(TELLINGS).update_many({}, {"$set": {"next_at": now()}})
    await finish(told, 50)
    assert {row["owner_id"] for row in await rows(told, case_id, message="lifted")} == set()
    await told.db.collection(TELLINGS).update_one(
        {"message": "ordered"}, {"$set": {"failures": GIVES_WAY}}
    )
    soon = {"$set": {"next_at": now()}}
    await told.db.collection(TELLINGS).update_one({"message": "lifted"}, soon)
    await finish(told, 50)
    lifted = await rows(told, case_id, message="lifted", owner_kind="facility")
    assert {row["owner_id"] for row in lifted} == {ids[0]}, "nobody hears of it alone"


def breaks_for_orders(spreads: Spreader) -> Any:
    whole = type(spreads)._tell_page

    async def tells(self: Spreader, one: Any) -> None:
        if one.telling.message == "ordered":
            raise AutoReconnect("it does not fit")
        await whole(self, one)

    return tells


def breaks_for(*owners: str) -> Any:
    """Writes no message to these."""
    whole = spreading._to_facility

    def breaks(telling: Any, contact: Any, *more: Any) -> Any:
        if contact.owner.id in owners:
            raise RuntimeError("cannot be written")
        return whole(telling, contact, *more)

    return breaks


async def an_order_that_breaks(
    recall: Recall,
    monkeypatch: pytest.MonkeyPatch,
    lot_id: str,
    number: int,
    broken: slice = slice(None),
    *,
    page: int = 20,
) -> tuple[str, list[str]]:
    """Told to so many facilities but for those `broken`, which go on breaking; its case and all of
    them."""
    ids = await many(recall, number)
    case_id = await order_of_many(recall, lot_id, ids)
    monkeypatch.setattr(spreading, "_to_facility", breaks_for(*ids[broken]))
    await at_once(recall, page=page)
    return case_id, ids


async def test_a_page_that_breaks_is_passed_over_by_name_and_told_once_it_is_mended(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, ids = await an_order_that_breaks(told, monkeypatch, "pk5", 59, slice(25, 26))
    assert not await told.db.collection(TELLINGS).count_documents({})
    found = await rows(told, case_id, owner_kind="facility")
    assert {row["owner_id"] for row in found} == set(ids) - {ids[25]}, "one costs one alone"
    assert await parked.number(told.db) == parked.Parked(0, 1)
    await courier(told)._measure()
    page = (await told.browser(told.token()).get("/console/recall/deliveries")).text
    assert "Tin cho 1 cơ sở không lập được" in page
    metrics = (await told.client.get("/metrics")).text
    assert 'txng_courier_parked{what="facilities"} 1.0' in metrics
    monkeypatch.undo()
    assert await parked.put_back(told.db) == 1
    assert await parked.put_back(told.db) == 0
    await at_once(told, page=20)
    found = await rows(told, case_id, owner_kind="facility")
    assert {row["owner_id"] for row in found} == set(ids)
    assert len(found) == 2 * len(ids)
    assert await parked.number(told.db) == parked.Parked(0, 0)


async def test_what_was_set_aside_is_tried_again_after_ten_minutes_and_said_once(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await many(told, 6)
    case_id = await order_of_many(told, "pk5t", ids)
    monkeypatch.setattr(spreading, "_to_facility", breaks_for(ids[2], ids[4]))
    said = []
    monkeypatch.setattr(setting_aside.log, "error", lambda *told, **more: said.append(told))
    await at_once(told, page=20)
    assert await parked.number(told.db) == parked.Parked(0, 2)
    spreads = Spreader(told.db, page=20)
    await spreads._put_back()
    assert await parked.number(told.db) == parked.Parked(0, 0), "whoever starts tries at once"
    await at_once(told, page=20)
    assert await parked.number(told.db) == parked.Parked(0, 2)
    assert len(said) == 2, "each is said once, however often it is tried"
    monkeypatch.undo()
    assert await parked.put_back(told.db, now()) == 0, "it waits"
    assert await parked.put_back(told.db, now() + tellings.PARKED_FOR) == 1
    await at_once(told, page=20)
    found = await rows(told, case_id, owner_kind="facility")
    assert {row["owner_id"] for row in found} == set(ids)


async def test_a_page_that_cannot_be_read_is_set_aside_and_keeps_no_other_order_from_being_told(
    told: Recall,
) -> None:
    ids = await many(told, 6)
    case_id = await order_of_many(told, "pk5r", ids)
    spreads = Spreader(told.db, page=4)
    await spreads.step()
    await told.db.collection(PAGES).update_one({"facilities": ids[0]}, {"$unset": {"known": ""}})
    another = await order_of_many_beside(told, "pk5r2", ids)
    await at_once(told, page=20)
    assert await has_told(told, another, ids)
    assert await has_told(told, case_id, ids[3:])
    assert await parked.number(told.db) == parked.Parked(0, 4)
    await told.db.collection(PAGES).delete_many({})


async def test_a_page_that_cannot_even_be_set_aside_is_put_off_by_itself(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await many(told, 2)
    case_id = await order_of_many(told, "pk5s", ids)
    monkeypatch.setattr(spreading, "_to_facility", breaks_for(*ids))

    async def raises(*_: Any) -> int:
        raise RuntimeError("cannot be set aside")

    monkeypatch.setattr(parked, "page", raises)
    spreads = Spreader(told.db, page=1)
    for _ in range(8):
        await told.db.collection(TELLINGS).update_many({}, {"$set": {"next_at": now()}})
        await spreads.step()
    assert (await row_of(told, case_id=case_id))["next_at"] > now()
    assert await tellings.next_due(told.db, now()) is None, "others have their turn"


async def test_pages_are_put_back_a_few_at_a_time_and_units_hear_of_all_at_once(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, ids = await an_order_that_breaks(told, monkeypatch, "pk5b", 7, page=1)
    assert await told.db.collection(PAGES).count_documents({}) == len(ids)
    monkeypatch.undo()
    monkeypatch.setattr(parked, "_PAGES_AT_ONCE", 2)
    whole, sizes = parked._back, []

    async def is_cut_off_once(tx: Any, **more: Any) -> int:
        sizes.append(len(more["pages"]))
        if len(sizes) == 2:
            labels = {"errorLabels": ["TransientTransactionError"]}
            raise OperationFailure("the transaction was ended", 251, labels)
        return await whole(tx, **more)

    monkeypatch.setattr(parked, "_back", is_cut_off_once)
    monkeypatch.setattr(mongo, "RETRY_SECONDS", 0)
    assert await parked.put_back(told.db) == 1
    assert sizes == [2, 2, 2, 1]
    await at_once(told, page=20)
    assert await parked.number(told.db) == parked.Parked(0, 2), "what did not fit waits on"
    units = await rows(told, case_id, owner_kind="unit")
    assert {row["facilities_total"] for row in units} == {len(ids) - 2}
    assert await parked.put_back(told.db) == 1
    await at_once(told, page=20)
    assert await has_told(told, case_id, ids)


class Replies(monitoring.CommandListener):
    """How many whole pages the server gave in each of its answers."""

    def __init__(self) -> None:
        self.pages: list[int] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        pass

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        cursor = event.reply.get("cursor", {})
        given = [*cursor.get("firstBatch", ()), *cursor.get("nextBatch", ())]
        self.pages.append(sum("parked" in row and "facilities" in row for row in given))

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


async def test_of_very_much_that_waits_a_few_pages_are_read_at_a_time(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, ids = await an_order_that_breaks(told, monkeypatch, "pk5d", 9, page=1)
    monkeypatch.undo()
    monkeypatch.setattr(parked, "_PAGES_AT_ONCE", 2)
    listens, settings = Replies(), told.settings
    db = Database(settings.mongo_url, settings.database("recall"), "recall", listeners=[listens])
    try:
        assert await parked.put_back(db) == 1
    finally:
        await db.close()
    assert sum(listens.pages) == len(ids)
    assert max(listens.pages) == 2
    telling = await row_of(told, case_id=case_id)
    assert (telling["pages"], telling["told_to"]) == (5, len(ids))
    await at_once(told, page=20)
    assert await has_told(told, case_id, ids)


async def test_the_lift_of_what_was_ordered_before_messages_are_kept_is_told_to_all(
    told: Recall,
) -> None:
    ids = await many(told, 3)
    case_id = await order_of_many(told, "pk5o", ids)
    await reaches(told, case_id, ids)
    await at_once(told, page=20)
    await told.db.collection(DELIVERIES).delete_many({"case_id": case_id})
    ordered = {"$set": {"ordered_at": now() - timedelta(days=3 * 365)}}
    await told.db.collection(CASES).update_one({"_id": case_id}, ordered)
    await told.repeat(lift(case_id))
    await heard(told, case_id)
    await at_once(told, page=20)
    assert await has_told(told, case_id, ids)
    assert len(await rows(told, case_id, message="lifted", owner_kind="unit")) == UNITS


async def test_what_cannot_be_put_back_keeps_nothing_else_from_being_told(told: Recall) -> None:
    ids = await many(told, 3)
    pages = told.db.collection(PAGES)
    await pages.insert_many([{"_id": "odd", "parked": "x"}, {"_id": "odder", "parked": "y"}])
    standings_of = told.db.collection(STANDINGS)
    await standings_of.insert_one({"_id": "unheard", "next_at": now() - timedelta(days=9)})
    case_id = await order_of_many(told, "pk5w", ids)
    await told.repeat(lift("another"))
    task = asyncio.create_task(Spreader(told.db, page=20).run())
    try:
        await eventually(lambda: has_told(told, case_id, ids))
    finally:
        # The driver may take a cancellation for a connection that was lost.
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=1)
    odd = await pages.find_one({"_id": "odd"})
    assert odd is not None
    assert odd["again_at"] > now(), "tried again later"
    unread = await standings_of.find_one({"_id": "unheard"})
    assert unread is not None
    assert unread["next_at"] > now()
    await pages.delete_many({})


async def has_told(recall: Recall, case_id: str, ids: Sequence[str]) -> bool:
    found = await rows(recall, case_id, owner_kind="facility")
    return {row["owner_id"] for row in found} == set(ids)


async def test_a_page_whose_transaction_does_not_fit_is_told_in_halves(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await many(told, 20)
    case_id = await order_of_many(told, "pk5h", ids)
    whole, tried = Spreader._write, []

    async def fits(self: Spreader, tx: Any, telling: Any, found: Any, known: Any) -> None:
        tried.append(len(found))
        if len(found) > 12:
            labels = {"errorLabels": ["TransientTransactionError"]}
            raise OperationFailure("the transaction was ended", 251, labels)
        await whole(self, tx, telling, found, known)

    monkeypatch.setattr(Spreader, "_write", fits)
    monkeypatch.setattr(mongo, "RETRY_SECONDS", 0)
    await at_once(told)
    assert await has_told(told, case_id, ids)
    units = await rows(told, case_id, owner_kind="unit")
    assert {row["facilities_total"] for row in units} == {len(ids)}
    assert tried == [40] * 3 + [20] * 3 + [10, 20, 20, 20, 10, 10, 10], "each size three times"
    assert not await told.db.collection(PAGES).count_documents({})


async def test_while_the_database_is_overloaded_a_page_stays_whole_and_is_tried_again_later(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await many(told, 20)
    case_id = await order_of_many(told, "pk5v", ids)
    whole, tried = Spreader._write, []

    async def writes(self: Spreader, tx: Any, telling: Any, found: Any, known: Any) -> None:
        tried.append(len(found))
        if len(tried) <= setting_aside.SAME_SIZE:
            labels = {"errorLabels": ["TransientTransactionError"]}
            raise OperationFailure("the transaction was ended", 251, labels)
        await whole(self, tx, telling, found, known)

    monkeypatch.setattr(Spreader, "_write", writes)
    monkeypatch.setattr(mongo, "RETRY_SECONDS", 0)
    spreads, waits = Spreader(told.db, page=50), []
    for _ in range(20):
        if not await told.db.collection(TELLINGS).count_documents({}):
            break
        await spreads.step()
        async for row in told.db.collection(TELLINGS).find({"next_at": {"$gt": now()}}):
            waits.append(row["next_at"] - now())
            assert row.get("failures", 0) == 0, "no fault of the event"
        await told.db.collection(TELLINGS).update_many({}, {"$set": {"next_at": now()}})
    assert await has_told(told, case_id, ids)
    assert tried == [40] * (setting_aside.SAME_SIZE + 1), "never in halves"
    assert waits == sorted(waits), "it waits longer each time"
    assert len(waits) == setting_aside.SAME_SIZE


async def test_units_hear_of_an_order_whose_only_page_broke_once_that_is_mended(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, ids = await an_order_that_breaks(told, monkeypatch, "pk5u", 4)
    assert await rows(told, case_id) == []
    monkeypatch.undo()
    assert await parked.put_back(told.db) == 1
    await at_once(told, page=20)
    units = await rows(told, case_id, owner_kind="unit")
    assert units
    assert {row["facilities_total"] for row in units} == {len(ids)}


@pytest.mark.parametrize("told_beside", [0, 1], ids=["all break", "every other breaks"])
async def test_a_fault_of_many_facilities_of_an_order_holds_up_its_lift_for_few_tries(
    told: Recall, monkeypatch: pytest.MonkeyPatch, told_beside: int
) -> None:
    ids = await many(told, 40)
    case_id = await order_of_many(told, f"pk5m{told_beside}", ids)
    await reaches(told, case_id, ids)
    broken = ids if not told_beside else ids[::2]
    monkeypatch.setattr(spreading, "_to_facility", breaks_for(*broken))
    pauses = []
    put_off = tellings.put_off

    async def put_off_at_once(db: Any, one: Any, until: Any, *, failed: bool = False) -> None:
        if failed:
            pauses.append(until)
        await put_off(db, one, now(), failed=failed)

    monkeypatch.setattr(tellings, "put_off", put_off_at_once)
    spreads, steps = Spreader(told.db, page=20), 0
    while await spreads.step():
        steps += 1
        assert steps <= 3 * len(ids)
    assert len(pauses) == tellings.PAGE_TRIES - 1, "only the first to break is waited for"
    assert await parked.number(told.db) == parked.Parked(0, len(broken))
    await told.repeat(lift(case_id))
    await heard(told, case_id)
    await at_once(told, page=20)
    lifted = await rows(told, case_id, message="lifted", owner_kind="facility")
    assert {row["owner_id"] for row in lifted} == set(ids) - set(broken)


async def test_an_order_of_which_many_pages_break_gives_way_before_it_is_through(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await many(told, 60)
    case_id = await order_of_many(told, "pk5g", ids)
    monkeypatch.setattr(spreading, "_to_facility", breaks_for(*ids))
    spreads = Spreader(told.db, page=3)
    for _ in range(60):
        await told.db.collection(TELLINGS).update_many({}, {"$set": {"next_at": now()}})
        await spreads.step()
        if (await row_of(told, case_id=case_id)).get("failures", 0) >= GIVES_WAY:
            return
    pytest.fail("what follows waits for all of its pages")


async def test_nobody_hears_of_the_lift_of_what_they_were_never_told(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await many(told, 4)
    case_id = await order_of_many(told, "pk5l", ids)
    await reaches(told, case_id, ids)
    monkeypatch.setattr(spreading, "_to_facility", breaks_for(ids[2]))
    await at_once(told, page=20)
    monkeypatch.undo()
    await told.repeat(lift(case_id))
    await heard(told, case_id)
    await at_once(told, page=20)
    lifted = await rows(told, case_id, message="lifted", owner_kind="facility")
    assert {row["owner_id"] for row in lifted} == set(ids) - {ids[2]}
    units = await rows(told, case_id, message="lifted", owner_kind="unit")
    assert len(units) == UNITS
    assert {row["facilities_total"] for row in units} == {len(ids)}, "it is lifted for all of them"


async def test_a_unit_that_was_told_of_no_order_hears_of_no_lift(told: Recall) -> None:
    ids = await many(told, 2)
    case_id, _ = await a_case(told, "pk5n")
    await reaches(told, case_id, ids)
    await told.repeat(lift(case_id))
    await heard(told, case_id)
    await at_once(told, page=20)
    assert await rows(told, case_id) == []


async def test_a_row_that_cannot_be_read_is_parked_and_the_others_are_told(told: Recall) -> None:
    ids = await many(told, 4)
    broken = await order_of_many(told, "pk6", ids)
    other = await order_of_many_beside(told, "pk6b", ids)
    await told.db.collection(TELLINGS).update_one(
        {"case_id": broken}, {"$set": {"units": [{"unheard": "of"}]}}
    )
    await at_once(told)
    assert {row["owner_id"] for row in await rows(told, other)} >= set(ids)
    assert "KeyError" in (await row_of(told, case_id=broken))["parked"]
    page = (await told.browser(told.token()).get("/console/recall/deliveries")).text
    assert "1 sự kiện không đọc được" in page
    await told.db.collection(TELLINGS).update_one({"case_id": broken}, {"$set": {"units": []}})
    assert await parked.put_back(told.db) == 1
    await at_once(told)
    assert {row["owner_id"] for row in await rows(told, broken)} >= set(ids)


async def test_who_answers_for_all_is_told_of_a_facility_that_is_not_known_yet(
    told: Recall,
) -> None:
    await many(told, 1)
    one = await told.db.collection("contacts").find_one({"owner_kind": "unit"})
    assert one is not None
    await told.db.collection("contacts").insert_one(
        {**one, "_id": "u-whole-0", "owner_id": "u-whole", "address": "whole@page.example"}
    )
    case_id, event = await a_case(told, "pk7")
    unknown = new_id()
    await told.repeat(event.model_copy(update={"facilities": (unknown,)}))
    await heard(told, case_id)
    await finish(told, 50)
    [row] = await rows(told, case_id, owner_id="u-whole")
    assert unknown in row["facilities"]


async def test_a_unit_that_hears_of_a_case_by_its_growth_hears_at_once(told: Recall) -> None:
    ids = await many(told, 1)
    case_id, _ = await a_case(told, "pk8")
    await told.repeat(growth(case_id, *ids))
    await heard(told, case_id)
    await finish(told, 50)
    found = await rows(told, case_id, owner_kind="unit")
    assert len(found) == UNITS
    assert all(row["next_at"] <= now() for row in found)
    await told.repeat(growth(case_id, *ids, version=3))
    await heard(told, case_id)
    await finish(told, 50)
    # It knows of it by now; what comes later waits, so that more can join it.
    await told.db.collection(DELIVERIES).update_many(
        {"case_id": case_id}, {"$set": {"state": "sent", "open": False, "attempts": 1}}
    )
    await told.repeat(growth(case_id, *ids, version=4))
    await heard(told, case_id)
    await finish(told, 50)
    waits = await rows(told, case_id, owner_kind="unit", state="queued")
    assert len(waits) == UNITS
    assert all(row["next_at"] > now() + growths.GATHERED / 2 for row in waits)


async def test_writing_a_growth_reads_none_of_the_former_messages_of_its_case(
    told: Recall,
) -> None:
    ids = await many(told, 1)
    case_id, _ = await a_case(told, "pk9")
    await told.repeat(growth(case_id, *ids))
    await heard(told, case_id)
    await finish(told, 50)
    [one, *_] = await rows(told, case_id, owner_kind="unit")
    sent = {**one, "state": "sent", "open": False, "attempts": 1}
    await told.db.collection(DELIVERIES).insert_many(
        [{**sent, "_id": f"old{n}:{one['contact_id']}", "event_id": f"old{n}"} for n in range(400)]
    )
    made = [delivery_of({**one, "_id": "new", "event_id": "new", "joined": ["newer"]})]
    told_by = await told.db.handle.command(
        "explain",
        {"find": str(DELIVERIES), "filter": growths.touched_by(made)},
        verbosity="executionStats",
    )
    stats = told_by["executionStats"]
    assert stats["nReturned"] == 1
    assert stats["totalDocsExamined"] <= 5


def test_what_a_large_growth_asks_is_no_larger_than_its_events_and_contacts() -> None:
    at, ids = now(), [new_id() for _ in range(200)]
    one = deliveries.delivery(
        Message.SCOPE_CHANGED, contacts._contact(an_address("facility", "f", 0)), id_="x",
        event_id=new_id(), happened_at=at, at=at, case_id="c", joined=ids,
    )  # fmt: skip
    made = [replace(one, contact_id=new_id()) for _ in range(2_000)]
    assert len(bson.encode(growths.touched_by(made))) < 1_000_000


@pytest.mark.parametrize(
    "message", ["ordered", "scope_changed", "corrected", "deadline_near", "deadline_missed"]
)
async def test_nobody_is_asked_to_act_on_what_was_lifted_before_the_message_went(
    told: Recall, message: str
) -> None:
    ids = await many(told, 1)
    case_id = await order_of_many(told, f"pk10-{message}", ids)
    await finish(told, 50)
    await told.db.collection(DELIVERIES).update_many(
        {"case_id": case_id}, {"$set": {"message": message}}
    )
    await told.db.collection(CASES).update_one(
        {"_id": case_id}, {"$set": {"state": "lifted", "standing": False}}
    )
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL, at=now() + timedelta(minutes=11))
    assert not inbox.taken
    assert {row["error"] for row in await rows(told, case_id)} == {"case_lifted"}
    browser, number = told.browser(told.token()), len(await rows(told, case_id))
    page = (await browser.get(f"/console/recall/deliveries?case={case_id}")).text
    assert "Không cần gửi nữa" in page
    assert ">Đã thôi thử<" not in page.partition("<table")[2]
    assert "Gửi lại ngay" not in page
    case = (await browser.get(f"/console/recall/{case_id}")).text
    assert f"{number} tin không gửi nữa" in case
    assert "Chưa có tin nào được gửi về vụ việc này" in case
    assert "đã thôi thử" not in case
