"""Which codes a snapshot's filter has where not all fit, how they are held in memory, and what is
said of those that are left out."""

import asyncio
import re
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from services.scan.domain.code_filter import filled, pairs_of
from services.scan.domain.offline import Missing
from services.scan.domain.suspicion import Suspicion
from services.scan.offline import codes, hashing
from services.scan.offline.codes import Wanted
from services.scan.offline.hashing import Hashes, codes_in
from services.scan.offline.ranges import Range, Ranges, has_segment, segments_of
from services.scan.offline.wording import LEFT_OUT, worded
from services.scan.store import offline as store
from services.scan.store import suspicions
from shared.contracts.recall import StampRange
from shared.ids import now
from shared.mongo import Document, transact
from shared.stampcode import MAX_SERIAL, Keyring, SlotKeys, encode
from tests.scan.carried import Making, making_in
from tests.scan.world import Goods, World, name, new_batch, notice, segment

SUSPECTS = 300
NOBODY = Wanted(frozenset(), frozenset(), frozenset(), frozenset(), (), frozenset())


@pytest_asyncio.fixture(scope="module")
async def making(world: World) -> AsyncIterator[Making]:
    async with making_in(world) as made:
        yield made


def ring(*slots: int, seed: int = 1) -> Keyring:
    return Keyring(
        slots[-1],
        {
            slot: SlotKeys(bytes([seed + slot]) * 32, bytes([99 + seed + slot]) * 32)
            for slot in slots
        },
    )


def each(ranges: list[Range]) -> set[tuple[int, int]]:
    return {(batch, one) for batch, first, last in ranges for one in range(first, last + 1)}


anywhere = st.lists(
    st.builds(
        lambda batch, first, more: (batch, first, min(first + more, MAX_SERIAL)),
        st.sampled_from([0, 1, 2**26 - 1]),
        st.sampled_from([0, 5, 16_380, 2**14, MAX_SERIAL - 3]),
        st.integers(0, 20),
    ),
    max_size=12,
)


@given(anywhere)
def test_ranges_hold_every_stamp_once_whatever_overlaps_and_every_segment(
    given_: list[Range],
) -> None:
    ranges = Ranges(given_)
    assert list(ranges) == given_
    assert len(ranges) == len(given_)
    assert ranges.size == sum(last - first + 1 for _, first, last in given_)
    stamps = ranges.stamps()
    singles = [(batch, first) for batch, first, _ in Ranges.of(stamps)]
    assert singles == sorted(each(given_))
    keys = {f"{batch}/{serial >> 14}" for batch, serial in singles}
    segments = segments_of(stamps)
    assert len(segments) == len(keys)
    assert all(has_segment(segments, key) for key in keys)
    assert not has_segment(segments, "3/0")
    assert not has_segment(segments, "1/63") or "1/63" in keys


@given(anywhere, st.lists(st.booleans(), min_size=12, max_size=12))
async def test_the_filter_is_that_of_all_codes_also_where_some_hashes_were_kept(
    given_: list[Range], before: list[bool]
) -> None:
    keys, hashes = ring(0, 3), Hashes()
    await hashes.of(
        Ranges(one for one, was in zip(given_, before, strict=False) if was).stamps(), keys
    )
    pairs = await hashes.of(Ranges(given_).stamps(), keys)
    every = [encode(keys, *stamp, slot) for stamp in each(given_) for slot in (0, 3)]
    assert codes_in(pairs) == len(every)
    assert filled(pairs) == filled(pairs_of(every))


async def test_only_codes_that_are_new_are_hashed_and_all_of_them_under_other_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[tuple[int, int]] = []

    def counted(keys: Keyring, batch: int, serial: int, slot: int) -> str:
        made.append((batch, serial))
        return encode(keys, batch, serial, slot)

    monkeypatch.setattr(hashing, "encode", counted)
    keys, hashes = ring(0), Hashes()
    first = Ranges([(1, 0, 99), (2, 7, 7)])
    once = await hashes.of(first.stamps(), keys)
    assert len(made) == 101
    made.clear()
    assert await hashes.of(first.stamps(), keys) == once
    assert made == []
    await hashes.of(Ranges([(1, 0, 49), (1, 90, 101)]).stamps(), keys)
    assert made == [(1, 100), (1, 101)]
    made.clear()
    other = await hashes.of(first.stamps(), ring(0, seed=5))
    assert len(made) == 101
    assert filled(other) != filled(once)


