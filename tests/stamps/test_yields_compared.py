"""Stamps are compared with what areas bear by weight, all areas of a request together, and where
the comparison knows less than all, it says so."""

import re
from decimal import Decimal
from typing import Any, Final

import pytest
from pymongo.monitoring import CommandListener, CommandStartedEvent

from services.stamps import balancing
from services.stamps.domain.growing import Claimed
from services.stamps.store import claims, growing, requests
from shared.mongo import Database
from shared.settings import Settings
from tests.answers import ok
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_yields import an_orchard, yields

BEARS: Final[dict[str, Any]] = {"season_kilograms": Decimal("1000")}


async def packed(stamps: Stamps, farm: Farm, kilograms: str, *inputs: str) -> Farm:
    """Another product of a facility, with a lot of it that was made of these lots."""
    weight = Decimal(kilograms) if kilograms else None
    good = builders.product(farm.facility, content_kilograms=weight)
    lot = builders.lot(farm.facility, good.subject, inputs=inputs)
    await stamps.know(good, lot)
    return Farm(farm.facility, good.subject, lot.subject)


async def grant(stamps: Stamps, farm: Farm, quantity: int, **more: Any) -> int:
    """The number of a batch issued for these."""
    asked = await stamps.ask(farm, quantity, **more)
    return int(ok(await stamps.decide(asked["id"], "approve"))["batch"])


async def page_of(stamps: Stamps, farm: Farm, quantity: int, **more: Any) -> str:
    asked = await stamps.ask(farm, quantity, **more)
    page = await stamps.page(f"/requests/{asked['id']}", stamps.approver())
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


async def test_stamps_of_every_product_count_by_what_their_packages_weigh(stamps: Stamps) -> None:
    """Bags of 10 kg use the area up, and pouches of 100 g come on top of them."""
    farm, _ = await an_orchard(stamps, **BEARS)
    bags = await packed(stamps, farm, "10", farm.lot)
    pouches = await packed(stamps, farm, "0.1", farm.lot)
    await grant(stamps, bags, 100, lot_id=bags.lot)
    found = await yields(stamps, pouches, 5_000, lot_id=pouches.lot)
    assert (found.claimed.stamps, found.claimed.kilograms) == (100, Decimal(1000))
    assert (found.after.kilograms, found.exceeded) == (Decimal(1500), True)


async def test_many_stamps_on_small_packages_do_not_use_an_area_up(stamps: Stamps) -> None:
    farm, _ = await an_orchard(stamps, **BEARS)
    bags = await packed(stamps, farm, "10", farm.lot)
    pouches = await packed(stamps, farm, "0.1", farm.lot)
    await grant(stamps, pouches, 5_000, lot_id=pouches.lot)
    found = await yields(stamps, bags, 50, lot_id=bags.lot)
    assert (found.after.kilograms, found.exceeded) == (Decimal(1000), False)


async def test_stamps_on_packages_of_unknown_weight_are_told_and_not_guessed(
    stamps: Stamps,
) -> None:
    farm, _ = await an_orchard(stamps, **BEARS)
    pieces = await packed(stamps, farm, "", farm.lot)
    await grant(stamps, pieces, 30, lot_id=pieces.lot)
    found = await yields(stamps, farm, 10, lot_id=farm.lot)
    assert found.after == Claimed(40, Decimal(5), unweighed=30)
    said = await page_of(stamps, farm, 10, lot_id=farm.lot)
    assert "30 tem chưa rõ khối lượng gói, chưa cân" in said
    assert (await yields(stamps, pieces, 10, lot_id=pieces.lot)).after.unweighed == 40


async def test_what_is_mixed_from_ten_areas_is_compared_with_all_of_them_together(
    stamps: Stamps,
) -> None:
    farm = await stamps.a_farm()
    areas = [builders.area(farm.facility, **BEARS) for _ in range(10)]
    picked = [
        builders.lot(
            farm.facility, farm.product, growing_area_id=one.subject, kilograms=Decimal(900)
        )
        for one in areas
    ]
    await stamps.know(*areas, *picked)
    there = await packed(stamps, farm, "0.5", *(one.subject for one in picked))
    await grant(stamps, there, 8_000, lot_id=there.lot)
    honest = await yields(stamps, there, 10_000, lot_id=there.lot)
    assert (len(honest.areas), honest.bears, honest.mixed) == (10, Decimal(10_000), 0)
    assert (honest.after.kilograms, honest.exceeded) == (Decimal(9_000), False)
    assert {one.claimed.stamps for one in honest.areas} == {8_000}
    caution = "Nếu duyệt đủ, hàng mang tem nặng hơn mức các vùng thường cho"
    assert caution not in await page_of(stamps, there, 16_000, lot_id=there.lot)
    assert (await page_of(stamps, there, 16_001, lot_id=there.lot)).count(caution) == 1


