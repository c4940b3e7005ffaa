"""Who read what stands in the ledger, folded so that nobody can flood it (R10, ADR 18)."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared import accepted_reads
from shared.accepted_reads import (
    ACCEPTED,
    LOST,
    MOST_HELD_ROWS,
    MOST_RECORDS,
    ROWS,
    AcceptedReads,
    Opened,
)
from shared.auth import Principal
from shared.contracts.acts import StampsActRecorded
from shared.folding import ACTION, EVERYTHING_ELSE, MOST
from shared.ids import new_id, now
from tests.answers import ok, refused
from tests.stamps.conftest import Farm, Stamps

READ = "/api/stamps/v1/requests/{request_id}"


def official(account: str = "") -> Principal:
    return Principal(account or new_id(), "", "province", frozenset({"check"}), "u", "s")


def reads_of(stamps: Stamps) -> AcceptedReads:
    found: AcceptedReads = stamps.app.state.reads
    return found


async def told(stamps: Stamps, account: str) -> list[StampsActRecorded]:
    """What the ledger is told of an account's reads, once their time is over."""
    reads = reads_of(stamps)
    await reads.flush()
    while await reads.close_due(stamps.db, now() + timedelta(days=2)):
        pass
    wanted = {"body.data.action": ACTION, "body.data.actor.account_id": account}
    rows = stamps.db.collection("outbox").find({**wanted, "body.data.outcome": ACCEPTED})
    return [StampsActRecorded.read(row["body"]) async for row in rows.sort("_id", 1)]


async def test_an_official_s_reads_are_one_entry_of_address_and_hour_with_all_that_was_opened(
    stamps: Stamps, farm: Farm
) -> None:
    asked = [(await stamps.ask(farm, 10))["id"] for _ in range(3)]
    account = new_id()
    token: Any = stamps.approver(account=account)
    for one in (*asked, asked[0]):
        ok(await stamps.get(f"/requests/{one}", token))
    (act,) = await told(stamps, account)
    assert set(act.records) == {*asked, farm.facility}
    assert (act.facts["times"], act.facts["address"]) == ("4", READ)
    assert datetime.fromisoformat(act.facts["from"]) <= act.time <= now()
    assert (act.actor.account_id, act.actor.name, act.outcome) == (account, "", ACCEPTED)


async def test_a_page_is_told_of_as_the_api_is_and_what_was_refused_is_not(
    stamps: Stamps, farm: Farm
) -> None:
    asked = (await stamps.ask(farm, 10))["id"]
    account = new_id()
    token: Any = stamps.approver(account=account)
    assert (await stamps.page(f"/requests/{asked}", token)).status_code == 200
    refused(await stamps.get(f"/requests/{new_id()}", token), 404, "not_found")
    (act,) = await told(stamps, account)
    assert act.facts["address"] == "/console/stamps/requests/{request_id}"
    assert asked in act.records


async def test_one_s_own_facility_is_one_entry_a_day_whatever_was_opened(
    stamps: Stamps, farm: Farm
) -> None:
    asked = (await stamps.ask(farm, 10))["id"]
    batch = await stamps.a_batch(farm, 10)
    account = new_id()
    token: Any = stamps.operator(farm.facility, account=account)
    for path in ("/requests", f"/requests/{asked}", f"/batches/{batch}"):
        ok(await stamps.get(path, token))
    (act,) = await told(stamps, account)
    assert (act.facts["address"], act.facts["times"]) == (EVERYTHING_ELSE, "3")
    assert act.facts["own"]
    assert {asked, str(batch), farm.facility} == set(act.records)


async def test_forms_lists_without_a_reader_and_strangers_are_no_entry(stamps: Stamps) -> None:
    account = new_id()
    token: Any = stamps.operator("any", account=account)
    assert (await stamps.page("/requests/new", token)).status_code == 200
    assert (await stamps.client.get("/v1/feed")).status_code == 200
    assert await told(stamps, account) == []


async def test_two_processes_add_to_the_same_row(stamps: Stamps) -> None:
    who, at = official(), now()
    mine, other = AcceptedReads(stamps.db), AcceptedReads(stamps.db)
    for reads, record in ((mine, "a"), (other, "b"), (other, "$c")):
        reads.note(who, Opened("/x/{id}", (record,)), at)
    await asyncio.gather(mine.flush(), other.flush())
    (act,) = await told(stamps, who.account_id)
    assert set(act.records) == {"a", "b", "$c"}
    assert act.facts["times"] == "3"


async def test_what_comes_after_an_hour_was_told_is_told_too(stamps: Stamps) -> None:
    who, at = official(), now()
    for times in range(1, 3):
        reads_of(stamps).note(who, Opened("/x/{id}", ("a",)), at)
        assert len(await told(stamps, who.account_id)) == times


