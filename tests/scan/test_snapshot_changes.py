"""A snapshot is read anew only where something bears on it; what is too large for it is left out
whole and told; lots that a listed facility made for others are in it."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from services.scan.domain.aggregates import NOTICES
from services.scan.offline import bearing, codes, gathering
from services.scan.offline.building import Builder
from services.scan.offline.gathering import gathered
from services.scan.offline.listing import CODES_BYTES, fitted
from services.scan.offline.ranges import Range
from services.scan.store import offline as store
from shared.contracts.event import Event
from shared.contracts.registry import FacilityStopped
from shared.ids import new_id, now
from shared.messaging import feed
from tests.scan.carried import Carried, Making, making_in
from tests.scan.world import (
    Goods,
    World,
    area,
    facility,
    hold,
    lot,
    name,
    notice,
    product,
    segment,
    stamps_of,
)

MEGABYTE = 1_000_000


@pytest_asyncio.fixture(scope="module")
async def making(world: World) -> AsyncIterator[Making]:
    async with making_in(world) as made:
        yield made


class Again:
    """One builder that makes a snapshot after another, as the program does."""

    def __init__(self, making: Making, **changes: Any) -> None:
        self.making = making
        self.now = now()
        settings = making.world.settings.model_copy(update=changes)
        self.builder = Builder(making.db, making.feeds, settings, lambda: self.now)

    async def read_anew(self, *events: Event) -> bool:
        """Whether the read models were read for the snapshot after these events."""
        await self.making.told(*events)
        self.now += timedelta(seconds=60)
        await self.carried()
        assert self.builder._last is not None
        return self.builder._last.read_at == self.now.replace(microsecond=0)

    async def carried(self) -> Carried:
        made = await self.builder.build()
        file = await store.file_of(self.making.db, made.number)
        assert file is not None
        return Carried(file)


async def test_nothing_is_read_again_while_nothing_bears_on_it_and_it_is_dated_all_the_same(
    making: Making,
) -> None:
    recalled, other = Goods(), Goods()
    case = name("case")
    await making.told(*recalled.events(), *other.events(), notice(case, lots=(recalled.lot,)))
    again = Again(making)
    first = await again.carried()
    assert making.code(recalled.batch, 3) in first.filter
    # It is gone behind the projection's back: who reads again would miss it.
    kept = await making.db.collection(NOTICES).find_one({"_id": f"{case}/1"})
    assert kept is not None
    await making.db.collection(NOTICES).delete_one({"_id": f"{case}/1"})
    try:
        assert not await again.read_anew(
            area(name("area"), other.facility),
            lot(name("lot"), other.product, other.facility),
            product(name("product"), other.facility),
            other.segment(2),
        )
        second = await again.carried()
    finally:
        await making.db.collection(NOTICES).insert_one(kept)
    assert making.code(recalled.batch, 3) in second.filter
    assert second.head["lots"] == first.head["lots"]
    assert second.head["as_of"] > first.head["as_of"]
    assert second.head["number"] > first.head["number"]


async def test_whatever_bears_on_it_is_in_the_next_one(making: Making) -> None:
    goods, other, stopped = Goods(), Goods(), Goods()
    for one in (goods, other, stopped):
        await making.told(*one.events())
    again, case = Again(making), name("case")
    await again.carried()
    order = notice(case, lots=(goods.lot,))
    assert await again.read_anew(order)
    # Told again: the queue brings everything twice at times, and a feed has it twice then too.
    await again.read_anew(order.model_copy(update={"id": new_id()}))
    assert making.code(goods.batch, 3) in (await again.carried()).filter
    assert not await again.read_anew()
    for event in (
        other.segment(2, "revoked"),
        other.segment(3),  # Its codes were in it.
        lot(goods.lot, goods.product, goods.facility, 2, code="NA-2"),
        product(goods.product, goods.facility, 2, name="Na bở"),
        facility(goods.facility, 2, name="Hợp tác xã khác"),
        lot(other.lot, other.product, other.facility, 2, status="unfit"),
        FacilityStopped(subject=stopped.facility, version=2, time=now(), reason="Giải thể"),
        product(name("product"), stopped.facility),
        notice(case, 2, active=False, lots=(goods.lot,)),
    ):
        assert await again.read_anew(event), event
        assert not await again.read_anew()
    last = await again.carried()
    assert making.code(goods.batch, 3) not in last.filter
    # A version that comes late changes nothing.
    await again.read_anew(notice(case, 1, lots=(goods.lot,)))
    assert making.code(goods.batch, 3) not in (await again.carried()).filter


async def test_after_an_hour_all_is_read_again_whatever_was_told(making: Making) -> None:
    again = Again(making)
    await again.carried()
    assert not await again.read_anew()
    again.now += timedelta(hours=1)
    assert await again.read_anew()


async def test_more_than_can_be_looked_through_is_read_anew(
    making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    again, other = Again(making), Goods()
    await again.carried()
    monkeypatch.setattr(feed, "PAGE", 1)
    monkeypatch.setattr(bearing, "MOST_PAGES", 3)
    areas = [area(name("area"), other.facility) for _ in range(7)]
    assert not await again.read_anew(*areas[:3])
    assert await again.read_anew(*areas[3:])


async def test_lots_that_a_listed_facility_made_of_anothers_product_are_found_by_their_labels(
    making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A canner cans for others, under their names: its own products do not tell of those."""
    owner, canner, warned = Goods(), Goods(), Goods()
    await making.told(*owner.events(), *canner.events(), *warned.events())
    made, second, milder = name("lot"), name("lot"), name("lot")
    batch = 800_001
    await making.told(
        lot(made, owner.product, canner.facility, code=f"C-{made}"),
        lot(second, owner.product, canner.facility, code=f"C-{second}"),
        lot(milder, owner.product, warned.facility, code=f"C-{milder}"),
        segment(
            batch,
            owner.facility,
            owner.product,
            [(0, 9, made, "active"), (10, 19, owner.lot, "active"), (20, 29, milder, "active")],
        ),
    )
    before = await making.carried()
    assert not before.whys("lots", code=f"C-{made}")
    case = name("case")
    await making.told(
        notice(case, facilities=(canner.facility,)),
        notice(name("case"), kind="warning", facilities=(warned.facility,)),
    )
    carried = await making.carried()
    [why] = carried.whys("lots", code=f"C-{made}", gtin="9520101000118")
    assert why["kind"] == "recall"
    assert [one["kind"] for one in carried.whys("lots", code=f"C-{milder}")] == ["warning"]
    # Neither the owner's own lots nor the canner's of its own goods, which its products tell of.
    ids = (await gathered(await store.standing(making.db), db=making.db)).made
    assert {made, second, milder} <= {*ids}
    assert not {owner.lot, canner.lot, warned.lot} & {*ids}
    assert making.code(batch, 5) in carried.filter
    assert making.code(batch, 15) not in carried.filter
    assert making.code(batch, 25) not in carried.filter
    # Those of a maker who is merely warned of are left out first, however new they are.
    grave = len({*ids} - {milder})
    monkeypatch.setattr(gathering, "MOST_MADE", grave)
    few = await making.carried()
    left = {one["what"]: one["left_out"] for one in few.head["incomplete"]}
    assert left == {"lots_of_facilities": -1}
    assert few.whys("lots", code=f"C-{made}")
    assert not few.whys("lots", code=f"C-{milder}")
    monkeypatch.setattr(gathering, "MOST_MADE", 1)
    assert len((await gathered(await store.standing(making.db), db=making.db)).made) == 1
    monkeypatch.undo()
    await making.told(notice(case, 2, active=False, facilities=(canner.facility,)))
    assert not (await making.carried()).whys("lots", code=f"C-{made}")


