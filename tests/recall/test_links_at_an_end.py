"""What is linked to a case at the moment of its end is not kept without end."""

import asyncio

from services.recall.store.suspicions import LINKS, prepare
from tests.polling import eventually
from tests.recall.builders import batch, lot, segment
from tests.recall.conftest import Recall
from tests.recall.test_complaints import filed, taken_in
from tests.recall.test_suspicions import HOME, form, row, suspected


async def test_a_suspicion_linked_while_the_case_is_declined_is_open_or_was_never_linked(
    province: Recall,
) -> None:
    for turn in range(6):
        name, number, report = f"le{turn}", 8_400 + turn, f"le-r{turn}"
        stamps = (batch(number, 6_000), segment(number, (0, 5_999, name, "active")))
        await province.know(lot(name), *stamps)
        await taken_in(province, filed(report, lot_id=name))
        suspicion = await suspected(province, report)
        waits = await province.order(name, kind="withdrawal")
        assert waits["state"] == "awaiting_confirmation"
        body = {"case": waits["id"]}
        await asyncio.gather(
            form(province, f"{HOME}/{suspicion}/case", body),
            province.post(f"/recalls/{waits['id']}/decline", {"reason": "Chép nhầm"}),
        )
        assert (await row(province, suspicion))["state"] != "acted"
        links = province.db.collection(LINKS)
        async for link in links.find({"case_id": waits["id"]}):
            assert "kept_until" in link


async def test_what_is_linked_while_the_case_is_lifted_has_its_last_day(province: Recall) -> None:
    for turn in range(6):
        name, number, report = f"lf{turn}", 8_420 + turn, f"lf-r{turn}"
        await province.know(lot(name), batch(number, 9), segment(number, (0, 8, name, "active")))
        await taken_in(province, filed(report, lot_id=name))
        suspicion = await suspected(province, report)
        case_id = (await province.order(name, kind="warning"))["id"]
        await province.post(f"/recalls/{case_id}/lift", {"reason": "Kết quả đạt"})
        await asyncio.gather(
            form(province, f"{HOME}/{suspicion}/case", {"case": case_id}),
            province.post(f"/recalls/{case_id}/lift/confirm"),
        )

        async def over(case_id: str = case_id) -> bool:
            wanted = {"case_id": case_id, "kept_until": {"$exists": False}}
            return await province.db.collection(LINKS).find_one(wanted) is None

        await eventually(over)


async def test_links_that_an_end_passed_by_have_their_last_day_from_the_next_start_on(
    province: Recall,
) -> None:
    await province.know(lot("lg1"))
    await taken_in(province, filed("lg-r", lot_id="lg1"))
    await suspected(province, "lg-r")
    case_id = (await province.order("lg1"))["id"]
    links = province.db.collection(LINKS)

    async def linked() -> bool:
        return await links.find_one({"case_id": case_id}) is not None

    await eventually(linked)
    await prepare(province.db)
    lasts = {"kept_until": {"$exists": True}}
    assert not await links.count_documents({"case_id": case_id, **lasts}), "it has not ended"
    cases = province.db.collection("cases")
    await cases.update_one({"_id": case_id}, {"$set": {"state": "lifted"}})
    await prepare(province.db)
    assert await links.count_documents({"case_id": case_id, **lasts}) == 1
