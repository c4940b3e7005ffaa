"""Goods from one facility to another: sent once, followed by a link, counted by the receiver."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from services.registry.domain.records import Author, Owner
from services.registry.domain.shipment import (
    End,
    HandOver,
    Line,
    Position,
    Shipment,
    Status,
)
from services.registry.domain.shipment_refusals import LinkInvalid
from shared.contracts.registry import ShipmentPublished
from shared.ids import new_id
from tests.answers import ok, refused, token_in
from tests.registry import builders
from tests.registry.conftest import Registry

AT = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def planned() -> Shipment:
    return Shipment(
        id="s",
        code="CH22-00000017",
        version=1,
        end=End.TRANSFER,
        status=Status.PLANNED,
        sender=Owner("a", "A", "CS22-1", "07090", "agriculture"),
        receiver=Owner("b", "B", "CS22-2", "07090", "agriculture"),
        lines=(Line("lot", Decimal(5), "kg"),),
        by=Author("x", "X", "facility", "u"),
        created_at=AT,
        updated_at=AT,
        link_until=AT + 24 * HOUR,
    )


def test_reports_that_come_late_and_twice_fall_into_their_place() -> None:
    late = AT + 9 * HOUR
    shipment = planned().pick_up(Position("p", AT), late)
    for where in (Position("3", AT + 3 * HOUR), Position("1", AT + HOUR), Position("3", AT)):
        shipment = shipment.report(where, late)
    assert [one.id for one in shipment.positions] == ["1", "3"]
    shipment = shipment.hand_over(HandOver("h", AT + 5 * HOUR, "Bưởi"), late)
    again = shipment.hand_over(HandOver("h", AT + 5 * HOUR, "Bưởi"), late)
    assert again is shipment
    assert len(shipment.report(Position("2", AT + 2 * HOUR), late).positions) == 3


def test_a_hand_over_without_a_pick_up_picks_up() -> None:
    given = planned().hand_over(HandOver("h", AT, "Bưởi"), AT)
    assert given.sent_at == AT
    assert given.status is Status.HANDED_OVER


def test_a_link_ends_with_its_time_and_with_a_newer_one() -> None:
    shipment = planned()
    shipment.check_link(1, AT)
    for number, at in ((2, AT), (1, AT + 25 * HOUR)):
        with pytest.raises(LinkInvalid):
            shipment.check_link(number, at)
    with pytest.raises(LinkInvalid):
        shipment.renew_link(AT, open_=True).check_link(1, AT)
    with pytest.raises(LinkInvalid):
        shipment.renew_link(AT, open_=False).check_link(2, AT)


@pytest.fixture(scope="module")
async def ends(registry: Registry) -> dict[str, Any]:
    sender = await registry.a_facility()
    receiver = await registry.a_facility(kinds=["processing"])
    product = await registry.a_product(sender["id"])
    return {"from": sender, "to": receiver, "product": product["id"]}


@pytest.fixture
async def lot(registry: Registry, ends: dict[str, Any]) -> dict[str, Any]:
    return await registry.a_lot(ends["from"]["id"], ends["product"])


def body(ends: dict[str, Any], lot: dict[str, Any], quantity: str = "5", **more: Any) -> Any:
    return {
        "end": "transfer",
        "place": "Kho Đồi Nắng",
        "receiver": ends["to"]["code"],
        "lines": [{"lot": lot["id"], "quantity": quantity, "unit": "tạ"}],
        "carrier": "HTX vận tải Hạ Long",
        "vehicle": "14C-123.45",
        **more,
    }


async def sent(registry: Registry, ends: dict[str, Any], lot: dict[str, Any], **more: Any) -> Any:
    operator = registry.operator(ends["from"]["id"])
    return ok(await registry.post("/shipments", body(ends, lot, **more), operator), 201)


async def link_of(registry: Registry, ends: dict[str, Any], shipment_id: str) -> str:
    browser = registry.browser(registry.operator(ends["from"]["id"]))
    page = (await browser.get(f"/console/registry/shipments/{shipment_id}")).text
    found = re.search(r'href="[^"]*(/transport/[^"]+)"', page)
    assert found, page
    return found.group(1)


async def press(browser: httpx2.AsyncClient, link: str, act: str, **data: Any) -> httpx2.Response:
    page = await browser.get(link)
    assert page.status_code == 200, page.text
    files = data.pop("files", None)
    fields = {"csrf": token_in(page.text), **data}
    return await browser.post(f"{link}/{act}", data=fields, files=files)


async def test_goods_are_sent_followed_handed_over_and_counted(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    shipment = await sent(registry, ends, lot)
    link = await link_of(registry, ends, shipment["id"])
    phone = registry.browser()
    assert (await press(phone, link, "pick-up", id=new_id())).status_code == 303
    where = {"id": new_id(), "place": "Cầu Bãi Cháy", "temperature": "4,5"}
    assert (await press(phone, link, "position", **where)).status_code == 303
    assert (await press(phone, link, "position", **where)).status_code == 303
    photo = {"photo": ("giao.png", builders.picture(), "image/png")}
    done = await press(phone, link, "hand-over", id=new_id(), name="Lê Thị Bưởi", files=photo)
    assert done.status_code == 303, done.text
    receiver = registry.operator(ends["to"]["id"])
    seen = ok(await registry.get(f"/shipments/{shipment['id']}", receiver))
    assert seen["status"] == "handed_over"
    assert [place["place"] for place in seen["positions"]] == ["Cầu Bãi Cháy"]
    page = await registry.browser(receiver).get(
        f"/console/registry/shipments/{shipment['id']}/photo"
    )
    assert page.headers["content-type"] == "image/jpeg"
    counted = [{"lot_id": lot["id"], "quantity": "4.9", "reason": ""}]
    receipt = {"id": new_id(), "at": "2026-11-20T08:00:00+07:00", "counted": counted}
    address = f"/shipments/{shipment['id']}/receive"
    refused(await registry.post(address, receipt, receiver), 422, "difference_unexplained")
    counted[0]["reason"] = "Dập nát 10 kg"
    ok(await registry.post(address, receipt, receiver))
    ok(await registry.post(address, receipt, receiver))
    statuses = [e.status for e in await registry.events(shipment["id"], ShipmentPublished)]
    assert statuses == ["planned", "in_transit", "handed_over", "received"]
    told = (await registry.events(shipment["id"], ShipmentPublished))[-1]
    assert told.lots[0].received == Decimal("4.9")
    assert "Bưởi" not in told.model_dump_json()


async def test_the_receiver_is_told_on_its_first_page_of_what_arrives(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    told = "chuyến hàng chờ bạn xác nhận đã nhận"
    receiver = registry.browser(registry.operator(ends["to"]["id"]))
    shipment = await sent(registry, ends, lot)
    assert told in (await receiver.get("/console/registry")).text
    sender = registry.browser(registry.operator(ends["from"]["id"]))
    assert told not in (await sender.get("/console/registry")).text
    listed = (await receiver.get("/console/registry/shipments?waiting=1")).text
    assert shipment["code"] in listed


async def test_the_receiver_uses_what_arrived_and_no_more(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    product = await registry.a_product(ends["to"]["id"])
    receiver = registry.operator(ends["to"]["id"])
    made = {"code": new_id()[-12:], "product_id": product["id"], "quantity": "400", "unit": "kg"}
    wanted = {
        "kind": "process",
        "at": "2026-11-21T08:00:00+07:00",
        "place": "Xưởng",
        "step": "processing",
        "given": [{"lot": lot["id"], "quantity": "500", "unit": "kg"}],
        "made": [made],
    }
    refused(await registry.post("/transformations", wanted, receiver), 409, "lot_not_held")
    shipment = await sent(registry, ends, lot)
    receipt = {"id": new_id(), "at": "2026-11-20T08:00:00+07:00"}
    ok(await registry.post(f"/shipments/{shipment['id']}/receive", receipt, receiver))
    ok(await registry.post("/transformations", wanted, receiver), 201)
    made["code"] = new_id()[-12:]
    refused(await registry.post("/transformations", wanted, receiver), 409, "not_enough_left")


async def test_a_hundred_at_once_never_send_more_than_there_is(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    operator = registry.operator(ends["from"]["id"])
    wanted = body(ends, lot, "1")
    answers = await asyncio.gather(
        *(registry.post("/shipments", wanted, operator) for _ in range(100))
    )
    assert sum(answer.status_code == 201 for answer in answers) == 12
    assert {answer.status_code for answer in answers} == {201, 409}


async def test_a_cancelled_shipment_gives_its_goods_back_and_a_started_one_is_not_cancelled(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    operator = registry.operator(ends["from"]["id"])
    for _ in range(3):
        shipment = await sent(registry, ends, lot, quantity="12")
        address = f"/shipments/{shipment['id']}/cancel"
        ok(await registry.post(address, {"reason": "Xe hỏng"}, operator))
    shipment = await sent(registry, ends, lot, quantity="12")
    link = await link_of(registry, ends, shipment["id"])
    await press(registry.browser(), link, "pick-up", id=new_id())
    address = f"/shipments/{shipment['id']}/cancel"
    answer = await registry.post(address, {"reason": "Đổi ý"}, operator)
    refused(answer, 409, "already_on_the_way")


async def test_a_revoked_a_wrong_and_a_foreign_link_open_nothing(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    shipment = await sent(registry, ends, lot)
    link = await link_of(registry, ends, shipment["id"])
    phone = registry.browser()
    wrong = link[:-1] + ("0" if link[-1] != "0" else "1")
    assert (await phone.get(wrong)).status_code == 404
    foreign = link.replace(shipment["id"], new_id())
    assert (await phone.get(foreign)).status_code == 404
    browser = registry.browser(registry.operator(ends["from"]["id"]))
    csrf = await registry.csrf(browser)
    await browser.post(f"/console/registry/shipments/{shipment['id']}/link", data={"csrf": csrf})
    assert (await phone.get(link)).status_code == 404


async def test_a_position_out_of_range_comes_back_with_what_was_typed(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    shipment = await sent(registry, ends, lot)
    link = await link_of(registry, ends, shipment["id"])
    phone = registry.browser()
    await press(phone, link, "pick-up", id=new_id())
    answer = await press(phone, link, "position", id=new_id(), place="Đèo Bụt", temperature="900")
    assert answer.status_code == 422
    assert "Đèo Bụt" in answer.text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"receiver": ""}, "receiver_missing"),
        ({"receiver": "CS22-99999999"}, "receiver_unknown"),
        ({"lines": []}, "nothing_shipped"),
        ({"end": "export", "receiver": ""}, "country_missing"),
        (
            {
                "planned_pickup": "2026-11-21T08:00:00+07:00",
                "planned_delivery": "2026-11-20T08:00:00+07:00",
            },
            "plan_out_of_order",
        ),
    ],
)
async def test_a_shipment_that_cannot_be_is_refused_and_reserves_nothing(
    registry: Registry,
    ends: dict[str, Any],
    lot: dict[str, Any],
    changes: dict[str, Any],
    code: str,
) -> None:
    operator = registry.operator(ends["from"]["id"])
    answer = await registry.post("/shipments", {**body(ends, lot, "12"), **changes}, operator)
    refused(answer, 422, code)
    ok(await registry.post("/shipments", body(ends, lot, "12"), operator), 201)


async def test_export_and_sale_end_a_lots_way(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    abroad = {"end": "export", "receiver": "", "country": "Trung Quốc", "documents": "HQ-2026-1"}
    exported = await sent(registry, ends, lot, **abroad)
    assert exported["country"] == "Trung Quốc"
    sold = await sent(registry, ends, lot, end="sale", receiver="", quantity="7")
    assert sold["status"] == "received"
    operator = registry.operator(ends["from"]["id"])
    answer = await registry.post("/shipments", body(ends, lot, "1"), operator)
    refused(answer, 409, "not_enough_left")


async def test_whoever_is_at_neither_end_does_not_find_a_shipment(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    shipment = await sent(registry, ends, lot)
    stranger = registry.operator(new_id())
    address = f"/shipments/{shipment['id']}"
    refused(await registry.get(address, stranger), 404, "not_found")
    refused(await registry.post(f"{address}/cancel", {"reason": "abc"}, stranger), 404, "not_found")
    receipt = {"id": new_id(), "at": "2026-11-20T08:00:00+07:00"}
    refused(await registry.post(f"{address}/receive", receipt, stranger), 404, "not_found")
    for page in ("", "/photo"):
        seen = await registry.browser(stranger).get(f"/console/registry{address}{page}")
        assert seen.status_code == 404
    elsewhere = registry.checker(builders.OTHER_COMMUNE)
    refused(await registry.get(address, elsewhere), 404, "not_found")
    looker = registry.checker(builders.COMMUNE)
    ok(await registry.get(address, looker))
    refused(await registry.post(f"{address}/cancel", {"reason": "abc"}, looker), 403, "forbidden")


async def test_a_shipment_is_planned_and_received_by_pages(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    browser = registry.browser(registry.operator(ends["from"]["id"]))
    address = f"/console/registry/shipments/new?lot={lot['id']}"
    page = (await browser.get(address)).text
    form = {
        "csrf": token_in(page),
        "key": new_id(),
        "end": "transfer",
        "receiver": ends["to"]["code"],
        "place": "Kho",
        "unit": "kg",
        "lines.0.lot": lot["id"],
        "lines.0.quantity": "100",
    }
    made = await browser.post("/console/registry/shipments/new", data=form)
    assert made.status_code == 303, made.text
    twice = await browser.post("/console/registry/shipments/new", data=form)
    assert twice.headers["location"] == made.headers["location"]
    receiver = registry.browser(registry.operator(ends["to"]["id"]))
    waiting = (await receiver.get("/console/registry/shipments?waiting=1")).text
    assert made.headers["location"] in waiting
    page = (await receiver.get(made.headers["location"])).text
    counted = {
        "csrf": token_in(page),
        "id": new_id(),
        "at": "2026-11-20T08:00",
        "counted.0.lot_id": lot["id"],
        "counted.0.quantity": "90",
        "counted.0.reason": "",
    }
    address = made.headers["location"] + "/receive"
    refused_page = await receiver.post(address, data=counted)
    assert refused_page.status_code == 422
    assert "Hãy ghi lý do" in refused_page.text
    counted["counted.0.reason"] = "Rơi mất một sọt"
    assert (await receiver.post(address, data=counted)).status_code == 303


async def held(registry: Registry, ends: dict[str, Any], lot: dict[str, Any]) -> Decimal:
    """What the sender has left of the lot, in kilograms."""
    row = await registry.db.collection("holdings").find_one(
        {"_id": f"{lot['id']}/{ends['from']['id']}"}
    )
    assert row is not None
    left: Decimal = row["has"].to_decimal() - row["used"].to_decimal()
    return left


def back(lot: dict[str, Any], quantity: str, **more: Any) -> dict[str, Any]:
    rows = [{"lot_id": lot["id"], "quantity": quantity}]
    at = datetime.now(UTC).isoformat()
    return {"id": new_id(), "at": at, "returned": rows, "reason": "Bị từ chối", **more}


async def test_a_program_of_the_sender_gets_the_transporters_link_and_others_do_not(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    shipment = await sent(registry, ends, lot)
    old = await link_of(registry, ends, shipment["id"])
    address = f"/shipments/{shipment['id']}/link"
    refused(await registry.post(address, {}, registry.operator(new_id())), 404, "not_found")
    given = ok(await registry.post(address, {}, registry.operator(ends["from"]["id"])))
    link = given["address"].removeprefix(registry.settings.public_origin)
    phone = registry.browser()
    assert (await phone.get(link)).status_code == 200
    assert (await phone.get(old)).status_code == 404
    none = ok(await registry.post(address, {"open": False}, registry.operator(ends["from"]["id"])))
    assert none == {"address": "", "until": None}
    assert (await phone.get(link)).status_code == 404


async def test_what_comes_back_from_abroad_is_the_senders_again_once(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    more = {"end": "export", "receiver": "", "country": "Trung Quốc", "documents": "TK-1"}
    shipment = await sent(registry, ends, lot, **more)
    operator = registry.operator(ends["from"]["id"])
    address = f"/shipments/{shipment['id']}/returns"
    refused(await registry.post(address, back(lot, "2"), operator), 409, "not_left_yet")
    link = await link_of(registry, ends, shipment["id"])
    phone = registry.browser()
    await press(phone, link, "hand-over", id=new_id(), name="Cửa khẩu Móng Cái")
    before = await held(registry, ends, lot)
    form = back(lot, "2")
    for _ in range(2):
        ok(await registry.post(address, form, operator), 201)
    assert await held(registry, ends, lot) == before + 200
    refused(await registry.post(address, back(lot, "4"), operator), 422, "more_than_out")
    refused(await registry.post(address, back(lot, "0"), operator), 422, "nothing_returned")
    silent = back(lot, "1", reason="")
    refused(await registry.post(address, silent, operator), 422, "return_unexplained")
    receiver = registry.operator(ends["to"]["id"])
    refused(await registry.post(address, back(lot, "1"), receiver), 404, "not_found")
    reader = registry.token("facility", "report", facility=ends["from"]["id"], communes=[])
    refused(await registry.post(address, back(lot, "1"), reader), 403, "forbidden")
    told = (await registry.events(shipment["id"], ShipmentPublished))[-1]
    assert told.lots[0].returned == 2


async def test_what_a_receiver_counted_short_may_come_back_and_no_more(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    shipment = await sent(registry, ends, lot)
    counted = {
        "id": new_id(),
        "at": datetime.now(UTC).isoformat(),
        "counted": [{"lot_id": lot["id"], "quantity": "3", "reason": "Thiếu"}],
    }
    receiver = registry.operator(ends["to"]["id"])
    ok(await registry.post(f"/shipments/{shipment['id']}/receive", counted, receiver))
    operator = registry.operator(ends["from"]["id"])
    address = f"/shipments/{shipment['id']}/returns"
    refused(await registry.post(address, back(lot, "2.5"), operator), 422, "more_than_out")
    ok(await registry.post(address, back(lot, "2"), operator), 201)
    refused(await registry.post(address, back(lot, "1"), operator), 409, "not_left_yet")


async def test_a_loss_is_booked_with_its_reason_and_comes_back_by_nothing(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    operator = registry.operator(ends["from"]["id"])
    wanted = body(ends, lot, end="loss", receiver="")
    refused(await registry.post("/shipments", wanted, operator), 422, "loss_unexplained")
    wanted["reason"] = "Hỏng do mưa"
    lost = ok(await registry.post("/shipments", wanted, operator), 201)
    assert lost["status"] == "received"
    assert await held(registry, ends, lot) == 1200 - 500
    again = await registry.post(f"/shipments/{lost['id']}/returns", back(lot, "1"), operator)
    refused(again, 409, "not_left_yet")


async def test_the_way_of_the_goods_is_drawn_with_its_places_in_order(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    shipment = await sent(registry, ends, lot)
    link = await link_of(registry, ends, shipment["id"])
    browser = registry.browser(registry.operator(ends["from"]["id"]))
    here = f"/console/registry/shipments/{shipment['id']}"
    assert "area-map" not in (await browser.get(here)).text
    phone = registry.browser()
    await press(phone, link, "pick-up", id=new_id(), latitude="21.05", longitude="106.9")
    places = {"Cầu Bãi Cháy": ("20.96", "107.06"), "Chợ Hạ Long": ("20.95", "107.09")}
    for place, (latitude, longitude) in places.items():
        report = {"id": new_id(), "place": place, "latitude": latitude, "longitude": longitude}
        assert (await press(phone, link, "position", **report)).status_code == 303
    page = (await browser.get(here)).text
    assert page.count('class="stop"') == 3
    assert page.index("Cầu Bãi Cháy") < page.index("Chợ Hạ Long")


async def test_goods_that_came_back_are_recorded_on_the_page(
    registry: Registry, ends: dict[str, Any], lot: dict[str, Any]
) -> None:
    sold = await sent(registry, ends, lot, end="sale", receiver="")
    browser = registry.browser(registry.operator(ends["from"]["id"]))
    here = f"/console/registry/shipments/{sold['id']}"
    page = (await browser.get(here)).text
    form = {
        "csrf": token_in(page),
        "id": new_id(),
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M"),
        "returned.0.lot_id": lot["id"],
        "returned.0.quantity": "9",
        "reason": "Khách trả",
    }
    refused_ = await browser.post(f"{here}/returns", data=form)
    assert refused_.status_code == 422
    assert "Khách trả" in refused_.text
    done = await browser.post(f"{here}/returns", data={**form, "returned.0.quantity": "1"})
    assert done.status_code == 303, done.text
    assert "Khách trả" in (await browser.get(here)).text
