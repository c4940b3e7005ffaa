"""Whoever decides on a request sees what was made and what stamps there are for it already."""

import re
from typing import Any

import pytest

from services.stamps import balancing
from services.stamps.store import balance, growing, requests
from shared.mongo import Database
from shared.settings import Settings
from tests.answers import ok
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_yields_compared import Reads


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def test_the_balance_counts_every_stamp_of_product_and_lot_and_no_other(
    stamps: Stamps,
) -> None:
    farm = await stamps.a_farm()
    who = stamps.operator(farm.facility)
    other = builders.product(farm.facility)
    second = builders.lot(farm.facility, farm.product)
    await stamps.know(other, second)
    await stamps.a_batch(Farm(farm.facility, other.subject, ""), 70)
    first = await stamps.ask(farm, 20_000, lot_id=farm.lot)
    number = int(ok(await stamps.decide(first["id"], "approve"))["batch"])
    ok(await stamps.activate(number, 16_000, 16_999, farm.lot, who))
    ok(await stamps.activate(number, 0, 9, second.subject, who))
    ok(await stamps.change(number, 16_000, 16_099, "damaged", who))
    asked = await stamps.ask(farm, 500, lot_id=farm.lot)
    request = await requests.get(stamps.db, asked["id"])
    found = await balancing.balance_of(request, db=stamps.db)
    assert found.states == {"issued": 18_990, "active": 910, "damaged": 100}
    assert (found.granted, found.of_lot, found.issued) == (20_000, 1_000, 20_000)
    assert found.lot is not None
    assert (found.lot.quantity, found.lot.unit) == ("1200", "kg")


async def test_the_approver_reads_it_and_the_facility_does_not(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    await stamps.a_batch(farm, 100)
    asked = await stamps.ask(farm, 500, lot_id=farm.lot)
    there = f"/requests/{asked['id']}"
    page = await stamps.page(there, stamps.approver())
    said = words_of(page.text)
    assert "1.200 kg" in said
    assert "Tem đã cấp cho sản phẩm này: 100" in said
    assert "Đã cấp 0, xin thêm 500" in said
    assert "<meter" in page.text
    unnamed = await stamps.ask(farm, 5)
    page = await stamps.page(f"/requests/{unnamed['id']}", stamps.approver())
    assert "không nêu lô sản phẩm" in page.text
    facility = await stamps.page(there, stamps.operator(farm.facility))
    assert "Cân đối với sản lượng" not in facility.text


@pytest.mark.parametrize("late", ["by_state", "granted_for_lot"])
async def test_what_is_not_counted_in_time_is_said_and_the_request_is_approved_all_the_same(
    stamps: Stamps, monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    farm = await stamps.a_farm()
    await stamps.a_batch(farm, 100)
    asked = await stamps.ask(farm, 500, lot_id=farm.lot)

    async def slow(*_: Any) -> Any:
        raise growing.TooSlow("operation exceeded time limit")

    monkeypatch.setattr(balance, late, slow)
    page = await stamps.page(f"/requests/{asked['id']}", stamps.approver())
    said = words_of(page.text)
    assert "Chưa cộng kịp một phần số tem" in said
    assert ("Tem đã cấp cho sản phẩm này: 100" in said) == (late != "by_state")
    assert ("Tem đã cấp cho sản phẩm này: chưa cộng kịp" in said) == (late == "by_state")
    assert ("Đã cấp 0, xin thêm 500" in said) == (late == "by_state")
    assert "Ghi quyết định" in said
    ok(await stamps.decide(asked["id"], "approve"))


async def test_every_figure_beside_a_decision_is_read_within_a_time(
    stamps: Stamps, settings: Settings
) -> None:
    farm = await stamps.a_farm()
    reads = Reads()
    db = Database(settings.mongo_url, stamps.db.name, "stamps", listeners=[reads])
    await balance.by_state(db, farm.product, farm.lot)
    await balance.granted_for_lot(db, farm.facility, farm.lot)
    await db.close()
    assert reads.asked == [("segments", True), ("requests", True)]
