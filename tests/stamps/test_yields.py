"""Whoever decides on a request sees what the growing areas bear that its goods are from."""

import re
from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stamps import balancing
from services.stamps.domain.growing import Area, Harvest, Season, Yield, weighed
from services.stamps.store import requests
from shared.contracts.event import Event
from shared.contracts.registry import GrowingAreaPublished, LotPublished
from tests.answers import ok
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps

KILOS: dict[str, Any] = {"content_kilograms": Decimal("0.5")}
SUMMER = (date(2026, 5, 1), date(2026, 9, 30))


async def an_orchard(stamps: Stamps, **area: Any) -> tuple[Farm, GrowingAreaPublished]:
    """A facility whose lot of 1,200 kg was harvested in its area; a package holds 500 g."""
    place = builders.facility()
    grown = builders.area(place.subject, **area)
    good = builders.product(place.subject, **KILOS)
    made = builders.lot(
        place.subject, good.subject, growing_area_id=grown.subject, kilograms=Decimal("1200")
    )
    await stamps.know(place, grown, good, made)
    return Farm(place.subject, good.subject, made.subject), grown


async def yields(stamps: Stamps, farm: Farm, quantity: int = 100, **more: Any) -> list[Yield]:
    asked = await stamps.ask(farm, quantity, **more)
    request = await requests.get(stamps.db, asked["id"])
    return list((await balancing.balance_of(request, db=stamps.db)).yields)


async def test_an_area_is_told_with_its_season_its_lots_and_their_stamps(stamps: Stamps) -> None:
    farm, area = await an_orchard(stamps)
    second = builders.lot(
        farm.facility, farm.product, growing_area_id=area.subject, kilograms=Decimal("800")
    )
    of_winter = builders.lot(
        farm.facility,
        farm.product,
        growing_area_id=area.subject,
        kilograms=Decimal("9000"),
        produced_on=date(2026, 11, 1),
    )
    unweighed = builders.lot(farm.facility, farm.product, growing_area_id=area.subject)
    await stamps.know(second, of_winter, unweighed)
    first = await stamps.ask(farm, 700, lot_id=farm.lot)
    number = int(ok(await stamps.decide(first["id"], "approve"))["batch"])
    who = stamps.operator(farm.facility)
    ok(await stamps.activate(number, 0, 99, farm.lot, who))
    ok(await stamps.activate(number, 100, 149, second.subject, who))
    (one,) = await yields(stamps, farm, 63_251, lot_id=farm.lot)
    assert (one.season.name, one.season.first, one.season.last) == ("Vụ hè", *SUMMER)
    assert (one.area.bears, one.harvested, one.unweighed) == (Decimal(32_000), Decimal(2000), 1)
    # 700 issued for the lot, 100 of them activated for it; 50 activated for the other lot.
    assert (one.stamps, one.packages) == (750, 64_000)
    assert not one.harvest_exceeded
    assert one.stamps_exceeded
    (less,) = await yields(stamps, farm, 63_250, lot_id=farm.lot)
    assert not less.stamps_exceeded


async def test_a_packed_lot_counts_to_the_area_of_what_it_was_made_of(stamps: Stamps) -> None:
    farm, area = await an_orchard(stamps)
    packer = await stamps.a_farm()
    good = builders.product(packer.facility, **KILOS)
    sorted_ = builders.lot(packer.facility, good.subject, inputs=(farm.lot,))
    packed = builders.lot(packer.facility, good.subject, inputs=(sorted_.subject,))
    await stamps.know(good, sorted_, packed)
    there = Farm(packer.facility, good.subject, packed.subject)
    asked = await stamps.ask(there, 300, lot_id=packed.subject)
    ok(await stamps.decide(asked["id"], "approve"))
    (one,) = await yields(stamps, there, lot_id=packed.subject)
    assert (one.area.id, one.harvested, one.stamps) == (area.subject, Decimal(1200), 300)


async def test_without_a_lot_the_products_lots_tell_the_areas(stamps: Stamps) -> None:
    farm, area = await an_orchard(stamps)
    other = builders.area(farm.facility, code="VN-QNOR-0018")
    lot = builders.lot(
        farm.facility, farm.product, growing_area_id=other.subject, produced_on=date(2026, 9, 2)
    )
    await stamps.know(other, lot)
    assert [one.area.id for one in await yields(stamps, farm)] == [other.subject, area.subject]


async def test_without_an_area_the_balance_is_as_it_was(stamps: Stamps, farm: Farm) -> None:
    assert await yields(stamps, farm, lot_id=farm.lot) == []
    asked = await stamps.ask(farm, 5, lot_id=farm.lot)
    page = (await stamps.page(f"/requests/{asked['id']}", stamps.approver())).text
    assert "Cân đối với sản lượng" in page
    assert "Sản lượng vùng trồng" not in page


