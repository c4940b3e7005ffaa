"""The way back: what goods were made from, and what several affected lots have in common."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from services.recall.queries import meeting
from services.recall.store import areas, kept
from shared.contracts.registry import GrowingAreaPublished, InputUsed
from tests.polling import eventually
from tests.recall.builders import AT, batch, lot, segment, shipment
from tests.recall.conftest import Recall


def of_facility(recall: Recall, facility_id: str) -> str:
    return recall.token(tier="facility", kinds=["system"], facility=facility_id, communes=[])


@pytest.fixture(scope="module")
async def goods(province: Recall) -> Recall:
    """Feed u0 was used on u1 (both f3); u1 → u2 (f1) → u3, u4 (f2); u5 (f2) from nothing."""
    await province.know(
        lot("u0", "f3", "p3", code="THUC-AN"),
        lot("u1", "f3", "p3", supplies=("u0",), growing_area_id="area-9"),
        lot("u2", "f1", "p1", inputs=("u1",)),
        lot("u3", "f2", "p2", inputs=("u2",)),
        lot("u4", "f2", "p2", inputs=("u2",)),
        lot("u5", "f2", "p2"),
        shipment("us1", "u1", "f1", sender="f3", status="received", received=Decimal(38)),
        shipment("us2", "u1", "f2", sender="f3"),
        batch(70, 100, "f2", "p2"),
    )
    await province.know(batch(70, 100, "f2", "p2"), segment(70, (0, 99, "u4", "active")))

    async def loaded() -> bool:
        return await kept.of(province.db).caught_up() is not None

    await eventually(loaded)
    return province


async def preview(recall: Recall, lot_id: str, token: str | None = None) -> dict[str, Any]:
    body = {"target_kind": "lot", "target": lot_id}
    answer = await recall.post("/previews", body, token=token)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_the_way_back_leads_over_inputs_and_supplies_to_the_first_origin(
    goods: Recall,
) -> None:
    found = await preview(goods, "u3")
    assert [(s["id"], s["step"], s["kind"]) for s in found["sources"]] == [
        ("u2", 1, "lot"),
        ("u1", 2, "lot"),
        ("u0", 3, "supply"),
    ]
    assert found["sources"][1]["growing_area_id"] == "area-9"
    assert found["sources"][1]["shipments"] == ["US1", "US2"]
    assert (found["sources_total"], found["sources_cut"]) == (3, False)


async def test_a_facility_sees_one_step_back_and_no_shipment_of_others(goods: Recall) -> None:
    found = await preview(goods, "u2", of_facility(goods, "f1"))
    assert [(s["id"], s["step"]) for s in found["sources"]] == [("u1", 1)]
    assert found["sources"][0]["shipments"] == ["US1"], "what went to f2 is not its business"
    assert found["sources_total"] == 1


async def test_a_facility_sees_no_trade_of_its_customers_among_each_other(goods: Recall) -> None:
    """w1 of f1 went to f2, which made w2 of it and sent both on to f3."""
    await goods.know(
        lot("w1", "f1", "p1"),
        lot("w2", "f2", "p2", inputs=("w1",)),
        lot("w3", "f3", "p3", inputs=("w2",)),
        lot("w4", "f1", "p1", inputs=("w3",)),
        shipment("ws1", "w1", "f2", status="received", received=Decimal(40), quantity=Decimal(40)),
        shipment("ws2", "w2", "f3", sender="f2"),
        shipment("ws3", "w1", "f3", sender="f2"),
        shipment("ws4", "w1", "", kind="sale", status="received", sender="f2"),
    )
    found = await preview(goods, "w1", of_facility(goods, "f1"))
    assert [s["code"] for s in found["shipments"]] == ["WS1"]
    assert found["shipments_total"] == 1
    assert {row["facility_id"] for row in found["to_be_told"]} == {"f1", "f2"}
    assert {row["id"] for row in found["facilities"]} == {"f1", "f2"}
    assert [row["id"] for row in found["lots"]] == ["w1", "w4"], "the last came back to it"
    assert found["lots_total"] == 4, "an order reaches all"
    [kilograms] = found["quantities"]
    assert (kilograms["at_receivers"], kilograms["sold"]) == ("40", "0"), "not what f2 sold"
    browser = goods.browser(of_facility(goods, "f1"))
    for address in ("radius", "radius.csv"):
        page = (await browser.get(f"/console/recall/{address}?target_kind=lot&target=w1")).text
        assert "W4" in page
        for others in ("W2", "W3", "WS2", "WS3", "WS4"):
            assert others not in page
    everything = await preview(goods, "w1")
    assert [row["id"] for row in everything["lots"]] == ["w1", "w2", "w3", "w4"]
    assert everything["shipments_total"] == 4


async def asked_of(recall: Recall, *lots: str, token: str | None = None) -> httpx2.Response:
    return await recall.get(f"/sources?{urlencode([('lots', lot) for lot in lots])}", token)


async def sources(recall: Recall, *lots: str, token: str | None = None) -> dict[str, Any]:
    answer = await asked_of(recall, *lots, token=token)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_where_all_affected_lots_meet_nearest_is_the_first_source(goods: Recall) -> None:
    found = await sources(goods, "u3", "u4")
    told = [(s["kind"], s["id"], len(s["affected"]), s["step"]) for s in found["sources"]]
    assert told[0] == ("facility", "f2", 2, 0)
    assert told[1:3] in (
        [("facility", "f1", 2, 1), ("lot", "u2", 2, 1)],
        [("lot", "u2", 2, 1), ("facility", "f1", 2, 1)],
    )
    assert {(kind, id_) for kind, id_, _, _ in told} >= {
        ("supply", "u0"),
        ("area", "area-9"),
        ("facility", "f3"),
    }
    [u2] = [s for s in found["sources"] if s["id"] == "u2"]
    assert (u2["reaches"], u2["reaches_more"]) == (3, False), "itself, u3 and u4"


async def test_what_a_source_reaches_is_left_open_while_memory_is_loading(
    goods: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_yet(_: kept.Kept) -> None:
        return None

    monkeypatch.setattr(kept.Kept, "caught_up", not_yet)
    found = await sources(goods, "u3")
    [u2] = [s for s in found["sources"] if s["id"] == "u2"]
    assert (u2["reaches"], u2["reaches_more"]) == (None, False), "not u2 and u3 alone"


async def test_what_a_supplier_sold_to_others_is_not_its_customers_business(goods: Recall) -> None:
    found = await sources(goods, "u3", "u4", token=of_facility(goods, "f2"))
    assert {s["id"]: s["reaches"] for s in found["sources"]}["u2"] is None


async def test_lots_of_two_facilities_with_one_code_are_two(goods: Recall) -> None:
    drug = InputUsed(
        key="thuoc z",
        kind="pesticide",
        name="Thuốc Z",
        first=date(2026, 8, 1),
        last=date(2026, 8, 1),
    )
    await goods.know(
        lot("v1", "f1", "p1", code="01/2026", used=(drug,)),
        lot("v2", "f2", "p2", code="01/2026", used=(drug,)),
    )
    found = await sources(goods, "v1", "v2")
    assert [(s["id"], s["affected"]) for s in found["sources"]] == [
        ("thuoc z", ["01/2026 (Bếp ăn Cẩm Phả)", "01/2026 (Cơ sở chả mực Hạ Long)"])
    ]


async def test_an_area_is_told_by_its_name(goods: Recall) -> None:
    await goods.tell(
        GrowingAreaPublished(
            subject="area-9",
            version=1,
            time=AT,
            facility_id="f3",
            code="VN-9",
            name="Vườn chín",
            crop="Vải",
            commune="07003",
            commune_name="Phường 07003",
        )
    )

    async def named() -> bool:
        return "area-9" in await areas.by_id(goods.db, ["area-9"])

    await eventually(named)
    for commune, may in (("07003", True), ("07001", False)):
        token = goods.token(tier="commune", communes=[commune], unit="u")
        one = "u1" if may else "u2"
        found = await sources(goods, one, token=token)
        [row] = [s for s in found["sources"] if s["kind"] == "area"]
        assert (row["name"], row["detail"]) == ("Vườn chín", "VN-9")
        page = await goods.browser(token).get(f"/console/recall/sources?codes={one.upper()}")
        assert "Vườn chín" in page.text
        assert ("target_kind=area" in page.text) is may


async def test_what_only_some_share_comes_after_what_all_do(goods: Recall) -> None:
    found = await sources(goods, "u3", "u4", "u5")
    assert [len(s["affected"]) for s in found["sources"]] == [3, *[2] * 6]


async def test_a_facility_compares_its_own_lots_alone(goods: Recall) -> None:
    token = of_facility(goods, "f2")
    found = await sources(goods, "u3", "u4", token=token)
    assert {s["id"] for s in found["sources"]} == {"f2", "f1", "u2"}, "one step back"
    answer = await asked_of(goods, "u3", "u2", token=token)
    assert (answer.status_code, answer.json()["code"]) == (404, "target_not_found")


@pytest.mark.parametrize(
    ("lots", "status", "code"),
    [
        ([], 422, "invalid_input"),
        (["nothing-here"], 404, "target_not_found"),
        (["x" * 65], 422, "invalid_input"),
        (["{$ne: 1}"], 404, "target_not_found"),
        (["x"] * 51, 422, "invalid_input"),
    ],
)
async def test_lots_that_make_no_sense_are_refused(
    goods: Recall, lots: list[str], status: int, code: str
) -> None:
    answer = await asked_of(goods, *lots)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_quantities_add_up_by_the_books(goods: Recall) -> None:
    await goods.know(
        lot("b1", "f1", "p1", quantity=Decimal(100)),
        shipment("bs1", "b1", "f2", status="received", received=Decimal("39.5")),
        shipment("bs2", "b1", "", kind="sale", status="received", quantity=Decimal(10)),
        shipment("bs3", "b1", "", kind="export", status="received", quantity=Decimal(7)),
        shipment("bs4", "b1", "", kind="loss", status="received", quantity=Decimal(3)),
        shipment("bs5", "b1", "f3", quantity=Decimal(5)),
        shipment("bs6", "b1", "f3", status="cancelled", quantity=Decimal(9)),
        shipment("bs7", "b1", "f3", status="planned", quantity=Decimal(8)),
        shipment(
            "bs8", "b1", "", kind="sale", status="received", sender="f2", quantity=Decimal("4.5")
        ),
    )
    [row] = (await preview(goods, "b1"))["quantities"]
    assert row == {
        "unit": "kg",
        "made": "100",
        "at_makers": "35",
        "on_the_way": "5",
        "at_receivers": "35",
        "sold": "14.5",
        "exported": "7",
        "lost": "3",
        "short": "0.5",
        "on_market": "20",
    }
    parts = [Decimal(row[name]) for name in ("on_the_way", "sold", "short")]
    assert sum(parts) == Decimal(row["on_market"]), "what is in nobody's stock is one of these"


async def test_who_must_be_told_made_or_received_the_goods(goods: Recall) -> None:
    found = await preview(goods, "b1")
    told = {row["facility_id"]: row for row in found["to_be_told"]}
    assert set(told) == {"f1", "f2", "f3"}
    assert (told["f1"]["lots_made"], told["f2"]["lots_received"]) == (1, 1)
    assert told["f1"]["address"] == "Thôn 1"


async def test_the_pages_show_both_directions_and_common_sources(goods: Recall) -> None:
    browser = goods.browser(goods.token())
    page = (await browser.get("/console/recall/radius?target_kind=lot&target=u2")).text
    assert "<svg" in page
    for told in ("U1", "U3", "THUC-AN", "Nguồn này tới đâu", "Ai phải được báo"):
        assert told in page
    page = (await browser.get("/console/recall/sources?codes=U3%0AU4")).text
    assert "Nguồn chung, nhiều lô nhất trước" in page
    assert "2 trong 2" in page
    missing = await browser.get("/console/recall/sources?codes=KHONG-CO")
    assert missing.status_code == 404
    assert "KHONG-CO" in missing.text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_all_affected_lots_are_taken_away_as_a_file(goods: Recall, kind: str) -> None:
    await goods.know(lot("=1+1", "f1", "p1", code="=CMD()"))
    browser = goods.browser(goods.token())
    answer = await browser.get(f"/console/recall/radius.{kind}?target_kind=lot&target=%3D1%2B1")
    assert answer.status_code == 200
    if kind == "csv":
        assert "'=CMD()" in answer.text
    told = {
        row["body"]["data"]["action"]
        async for row in goods.db.collection("outbox").find({})
        if "action" in row["body"]["data"]
    }
    assert "recall.radius.export" in told


async def test_a_code_that_several_lots_bear_is_refused_with_the_choices(goods: Recall) -> None:
    await goods.know(
        lot("amb1", "f1", "p1", inputs=("u1",), code="07/2026"),
        lot("amb2", "f2", "p2", inputs=("u1",), code="07/2026"),
    )
    browser = goods.browser(goods.token())
    page = await browser.get("/console/recall/sources?codes=07/2026")
    assert page.status_code == 422
    for words in ("Có 2 lô mang mã", "Bếp ăn Cẩm Phả (F2)", "Cơ sở chả mực Hạ Long (F1)"):
        assert words in page.text
    page = await browser.get("/console/recall/sources?codes=07/2026 @ f1%0A07/2026@F2")
    assert page.status_code == 200
    assert "So 2 lô: 07/2026 (Cơ sở chả mực Hạ Long), 07/2026 (Bếp ăn Cẩm Phả)." in page.text
    assert (await browser.get("/console/recall/sources?codes=07/2026 @ f9")).status_code == 404
    # Of its own lots a facility has one with a code.
    own = goods.browser(of_facility(goods, "f1"))
    assert (await own.get("/console/recall/sources?codes=07/2026")).status_code == 200


async def test_ways_back_that_are_too_long_together_are_cut_and_that_is_said(
    goods: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meeting, "MOST_WALKED", 3)
    found = await sources(goods, "u3", "u4")
    assert found["cut"]
    monkeypatch.setattr(meeting, "MOST_WALKED", 100)
    assert not (await sources(goods, "u3", "u4"))["cut"]


async def test_which_sources_are_met_first_does_not_depend_on_the_order_of_the_lots(
    goods: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meeting, "MOST_WALKED", 5)
    one, other = await sources(goods, "u3", "u4"), await sources(goods, "u4", "u3")
    assert one["cut"]
    assert one["sources"] == other["sources"]


async def test_goods_are_where_they_were_sent_and_not_only_where_they_were_made(
    goods: Recall,
) -> None:
    await goods.know(
        lot("wh1", "f1", "p1"),
        lot("wh2", "f1", "p1", inputs=("wh1",)),
        lot("wh3", "f2", "p2", inputs=("wh1",)),
        shipment("whs1", "wh1", "f2"),
        shipment("whs2", "wh2", "f2"),
        shipment("whs3", "wh3", "f3", sender="f2"),
        shipment("whs4", "wh2", "f3"),
    )
    found = await preview(goods, "wh1")
    assert {row["id"]: row["lots"] for row in found["communes"]} == {
        "07001": 2,
        "07002": 3,
        "07003": 2,
    }
    assert found["communes"][0]["id"] == "07002", "most goods first"
    assert {row["id"]: (row["lots"], row["received"]) for row in found["facilities"]} == {
        "f1": (2, 0),
        "f2": (1, 2),
        "f3": (0, 2),
    }


async def test_a_receiver_of_whom_nothing_was_told_yet_must_be_told_all_the_same(
    goods: Recall,
) -> None:
    await goods.know(lot("nk1", "f1", "p1"), shipment("nks1", "nk1", "f-new"))
    found = await preview(goods, "nk1")
    assert {row["facility_id"] for row in found["to_be_told"]} == {"f1", "f-new"}
    assert len(found["to_be_told"]) == found["to_be_told_total"]
    page = await goods.browser(goods.token()).get(
        "/console/recall/radius?target_kind=lot&target=nk1"
    )
    assert "Chưa có hồ sơ của cơ sở này ở đây" in page.text


async def test_figures_of_a_few_stamps_say_that_they_are_of_the_whole_lots(goods: Recall) -> None:
    browser = goods.browser(goods.token())
    page = await browser.get("/console/recall/radius?target_kind=stamps&target=70&first=1&last=5")
    assert page.status_code == 200
    assert "Lệnh chỉ chạm các tem được chọn" in page.text
    page = await browser.get("/console/recall/radius?target_kind=lot&target=u4")
    assert "Lệnh chỉ chạm các tem được chọn" not in page.text
