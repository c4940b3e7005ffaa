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
from services.stamps.domain.growing import (
    Area,
    Claimed,
    Goods,
    Season,
    Yield,
    Yields,
    claimed,
    reached,
    weighed,
)
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


async def yields_of(stamps: Stamps, farm: Farm, quantity: int = 100, **more: Any) -> Yields | None:
    asked = await stamps.ask(farm, quantity, **more)
    request = await requests.get(stamps.db, asked["id"])
    return (await balancing.balance_of(request, db=stamps.db)).yields


async def yields(stamps: Stamps, farm: Farm, quantity: int = 100, **more: Any) -> Yields:
    found = await yields_of(stamps, farm, quantity, **more)
    assert found is not None
    return found


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
    found = await yields(stamps, farm, 76_100, lot_id=farm.lot)
    (one,) = found.areas
    assert (one.season.name, one.season.first, one.season.last) == ("Vụ hè", *SUMMER)
    assert (one.area.bears, one.harvested, one.unweighed) == (Decimal(32_000), Decimal(2000), 1)
    # 150 of the 700 are activated for the two lots, 550 wait; a fifth above 32 tonnes is let pass.
    assert (one.claimed.stamps, one.claimed.kilograms) == (700, Decimal(350))
    assert (found.claimed, found.loose, found.packages) == (one.claimed, 0, 64_000)
    assert (found.after.kilograms, found.exceeded) == (Decimal(38_400), False)
    assert not one.harvest_exceeded
    assert (await yields(stamps, farm, 76_101, lot_id=farm.lot)).exceeded


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
    (one,) = (await yields(stamps, there, lot_id=packed.subject)).areas
    assert (one.area.id, one.harvested) == (area.subject, Decimal(1200))
    assert one.claimed.stamps == 300


async def test_without_a_lot_the_products_lots_tell_the_areas(stamps: Stamps) -> None:
    farm, area = await an_orchard(stamps)
    other = builders.area(farm.facility, code="VN-QNOR-0018")
    lot = builders.lot(
        farm.facility, farm.product, growing_area_id=other.subject, produced_on=date(2026, 9, 2)
    )
    await stamps.know(other, lot)
    found = await yields(stamps, farm)
    assert [one.area.id for one in found.areas] == [other.subject, area.subject]


async def test_without_an_area_the_balance_is_as_it_was(stamps: Stamps, farm: Farm) -> None:
    assert await yields_of(stamps, farm, lot_id=farm.lot) is None
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
    found = await yields(stamps, farm, lot_id=lot.subject)
    (one,) = found.areas
    assert (one.area.bears, found.bears, found.packages, one.unweighed) == (None, None, None, 1)
    assert (one.season.first, one.season.last) == (date(2026, 1, 1), date(2026, 12, 31))
    assert not one.harvest_exceeded
    assert not found.exceeded
    await stamps.db.collection("lots").update_one(
        {"_id": farm.lot}, {"$unset": {"growing_area_id": 1, "inputs": 1, "kilograms": 1}}
    )
    await stamps.db.collection("products").update_one(
        {"_id": farm.product}, {"$unset": {"content_kilograms": 1}}
    )
    assert await yields_of(stamps, farm, lot_id=farm.lot) is None


async def test_the_approver_reads_that_lots_and_stamps_exceed_the_yield(stamps: Stamps) -> None:
    farm, _ = await an_orchard(stamps, season_kilograms=Decimal("999"))
    asked = await stamps.ask(farm, 2_398, lot_id=farm.lot)
    there = f"/requests/{asked['id']}"
    page = (await stamps.page(there, stamps.approver())).text
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Vùng na Đồi Nắng (VN-QNOR-0017)" in said
    assert "999 kg" in said
    assert "1.998 gói sản phẩm này" in said
    assert "Các lô của vụ nặng hơn mức vùng thường cho" in said
    assert "Nếu duyệt đủ, hàng mang tem nặng hơn mức các vùng thường cho" in said
    english = (await stamps.page(there, stamps.approver(), lang="en")).text
    assert "goods under stamps weigh more than the areas usually yield" in english
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
    (one,) = (await yields(stamps, farm, lot_id=farm.lot)).areas
    assert (one.area.bears, one.harvested, one.area.name) == (Decimal(4000), Decimal(4000), "Mới")


async def test_a_lot_may_be_told_before_its_area(stamps: Stamps, farm: Farm) -> None:
    area = builders.area(farm.facility)
    lot = builders.lot(farm.facility, farm.product, growing_area_id=area.subject)
    await stamps.know(lot)
    (early,) = (await yields(stamps, farm, lot_id=lot.subject)).areas
    await stamps.know(area)
    (late,) = (await yields(stamps, farm, lot_id=lot.subject)).areas
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
    total, unknown = weighed(Goods(str(n), one) for n, one in enumerate(weights))
    assert total == sum((one for one in weights if one is not None), Decimal())
    assert unknown == weights.count(None)


def a_yield(bears: str | None, harvested: str = "0") -> Yield:
    area = Area("a", bears=None if bears is None else Decimal(bears))
    season = Season("", date(2026, 1, 1), date(2026, 12, 31))
    return Yield(area, season, Decimal(harvested), 0, Claimed())


def test_lots_a_fifth_above_what_an_area_bears_are_let_pass_as_registry_does() -> None:
    assert not a_yield("1000", "1200").harvest_exceeded
    assert a_yield("1000", "1200.1").harvest_exceeded
    assert not a_yield(None, "9999").harvest_exceeded


def test_where_one_area_is_unknown_nothing_is_compared() -> None:
    over = Yields((a_yield("1000"),), asked=10_000, package=Decimal(1))
    assert over.exceeded
    unknown = Yields((a_yield("1000"), a_yield(None)), asked=10_000, package=Decimal(1))
    assert (unknown.bears, unknown.exceeded) == (None, False)


names = st.sampled_from("abcdefgh")
lots = st.dictionaries(
    names,
    st.builds(
        Goods,
        lot_id=names,
        product_id=st.sampled_from("pqr"),
        inputs=st.lists(names, max_size=3).map(tuple),
    ),
)


@given(lots, st.dictionaries(names, st.integers(0, 10**6)), st.sets(names))
def test_each_lot_counts_once_however_it_is_reached(
    known: dict[str, Goods], stamps_of: dict[str, int], roots: set[str]
) -> None:
    packages = {"p": Decimal("0.5"), "q": Decimal(10)}
    theirs = reached(roots & known.keys(), known)
    found = claimed(theirs, known, stamps_of, packages)
    assert found.stamps == sum(stamps_of.get(one, 0) for one in theirs)
    weights = [packages.get(known[one].product_id, 0) * stamps_of.get(one, 0) for one in theirs]
    assert found.kilograms == sum(weights)
    everything = claimed(known, known, stamps_of, packages)
    assert everything.kilograms >= found.kilograms
