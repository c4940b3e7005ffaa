"""Who owes a deadline is told that it draws near, and whoever is above when it was missed."""

from datetime import timedelta

from services.recall.domain.contact import Channel
from shared.contracts.recall import DeadlineMissed, DeadlineNear
from shared.ids import now
from tests.polling import eventually
from tests.recall import telling
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.telling import (
    Inbox,
    contact,
    courier,
    facility_token,
    rows,
    smtp,
    unit_token,
    waiting,
)

told, clean = telling.told, telling.clean


def near(case_id: str, **more: object) -> DeadlineNear:
    given = {
        "subject": f"{case_id}/report",
        "version": 2,
        "time": now(),
        "case_id": case_id,
        "deadline": "report",
        "percent": 80,
        "tier": "facility",
        "units": (),
        "facility_id": "f1",
        "commune": "07001",
        "sector": "agriculture",
        "started_at": now() - timedelta(days=1),
        "due_at": now() + timedelta(hours=4),
    }
    return DeadlineNear.model_validate(given | more)


def missed(case_id: str, **more: object) -> DeadlineMissed:
    given = near(case_id).model_dump(exclude={"id", "percent"})
    given |= {"version": 3, "escalated": True, "tier": "unit", "owed_by": "facility"}
    return DeadlineMissed.model_validate(given | {"units": ("u-above",)} | more)


async def test_a_deadline_is_told_to_the_tier_it_names_once_in_whatever_order(
    told: Recall,
) -> None:
    await contact(told, "owes@f1.example", facility_token(told))
    await contact(told, "other@f3.example", facility_token(told, "f3"))
    await contact(told, "above@tinh.example", unit_token(told, "u-above"))
    await told.know(lot("dl1"))
    case_id = (await told.order("dl1"))["id"]
    await waiting(told, case_id, 1, message="ordered")
    first, after = near(case_id), missed(case_id)
    await told.repeat(after, first, after)
    await waiting(told, case_id, 3)
    await told.db.collection("inbox").delete_many({})
    await told.repeat(first, after, near(case_id, id=first.id, version=9))

    async def heard() -> bool:
        wanted = {"_id": {"$regex": "^recall.courier-deadlines:"}}
        return await told.db.collection("inbox").count_documents(wanted) == 2

    await eventually(heard)
    found = await rows(told, case_id)
    assert {(row["owner_id"], row["message"]) for row in found} == {
        ("f1", "ordered"),
        ("f1", "deadline_near"),
        ("u-above", "deadline_missed"),
    }
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    [mail] = inbox.to("above@tinh.example")
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Một thời hạn của vụ việc đã qua." in text
    page = await told.browser(facility_token(told)).get("/console/recall/deliveries")
    assert "Báo thời hạn sắp hết" in page.text
