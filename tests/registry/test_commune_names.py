"""Communes that got another name as others were merged into them: told anew, once (R1, ADR 20)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from services.registry import store
from services.registry.actions import commune_names, resettling
from services.registry.domain.communes import communes, heed
from services.registry.domain.facility import Facility, owned
from services.registry.domain.merging import Merged
from services.registry.domain.records import Aggregate, Author, Owner, State, entered
from services.registry.store import communes as stored
from services.registry.store import records
from shared.contracts.registry import FacilityPublished
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, transact
from shared.settings import Settings
from tests.registry.merged_units import A, B, C

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
CLERK = Author("clerk", "Bùi Xuân Bách", "", "commune")
NEW = "Phường Hạ Mới"
D, E, F = [code for code in communes() if code not in (A, B, C)][:3]


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What was merged here is not for other tests."""
    yield
    heed(Merged())


@pytest_asyncio.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    """A database that no process of registry looks after."""
    found = Database(settings.mongo_url, f"{settings.db_prefix}_{new_id()[-8:]}", "registry")
    await store.prepare(found)
    yield found
    await found.close()


async def published(db: Database, commune: str) -> str:
    """The id of a facility that lies there, published as its third version."""
    it = Facility(f"Cơ sở {commune}", "Thôn 1", commune, "agriculture", ("grower",), "commitment")
    drafted = entered(
        Aggregate.FACILITY, it, record_id=new_id(), code=f"CS{new_id()[-8:]}",
        owner=Owner("", "", "", commune, "agriculture"), by=CLERK, now=NOW,
    )  # fmt: skip
    shown = owned(drafted.submit(version=1, by=CLERK, now=NOW)._shown(NOW))
    assert (shown.version, shown.state) == (3, State.PUBLISHED)
    await transact(db, lambda tx: records.insert(tx, shown, by=CLERK))
    return shown.id


async def told(db: Database, record_id: str) -> list[tuple[int, str]]:
    wanted = {"body.subject": record_id, "body.type": FacilityPublished.type}
    found = [row["body"] async for row in db.collection(outbox.ROWS).find(wanted)]
    return sorted((one["version"], one["data"]["commune_name"]) for one in found)


async def all_told(db: Database, *, by: str = "one", size: int = 2) -> int:
    """How many records the pass went over until there was nothing more to do."""
    seen = 0
    while (after := await commune_names.step(db, by=by, now=NOW, size=size)) is not None:
        seen = after.seen
    return seen


async def test_what_lies_there_is_told_by_the_new_name_once_and_nothing_else(db: Database) -> None:
    here = [await published(db, B) for _ in range(5)]
    elsewhere = await published(db, C)
    assert await all_told(db) == 0, "nothing was merged"
    heed(Merged({A: B}, {B: NEW}))
    assert await all_told(db) == 5
    assert [await told(db, one) for one in here] == [[(4, NEW)]] * 5
    assert await all_told(db) == 0
    newest = (await records.versions(db, Aggregate.FACILITY, here[0]))[0]
    assert (newest.act, newest.by.account_id) == (resettling.STEP, "")
    assert await told(db, elsewhere) == []
    # Another merge concerns another commune: what was told is not told again, however often.
    heed(Merged({A: B, D: C}, {B: NEW, C: "Phường Khác"}))
    assert await all_told(db) == 1
    assert await told(db, elsewhere) == [(4, "Phường Khác")]
    assert await told(db, here[0]) == [(4, NEW)]
    # A successor that keeps its name concerns nobody.
    heed(Merged({A: B, D: C, E: F}, {B: NEW, C: "Phường Khác", F: ""}))
    assert await all_told(db) == 0
    # It is called as before again: that is told too.
    heed(Merged({A: B}, {B: communes()[B].name, C: "Phường Khác"}))
    assert await all_told(db) == 5
    assert await told(db, here[0]) == [(4, NEW), (5, communes()[B].name)]


async def test_it_goes_on_where_a_process_died_and_an_earlier_version_had_finished(
    db: Database,
) -> None:
    here = [await published(db, B) for _ in range(5)]
    heed(Merged({A: B}, {B: NEW}))
    first = await commune_names.step(db, by="one", now=NOW, size=2)
    assert first is not None
    assert first.seen == 2
    assert await commune_names.step(db, by="other", now=NOW, size=2) is None, "it is in good hands"
    later = NOW.replace(hour=4)
    while await commune_names.step(db, by="other", now=later, size=2) is not None:
        pass
    assert [await told(db, one) for one in here] == [[(4, NEW)]] * 5
    # The program before this one kept no more than that its pass was done.
    await db.collection(stored.NAMES).delete_many({})
    assert await all_told(db) == 0
    assert await stored.names_told(db) == {B: NEW}
    assert [await told(db, one) for one in here] == [[(4, NEW)]] * 5


async def test_a_record_that_cannot_follow_holds_no_other_up(db: Database) -> None:
    broken, right = await published(db, A), await published(db, A)
    renamed = await published(db, B)
    facilities = db.collection(stored.FACILITIES)
    await facilities.update_one({"_id": broken}, {"$unset": {"published.name": ""}})
    heed(Merged({A: B}, {B: NEW}))
    await facilities.insert_one({"_id": "0", "published": {"commune": B}, "code": "0"})
    assert await all_told(db, size=1) == 2
    assert await told(db, renamed) == [(4, NEW)]
    assert await resettling.move(db, NOW) == 1
    assert await told(db, right) == [(4, NEW)]


async def test_a_look_for_what_lies_in_communes_that_are_gone_reads_no_whole_collection(
    db: Database,
) -> None:
    for name, fields in (*stored.TOLD.items(), *((k, (v,)) for k, v in stored.ELSEWHERE.items())):
        for field in fields:
            plan = await db.collection(name).find({field: {"$in": [A, B]}}).explain()
            assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"]), (name, field)


async def test_two_processes_at_once_move_and_tell_each_record_once(db: Database) -> None:
    here = [await published(db, A) for _ in range(4)]
    heed(Merged({A: B}, {}))
    moved = await asyncio.gather(*(resettling.move(db, NOW) for _ in range(3)))
    assert sum(moved) == 4
    assert [await told(db, one) for one in here] == [[(4, communes()[B].name)]] * 4
    assert [(await records.get(db, Aggregate.FACILITY, one)).owner.commune for one in here] == (
        [B] * 4
    )
