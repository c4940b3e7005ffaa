"""A lot's passport tells what was used on it, so that a recall of an input finds its lots."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest_asyncio

from services.registry import store
from services.registry.actions.retelling import LOTS, step
from services.registry.domain.diary import Entry, Step
from services.registry.domain.lot import Lot
from services.registry.domain.records import Aggregate, Author, Owner, State, Status, entered
from services.registry.inputs_used import inputs_used
from services.registry.passports import lot_passport
from services.registry.store import records
from shared.contracts.registry import InputUsed, LotPublished
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.settings import Settings
from tests.answers import ok
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.passes import through, told

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
BY = Author("a", "Người nhập", "commune", "u")
OWNER = Owner("f", "HTX", "CS22-1", "06862", "agriculture")


def used(day: int, name: str = "Đạm Cà Mau", **more: Any) -> Entry:
    return Entry(
        id=f"u{day}-{name}",
        step=Step.INPUT,
        at=datetime(2026, 7, day, 1, tzinfo=UTC),
        place="Vườn",
        kind=more.pop("kind", "fertiliser"),
        name=name,
        **more,
    )


def test_uses_of_one_input_are_one_with_the_days_of_its_first_and_last_use() -> None:
    entries = (used(9, "đạm  cà mau"), used(2), used(5, "ĐẠM CÀ MAU", active_substance="Urê"))
    assert inputs_used(entries) == (
        InputUsed(
            key="dam ca mau",
            kind="fertiliser",
            name="Đạm Cà Mau",
            active_substance="Urê",
            first=date(2026, 7, 2),
            last=date(2026, 7, 9),
        ),
    )


def test_what_was_chosen_from_the_catalogue_goes_by_its_row_whatever_it_was_called() -> None:
    entries = (used(1, "Thuốc A", supply="abamectin-1-8ec"), used(2, "abamectin 1.8EC"))
    assert [one.key for one in inputs_used(entries)] == ["abamectin-1-8ec", "abamectin 1.8ec"]


def test_all_substances_under_one_name_are_told_with_each_of_its_packages() -> None:
    """What somebody wrote down once holds for each use, whatever the package; what two wrote
    down differently is both."""
    entries = (
        used(1, "Thuốc X", active_substance="Abamectin"),
        used(2, "Thuốc X", active_substance="Chlorpyrifos"),
        used(3, "Thuốc X", active_substance="abamectin", lot_number="123"),
        used(4, "Thuốc X", lot_number="124"),
        used(5, "Thuốc Y", active_substance="Urê"),
    )
    found = {(one.name, one.lot_number): one.active_substance for one in inputs_used(entries)}
    both = "Abamectin + Chlorpyrifos"
    of_x = dict.fromkeys([("Thuốc X", ""), ("Thuốc X", "123"), ("Thuốc X", "124")], both)
    assert found == {**of_x, ("Thuốc Y", ""): "Urê"}


def test_packages_with_different_numbers_are_told_apart() -> None:
    entries = (used(1, lot_number="A1"), used(2, lot_number="A2"), used(3, lot_number="A1"))
    found = [(one.lot_number, one.first.day, one.last.day) for one in inputs_used(entries)]
    assert found == [("A1", 1, 3), ("A2", 2, 2)]


def test_a_name_cannot_pass_for_anything_but_a_name() -> None:
    (one,) = inputs_used((used(1, "substance:abamectin"),))
    assert one.key == "substance abamectin"
    assert one.name == "substance:abamectin"


def test_other_steps_use_nothing() -> None:
    harvested = Entry(id="h", step=Step.HARVESTING, at=NOW, place="Vườn")
    assert inputs_used((harvested,)) == ()


async def test_a_lot_tells_what_its_own_diary_and_that_of_its_area_name(
    registry: Registry,
) -> None:
    farm = await registry.a_facility()
    product = await registry.a_product(farm["id"])
    season = {"name": "Vụ 2026", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    area = await registry.published(
        "growing-areas", builders.growing_area(facility_id=farm["id"], seasons=[season])
    )
    operator = registry.operator(farm["id"])
    of_area = builders.entry(
        "input", "2026-06-20", kind="fertiliser", name="Lân Văn Điển", lot_number="LVD-7"
    )
    ok(await registry.post(f"/growing-areas/{area['id']}/entries", of_area, operator), 201)
    own = builders.entry("input", "2026-07-01", kind="feed", name="Rỉ mật")
    lot = await registry.a_lot(
        farm["id"], product["id"], growing_area_id=area["id"], entries=[*builders.diary(), own]
    )
    [passport] = await registry.events(lot["id"], LotPublished)
    named = {(one.key, one.kind, one.lot_number) for one in passport.used}
    assert {("lan van dien", "fertiliser", "LVD-7"), ("ri mat", "feed", "")} <= named
    assert {one.first for one in passport.used if one.key == "ri mat"} == {date(2026, 7, 1)}


@pytest_asyncio.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    """A database that no process of registry looks after."""
    found = Database(settings.mongo_url, f"{settings.db_prefix}_{new_id()[-8:]}", "registry")
    await store.prepare(found)
    yield found
    await found.close()


async def kept(db: Database, *entries: Entry, **more: Any) -> str:
    """A lot as the version before kept and told it: published, the passport without `used`."""
    record_id = new_id()
    lot = Lot("f", "p", record_id[-8:], Decimal(1), "kg", date(2026, 7, 20), entries=entries)
    record = entered(
        Aggregate.LOT,
        lot,
        record_id=record_id,
        code=record_id[-8:],
        owner=OWNER,
        by=BY,
        now=NOW - timedelta(days=9),
    )
    shown = replace(record, draft=None, published=lot, state=State.PUBLISHED, **more)

    async def work(tx: Tx) -> None:
        await records.insert(tx, shown, by=BY)
        await outbox.append(tx, lot_passport(shown, None))

    await transact(db, work)
    await db.collection("outbox").update_one(
        {"body.subject": record_id}, {"$unset": {"body.data.used": ""}}
    )
    return record_id


async def test_lots_published_before_are_told_anew_once_with_what_was_used_on_them(
    db: Database,
) -> None:
    lots = [await kept(db, used(3)) for _ in range(3)]
    withdrawn = await kept(db, used(3), status=Status.WITHDRAWN)
    plain = await kept(db)
    assert await through(lambda: step(db, by="a", now=NOW, size=2, of=LOTS)) == 4
    for one in (*lots, withdrawn):
        before, after = await told(db, one)
        assert (before.version, before.used) == (1, ())
        assert (after.version, [use.key for use in after.used]) == (2, ["dam ca mau"])
    assert (await told(db, withdrawn))[-1].status == "withdrawn"
    assert len(await told(db, plain)) == 1, "nothing more is to be told of it"
    assert await through(lambda: step(db, by="b", now=NOW, size=2, of=LOTS)) == -1
    assert await through(lambda: step(db, by="b", now=NOW, size=2)) == 0, (
        "products go by themselves"
    )
