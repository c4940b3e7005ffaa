"""Where affected goods were sent is part of the blast radius, in whatever order it was told."""

from decimal import Decimal
from typing import Any

from tests.recall.builders import facility, lot, shipment
from tests.recall.conftest import Recall


async def journeys(recall: Recall, lot_id: str) -> list[dict[str, Any]]:
    body = {"target_kind": "lot", "target": lot_id}
    answer = await recall.post("/previews", body)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["shipments"])


async def test_the_radius_tells_which_facility_the_goods_went_to(province: Recall) -> None:
    await province.know(lot("s1"), lot("s2", "f2", "p2", inputs=("s1",)))
    await province.know(
        shipment("sh1", "s1", "f2"), shipment("sh2", "s2", "", kind="export", country="Trung Quốc")
    )
    found = await journeys(province, "s1")
    assert {(row["lot_id"], row["to_facility_id"], row["country"]) for row in found} == {
        ("s1", "f2", ""),
        ("s2", "", "Trung Quốc"),
    }


async def test_a_shipment_told_twice_is_one(province: Recall) -> None:
    await province.know(lot("s3"))
    told = await province.tell(shipment("sh3", "s3"))
    await province.until_taken_in()
    await province.repeat(*told)
    await province.know(facility("f2", version=7))
    assert len(await journeys(province, "s3")) == 1


async def test_an_older_state_that_comes_late_changes_nothing(province: Recall) -> None:
    await province.know(lot("s4"))
    received = Decimal(39)
    await province.know(shipment("sh4", "s4", version=3, status="received", received=received))
    await province.know(shipment("sh4", "s4", version=2))
    [row] = await journeys(province, "s4")
    assert (row["status"], row["received"]) == ("received", "39")


async def test_a_shipment_that_comes_before_its_lot_is_told_with_it(province: Recall) -> None:
    await province.know(shipment("sh5", "s5"))
    await province.know(lot("s5"))
    assert [row["code"] for row in await journeys(province, "s5")] == ["SH5"]


async def test_a_cancelled_shipment_moved_nothing(province: Recall) -> None:
    await province.know(lot("s6"), shipment("sh6", "s6", version=2, status="cancelled"))
    assert await journeys(province, "s6") == []


async def facilities_of(recall: Recall, case_id: str) -> list[str]:
    answer = await recall.get(f"/recalls/{case_id}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["facilities"])


async def test_whoever_received_goods_belongs_to_the_case_without_having_made_any(
    province: Recall,
) -> None:
    await province.know(lot("r1"), shipment("rs1", "r1", "f3"))
    case = await province.order("r1")
    assert await facilities_of(province, case["id"]) == ["f1", "f3"]
    [notice] = await province.notices(case["id"])
    assert notice["data"]["facilities"] == [], "other goods of the receiver are not touched"


async def test_whoever_receives_goods_after_the_order_joins_once(province: Recall) -> None:
    await province.know(lot("r2"))
    case = await province.order("r2")
    told = await province.tell(shipment("rs2", "r2", "f3"))
    await province.until_taken_in()
    await province.repeat(*told)
    await province.know(shipment("rs2", "r2", "f3", version=2, status="received"))
    assert await facilities_of(province, case["id"]) == ["f1", "f3"]
    detail = (await province.get(f"/recalls/{case['id']}")).json()
    assert [entry["act"] for entry in detail["history"]] == ["ordered", "spread"]
    assert len(await province.notices(case["id"])) == 1


async def test_a_shipment_told_before_its_lot_joins_with_it(province: Recall) -> None:
    await province.know(lot("r3"))
    case = await province.order("r3")
    await province.know(shipment("rs3", "r4", "f3"))
    await province.know(lot("r4", "f2", "p2", inputs=("r3",)))
    assert await facilities_of(province, case["id"]) == ["f1", "f2", "f3"]


async def test_a_cancelled_shipment_adds_nobody(province: Recall) -> None:
    await province.know(lot("r5"), shipment("rs5", "r5", "f3", version=2, status="cancelled"))
    case = await province.order("r5")
    await province.know(shipment("rs6", "r5", "f3", status="cancelled"))
    assert await facilities_of(province, case["id"]) == ["f1"]


async def test_a_recall_of_a_supply_reaches_what_it_was_used_on(province: Recall) -> None:
    await province.know(lot("u1"), lot("u2", "f2", "p2", supplies=("u1",)))
    case = await province.order("u1")
    await province.know(lot("u3", "f2", "p2", inputs=("u2",)))
    answer = await province.get(f"/recalls/{case['id']}")
    assert set(answer.json()["lots"]) == {"u1", "u2", "u3"}
