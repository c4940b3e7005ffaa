"""What cannot be ordered is refused before anything is written; two who act at once agree."""

import asyncio
from typing import Any, Final

import pytest

from tests.answers import ok
from tests.recall.builders import batch, facility, lot, product, segment
from tests.recall.conftest import Recall, order
from tests.recall.test_corrections import board, is_red

SPAN: Final = {"from": "2026-02-02", "to": "2026-02-01"}
EMPTY: Final = {"from": "1999-01-01", "to": "1999-01-02"}
STAMPS: Final = {"target_kind": "stamps", "target": "3310"}
FOREIGN: Final = {"tier": "commune", "kinds": ["approve"], "communes": ["07009"]}

WRONG: Final[tuple[tuple[dict[str, Any], int, str], ...]] = (
    # It does not exist.
    ({"target_kind": "lot", "target": "bi-none"}, 404, "target_not_found"),
    ({"target_kind": "batch", "target": "3399"}, 404, "target_not_found"),
    ({**STAMPS, "target": "3399", "first": 0, "last": 1}, 404, "target_not_found"),
    ({**STAMPS, "first": 90, "last": 100}, 422, "stamps_outside_batch"),
    ({"target_kind": "product", "target": "bi-none"}, 404, "target_not_found"),
    ({"target_kind": "facility", "target": "bi-none"}, 404, "target_not_found"),
    ({"target_kind": "area", "target": "bi-none"}, 404, "target_not_found"),
    ({"target_kind": "input", "target": "bi-none"}, 404, "target_not_found"),
    ({"target_kind": "certificate", "target": "bi-f", "number": "1"}, 404, "target_not_found"),
    # Its period, or its range, is upside down.
    ({"target_kind": "product", "target": "bi-p", **SPAN}, 422, "invalid_period"),
    ({"target_kind": "facility", "target": "bi-f", **SPAN}, 422, "invalid_period"),
    ({"target_kind": "area", "target": "bi-a", **SPAN}, 422, "invalid_period"),
    ({"target_kind": "input", "target": "bi-i", **SPAN}, 422, "invalid_period"),
    ({**STAMPS, "first": 9, "last": 1}, 422, "invalid_serials"),
    # It is empty.
    ({"target_kind": "product", "target": "bi-p", **EMPTY}, 422, "target_empty"),
    ({"target_kind": "facility", "target": "bi-f", **EMPTY}, 422, "target_empty"),
)


@pytest.fixture(scope="module")
async def goods(province: Recall) -> Recall:
    await province.know(
        facility("bi-f", commune="07001", name="Cơ sở thử"),
        product("bi-p", "bi-f", name="Chả thử"),
        lot("bi-l", "bi-f", "bi-p"),
        batch(3310, 100, "bi-f", "bi-p"),
        segment(3310, (0, 99, "bi-l", "active"), facility_id="bi-f", product_id="bi-p"),
    )
    return province


async def kept(recall: Recall) -> tuple[int, int]:
    notices = {"body.type": "recall.notice_published.v1"}
    return (
        await recall.db.collection("cases").count_documents({}),
        await recall.db.collection("outbox").count_documents(notices),
    )


@pytest.mark.parametrize(("target", "status", "code"), WRONG, ids=lambda one: str(one)[:60])
async def test_what_cannot_be_recalled_is_refused_by_its_name_and_nothing_is_written(
    goods: Recall, target: dict[str, Any], status: int, code: str
) -> None:
    before = await kept(goods)
    for path, body in (("/previews", target), ("/recalls", order("x") | target)):
        answer = await goods.post(path, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (path, answer.text)
    assert await kept(goods) == before


@pytest.mark.parametrize(
    "target",
    [
        {"target_kind": "lot", "target": "bi-l"},
        {"target_kind": "product", "target": "bi-p"},
        {"target_kind": "facility", "target": "bi-f"},
        {"target_kind": "batch", "target": "3310"},
        {**STAMPS, "first": 0, "last": 1},
    ],
    ids=lambda one: str(one["target_kind"]),
)
async def test_what_is_anothers_is_not_found_whatever_it_is(
    goods: Recall, target: dict[str, Any]
) -> None:
    before = await kept(goods)
    own = goods.token(tier="facility", kinds=["system"], facility="f2", communes=[])
    for token in (goods.token(**FOREIGN), goods.token(sector="health"), own):
        for path, body in (("/previews", target), ("/recalls", order("x") | target)):
            answer = await goods.post(path, body, token=token)
            assert (answer.status_code, answer.json()["code"]) == (404, "target_not_found")
    assert await kept(goods) == before


async def test_what_waits_for_a_second_person_is_recalled_already(goods: Recall) -> None:
    large = (batch(3311, 6_000), segment(3311, (0, 5_999, "bi-large", "active")))
    await goods.know(lot("bi-large"), *large)
    first = await goods.order("bi-large")
    assert first["state"] == "awaiting_confirmation"
    again = await goods.post("/recalls", order("bi-large"))
    assert (again.status_code, again.json()["code"]) == (409, "target_already_recalled")


async def test_one_lifts_while_another_orders_the_same_goods_and_both_are_told_what_holds(
    goods: Recall,
) -> None:
    for turn in range(6):
        name = f"bi-both{turn}"
        await goods.know(lot(name))
        first = (await goods.order(name))["id"]
        ok(await goods.post(f"/recalls/{first}/lift", {"reason": "Kết quả đạt"}))
        lifted, ordered = await asyncio.gather(
            goods.post(f"/recalls/{first}/lift/confirm"), goods.post("/recalls", order(name))
        )
        assert lifted.status_code == 200
        assert not is_red(await board(goods, first), name)
        if ordered.status_code == 409:
            assert ordered.json()["code"] == "target_already_recalled"
        else:
            assert ordered.status_code == 201, ordered.text
            assert is_red(await board(goods, ordered.json()["id"]), name)


async def test_one_lifts_while_another_closes_and_the_notice_is_cleared_once(
    goods: Recall,
) -> None:
    for turn in range(6):
        name = f"bi-end{turn}"
        await goods.know(lot(name))
        case_id = (await goods.order(name))["id"]
        await goods.account_for(case_id, name)
        ok(await goods.post(f"/recalls/{case_id}/lift", {"reason": "Kết quả đạt"}))
        close = {"finding": "Đã xong", "handling": "destroy"}
        lifted, closed = await asyncio.gather(
            goods.post(f"/recalls/{case_id}/lift/confirm"),
            goods.post(f"/recalls/{case_id}/close", close),
        )
        assert lifted.status_code == 200, "a closed case is lifted as one that runs"
        if closed.status_code != 200:
            assert (closed.status_code, closed.json()["code"]) == (409, "recall_not_ordered")
        assert ok(await goods.get(f"/recalls/{case_id}"))["state"] == "lifted"
        assert [one["data"]["active"] for one in await goods.notices(case_id)] == [True, False]


async def test_one_confirms_while_another_declines_and_one_of_them_holds(goods: Recall) -> None:
    for turn in range(4):
        number = 3320 + turn
        name = f"bi-large{turn}"
        stamps = (batch(number, 6_000), segment(number, (0, 5_999, name, "active")))
        await goods.know(lot(name), *stamps)
        case_id = (await goods.order(name))["id"]
        yes, no = await asyncio.gather(
            goods.post(f"/recalls/{case_id}/confirm"),
            goods.post(f"/recalls/{case_id}/decline", {"reason": "Chép nhầm"}),
        )
        assert sorted((yes.status_code, no.status_code)) == [200, 409]
        assert is_red(await board(goods, case_id), name) is (yes.status_code == 200)