async def test_stamps_that_were_issued_for_no_lot_count_until_they_are_on_one(
    stamps: Stamps,
) -> None:
    farm, _ = await an_orchard(stamps, **BEARS)
    elsewhere = builders.lot(farm.facility, farm.product)
    await stamps.know(elsewhere)
    number = await grant(stamps, farm, 2_000)
    who = stamps.operator(farm.facility)
    found = await yields(stamps, farm, 401, lot_id=farm.lot)
    assert (found.claimed.stamps, found.loose) == (0, 2_000)
    assert (found.after.kilograms, found.exceeded) == (Decimal("1200.5"), True)
    ok(await stamps.activate(number, 0, 99, farm.lot, who))
    ok(await stamps.activate(number, 100, 299, elsewhere.subject, who))
    ok(await stamps.change(number, 300, 399, "return", who))
    ok(await stamps.change(number, 400, 499, "suspend", who))
    found = await yields(stamps, farm, 401, lot_id=farm.lot)
    assert (found.claimed.stamps, found.loose) == (100, 1_600)
    assert not found.exceeded


async def test_stamps_that_wait_for_a_lot_elsewhere_are_not_counted_here(stamps: Stamps) -> None:
    farm, _ = await an_orchard(stamps, **BEARS)
    elsewhere = builders.lot(farm.facility, farm.product)
    await stamps.know(elsewhere)
    number = await grant(stamps, farm, 50, lot_id=elsewhere.subject)
    found = await yields(stamps, farm, lot_id=farm.lot)
    assert (found.claimed.stamps, found.loose) == (0, 0)
    ok(await stamps.activate(number, 0, 9, farm.lot, stamps.operator(farm.facility)))
    found = await yields(stamps, farm, lot_id=farm.lot)
    assert (found.claimed.stamps, found.loose) == (10, 0)


async def test_without_a_lot_the_page_says_that_areas_cannot_be_compared(stamps: Stamps) -> None:
    farm, _ = await an_orchard(stamps, **BEARS)
    await grant(stamps, farm, 2_000)
    found = await yields(stamps, farm, 5_000)
    assert (found.named, found.loose, found.exceeded) == (False, 2_000, False)
    said = await page_of(stamps, farm, 5_000)
    assert "chỉ khi yêu cầu nêu lô mới biết hàng từ vùng nào và so được" in said
    assert "Tem của sản phẩm chưa kích hoạt, không cấp cho lô nào 2.000" in said
    assert "Nếu duyệt đủ, cùng yêu cầu này 7.000 tem · 3.500 kg" in said
    assert "chỉ khi yêu cầu nêu lô" not in await page_of(stamps, farm, 10, lot_id=farm.lot)


async def test_a_lot_that_also_has_goods_from_elsewhere_is_told(stamps: Stamps) -> None:
    farm, _ = await an_orchard(stamps, **BEARS)
    bought = builders.lot(farm.facility, farm.product)
    await stamps.know(bought)
    there = await packed(stamps, farm, "0.5", farm.lot, bought.subject)
    assert (await yields(stamps, there, lot_id=there.lot)).mixed == 1
    assert "1 lô còn trộn hàng ngoài" in await page_of(stamps, there, 10, lot_id=there.lot)


@pytest.mark.parametrize(
    ("where", "limit", "most"),
    [(growing, "MOST_LOTS", 1), (growing, "STEPS", 1), (claims, "MOST_REQUESTS", 1)],
)
async def test_what_is_cut_off_is_told_as_the_least(
    stamps: Stamps, monkeypatch: pytest.MonkeyPatch, where: Any, limit: str, most: int
) -> None:
    farm, area = await an_orchard(stamps, **BEARS)
    second = builders.lot(
        farm.facility, farm.product, growing_area_id=area.subject, kilograms=Decimal(100)
    )
    await stamps.know(second)
    once = await packed(stamps, farm, "0.5", farm.lot)
    await packed(stamps, farm, "0.5", once.lot)
    for _ in range(2):
        await grant(stamps, farm, 5, lot_id=farm.lot)
    whole = await yields(stamps, farm, lot_id=farm.lot)
    assert not whole.cut
    assert "ít nhất" not in await page_of(stamps, farm, 10, lot_id=farm.lot)
    monkeypatch.setattr(where, limit, most)
    assert (await yields(stamps, farm, lot_id=farm.lot)).cut
    assert "ít nhất" in await page_of(stamps, farm, 10, lot_id=farm.lot)


