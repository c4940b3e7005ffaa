"""However many facilities an order reaches, all are told: page by page, and on after a kill."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from services.recall.courier import spreading
from services.recall.courier.audience import audience
from services.recall.courier.spreading import Spreader
from services.recall.store import deliveries, tellings
from services.recall.store.contacts import CONTACTS
from services.recall.store.deliveries import DELIVERIES
from services.recall.store.facts import FACILITIES
from services.recall.store.tellings import PAGES, TELLINGS
from shared.contracts.recall import RecallLifted, RecallOrdered, ScopeChanged
from shared.ids import new_id, now
from shared.mongo import Document
from tests.polling import eventually
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.telling import courier, forget, hearing, rows, unit
from tests.recall.test_telling import process_environment

# One page holds the owner of the case as well.
MANY = 229
UNITS = 7


@pytest.fixture(scope="module")
async def told(province: Recall) -> AsyncIterator[Recall]:
    """It hears, and nothing but the tests writes messages of that."""
    units = [unit(f"u-page{n}", "09001") for n in range(UNITS)]
    async with hearing(province, *units, spreading=False):
        yield province


@pytest.fixture(autouse=True)
async def clean(told: Recall) -> AsyncIterator[None]:
    yield
    await forget(told)
    await told.db.collection(FACILITIES).delete_many({"commune": "09001"})


def an_address(kind: str, owner: str, n: int) -> Document:
    """Confirmed, as it is kept."""
    at = now() - timedelta(days=1)
    return {
        "_id": f"{owner}-{n}",
        "owner_kind": kind,
        "owner_id": owner,
        "channel": "mail",
        "address": f"{owner}-{n}@page.example",
        "language": "vi",
        "state": "active",
        "version": 2,
        "round": 1,
        "asked_at": at,
        "added_at": at,
        "confirmed_at": at,
        "paused_by": "",
        "failures": 0,
        "failing_since": None,
        "unconfirmed_until": None,
    }


async def many(recall: Recall, number: int = MANY) -> list[str]:
    """So many facilities of one commune with two addresses each, and units with one."""
    ids = [f"page-{n:05}" for n in range(number)]
    facility = {
        "version": 1,
        "code": "",
        "name_en": "",
        "commune": "09001",
        "sector": "agriculture",
    }
    await recall.db.collection(FACILITIES).insert_many(
        [{"_id": id_, "name": f"Cơ sở {id_}", "commune_name": "Xã", **facility} for id_ in ids]
    )
    addresses = [an_address("facility", id_, n) for id_ in ids for n in range(2)]
    addresses += [an_address("unit", f"u-page{n}", 0) for n in range(UNITS)]
    await recall.db.collection(CONTACTS).insert_many(addresses)
    return ids


async def a_case(recall: Recall, lot_id: str) -> tuple[str, RecallOrdered]:
    """An order that was told to nobody, and its event."""
    await recall.know(lot(lot_id))
    case = await recall.order(lot_id)
    await heard(recall, case["id"])
    [event] = await recall.events(case["id"], RecallOrdered)
    await recall.db.collection(TELLINGS).delete_many({})
    await recall.db.collection("inbox").delete_many({})
    return case["id"], event


async def heard(recall: Recall, case_id: str, number: int = 1) -> None:
    async def there() -> bool:
        found = await recall.db.collection(TELLINGS).count_documents({"case_id": case_id})
        return found == number

    await eventually(there)


async def order_of_many(recall: Recall, lot_id: str, ids: Sequence[str]) -> str:
    """The courier hears of an order that reaches all of them."""
    case_id, event = await a_case(recall, lot_id)
    await recall.repeat(event.model_copy(update={"facilities": tuple(ids)}))
    await heard(recall, case_id)
    return case_id


async def finish(recall: Recall, page: int) -> int:
    """Everything is told; in how many steps."""
    spreads, steps = Spreader(recall.db, page=page), 0
    while await spreads.step():
        steps += 1
        assert steps < 1_000
    return steps


async def all_told(recall: Recall, case_id: str, ids: Sequence[str]) -> None:
    found = await rows(recall, case_id)
    assert len({row["contact_id"] for row in found}) == len(found), "nobody is told twice"
    assert {row["owner_id"] for row in found if row["owner_kind"] == "facility"} == set(ids)
    units = [row for row in found if row["owner_kind"] == "unit"]
    assert len(units) == UNITS
    for row in units:
        assert row["facilities_total"] == len(ids)
        assert row["facilities"] == list(ids[: deliveries.NAMED])
    assert len(found) == 2 * len(ids) + UNITS
    for name in (TELLINGS, PAGES):
        assert not await recall.db.collection(name).count_documents({})


async def test_an_order_is_told_in_pages_and_each_unit_hears_of_it_once_with_the_whole_number(
    told: Recall,
) -> None:
    ids = await many(told)
    case_id = await order_of_many(told, "pg1", ids)
    # Laid out, ten pages, the units.
    assert await finish(told, 23) == 12
    await all_told(told, case_id, ids)


async def test_who_dies_between_two_pages_leaves_the_rest_to_the_next(told: Recall) -> None:
    ids = await many(told)
    case_id = await order_of_many(told, "pg2", ids)
    for _ in range(4):
        await Spreader(told.db, page=23).step()
    found = await rows(told, case_id)
    assert len(found) == (3 * 23 - 1) * 2
    await finish(told, 50)
    await all_told(told, case_id, ids)


async def test_a_program_killed_after_a_page_goes_on_and_tells_everybody_once(
    told: Recall,
) -> None:
    ids = await many(told, 1_100)
    case_id = await order_of_many(told, "pg3", ids)
    env = process_environment(told, 1) | {"TXNG_CRASH_AT": "courier.telling.page"}
    for pages in (1, 2):
        died = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "services.recall.courier.worker"],
            env=env,
            timeout=100,
            check=False,
        )
        assert died.returncode == -signal.SIGKILL
        assert len(await rows(told, case_id)) == (pages * spreading.PAGE - 1) * 2
        # What another process holds is not waited for here.
        await told.db.collection("leases").delete_many({})
    await finish(told, spreading.PAGE)
    await all_told(told, case_id, ids)


async def test_an_event_delivered_again_while_and_after_it_is_told_changes_nothing(
    told: Recall,
) -> None:
    ids = await many(told, 59)
    case_id, event = await a_case(told, "pg4")
    wide = event.model_copy(update={"facilities": tuple(ids)})
    await told.repeat(wide, wide)
    await heard(told, case_id)
    for _ in range(2):
        await Spreader(told.db, page=20).step()
    await told.db.collection("inbox").delete_many({})
    await told.repeat(wide)

    async def claimed() -> bool:
        wanted = {"_id": f"recall.courier:{event.id}"}
        return await told.db.collection("inbox").count_documents(wanted) == 1

    await eventually(claimed)
    assert await finish(told, 20) == 3, "it goes on where it was"
    await all_told(told, case_id, ids)
    await told.db.collection("inbox").delete_many({})
    await told.repeat(wide)
    await heard(told, case_id)
    await finish(told, 20)
    await all_told(told, case_id, ids)


async def test_two_programs_at_once_skip_no_page_and_tell_nobody_twice(told: Recall) -> None:
    ids = await many(told, 120)
    case_id = await order_of_many(told, "pg5", ids)
    ones = [Spreader(told.db, page=10) for _ in range(3)]
    while await told.db.collection(TELLINGS).count_documents({}):
        await asyncio.gather(*(one.step() for one in ones))
    await all_told(told, case_id, ids)


async def test_orders_are_told_first_and_a_growth_waits_for_the_order_of_its_case(
    told: Recall,
) -> None:
    ids = await many(told, 4)
    case_id, event = await a_case(told, "pg6")
    wide = event.model_copy(update={"facilities": tuple(ids[:2])})
    at = now()
    lifted = RecallLifted(
        subject="another", version=3, time=at, reason="x", requested_by="a", confirmed_by="b"
    )
    growth = ScopeChanged(
        subject=case_id,
        version=2,
        time=at,
        added_lots=(),
        cause="x",
        added_facilities=tuple(ids[1:]),
    )
    await told.repeat(lifted, growth)
    await heard(told, case_id)
    await heard(told, "another")
    await told.repeat(wide)
    await heard(told, case_id, 2)
    later = now() + timedelta(hours=1)
    await told.db.collection(TELLINGS).update_one(
        {"case_id": case_id, "message": "ordered"}, {"$set": {"next_at": later}}
    )
    await finish(told, 10)
    assert not await rows(told, case_id), "who knows of the order is not written yet"
    await told.db.collection(TELLINGS).update_many({}, {"$set": {"next_at": now()}})
    await finish(told, 10)
    first = await tellings.next_due(told.db, now() + timedelta(minutes=1))
    while first is not None:
        await told.db.collection(TELLINGS).update_many({}, {"$set": {"next_at": now()}})
        await finish(told, 10)
        first = await tellings.next_due(told.db, now() + timedelta(minutes=1))
    found: dict[str, set[str]] = {}
    for row in await rows(told, case_id, owner_kind="facility"):
        found.setdefault(row["message"], set()).add(row["owner_id"])
    assert found == {"ordered": set(ids[:2]), "scope_changed": set(ids[1:])}


async def test_what_cannot_be_told_now_holds_up_no_other_and_is_seen(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await many(told, 4)
    case_id = await order_of_many(told, "pg7", ids)
    other = await order_of_many_beside(told, "pg7b", ids)
    whole = audience

    async def breaks(reader: Any, telling: Any, case: Any) -> Any:
        if telling.case_id == case_id:
            raise RuntimeError("it does not fit")
        return await whole(reader, telling, case)

    monkeypatch.setattr(spreading, "audience", breaks)
    await finish(told, 10)
    assert {row["owner_id"] for row in await rows(told, other)} >= set(ids)
    assert not await rows(told, case_id)
    long_ago = now() - timedelta(minutes=20)
    await told.db.collection(TELLINGS).update_one(
        {"case_id": case_id}, {"$set": {"heard_at": long_ago}}
    )
    looks = courier(told)
    await looks._measure()
    page = (await told.browser(told.token()).get("/console/recall/deliveries")).text
    assert "Việc lập tin đứng lại" in page
    page = (await told.browser(told.token()).get(f"/console/recall/{case_id}")).text
    assert "Tin của vụ việc này đang được lập" in page
    metrics = (await told.client.get("/metrics")).text
    [line] = [
        one
        for one in metrics.splitlines()
        if one.startswith("txng_courier_oldest_telling_seconds ")
    ]
    assert float(line.split()[1]) > 1_000
    monkeypatch.undo()
    await told.db.collection(TELLINGS).update_many({}, {"$set": {"next_at": now()}})
    await finish(told, 10)
    assert {row["owner_id"] for row in await rows(told, case_id)} >= set(ids)
    page = (await told.browser(told.token()).get("/console/recall/deliveries")).text
    assert "Việc lập tin đứng lại" not in page


async def order_of_many_beside(recall: Recall, lot_id: str, ids: Sequence[str]) -> str:
    """Another order, while one waits to be told."""
    case_id = new_id()
    event = RecallOrdered(
        subject=case_id,
        version=1,
        time=now(),
        kind="recall",
        target_kind="lot",
        target=lot_id,
        reason="x",
        legal_basis="compulsory",
        lots=(),
        facilities=tuple(ids),
        parts=1,
        ordered_by="x",
    )
    await recall.repeat(event)
    await heard(recall, case_id)
    return case_id


async def test_a_row_that_only_a_newer_program_knows_is_left_to_it(told: Recall) -> None:
    ids = await many(told, 2)
    case_id = await order_of_many(told, "pg8", ids)
    await told.db.collection(TELLINGS).update_one(
        {"case_id": case_id}, {"$set": {"message": "unheard_of"}}
    )
    assert await finish(told, 10) == 0
    assert await told.db.collection(DELIVERIES).count_documents({"case_id": case_id}) == 0
