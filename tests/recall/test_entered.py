"""What officials entered for others is weighed as any other report, and says where it is from."""

from datetime import timedelta
from typing import Any

import pytest

from shared.days import local_day, today
from shared.ids import now
from tests.answers import ok
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.test_complaints import LIST, filed, taken_in
from tests.recall.test_joining import told_units, unit

NEW = "/console/scan/complaints/new"
ENTERED: dict[str, Any] = {
    **{"origin": "official", "channel": "in_person", "entered_by": "u-front", "batch": 0},
    **{"serial": 0, "verdict": "", "goods": "Chả mực, L01", "heard_on": today()},
}


async def test_it_says_who_entered_it_how_it_was_heard_and_of_which_goods(
    province: Recall,
) -> None:
    await province.know(lot("en1"))
    await told_units(province, unit("u-front", "07001"))
    told = filed("en-a", lot_id="en1", **ENTERED)
    await taken_in(province, told, told)
    browser = province.browser(province.token())
    page = (await browser.get(f"{LIST}/en-a")).text
    wanted = ("Đơn vị u-front", "Người báo kể lại", "Đến trực tiếp", "Chả mực, L01", "EN1")
    for shown in (*wanted, "Cán bộ chọn cơ sở"):
        assert shown in page
    assert f"{today():%d/%m/%Y}" in page
    assert "Xem tên, điện thoại người báo" in page
    assert ok(await province.get("/complaints/en-a"))["number"] == told.reference


async def test_its_day_to_answer_runs_from_when_it_was_heard_not_from_when_it_was_typed(
    province: Recall,
) -> None:
    heard = today() - timedelta(days=5)
    told = filed("en-d", kind="spoiled", **{**ENTERED, "heard_on": heard})
    await taken_in(province, told)
    due = heard + timedelta(days=3)
    page = (await province.browser(province.token()).get(f"{LIST}/en-d")).text
    assert f"{due:%d/%m/%Y}" in page
    assert "Quá hạn trả lời" in page
    row = await province.db.collection("complaints").find_one({"_id": "en-d"})
    assert row
    assert local_day(row["due_at"]) == due
    late = (await province.browser(province.token()).get(f"{LIST}?whose=overdue")).text
    assert "/console/recall/complaints/en-d" in late


async def test_one_told_by_a_program_of_before_reads_as_it_did(province: Recall) -> None:
    await taken_in(province, filed("en-b", filed_at=now()))
    page = (await province.browser(province.token()).get(f"{LIST}/en-b")).text
    assert "Người báo viết" in page
    assert "Con tem" in page


async def test_whoever_may_enter_finds_the_way_from_the_list(province: Recall) -> None:
    for claims, there in (
        ({"tier": "commune", "kinds": ["operate"], "communes": ["07001"]}, True),
        ({"tier": "commune", "kinds": ["read"], "communes": ["07001"]}, False),
    ):
        page = await province.browser(province.token(**claims)).get(LIST)
        assert (NEW in page.text) is there


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_its_page_speaks_other_languages(province: Recall, lang: str) -> None:
    await taken_in(province, filed("en-c", **ENTERED))
    browser = province.browser(province.token(), **{"Accept-Language": lang})
    page = (await browser.get(f"{LIST}/en-c")).text
    assert "Người báo kể lại" not in page
