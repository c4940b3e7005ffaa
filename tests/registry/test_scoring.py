"""Quality scores follow the rules and the calendar, in a pass that a restart does not lose."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from services.registry import store
from services.registry.actions.scoring import step
from services.registry.domain.catalogues import Catalogue, Row, install, seed
from services.registry.domain.certificates import Certificate
from services.registry.domain.facility import Facility
from services.registry.domain.quality import basis, judged
from services.registry.domain.records import Aggregate, Author, Owner, entered
from services.registry.domain.scoring import LEASE, Pass
from services.registry.store import records, scoring
from shared.ids import new_id
from shared.mongo import Database, Tx, transact
from shared.settings import Settings
from tests.registry import builders

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
TODAY = date(2026, 11, 25)
BY = Author("a", "Người nhập", "commune", "u")
Rules = Callable[..., None]


def rule(field: str, weight: str = "1", record: str = "facility") -> Row:
    values = {"title": field, "record": record, "field": field, "weight": weight}
    return Row(Catalogue.REQUIRED, f"rule-{record}-{field}", values)


@pytest.fixture
def rules() -> Iterator[Rules]:
    """Rules of one's own for the length of a test."""
    gone = [
        Row(Catalogue.REQUIRED, key, row.values, retired=True)
        for key, row in seed(Catalogue.REQUIRED).items()
    ]
    yield lambda *wanted: install([*gone, *wanted])
    install([])


@pytest_asyncio.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    """A database that no process of registry looks after."""
    found = Database(settings.mongo_url, f"{settings.db_prefix}_{new_id()[-8:]}", "registry")
    await store.prepare(found)
    yield found
    await found.close()


def a_facility(*certificates: Certificate, **more: Any) -> Facility:
    body = {k: v for k, v in builders.facility().items() if k not in ("certificates", "kinds")}
    body["registration_date"] = date(2017, 4, 18)
    return Facility(**{**body, "kinds": ("grower",), "certificates": certificates, **more})


def paper(expires_on: date | None) -> Certificate:
    return Certificate("attp", "1", "Chi cục", date(2024, 1, 1), expires_on)


async def kept(db: Database, *contents: Facility) -> list[str]:
    """Saved as a day of February had it."""
    ids = []
    for content in contents:
        record_id = new_id()
        owner = Owner(record_id, content.name, record_id[-8:], content.commune, content.sector)
        record = entered(
            Aggregate.FACILITY,
            content,
            record_id=record_id,
            code=record_id[-8:],
            owner=owner,
            by=BY,
            now=datetime(2026, 2, 1, 3, tzinfo=UTC),
        )

        async def work(tx: Tx, record: Any = record) -> None:
            await records.insert(tx, record, by=BY)

        await transact(db, work)
        ids.append(record_id)
    return sorted(ids)


async def score(db: Database, record_id: str) -> int:
    row = await db.collection("facilities").find_one({"_id": record_id})
    assert row is not None
    return int(row["derived"]["quality"])


async def to_the_end(
    db: Database, *, by: str = "p1", now: datetime = NOW, size: int = 200
) -> Pass | None:
    last = None
    while (done := await step(db, by=by, now=now, size=size)) is not None:
        last = done
    return last


def test_a_certificate_that_ran_out_is_missing_from_the_next_day_on(rules: Rules) -> None:
    rules(rule("certificates", "3"), rule("phone"))
    it = a_facility(paper(TODAY))
    assert judged(it, TODAY).percent == 100
    after = judged(it, TODAY + timedelta(days=1))
    assert (after.percent, [row.values["field"] for row in after.missing]) == (25, ["certificates"])
    renewed = a_facility(paper(TODAY), paper(TODAY + timedelta(days=365)))
    assert judged(renewed, TODAY + timedelta(days=1)).percent == 100


