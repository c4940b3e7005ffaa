"""A case that grows step by step is told in few messages; rows of a newer version break nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.recall.domain.contact import Channel
from services.recall.store.deliveries import DELIVERIES
from services.recall.store.growths import GATHERED
from shared.contracts.recall import ScopeChanged
from shared.ids import now
from shared.mongo import Document
from tests.polling import eventually
from tests.recall import telling
from tests.recall.builders import facility, lot, shipment
from tests.recall.conftest import Recall
from tests.recall.telling import (
    Inbox,
    contact,
    courier,
    facility_token,
    hearing,
    rows,
    smtp,
    unit,
    unit_token,
    waiting,
)

clean = telling.clean


@pytest.fixture(scope="module")
async def told(province: Recall) -> AsyncIterator[Recall]:
    async with hearing(province, unit("u-grow", "*", sector="*")):
        await province.know(facility("f4", commune="07004"))
        yield province


async def grown(recall: Recall, case_id: str, number: int) -> list[ScopeChanged]:
    """The growths of the case, once so many were told to everybody."""

    async def there() -> bool:
        found = await recall.events(case_id, ScopeChanged)
        keys = [f"recall.courier:{one.id}" for one in found]
        heard = await recall.db.collection("inbox").count_documents({"_id": {"$in": keys}})
        # Asked after: what is heard meanwhile is left to be told.
        left = await recall.db.collection("tellings").count_documents({})
        return len(found) == number == heard and left == 0

    await eventually(there)
    return list(await recall.events(case_id, ScopeChanged))


async def of_unit(recall: Recall, case_id: str) -> list[Document]:
    return await rows(recall, case_id, owner_id="u-grow", message="scope_changed")


async def test_a_growth_step_by_step_is_one_message_to_a_unit_and_names_all_that_joined(
    told: Recall,
) -> None:
    await contact(told, "u@tinh.example", unit_token(told, "u-grow"))
    await contact(told, "f3@f3.example", facility_token(told, "f3"))
    await told.know(lot("gr1"))
    case_id = (await told.order("gr1"))["id"]
    await waiting(told, case_id, 1)
    for n, buyer in enumerate(("f2", "f3", "f4"), 1):
        await told.know(shipment(f"sh-gr1-{n}", "gr1", buyer))
        events = await grown(told, case_id, n)
    [row] = await of_unit(told, case_id)
    assert row["joined"] == [one.id for one in events[1:]]
    assert set(row["facilities"]) <= {"f2", "f3", "f4"}
    assert row["facilities_total"] == len(row["facilities"])
    assert {"f2", "f3"} <= set(row["facilities"])
    assert row["next_at"] > now() + GATHERED / 2, "more may join it"
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
        assert inbox.to("f3@f3.example"), "whoever joins is told at once"
        first = len(inbox.to("u@tinh.example"))
        await courier(told, port).drain(Channel.MAIL, at=now() + GATHERED)
        assert len(inbox.to("u@tinh.example")) == first + 1


async def test_a_growth_told_again_adds_nothing_before_and_after_its_message_was_sent(
    told: Recall,
) -> None:
    await contact(told, "u2@tinh.example", unit_token(told, "u-grow"))
    await told.know(lot("gr2"))
    case_id = (await told.order("gr2"))["id"]
    await waiting(told, case_id, 1)
    for n, buyer in enumerate(("f2", "f3"), 1):
        await told.know(shipment(f"sh-gr2-{n}", "gr2", buyer))
        events = await grown(told, case_id, n)
    [before] = await of_unit(told, case_id)
    inbox = Inbox()
    for sent in (False, True):
        if sent:
            with smtp(inbox) as port:
                await courier(told, port).drain(Channel.MAIL, at=now() + GATHERED)
        await told.db.collection("inbox").delete_many({})
        await told.repeat(*reversed(events), *events)
        await grown(told, case_id, 2)
        [after] = await of_unit(told, case_id)
        assert after["joined"] == before["joined"]
        assert after["facilities_total"] == before["facilities_total"]
    # What comes once it is sent is a message of its own.
    await told.know(shipment("sh-gr2-3", "gr2", "f4"))
    await grown(told, case_id, 3)
    assert len(await of_unit(told, case_id)) == 2


async def test_what_was_tried_once_is_joined_by_nothing(told: Recall) -> None:
    """It may have been taken though no answer came, and a receiver takes an id once."""
    await contact(told, "u3@tinh.example", unit_token(told, "u-grow"))
    await told.know(lot("gr4"))
    case_id = (await told.order("gr4"))["id"]
    await waiting(told, case_id, 1)
    await told.know(shipment("sh-gr4-1", "gr4", "f2"))
    await grown(told, case_id, 1)
    await told.db.collection(DELIVERIES).update_many(
        {"case_id": case_id, "message": "scope_changed"},
        {"$set": {"state": "failed", "attempts": 1}},
    )
    await told.know(shipment("sh-gr4-2", "gr4", "f3"))
    await grown(told, case_id, 2)
    first, second = await of_unit(told, case_id)
    assert not first.get("joined")
    assert not second.get("joined")


async def test_rows_of_a_newer_version_are_shown_and_left_to_it(told: Recall) -> None:
    await contact(told, "new@f1.example", facility_token(told))
    await told.know(lot("gr3"))
    case_id = (await told.order("gr3"))["id"]
    await waiting(told, case_id, 1)
    await told.db.collection(DELIVERIES).update_one(
        {"case_id": case_id},
        {"$set": {"message": "of_2030", "what_for": "unheard of", "state": "failed"}},
    )
    inbox = Inbox()
    with smtp(inbox) as port:
        assert await courier(told, port).drain(Channel.MAIL, at=now() + timedelta(hours=1)) == 0
    [row] = await rows(told, case_id)
    assert (row["state"], row["attempts"]) == ("failed", 0)
    browser = told.browser(told.token())
    for path in ("/console/recall/deliveries", f"/console/recall/{case_id}"):
        page = await browser.get(path)
        assert page.status_code == 200
    page = await browser.get("/console/recall/deliveries")
    assert "Tin của phiên bản mới hơn" in page.text
