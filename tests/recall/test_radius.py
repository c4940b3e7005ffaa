"""The blast radius: every figure against lots, stamps and scans that are known."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.contracts.scan import ScanCount, ScansRecorded
from shared.ids import new_id
from tests.polling import eventually
from tests.recall.builders import AT, batch, facility, lot, product, segment
from tests.recall.conftest import Recall
from tests.tokens import bearer


def scans(*counts: tuple[str, str, str, str, int, int]) -> ScansRecorded:
    """Rows of facility, product, lot, commune, scans, hour of the day; half of the scans are the
    first of their stamp."""
    return ScansRecorded(
        subject=new_id(),
        version=1,
        time=AT,
        replica="scan-1",
        sequence=1,
        counts=tuple(
            ScanCount(
                hour=datetime(2026, 11, 20, hour, tzinfo=UTC),
                verdict="genuine",
                facility_id=facility_id,
                product_id=product_id,
                lot_id=lot_id,
                commune=commune,
                scans=number,
                first_of_user=1,
                first_of_stamp=number // 2,
            )
            for facility_id, product_id, lot_id, commune, number, hour in counts
        ),
    )


@pytest.fixture(scope="module")
async def goods(province: Recall) -> Recall:
    """x1 → x2 (another facility) → x3 (a third one); stamps on x1 and x2; scans of both."""
    await province.know(
        product("px", "f1", name="Tôm chua"),
        lot("x1", "f1", "px", produced_on=date(2026, 5, 10), code="TC-01"),
        lot("x2", "f2", "p2", inputs=("x1",), produced_on=date(2026, 5, 20)),
        lot("x3", "f3", "p3", inputs=("x2",), produced_on=date(2026, 6, 1)),
        lot("x4", "f1", "px", produced_on=date(2026, 7, 1)),
    )
    await province.know(
        batch(50, 1_000, "f1", "px"),
        batch(51, 20_000, "f2", "p2"),
        segment(
            50,
            (0, 499, "x1", "active"),
            (500, 509, "x1", "revoked"),
            (510, 599, "x4", "active"),
            (600, 999, "", "issued"),
            product_id="px",
        ),
        segment(51, (0, 16_383, "x2", "active"), facility_id="f2", product_id="p2"),
        segment(
            51,
            (16_384, 16_483, "x2", "active"),
            (16_484, 19_999, "", "issued"),
            facility_id="f2",
            product_id="p2",
            index=1,
        ),
    )
    counted = scans(
        ("f1", "px", "x1", "07001", 5, 1),
        ("f1", "px", "x1", "07002", 3, 9),
        ("f2", "p2", "x2", "07002", 2, 7),
        ("f1", "px", "", "07003", 4, 2),
    )
    await province.tell(counted)
    await province.repeat(counted)

    async def counted_once() -> bool:
        rows = [r async for r in province.db.collection("scan_counts").find({})]
        return sum(int(row["scans"]) for row in rows) == 14

    await eventually(counted_once)
    return province


async def preview(recall: Recall, **body: Any) -> dict[str, Any]:
    answer = await recall.post("/previews", body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_lot_reaches_all_that_was_made_from_it(goods: Recall) -> None:
    found = await preview(goods, target_kind="lot", target="x1")
    assert [(row["id"], row["step"]) for row in found["lots"]] == [("x1", 0), ("x2", 1), ("x3", 2)]
    assert {row["id"]: row["lots"] for row in found["facilities"]} == {"f1": 1, "f2": 1, "f3": 1}
    assert {row["id"] for row in found["communes"]} == {"07001", "07002", "07003"}
    assert (found["stamps_issued"], found["stamps_activated"]) == (510 + 16_484, 500 + 16_484)
    assert (found["scans"], found["stamps_scanned"]) == (10, 4)
    assert sum(p["stamps"] for p in found["scan_places"]) == 4
    assert [(p["commune"], p["scans"]) for p in found["scan_places"]] == [
        ("07002", 5),
        ("07001", 5),
    ], "the most recent place first"
    assert found["needs_confirmation"] is True, "above 5,000 stamps"
    assert found["label"] == "Tôm chua, lô TC-01"
    first = found["lots"][0]
    assert (first["stamps_issued"], first["stamps_activated"], first["scans"]) == (510, 500, 8)
    assert first["facility"] == "Cơ sở chả mực Hạ Long"


async def test_a_product_as_a_whole_includes_stamps_on_no_lot_yet(goods: Recall) -> None:
    found = await preview(goods, target_kind="product", target="px")
    assert [row["id"] for row in found["lots"] if row["step"] == 0] == ["x1", "x4"]
    assert found["stamps_issued"] == 1_000 + 16_484
    assert found["scans"] == 14


async def test_a_product_in_a_period_reaches_only_what_was_made_then(goods: Recall) -> None:
    body = {"target_kind": "product", "target": "px", "from": "2026-06-15", "to": "2026-07-31"}
    found = await preview(goods, **body)
    assert [row["id"] for row in found["lots"]] == ["x4"]
    assert (found["stamps_issued"], found["stamps_activated"]) == (90, 90)
    assert found["label"] == "Tôm chua, sản xuất từ 15/06/2026 đến 31/07/2026"


async def test_a_facility_in_a_period_reaches_what_others_made_from_it(goods: Recall) -> None:
    body = {"target_kind": "facility", "target": "f2", "from": "2026-05-20", "to": "2026-05-20"}
    found = await preview(goods, **body)
    assert [row["id"] for row in found["lots"]] == ["x2", "x3"]


async def test_a_range_of_stamps_reaches_these_alone(goods: Recall) -> None:
    found = await preview(goods, target_kind="stamps", target="50", first=490, last=519)
    assert (found["stamps_issued"], found["stamps_activated"]) == (30, 20)
    assert {row["id"]: row["stamps_issued"] for row in found["lots"]} == {"x1": 20, "x4": 10}
    assert found["label"] == "tem số 490–519 của lô tem 50, Tôm chua"


async def test_a_range_over_two_segments_is_counted_in_both(goods: Recall) -> None:
    found = await preview(goods, target_kind="stamps", target="51", first=16_380, last=16_389)
    assert found["stamps_issued"] == 10


async def test_a_batch_reaches_all_its_stamps(goods: Recall) -> None:
    found = await preview(goods, target_kind="batch", target=51)
    assert (found["stamps_issued"], found["stamps_activated"]) == (20_000, 16_484)


async def test_an_older_segment_that_comes_late_changes_no_figure(goods: Recall) -> None:
    newer = segment(60, (0, 9, "x3", "revoked"), facility_id="f3", product_id="p3", version=3)
    older = segment(60, (0, 9, "x3", "active"), facility_id="f3", product_id="p3", version=2)
    await goods.know(batch(60, 10, "f3", "p3"), newer, older)
    found = await preview(goods, target_kind="batch", target="60")
    assert (found["stamps_issued"], found["stamps_activated"]) == (10, 0)


async def test_a_preview_tells_which_lots_are_recalled_already(goods: Recall) -> None:
    await goods.know(lot("y1", "f3", "p3"), lot("y2", "f3", "p3", inputs=("y1",)))
    case = await goods.order("y1")
    found = await preview(goods, target_kind="lot", target="y2")
    assert found["lots"][0]["recalls"] == [case["id"]]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"target_kind": "lot"}, 422, "invalid_input"),
        ({"target_kind": "lot", "target": ""}, 422, "invalid_input"),
        ({"target_kind": "lot", "target": {"$ne": 1}}, 422, "invalid_input"),
        ({"target_kind": "lot", "target": ["x1"]}, 422, "invalid_input"),
        ({"target_kind": "ship", "target": "x1"}, 422, "invalid_input"),
        ({"target_kind": "lot", "target": "x1", "depth": 3}, 422, "invalid_input"),
        ({"target_kind": "lot", "target": "x\u0000"}, 422, "invalid_input"),
        ({"target_kind": "lot", "target": "x1", "first": 1, "last": 2}, 422, "invalid_target"),
        ({"target_kind": "stamps", "target": "50", "first": 9, "last": 1}, 422, "invalid_serials"),
        ({"target_kind": "stamps", "target": "50", "first": 0}, 422, "invalid_serials"),
        ({"target_kind": "stamps", "target": "50", "first": "0", "last": 1}, 422, "invalid_input"),
        ({"target_kind": "stamps", "target": "50", "first": 0, "last": 1.5}, 422, "invalid_input"),
        (
            {"target_kind": "stamps", "target": "50", "first": 0, "last": 1_000},
            422,
            "stamps_outside_batch",
        ),
        ({"target_kind": "batch", "target": "x"}, 422, "invalid_target"),
        ({"target_kind": "batch", "target": "4999"}, 404, "target_not_found"),
        ({"target_kind": "product", "target": "nothing"}, 404, "target_not_found"),
        ({"target_kind": "facility", "target": "nothing"}, 404, "target_not_found"),
        (
            {"target_kind": "product", "target": "px", "from": "2026-13-01"},
            422,
            "invalid_input",
        ),
        (
            {"target_kind": "product", "target": "px", "from": "2026-02-01", "to": "2026-01-01"},
            422,
            "invalid_period",
        ),
        (
            {"target_kind": "product", "target": "px", "from": "1999-01-01", "to": "1999-01-02"},
            422,
            "target_empty",
        ),
    ],
)
async def test_a_target_that_makes_no_sense_is_refused(
    goods: Recall, body: dict[str, Any], status: int, code: str
) -> None:
    answer = await goods.post("/previews", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"reason": ""}, 422, "invalid_input"),
        ({"reason": "   "}, 422, "invalid_input"),
        ({"reason": {"$where": "1"}}, 422, "invalid_input"),
        ({"reason": "x" * 2_001}, 422, "invalid_input"),
        ({"kind": "rumour"}, 422, "invalid_input"),
        ({"legal_basis": "whim"}, 422, "invalid_input"),
        ({"state": "lifted"}, 422, "invalid_input"),
        ({"ordered_by": "me"}, 422, "invalid_input"),
    ],
)
async def test_an_order_that_makes_no_sense_changes_nothing(
    goods: Recall, change: dict[str, Any], status: int, code: str
) -> None:
    before = await goods.db.collection("cases").count_documents({})
    body = {
        "target_kind": "lot",
        "target": "x4",
        "kind": "recall",
        "reason": "r",
        "instruction": "i",
        **change,
    }
    answer = await goods.post("/recalls", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await goods.db.collection("cases").count_documents({}) == before


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"target": "\xc3\x28"}', b"[]", b"null"])
async def test_a_body_that_cannot_be_read_is_refused(goods: Recall, body: bytes) -> None:
    for path in ("previews", "recalls"):
        answer = await goods.client.post(
            f"/api/recall/v1/{path}",
            content=body,
            headers={**bearer(goods.token()), "Content-Type": "application/json"},
        )
        assert answer.status_code in (400, 422)
        assert answer.json()["code"] in ("malformed_body", "invalid_input")


async def test_a_body_of_ten_megabytes_is_refused(goods: Recall) -> None:
    answer = await goods.post("/previews", {"target_kind": "lot", "target": "x" * 11_000_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_goods_follow_a_merged_commune_and_scans_of_before_still_name_it(
    province: Recall,
) -> None:
    await province.know(
        facility("fm", commune="07088"),
        product("pm", "fm"),
        lot("xm", "fm", "pm"),
    )
    await province.tell(scans(("fm", "pm", "xm", "07088", 2, 3)))
    moved = facility("fm", commune="07089", version=2)
    await province.know(moved)
    await province.repeat(moved, facility("fm", commune="07088"))

    async def named() -> None:
        found = await preview(province, target_kind="lot", target="xm")
        assert [row["commune"] for row in found["lots"]] == ["Phường 07089"]
        places = [(one["commune"], one["name"]) for one in found["scan_places"]]
        assert places == [("07088", "Phường 07088")]

    await eventually(named)