async def test_scattered_stamps_take_little_more_than_their_hashes() -> None:
    """However many ranges they lie in: an object for each took four hundred bytes."""
    many, keys, hashes = 20_000, ring(0), Hashes()
    await asyncio.to_thread(lambda: None)  # Its thread is there before anything is counted.
    tracemalloc.start()
    try:
        ranges = Ranges((n >> 6, n % 64 << 14, n % 64 << 14) for n in range(many))
        stamps = ranges.stamps()
        await hashes.of(stamps, keys)
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 80 * many
    assert peak < 250 * many


async def suspected(making: Making, count: int, batch: int) -> None:
    """So many stamps of a batch are suspected copies."""
    goods, at = Goods(), now()
    ids = (goods.facility, goods.product, goods.lot)
    found = [
        Suspicion(batch, serial, *ids, "suspected", "2026-11-26", 5, (), at, at)
        for serial in range(count)
    ]
    await transact(making.db, lambda tx: suspicions.put(tx, found, 1))


def counts(missing: tuple[Missing, ...]) -> dict[str, tuple[int, bool]]:
    return {one.what: (one.left_out, one.at_least) for one in missing}


def has(ranges: Ranges, batch: int) -> int:
    """How many stamps of a batch are among them."""
    return len(each([one for one in ranges if one[0] == batch]))


@pytest_asyncio.fixture(scope="module")
async def piled(making: Making) -> tuple[int, int, int, int]:
    """Batches with 2,000 revoked, 1,000 lost and 5,000 returned stamps, and of suspected copies."""
    goods = Goods()
    batches = new_batch(), new_batch(), new_batch(), new_batch()
    sizes = ((2_000, "revoked"), (1_000, "lost"), (5_000, "returned"))
    await making.told(
        *goods.passports(),
        *(
            segment(batch, goods.facility, goods.product, [(0, size - 1, "", state)])
            for batch, (size, state) in zip(batches, sizes, strict=False)
        ),
    )
    await making.carried()
    await suspected(making, SUSPECTS, batches[3])
    return batches


@pytest.mark.parametrize(
    ("room", "taken", "left"),
    [
        (10_000, (2_000, 1_000, 5_000, 300), {}),
        # What piles up leaves room for suspicions, as long as there is any.
        (7_000, (2_000, 1_000, 3_700, 300), {"codes_spent": 1_300}),
        (3_400, (2_000, 1_000, 200, 200), {"codes_spent": 4_800, "codes_suspected": 100}),
        # But no suspicion takes the room of what is revoked or lost.
        (
            2_100,
            (2_000, 100, 0, 0),
            {"codes_lost": 900, "codes_spent": 5_000, "codes_suspected": 300},
        ),
        (
            500,
            (500, 0, 0, 0),
            {
                "codes_revoked": 1_500,
                "codes_lost": 1_000,
                "codes_spent": 5_000,
                "codes_suspected": 300,
            },
        ),
    ],
)
async def test_revoked_come_first_then_lost_and_suspicions_last_and_what_is_left_out_is_counted(
    making: Making,
    piled: tuple[int, ...],
    room: int,
    taken: tuple[int, ...],
    left: dict[str, int],
) -> None:
    ranges, missing, _ = await codes.collect(NOBODY, room, db=making.db)
    assert tuple(has(ranges, batch) for batch in piled) == taken
    assert counts(missing) == {kind: (count, False) for kind, count in left.items()}


async def test_what_is_too_much_to_be_counted_is_told_as_at_least_so_many(
    making: Making, piled: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes, "MOST_COUNTED", 1_200)
    monkeypatch.setattr(suspicions, "MOST_SHOWN", 250)
    _, missing, _ = await codes.collect(NOBODY, 500, db=making.db)
    assert counts(missing) == {
        "codes_revoked": (1_200, True),
        "codes_lost": (1_000, False),
        "codes_spent": (1_200, True),
        "codes_suspected": (250, True),
    }
    # Also where all those that were read are in it.
    _, missing, _ = await codes.collect(NOBODY, 10_000, db=making.db)
    assert counts(missing) == {"codes_suspected": (-1, False)}


async def test_a_suspected_copy_that_is_revoked_takes_no_room_twice(
    making: Making, piled: tuple[int, ...]
) -> None:
    await suspected(making, SUSPECTS, piled[0])
    ranges, missing, _ = await codes.collect(NOBODY, 8_300, db=making.db)
    assert ranges.size == 8_300
    assert missing == ()