async def test_an_area_that_was_told_before_areas_were_heard_is_unknown_not_wrong(
    stamps: Stamps, farm: Farm
) -> None:
    """After an upgrade a lot may name an area of which nobody told stamps."""
    lot = builders.lot(farm.facility, farm.product, growing_area_id="told-long-ago")
    await stamps.know(lot)
    (one,) = await yields(stamps, farm, lot_id=lot.subject)
    assert (one.area.bears, one.packages, one.unweighed) == (None, None, 1)
    assert (one.season.first, one.season.last) == (date(2026, 1, 1), date(2026, 12, 31))
    assert not one.harvest_exceeded
    assert not one.stamps_exceeded
    await stamps.db.collection("lots").update_one(
        {"_id": farm.lot}, {"$unset": {"growing_area_id": 1, "inputs": 1, "kilograms": 1}}
    )
    await stamps.db.collection("products").update_one(
        {"_id": farm.product}, {"$unset": {"content_kilograms": 1}}
    )
    assert await yields(stamps, farm, lot_id=farm.lot) == []


async def test_the_approver_reads_that_lots_and_stamps_exceed_the_yield(stamps: Stamps) -> None:
    farm, _ = await an_orchard(stamps, season_kilograms=Decimal("1000"))
    asked = await stamps.ask(farm, 2_001, lot_id=farm.lot)
    there = f"/requests/{asked['id']}"
    page = (await stamps.page(there, stamps.approver())).text
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Vùng na Đồi Nắng (VN-QNOR-0017)" in said
    assert "1.000 kg" in said
    assert "2.000 gói sản phẩm này" in said
    assert "Các lô của vụ nặng hơn mức vùng thường cho" in said
    assert "Nếu duyệt đủ, số tem vượt số gói mà vùng đủ đóng" in said
    english = (await stamps.page(there, stamps.approver(), lang="en")).text
    assert "more stamps than packages" in english
    facility = await stamps.page(there, stamps.operator(farm.facility))
    assert "Sản lượng vùng trồng" not in facility.text


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_of_what_is_told_twice_and_out_of_order_the_newest_stays(
    stamps: Stamps, order: tuple[int, ...]
) -> None:
    farm, area = await an_orchard(stamps)

    def told(version: int) -> list[Event]:
        kilos = Decimal(1000 * version)
        return [
            builders.area(
                farm.facility, area.subject, version=version, season_kilograms=kilos, name="Mới"
            ),
            LotPublished(
                **{
                    **builders.lot(farm.facility, farm.product).model_dump(),
                    "subject": farm.lot,
                    "version": version,
                    "kilograms": kilos,
                    "growing_area_id": area.subject,
                }
            ),
        ]

    versions = [told(version) for version in (2, 3, 4)]
    for at in order:
        await stamps.know(*versions[at])
    await stamps.know(*versions[order[0]])
    (one,) = await yields(stamps, farm, lot_id=farm.lot)
    assert (one.area.bears, one.harvested, one.area.name) == (Decimal(4000), Decimal(4000), "Mới")


async def test_a_lot_may_be_told_before_its_area(stamps: Stamps, farm: Farm) -> None:
    area = builders.area(farm.facility)
    lot = builders.lot(farm.facility, farm.product, growing_area_id=area.subject)
    await stamps.know(lot)
    (early,) = await yields(stamps, farm, lot_id=lot.subject)
    await stamps.know(area)
    (late,) = await yields(stamps, farm, lot_id=lot.subject)
    assert (early.area.bears, late.area.bears) == (None, Decimal(32_000))


days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
seasons = st.builds(
    lambda name, one, other: Season(name, min(one, other), max(one, other)), st.text(), days, days
)


@given(st.lists(seasons, max_size=5), days)
def test_every_day_lies_in_the_season_that_is_told_for_it(known: list[Season], day: date) -> None:
    found = Area("a", seasons=tuple(known)).season_of(day)
    assert found.holds(day)
    assert found in known or not any(one.holds(day) for one in known)


@given(st.lists(st.one_of(st.none(), st.decimals(0, 10**6, places=3)), max_size=20))
def test_lots_nobody_can_weigh_are_counted_and_not_guessed(weights: list[Decimal | None]) -> None:
    total, unknown = weighed(Harvest(str(n), one) for n, one in enumerate(weights))
    assert total == sum((one for one in weights if one is not None), Decimal())
    assert unknown == weights.count(None)
