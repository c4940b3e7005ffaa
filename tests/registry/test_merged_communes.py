"""What was merged into what, as the units say, whatever order they are heard in (R1, ADR 20)."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any
from unicodedata import normalize

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from services.registry import store
from services.registry.actions import resettling
from services.registry.domain.communes import (
    commune_name,
    commune_of_today,
    communes,
    heed,
    standing_communes,
    standing_within,
)
from services.registry.domain.merging import Merged, place_of
from services.registry.sheets.cells import taken
from services.registry.sheets.place_columns import COMMUNE
from services.registry.store import communes as stored
from shared.contracts.identity import UnitPublished
from shared.ids import new_id
from shared.mongo import Database, transact
from shared.settings import Settings
from tests.registry.merged_units import BEFORE, FIRST, THEN, A, B, C, known, unit

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What was merged here is not for other tests."""
    yield
    heed(Merged())


def test_the_successor_s_own_commune_is_the_one_of_today_also_of_a_chain() -> None:
    assert known(*BEFORE) == Merged()
    assert known(*BEFORE, *FIRST) == Merged({A: B}, {B: "Phường Hạ Mới"})
    assert known(*BEFORE, *FIRST, *THEN).into == {A: C, B: C}


@given(st.permutations([*BEFORE, *FIRST, *THEN, *FIRST]))
def test_whatever_order_units_are_heard_in_the_same_follows(order: list[UnitPublished]) -> None:
    assert known(*order) == known(*BEFORE, *FIRST, *THEN)


@given(st.permutations([*BEFORE, *FIRST, *THEN]), st.integers(1, 6))
def test_half_heard_never_leads_to_a_commune_that_is_none(
    order: list[UnitPublished], heard: int
) -> None:
    found = known(*order[:heard])
    assert set(found.into) <= {A, B}
    assert not set(found.into) & set(found.into.values())


def test_what_is_not_clear_is_left_as_it_is() -> None:
    two = unit("B", B, C, A)
    assert known(unit("A", A, into="B"), two).into == {}, "the successor has two of its own"
    nobody = unit("A", A, into="X")
    assert known(nobody, unit("B", B)).into == {}, "the successor is not known yet"
    still = unit("D", A)
    assert known(unit("A", A, into="B"), unit("B", B, A), still).into == {}, "one still answers"


def test_what_is_no_commune_of_the_province_is_nowhere_to_move_to() -> None:
    assert known(unit("A", A, into="X"), unit("X", "99999", A)) == Merged()


@pytest.mark.parametrize(
    "name",
    [
        "Ủy ban nhân dân phường Hạ Mới",
        "Uỷ ban nhân dân phường Hạ Mới",
        "UBND  phường Hạ Mới",
        normalize("NFD", "ủy ban nhân dân phường Hạ Mới"),
    ],
)
def test_a_place_is_called_without_its_committee_however_that_is_spelled(name: str) -> None:
    assert place_of(name) == "Phường Hạ Mới"


def test_choices_are_of_today_and_what_was_keeps_its_name() -> None:
    name = commune_name(A)
    heed(Merged({A: B}, {B: "Phường Hạ Mới"}))
    try:
        assert A not in standing_communes()
        assert standing_communes()[B].name == commune_name(B) == "Phường Hạ Mới"
        assert (commune_of_today(A), commune_of_today(C)) == (B, C)
        assert commune_name(A) == name
        assert standing_within([A, B]) == (B,), "who answers for both has one to choose"
        assert set(standing_within("*")) == set(standing_communes())
    finally:
        heed(Merged())


@pytest.mark.parametrize("word", [A, B, f"{A} - An Sinh", "Phường Hạ Mới"])
def test_a_list_that_was_written_before_is_understood(word: str) -> None:
    heed(Merged({A: B}, {B: "Phường Hạ Mới"}))
    assert taken(COMMUNE, word).value == B


def test_a_list_may_call_them_by_the_names_they_had() -> None:
    heed(Merged({A: B}, {B: "Phường Hạ Mới"}))
    for code in (A, B):
        word = communes()[code].name
        assert taken(COMMUNE, word.upper()).value == B, word
    assert A not in COMMUNE.choices(), "it is offered no more"


@pytest_asyncio.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    """A database that no process of registry looks after."""
    found = Database(settings.mongo_url, f"{settings.db_prefix}_{new_id()[-8:]}", "registry")
    await store.prepare(found)
    yield found
    await found.close()


async def test_units_are_kept_by_their_newest_version_whatever_comes_twice_or_late(
    db: Database,
) -> None:
    for event in (*FIRST, *BEFORE, *FIRST, unit("sở", "*", tier="department")):
        await transact(db, partial(stored.note_unit, event=event))
    assert await stored.present(db) == known(*BEFORE, *FIRST)
    assert await db.collection(stored.UNITS).count_documents({}) == 3
    assert await resettling.look(db)
    assert not await resettling.look(db)


async def test_what_only_repeats_a_place_follows_and_nothing_is_moved_twice(db: Database) -> None:
    for name, field in stored.ELSEWHERE.items():
        outer, _, inner = field.partition(".")
        place: Any = {inner: A} if inner else A
        await db.collection(name).insert_one({"_id": new_id(), outer: place})
    heed(Merged({A: B}, {}))
    assert await resettling.move(db, NOW) == len(stored.ELSEWHERE)
    for name, field in stored.ELSEWHERE.items():
        assert await db.collection(name).count_documents({field: B}) == 1
    assert await resettling.move(db, NOW) == 0
