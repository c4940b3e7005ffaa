"""Who rests is not told, and that is shown; who asks strangers cannot do so again and again."""

import httpx2

from services.recall.domain.contact import QUESTIONS_TO_A_HOST, Channel
from services.recall.store.deliveries import DELIVERIES
from tests.answers import ok, token_in
from tests.recall import telling
from tests.recall.conftest import Recall
from tests.recall.telling import (
    Inbox,
    contact,
    courier,
    facility_token,
    ordered,
    rows,
    smtp,
)

told, clean = telling.told, telling.clean

QUEUE = "/console/recall/deliveries"


async def case_page(recall: Recall, case_id: str) -> str:
    return str((await recall.browser(recall.token()).get(f"/console/recall/{case_id}")).text)


async def press(recall: Recall, row: str, act: str) -> httpx2.Response:
    browser = recall.browser(facility_token(recall))
    form = {"csrf": token_in((await browser.get("/console/recall/contacts")).text)}
    headers = {"Origin": recall.settings.public_origin}
    return await browser.post(f"{QUEUE}/{row}/{act}", data=form, headers=headers)


async def test_a_facility_whose_only_address_rests_is_named_among_those_to_be_told_otherwise(
    told: Recall,
) -> None:
    token = facility_token(told)
    id_ = await contact(told, "rests@f1.example", token)
    ok(await told.post(f"/contacts/{id_}/pause", token=token))
    case_id = await ordered(told, "rest1")
    page = await case_page(told, case_id)
    assert "1 cơ sở trong phạm vi chỉ có địa chỉ đang tạm ngừng" in page
    assert "1 tin đang giữ vì địa chỉ nhận tạm ngừng" in page
    assert "0 đang chờ" in page
    ok(await told.post(f"/contacts/{id_}/resume", token=token))
    page = await case_page(told, case_id)
    assert "đang tạm ngừng" not in page
    assert "1 đang chờ" in page


async def test_what_is_held_for_a_contact_that_no_longer_rests_is_let_go(told: Recall) -> None:
    await contact(told, "raced@f1.example", facility_token(told))
    case_id = await ordered(told, "rest2")
    # As it is where the contact was resumed while the order was being told.
    await told.db.collection(DELIVERIES).update_one({"case_id": case_id}, {"$set": {"held": True}})
    inbox = Inbox()
    with smtp(inbox) as port:
        looks = courier(told, port)
        assert await looks.drain(Channel.MAIL) == 0
        await looks.let_go()
        assert await looks.drain(Channel.MAIL) == 1


async def test_what_is_held_stays_so_while_its_contact_rests(told: Recall) -> None:
    token = facility_token(told)
    id_ = await contact(told, "kept@f1.example", token)
    ok(await told.post(f"/contacts/{id_}/pause", token=token))
    case_id = await ordered(told, "rest3")
    await courier(told).let_go()
    [row] = await rows(told, case_id)
    assert row["held"]
    answer = await press(told, row["_id"], "retry")
    assert answer.status_code == 409, "it says that nothing is sent before the contact is resumed"
    [row] = await rows(told, case_id)
    assert row["held"]


async def test_a_question_is_asked_again_by_asking_and_not_by_sending_it_again(
    told: Recall,
) -> None:
    body = {"channel": "mail", "address": "again@f1.example"}
    made = ok(await told.post("/contacts", body, token=facility_token(told)), 201)
    answer = await press(told, f"confirm:{made['id']}:1", "retry")
    assert answer.status_code == 409


async def test_one_mailbox_is_counted_as_one_however_it_is_spelled(told: Recall) -> None:
    spellings = ("victim", "vic.tim", "victim+1", "v.ictim+2")
    answers = [
        await told.post(
            "/contacts",
            {"channel": "mail", "address": f"{one}@elsewhere.example"},
            token=facility_token(told, f"spell{n}"),
        )
        for n, one in enumerate(spellings)
    ]
    assert [one.status_code for one in answers] == [201, 201, 201, 429]


async def test_one_host_is_asked_a_limited_number_of_times_a_day(told: Recall) -> None:
    answers = [
        await told.post(
            "/contacts",
            {"channel": "webhook", "address": f"https://victim.example/{n}?{n}"},
            token=facility_token(told, f"host{n % 5}"),
        )
        for n in range(QUESTIONS_TO_A_HOST + 1)
    ]
    assert [one.status_code for one in answers[:-1]] == [201] * QUESTIONS_TO_A_HOST
    assert answers[-1].status_code == 429