async def test_many_recalled_lots_leave_room_for_codes_that_are_bad_for_themselves(
    making: Making, piled: tuple[int, ...]
) -> None:
    """Lots smaller than what is revoked: taking all that fit would leave too little for it."""
    goods, batch, size = Goods(), new_batch(), 400
    lots = [name("lot") for _ in range(60)]
    runs = [(n * size, n * size + size - 1, one, "active") for n, one in enumerate(lots)]
    case = name("case")
    await making.told(
        segment(batch, goods.facility, goods.product, runs[:40]),
        segment(
            batch, goods.facility, goods.product, [(16_384, 20_383, lots[40], "active")], number=1
        ),
        notice(case, lots=tuple(lots)),
    )
    await making.carried()
    want = replace(NOBODY, lots=frozenset(lots))
    ranges, missing, left = await codes.collect(want, 17_000, db=making.db)
    assert [has(ranges, one) for one in piled] == [2_000, 1_000, 5_000, SUSPECTS]
    # The largest is left out, and so many of the others that half of the room stays.
    assert has(ranges, batch) == 8_400
    assert counts(missing) == {"codes_lots": (len(left), False)}
    assert lots[40] in left
    await making.told(notice(case, 2, active=False, lots=tuple(lots)))


async def test_a_stamp_whose_state_changes_while_stamps_are_read_is_in_the_filter_all_the_same(
    making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Suspended when the revoked are read, revoked when the suspended are."""
    goods, batch = Goods(), new_batch()

    def all_of_it(state: str, version: int) -> Any:
        runs = [(0, 9, goods.lot, state)]
        return segment(batch, goods.facility, goods.product, runs, version=version)

    await making.told(*goods.passports(), all_of_it("suspended", 1))
    await making.carried()
    read, changed = store.segments_where, list[Document]()

    async def revoked_after_the_first(db: Any, wanted: Document) -> AsyncIterator[Any]:
        async for one in read(db, wanted):
            yield one
        if not changed:
            changed.append(wanted)
            await making.told(all_of_it("revoked", 2))
            await making.carried()

    monkeypatch.setattr(store, "segments_where", revoked_after_the_first)
    ranges, missing, _ = await codes.collect(NOBODY, 20_000, db=making.db)
    assert changed == [store.in_states({"revoked"})]
    assert has(ranges, batch) == 10
    assert missing == ()
    await making.told(all_of_it("active", 3))
    await making.carried()
    ranges, _, _ = await codes.collect(NOBODY, 20_000, db=making.db)
    assert has(ranges, batch) == 0


def test_serials_that_no_batch_has_are_not_taken_for_another_batch() -> None:
    order = notice(
        name("case"),
        stamps=(
            StampRange(batch=4, first=MAX_SERIAL - 1, last=MAX_SERIAL + 9),
            StampRange(batch=5, first=MAX_SERIAL + 1, last=MAX_SERIAL + 9),
        ),
    )
    stands = store.Standing((order,), (), frozenset(), frozenset(), {})
    assert codes.wanted(stands).ranges == ((4, MAX_SERIAL - 1, MAX_SERIAL),)


def kinds() -> Iterator[str]:
    """What may be left out, as the builder's own modules name it."""
    yield from ("lots", "products", "facilities", "products_of_facilities", "lots_of_facilities")
    yield from (
        value for key, value in vars(codes).items() if re.fullmatch("codes_[a-z]+", str(value))
    )


def test_whatever_is_left_out_is_said_in_three_languages_with_how_many() -> None:
    assert set(kinds()) == {*LEFT_OUT}
    given_: list[dict[str, Any]] = [
        {"left_out": 1_234},
        {"left_out": 50_000, "at_least": True},
        {"left_out": -1},
    ]
    made = [worded([Missing(kind, **one)])[0].said for kind in LEFT_OUT for one in given_]
    assert len({*made}) == 3 * len(LEFT_OUT)
    for vi, en, zh in made:
        assert len({vi, en, zh}) == 3
        assert "{" not in vi + en + zh
    assert worded([Missing("codes_revoked", 1_234)])[0].said[0].endswith(": 1.234")
    assert worded([Missing("codes_revoked", 5_000, True)])[0].said[1].endswith(": at least 5,000")


@given(st.lists(st.integers(0, 2**46 - 1), max_size=20))
def test_stamps_come_back_from_ranges_of_their_own(stamps: list[int]) -> None:
    column = np.unique(np.array(stamps, dtype=np.int64))
    assert Ranges.of(column).stamps().tolist() == column.tolist()