def test_another_rule_or_another_day_is_another_basis(rules: Rules) -> None:
    rules(rule("phone"))
    one = basis(TODAY)
    assert basis(TODAY) == one
    assert basis(TODAY + timedelta(days=1)) != one
    rules(rule("phone", "2"))
    assert basis(TODAY) != one


async def test_scores_follow_a_change_of_the_rules_without_anybody_saving(
    db: Database, rules: Rules
) -> None:
    rules(rule("phone"))
    full, empty = a_facility(), a_facility(phone="")
    ids = await kept(db, full, empty)
    await to_the_end(db)
    assert sorted([await score(db, one) for one in ids]) == [0, 100]
    rules(rule("phone"), rule("email"))
    done = await to_the_end(db)
    assert done is not None
    assert done.finished_at is not None
    assert (done.seen, done.changed) == (2, 1)
    assert sorted([await score(db, one) for one in ids]) == [0, 50]


async def test_scores_follow_the_passing_of_time(db: Database, rules: Rules) -> None:
    rules(rule("certificates"), rule("phone"))
    [record_id] = await kept(db, a_facility(paper(TODAY)))
    await to_the_end(db)
    assert await score(db, record_id) == 100
    assert await step(db, by="p1", now=NOW) is None
    await to_the_end(db, now=NOW + timedelta(days=1))
    assert await score(db, record_id) == 50


async def test_a_restart_goes_on_where_the_pass_stopped(db: Database, rules: Rules) -> None:
    rules(rule("phone"))
    ids = await kept(db, *[a_facility() for _ in range(5)])
    rules(rule("email"))
    first = await step(db, by="p1", now=NOW, size=2)
    assert first is not None
    assert (first.seen, first.after, first.total) == (2, ids[1], 5)
    # The first process dies. Another takes over once its lease has run out, not before.
    assert await step(db, by="p2", now=NOW + timedelta(seconds=1), size=2) is None
    later = NOW + LEASE + timedelta(seconds=1)
    second = await step(db, by="p2", now=later, size=2)
    assert second is not None
    assert (second.seen, second.after) == (4, ids[3])
    # What was taken for dead does not write over the progress of the other.
    assert await step(db, by="p1", now=later, size=2) is None
    done = await to_the_end(db, by="p2", now=later, size=2)
    assert done is not None
    assert (done.seen, done.changed) == (5, 5)
    assert {await score(db, one) for one in ids} == {0}


async def test_rules_that_change_meanwhile_begin_a_new_pass(db: Database, rules: Rules) -> None:
    rules(rule("phone"))
    ids = await kept(db, *[a_facility() for _ in range(4)])
    rules(rule("email"))
    await step(db, by="p1", now=NOW, size=2)
    rules(rule("phone"), rule("email"))
    begun = await step(db, by="p2", now=NOW, size=2)
    assert begun is not None
    assert begun.seen == 2
    assert await step(db, by="p1", now=NOW, size=2) is None
    await to_the_end(db, by="p2", size=2)
    assert {await score(db, one) for one in ids} == {50}


async def test_a_record_that_is_saved_meanwhile_keeps_its_own_score(
    db: Database, rules: Rules
) -> None:
    rules(rule("phone"))
    [record_id] = await kept(db, a_facility(phone=""))
    [(seen, _)] = await scoring.chunk(db, Aggregate.FACILITY, "", 10)

    async def save(tx: Tx) -> None:
        mended = replace(seen, version=2, draft=a_facility(), updated_at=NOW)
        await records.put(tx, seen, mended, act="edited", by=BY)

    await transact(db, save)
    assert await scoring.put_score(db, seen, 0) is False
    assert await score(db, record_id) == 100


async def test_a_database_of_an_older_program_gets_its_scores(db: Database, rules: Rules) -> None:
    rules(rule("phone"))
    [record_id] = await kept(db, a_facility())
    await db.collection("facilities").update_one(
        {"_id": record_id}, {"$unset": {"derived.quality": 1}}
    )
    await to_the_end(db)
    assert await score(db, record_id) == 100