def size_of(ranges: Iterable[Range]) -> int:
    return sum(last - first + 1 for _, first, last in ranges)


def has(ranges: Iterable[Range], batch: int, serial: int) -> int:
    """How often a stamp is among them."""
    return sum(one == batch and first <= serial <= last for one, first, last in ranges)


async def test_a_product_with_too_many_stamps_is_left_out_whole_and_the_others_are_in_it(
    making: Making,
) -> None:
    """As recall publishes it: the product with every lot that it reaches."""
    large, small, revoked = Goods(), Goods(), Goods()
    keys = [name("product"), name("product")]
    lots = [name("lot") for _ in range(20)]
    tens = [(n * 1_000, n * 1_000 + 999, one, "active") for n, one in enumerate(lots[:10])]
    # Bad for themselves too: they stay in it whatever becomes of the product.
    tens[3:4] = [(3_000, 3_499, lots[3], "revoked"), (3_500, 3_999, lots[3], "returned")]
    ones = [(n * 10, n * 10 + 9, one, "active") for n, one in enumerate(lots[10:])]
    await making.told(
        *(product(key, large.facility, code=key) for key in keys),
        *large.passports(),
        *(lot(one, keys[n // 10], large.facility, code=one) for n, one in enumerate(lots)),
        segment(800_002, large.facility, keys[0], tens),
        *(
            segment(
                800_002,
                large.facility,
                keys[0],
                [(n << 14, (n << 14) + 15_999, lots[9], "active")],
                number=n,
            )
            for n in range(1, 9)
        ),
        segment(800_003, small.facility, keys[1], ones),
        *revoked.passports(),
        revoked.segment(1, "revoked"),
        notice(name("case"), products=(keys[0],), lots=tuple(lots[:10])),
        notice(name("case"), products=(keys[1],), lots=tuple(lots[10:])),
    )
    await making.carried()
    stands = await store.standing(making.db)
    want = codes.wanted(stands)
    every, none, _ = await codes.collect(want, 10**7, db=making.db)
    assert not none
    others = size_of([one for one in every if one[0] != 800_002])
    ranges, missing, left = await codes.collect(want, 8 * others + 1_000, db=making.db)
    assert left == {keys[0]}
    assert [(one.what, one.left_out) for one in missing] == [("codes_products", 1)]
    assert size_of(ranges) == others + 1_000
    assert [has(ranges, 800_003, serial) for serial in (0, 55, 99)] == [1, 1, 1]
    assert has(ranges, revoked.batch, 7) == 1
    assert [has(ranges, 800_002, serial) for serial in (0, 2_999, 4_000)] == [0, 0, 0]
    assert [has(ranges, 800_002, serial) for serial in (3_000, 3_999)] == [1, 1]
    found = fitted(await gathered(stands, db=making.db), MEGABYTE)
    told = found.without_codes(left)
    assert {one.code: one.codes for one in told.products if one.code in keys} == {
        keys[0]: False,
        keys[1]: True,
    }
    assert len(CODES_BYTES * b" ") == len(b',"codes":false')


async def test_a_large_batch_that_is_held_leaves_room_and_its_product_is_named_for_its_codes(
    making: Making,
) -> None:
    large, small, lost = Goods(), Goods(), Goods()
    await making.told(
        *(event for one in (large, small, lost) for event in one.passports()),
        product(large.product, large.facility, 2, code=large.product),
        product(small.product, small.facility, 2, code=small.product),
        segment(800_005, large.facility, large.product, [(0, 15_999, "", "active")]),
        segment(
            800_006,
            lost.facility,
            lost.product,
            [(0, 8_999, "", "active"), (9_000, 9_099, "", "lost")],
        ),
        small.segment(),
        hold(name("hold"), "batch", "800005"),
        hold(name("hold"), "batch", str(small.batch)),
        notice(name("case"), stamps=(stamps_of(800_006, 0, 9_999),)),
    )
    await making.carried()
    stands = await store.standing(making.db)
    want = codes.wanted(stands)
    ranges, missing, left = await codes.collect(want, 16_000, db=making.db)
    assert {large.product, lost.product} <= left
    assert small.product not in left
    assert ("codes_named", 2) in [(one.what, one.left_out) for one in missing]
    assert has(ranges, 800_005, 0) == has(ranges, 800_006, 0) == 0
    # Whatever becomes of the range that names it, a lost stamp is in it.
    assert has(ranges, 800_006, 9_050) == 1
    assert has(ranges, small.batch, 499) == 1
    found = fitted(await gathered(stands, db=making.db), MEGABYTE)
    told = {one.code: one for one in found.without_codes(left).products}
    assert (told[large.product].codes, told[large.product].why) == (False, ())
    assert small.product not in told


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 40)), max_size=30),
    st.integers(1, 200),
)
async def test_things_are_taken_whole_or_not_and_never_more_than_there_is_room_for(
    given_: list[tuple[str, int]], room: int
) -> None:
    async def source() -> AsyncIterator[tuple[str, Range]]:
        for place, (target, size) in enumerate(given_):
            yield target, (place, 0, size - 1)

    taken, left = await codes._together(source(), room)
    assert sum(last + 1 for _, _, last in taken) <= room
    assert {given_[batch][0] for batch, _, _ in taken} == {one for one, _ in given_} - left
    places = [place for place, (target, _) in enumerate(given_) if target not in left]
    assert sorted(batch for batch, _, _ in taken) == places
