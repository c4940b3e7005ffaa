"""Who confirms an address is told of every case that runs there: of none twice, of none in silence
not at all."""

from collections.abc import AsyncIterator

import pytest

from services.recall.courier import standing
from services.recall.courier.spreading import Spreader
from services.recall.domain.contact import Channel
from services.recall.store.cases import CASES
from services.recall.store.contacts import CONTACTS
from services.recall.store.standings import STANDINGS
from services.recall.store.tellings import TELLINGS
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.telling import (
    Inbox,
    contact,
    courier,
    facility_token,
    forget,
    hearing,
    rows,
    smtp,
    unit,
    unit_token,
)
from tests.recall.test_telling_pages import finish, heard

CASES_RUNNING = 5


@pytest.fixture(scope="module")
async def told(province: Recall) -> AsyncIterator[Recall]:
    async with hearing(province, unit("u-st", "07001"), spreading=False):
        yield province


@pytest.fixture(autouse=True)
async def clean(told: Recall) -> AsyncIterator[None]:
    yield
    await forget(told)
    await told.db.collection(CASES).update_many({}, {"$set": {"state": "lifted"}})


async def running(recall: Recall, name: str) -> list[str]:
    """Cases that were told to everybody, the latest last."""
    made = []
    for n in range(CASES_RUNNING):
        await recall.know(lot(f"{name}-{n}"))
        made.append((await recall.order(f"{name}-{n}"))["id"])
    for case_id in made:
        await heard(recall, case_id)
    await finish(recall, 50)
    return made


async def all_told(recall: Recall, cases: list[str]) -> dict[str, list[str]]:
    return {
        case_id: [row["_id"] for row in await rows(recall, case_id, message="ordered")]
        for case_id in cases
    }


async def test_all_cases_that_run_are_told_page_by_page(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "PAGE", 2)
    cases = await running(told, "st1")
    id_ = await contact(told, "new@f1.example", facility_token(told), standing=True)
    assert not await rows(told, cases[0]), "nothing of cases is read where it is confirmed"
    await finish(told, 50)
    found = await all_told(told, cases)
    assert found == {case_id: [f"standing:{case_id}:{id_}"] for case_id in cases}
    assert not await told.db.collection(STANDINGS).count_documents({})
    [row] = await rows(told, cases[0])
    assert (row["commune"], row["sector"]) == ("07001", "agriculture")


async def test_a_mailbox_is_told_of_the_latest_one_by_one_and_how_many_there_are_in_all(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "PAGE", 2)
    monkeypatch.setattr(standing, "MOST_MAILS", 2)
    cases = await running(told, "st2")
    await contact(told, "u@st.example", unit_token(told, "u-st"), standing=True)
    await finish(told, 50)
    told_of = [case_id for case_id, ids in (await all_told(told, cases)).items() if ids]
    assert told_of == cases[-2:]
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    bodies = [mail.get_body(("plain",)).get_content() for mail in inbox.taken]  # type: ignore[union-attr]
    assert len(bodies) == 3
    [rest] = [body for body in bodies if f"Có {CASES_RUNNING} vụ việc đang chạy" in body]
    assert "/console/recall?state=ordered" in rest


async def test_a_webhook_is_told_of_every_one(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "PAGE", 2)
    monkeypatch.setattr(standing, "MOST_MAILS", 2)
    cases = await running(told, "st3")
    id_ = await contact(told, "hook@f1.example", facility_token(told), standing=True)
    await told.db.collection(CONTACTS).update_one({"_id": id_}, {"$set": {"channel": "webhook"}})
    await finish(told, 50)
    assert all((await all_told(told, cases)).values())


@pytest.mark.parametrize("confirmed_first", [True, False])
async def test_an_address_confirmed_while_an_order_is_told_hears_of_it_once(
    told: Recall, confirmed_first: bool
) -> None:
    await told.know(lot(f"st4-{confirmed_first}"))
    case_id = (await told.order(f"st4-{confirmed_first}"))["id"]
    await heard(told, case_id)
    await contact(told, "once@f1.example", facility_token(told), standing=True)
    await contact(told, "once@st.example", unit_token(told, "u-st"), standing=True)
    if confirmed_first:
        assert await standing.step(told.db)
        assert await standing.step(told.db)
    else:
        await told.db.collection(STANDINGS).update_many({}, {"$unset": {"next_at": ""}})
        await finish(told, 50)
        first = await told.db.collection(TELLINGS).count_documents({})
        assert not first
        back = [{"$set": {"next_at": "$confirmed_at"}}]
        await told.db.collection(STANDINGS).update_many({}, back)
    await finish(told, 50)
    assert not await told.db.collection(STANDINGS).count_documents({})
    assert [row["owner_id"] for row in await rows(told, case_id)].count("f1") == 1
    assert [row["owner_id"] for row in await rows(told, case_id)].count("u-st") == 1


async def test_two_programs_at_once_tell_nobody_twice_and_an_address_that_went_nothing(
    told: Recall,
) -> None:
    cases = await running(told, "st5")
    id_ = await contact(told, "gone@f1.example", facility_token(told), standing=True)
    await told.db.collection(CONTACTS).delete_one({"_id": id_})
    while await Spreader(told.db).step():
        pass
    assert not any((await all_told(told, cases)).values())
    assert not await told.db.collection(STANDINGS).count_documents({})
