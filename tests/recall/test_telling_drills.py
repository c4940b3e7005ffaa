"""Facilities that a drill asks are told so as of an order, and never in words of a recall."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.recall.courier import drilled
from services.recall.courier.keys import CourierKeys
from services.recall.courier.letters import Known
from services.recall.courier.webhook import event as of_webhook
from services.recall.domain.contact import Channel
from services.recall.domain.delivery import DRILLS, Message
from services.recall.domain.drill_score import Place, messaged, own
from services.recall.store import contacts
from services.recall.store.delivery_rows import delivery_of
from services.recall.store.drill_places import PLACES
from services.recall.store.drills import DRILLS as KEPT
from shared.contracts.recall import RecallDrillEnded
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
    hearing,
    rows,
    smtp,
    unit,
    unit_token,
    waiting,
)
from tests.recall.test_drills import HOME, begun, detail, over, state
from tests.recall.test_drills import told as started

MARK = "DIỄN TẬP – không phải thu hồi thật"


clean = telling.clean


@pytest.fixture(scope="module")
async def told(province: Recall) -> AsyncIterator[Recall]:
    units = (unit("u-drill", "07001"), unit("u-away", "00004"), unit("u-grow", "*", sector="*"))
    async with hearing(province, *units):
        yield province


@pytest.fixture(autouse=True)
async def no_drills(told: Recall) -> AsyncIterator[None]:
    yield
    await told.db.collection(KEPT).delete_many({})


async def heard(recall: Recall, *ids: str) -> None:
    wanted = {"_id": {"$in": [f"recall.courier-drills:{one}" for one in ids]}}

    async def all_of_them() -> bool:
        return await recall.db.collection("inbox").count_documents(wanted) == len(ids)

    await eventually(all_of_them)


async def untold(recall: Recall) -> None:
    async def nothing_left() -> bool:
        return await recall.db.collection("tellings").count_documents({}) == 0

    await eventually(nothing_left)


async def test_a_drill_is_told_to_whom_it_asks_and_counts_from_the_message(told: Recall) -> None:
    await contact(told, "asked@f1.example", facility_token(told))
    await contact(told, "other@f3.example", facility_token(told, "f3"))
    await told.know(lot("td1"), lot("td1b", "f2", "p2", inputs=("td1",)))
    drill = await begun(told, "td1")
    await waiting(told, drill, 1, message="drill_started")
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    [mail] = inbox.to("asked@f1.example")
    assert str(mail["Subject"]).startswith(MARK)
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert text.startswith(MARK)
    assert "Không có hàng nào bị thu hồi" in text
    assert f"{HOME}/{drill}" in text
    assert "Ngừng bán và để riêng hàng" not in text
    assert not inbox.to("other@f3.example"), "it is not asked"

    places = {one["facility_id"]: one for one in (await detail(told, drill))["places"]}
    assert places["f1"]["told_at"] is not None
    assert places["f2"]["told_at"] is None
    page = (await told.browser(told.token()).get(f"{HOME}/{drill}")).text
    assert "Không tin nào tới được 1 cơ sở này" in page
    assert "Đã gửi tin" in page
    await state(told, drill, "f1", "td1", held="100")
    await told.post(f"/drills/{drill}/end")
    figures = (await detail(told, drill))["figures"]
    assert (figures["messaged"], figures["reached"], figures["unreached"]) == (1, 1, 1)
    assert figures["minutes_messaged"] is None, "one had no address"
    assert figures["own_50"] is not None
    assert figures["own_100"] is None

    await waiting(told, drill, 1, message="drill_ended")
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    ended = inbox.to("asked@f1.example")[-1]
    assert str(ended["Subject"]).startswith(MARK)
    body = ended.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Cuộc diễn tập đã kết thúc" in body
    assert "được tính là diễn tập hằng năm" in body
    listed = (await told.browser(facility_token(told)).get("/console/recall/deliveries")).text
    assert "Diễn tập: báo bắt đầu" in listed
    assert f'href="{HOME}/{drill}"' in listed


async def test_units_are_told_of_a_drill_that_asks_facilities_of_theirs_and_of_its_end(
    told: Recall,
) -> None:
    for name in ("u-drill", "u-away"):
        await contact(told, f"{name}@tinh.example", unit_token(told, name))
    await contact(told, "all@tinh.example", unit_token(told, "u-grow"), language="en")
    await told.know(lot("td9"), lot("td9b", "f2", "p2", inputs=("td9",)))
    drill = await begun(told, "td9")
    found = await waiting(told, drill, 2, message="drill_started")
    whole = {row["owner_id"]: row["facilities_total"] for row in found}
    assert whole["u-grow"] == 2, "wherever they lie"
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    [mail] = inbox.to("u-drill@tinh.example")
    assert str(mail["Subject"]).startswith(MARK)
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert text.startswith(MARK)
    assert "cơ sở trong địa bàn của Đơn vị u-drill được hỏi" in text
    assert f"{HOME}/{drill}" in text
    [english] = inbox.to("all@tinh.example")
    assert MARK in str(english["Subject"])
    assert not inbox.to("u-away@tinh.example")

    # Each event of a large drill names some of whom it asks: a unit is told once of all.
    [first] = await started(told, drill)
    other = first.model_copy(update={"id": f"{first.id[:-4]}0000", "facilities": ("f2",)})
    await told.repeat(other, first)
    await heard(told, first.id, other.id)
    await untold(told)
    assert len(await rows(told, drill, owner_kind="unit")) == 2

    await told.post(f"/drills/{drill}/call-off", {"reason": "Bão"})
    await waiting(told, drill, 2, message="drill_ended")
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    over_now = inbox.to("u-drill@tinh.example")[-1]
    assert str(over_now["Subject"]).startswith(MARK)
    assert "Bão" in over_now.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert not inbox.to("u-away@tinh.example")


async def test_a_unit_that_gives_an_address_while_a_drill_runs_is_told_of_it_once(
    told: Recall,
) -> None:
    await told.know(lot("td10"))
    drill = await begun(told, "td10")
    [first] = await started(told, drill)
    await heard(told, first.id)
    await untold(told)
    for name in ("u-drill", "u-away"):
        await contact(told, f"new@{name}.example", unit_token(told, name), standing=True)
    await told.db.collection("inbox").delete_many({})
    await told.repeat(first)
    await heard(told, first.id)
    await untold(told)
    [row] = await rows(told, drill, owner_kind="unit")
    assert (row["owner_id"], row["facilities"]) == ("u-drill", ["f1"])


async def test_a_drill_heard_twice_and_in_any_order_is_told_once(told: Recall) -> None:
    await contact(told, "twice@f1.example", facility_token(told))
    await told.know(lot("td2"))
    drill = await begun(told, "td2")
    await waiting(told, drill, 1)
    [first] = await started(told, drill)
    await told.post(f"/drills/{drill}/end")
    await waiting(told, drill, 2)
    [last] = await over(told, drill)
    await told.db.collection("inbox").delete_many({})
    await told.repeat(last, first, last)
    await heard(told, first.id, last.id)
    await untold(told)
    found = [row["message"] for row in await rows(told, drill)]
    assert sorted(found) == ["drill_ended", "drill_started"]


async def test_what_is_over_when_it_is_heard_is_told_to_nobody(told: Recall) -> None:
    """The end came before the beginning: nobody was asked, so nobody hears of the end either."""
    await told.know(lot("td3"))
    drill = await begun(told, "td3")
    [first] = await started(told, drill)
    await heard(told, first.id)
    await untold(told)
    await told.post(f"/drills/{drill}/end")
    [last] = await over(told, drill)
    await heard(told, last.id)
    await contact(told, "late@f1.example", facility_token(told))
    await told.db.collection("inbox").delete_many({})
    again = [
        one.model_copy(update={"id": f"{one.id[:-4]}{n:04}"}) for n, one in enumerate((last, first))
    ]
    await told.repeat(*again)
    await heard(told, *(one.id for one in again))
    await untold(told)
    assert await rows(told, drill) == []


async def test_what_waits_when_a_drill_ends_asks_nobody_any_more(told: Recall) -> None:
    await contact(told, "slow@f1.example", facility_token(told))
    await told.know(lot("td4"))
    drill = await begun(told, "td4")
    await waiting(told, drill, 1)
    await told.post(f"/drills/{drill}/call-off", {"reason": "Bão"})
    await waiting(told, drill, 2)
    inbox = Inbox()
    with smtp(inbox) as port:
        later = now() + timedelta(seconds=5)
        await courier(told, port).drain(Channel.MAIL, at=later)
        # After what failed a contact is left alone a while.
        await courier(told, port).drain(Channel.MAIL, at=later + timedelta(seconds=10))
    [mail] = inbox.to("slow@f1.example")
    body = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Cuộc diễn tập đã bị hủy" in body
    assert "Bão" in body
    [row] = await rows(told, drill, message="drill_started")
    assert (row["state"], row["error"]) == ("given_up", "drill_over")
    place = await told.db.collection(PLACES).find_one({"drill": drill, "facility_id": "f1"})
    assert place
    assert place.get("told_at") is None


async def test_a_webhook_is_told_of_a_drill_under_a_type_that_no_recall_has(told: Recall) -> None:
    id_ = await contact(told, "hook@f1.example", facility_token(told))
    await told.know(lot("td5"))
    drill = await begun(told, "td5")
    [row] = await waiting(told, drill, 1)
    found = delivery_of(row)
    known = Known(
        contact=await contacts.get(told.db, id_),
        delivery=found,
        name="f1",
        case=None,
        facilities=(),
        origin="https://txng.example",
        keys=CourierKeys.load(told.settings.secrets_dir),
        drilled=await drilled.of(told.db, found),
    )
    made = of_webhook(known)
    assert made["type"] == "txng.drill.started.v1"
    assert made["subject"] == drill
    assert made["data"]["drill"] is True
    assert made["data"]["mark"] == MARK
    assert made["data"]["lots_asked"] == 1
    assert made["data"]["title"].startswith(MARK)
    assert not {"kind", "active", "reason_vi"} & made["data"].keys()
    assert {one.type for one in DRILLS} == {"txng.drill.started.v1", "txng.drill.ended.v1"}
    assert Message.ORDERED.type == "txng.recall.ordered.v1"


async def test_who_gives_an_address_while_a_drill_runs_is_told_of_it_once(told: Recall) -> None:
    await told.know(lot("td6"))
    drill = await begun(told, "td6")
    [first] = await started(told, drill)
    await heard(told, first.id)
    await untold(told)
    await contact(told, "new@f1.example", facility_token(told), standing=True)
    await contact(told, "new@f3.example", facility_token(told, "f3"), standing=True)
    [row] = await rows(told, drill)
    assert (row["owner_id"], row["message"]) == ("f1", "drill_started")
    assert (row["commune"], row["sector"]) == ("07001", "agriculture"), "its officials see it"


async def test_who_answered_all_of_a_drill_is_told_so_though_another_ended_since(
    told: Recall,
) -> None:
    """Its message is late: the last drill of the facility is another one by then."""
    await contact(told, "both@f1.example", facility_token(told))
    await told.know(lot("td7"), lot("td8"))
    both = [await begun(told, "td7"), await begun(told, "td8", token=told.token(name="Chi"))]
    for drill in both:
        await waiting(told, drill, 1, message="drill_started")
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    for drill, lot_id in zip(both, ("td7", "td8"), strict=True):
        await state(told, drill, "f1", lot_id, held="100")
        await told.post(f"/drills/{drill}/end")
    for drill in both:
        [row] = await waiting(told, drill, 1, message="drill_ended")
        found = await drilled.of(told.db, delivery_of(row))
        assert found is not None
        assert found.rehearsed, drill


async def test_a_large_drill_ends_in_one_telling(told: Recall) -> None:
    """Whose end is told is kept with the drill: the other parts of the event tell it again to
    nobody."""
    first = RecallDrillEnded(
        subject="large/2", version=3, time=now(), drill_id="large", owner_facility_id="",
        commune="", sector="", unit_id="", counted=False, rehearsed=(), grade="",
        scope_seconds=1.0, facilities=501, acknowledged=0,
    )  # fmt: skip
    await told.repeat(first)
    await heard(told, first.id)
    assert await told.db.collection("tellings").count_documents({"case_id": "large"}) == 0


def test_time_counts_from_a_facilitys_own_message_or_from_the_beginning() -> None:
    at = now()

    def place(told: int | None, said: int | None) -> Place:
        when = [None if one is None else at + timedelta(minutes=one) for one in (told, said)]
        return Place("f", 1, 1, True, when[1], when[0])

    assert place(10, 15).took(at) == 5
    assert place(None, 15).took(at) == 15
    assert place(20, 15).took(at) == 15, "it looked before it was told"
    assert place(10, None).took(at) is None
    some = [place(10, 15), place(30, 32), place(5, None)]
    assert own(50, at, some) == 5
    assert own(100, at, some) is None
    assert messaged(at, some) == 30
    assert messaged(at, [*some, place(None, 3)]) is None