async def test_areas_that_were_not_found_are_told_and_nothing_is_compared(
    stamps: Stamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm, _ = await an_orchard(stamps, **BEARS)
    other = builders.area(farm.facility, **BEARS)
    picked = builders.lot(farm.facility, farm.product, growing_area_id=other.subject)
    await stamps.know(other, picked)
    there = await packed(stamps, farm, "0.5", farm.lot, picked.subject)
    assert (await yields(stamps, there, 9_000, lot_id=there.lot)).exceeded
    monkeypatch.setattr(balancing, "MOST_AREAS", 1)
    found = await yields(stamps, there, 9_000, lot_id=there.lot)
    assert (len(found.areas), found.bears, found.exceeded) == (1, None, False)
    assert "Hàng còn từ vùng khác nữa" in await page_of(stamps, there, 9_000, lot_id=there.lot)


async def test_what_takes_too_long_is_not_known_and_whoever_decides_still_can(
    stamps: Stamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm, _ = await an_orchard(stamps, **BEARS)

    async def slow(*_: Any) -> Any:
        raise growing.TooSlow("operation exceeded time limit")

    monkeypatch.setattr(claims, "of_lots", slow)
    said = await page_of(stamps, farm, 10, lot_id=farm.lot)
    assert "Chưa cân đối được với sản lượng vùng" in said
    assert "Ghi quyết định" in said


class Reads(CommandListener):
    """What is asked of which collection, and whether within a bound of time."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in {"find", "aggregate"}:
            name = event.command[event.command_name]
            self.asked.append((name, "maxTimeMS" in event.command))

    def succeeded(self, event: Any) -> None:
        """Nothing is asked by it."""

    def failed(self, event: Any) -> None:
        """Nothing is asked by it."""


async def test_stamps_are_read_once_however_many_areas_there_are_and_within_a_time(
    stamps: Stamps, settings: Settings
) -> None:
    farm = await stamps.a_farm()
    areas = [builders.area(farm.facility, **BEARS) for _ in range(4)]
    picked = [
        builders.lot(farm.facility, farm.product, growing_area_id=one.subject) for one in areas
    ]
    await stamps.know(*areas, *picked)
    there = await packed(stamps, farm, "0.5", *(one.subject for one in picked))
    request = await requests.get(stamps.db, (await stamps.ask(there, 10, lot_id=there.lot))["id"])
    reads = Reads()
    db = Database(settings.mongo_url, stamps.db.name, "stamps", listeners=[reads])
    found = await balancing.yields_of(request, db=db)
    await db.close()
    assert found is not None
    assert len(found.areas) == 4
    asked = [name for name, _ in reads.asked]
    assert {one: asked.count(one) for one in ("changes", "requests", "segments")} == {
        "changes": 1,
        "requests": 1,
        "segments": 1,
    }
    assert [name for name, bounded in reads.asked if not bounded] == []


async def test_activations_of_a_lot_are_found_by_an_index_of_activations_alone(
    stamps: Stamps,
) -> None:
    wanted = {"change": "activate", "lot": {"$in": ["l-1", "l-2"]}}
    plan = await stamps.db.collection("changes").find(wanted).explain()
    assert "activated_for" in str(plan["queryPlanner"]["winningPlan"])
    indexes = await stamps.db.collection("changes").index_information()
    assert indexes["activated_for"]["partialFilterExpression"] == {"change": "activate"}
    named = {"$or": [{"lot_id": {"$in": ["l-1"]}}, {"lot_id": "", "product_id": "p-1"}]}
    cursor = stamps.db.collection("requests").find({"state": "approved", **named})
    plan = (await cursor.explain())["queryPlanner"]["winningPlan"]
    assert "lot_id_1_product_id_1" in str(plan)