async def test_an_hour_under_way_is_not_told_of(stamps: Stamps) -> None:
    who = official()
    reads_of(stamps).note(who, Opened("/x/{id}", ("a",)), now() + timedelta(hours=1))
    await reads_of(stamps).flush()
    while await reads_of(stamps).close_due(stamps.db, now()):
        pass
    wanted = {"account_id": who.account_id, "told": False}
    assert await stamps.db.collection(ROWS).count_documents(wanted) == 1
    assert len(await told(stamps, who.account_id)) == 1


async def test_a_reader_of_everything_costs_the_ledger_no_more_than_a_few_entries(
    stamps: Stamps,
) -> None:
    who, at, turns = official(), now(), 2
    for turn in range(turns):
        for n in range(MOST + 15):
            opened = Opened(f"/address/{n}/{{id}}", (f"{turn}-{n}",))
            reads_of(stamps).note(who, opened, at)
    acts = await told(stamps, who.account_id)
    assert len(acts) == MOST + 1
    assert [act.facts["address"] for act in acts].count(EVERYTHING_ELSE) == 1
    assert sum(int(act.facts["times"]) for act in acts) == turns * (MOST + 15)
    assert len({one for act in acts for one in act.records}) == turns * (MOST + 15)


async def test_of_very_many_records_the_first_are_named_and_it_is_said_that_there_were_more(
    stamps: Stamps,
) -> None:
    who, at = official(), now()
    for n in range(MOST_RECORDS + 50):
        reads_of(stamps).note(who, Opened("/x/{id}", (f"r{n}",)), at)
    await reads_of(stamps).flush()
    reads_of(stamps).note(who, Opened("/x/{id}", ("late",)), at)
    (act,) = await told(stamps, who.account_id)
    assert len(act.records) == MOST_RECORDS
    assert "late" not in act.records
    assert (act.facts["more"], act.facts["times"]) == ("yes", str(MOST_RECORDS + 51))


async def test_of_records_that_no_memory_was_left_for_it_is_said_that_there_were_more(
    stamps: Stamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, other, at = official(), official(), now()
    monkeypatch.setattr(accepted_reads, "MOST_HELD_RECORDS", 3)
    reads = AcceptedReads(stamps.db)
    reads.note(other, Opened("/x/{id}", ("z",)), at)
    reads.note(who, Opened("/x/{id}", ("a", "b")), at)

    async def away(*_: Any) -> None:
        reads.note(who, Opened("/x/{id}", ("c",)), at)
        raise TimeoutError

    with monkeypatch.context() as patched:
        patched.setattr(accepted_reads, "transact", away)
        with pytest.raises(TimeoutError):
            await reads.flush()
    await reads.flush()
    (act,) = await told(stamps, who.account_id)
    assert (set(act.records), act.facts["times"]) == ({"a", "b"}, "2")
    assert act.facts["more"] == "yes"
    (act,) = await told(stamps, other.account_id)
    assert "more" not in act.facts


async def test_what_could_not_be_written_is_held_on_and_written_once(
    stamps: Stamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, at, reads = official(), now(), AcceptedReads(stamps.db)
    reads.note(who, Opened("/x/{id}", ("a",)), at)

    async def away(*_: Any) -> None:
        reads.note(who, Opened("/x/{id}", ("b",)), at)
        raise TimeoutError

    with monkeypatch.context() as patched:
        patched.setattr(accepted_reads, "transact", away)
        with pytest.raises(TimeoutError):
            await reads.flush()
    await reads.flush()
    await reads.flush()
    (act,) = await told(stamps, who.account_id)
    assert (set(act.records), act.facts["times"]) == ({"a", "b"}, "2")


async def test_a_process_holds_no_more_than_so_much_while_nothing_can_be_written(
    stamps: Stamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, at = AcceptedReads(stamps.db), now()
    lost = LOST._value.get()

    async def away(*_: Any) -> None:
        fill()
        raise TimeoutError

    def fill() -> None:
        for n in range(MOST_HELD_ROWS + 10):
            records = tuple(f"{n}-{m}" for m in range(40))
            reads.note(official(), Opened("/x/{id}", records), at)

    fill()
    monkeypatch.setattr(accepted_reads, "transact", away)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await reads.flush()
    assert len(reads._held) == MOST_HELD_ROWS
    assert sum(len(one.read) for one in reads._held.values()) <= accepted_reads.MOST_HELD_RECORDS
    assert LOST._value.get() == lost + 10 + 2 * (MOST_HELD_ROWS + 10)
