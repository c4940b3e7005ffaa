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
