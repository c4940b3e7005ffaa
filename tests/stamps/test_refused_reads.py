"""Reads that an account was refused stand in the ledger, and a crawler cannot flood it (R10)."""

import asyncio
from datetime import timedelta
from typing import Any

from shared import refused_reads
from shared.auth import Principal
from shared.contracts.acts import StampsActRecorded
from shared.folding import ACTION, EVERYTHING_ELSE, MOST
from shared.ids import new_id, now
from shared.refused_reads import Refused
from tests.answers import refused
from tests.stamps.conftest import Farm, Stamps


async def told(stamps: Stamps, account: str) -> list[StampsActRecorded]:
    """What the ledger is told of an account's refused reads."""
    rows = stamps.db.collection("outbox").find(
        {"body.data.action": ACTION, "body.data.actor.account_id": account}
    )
    return [StampsActRecorded.read(row["body"]) async for row in rows.sort("_id", 1)]


async def hour_over(stamps: Stamps) -> None:
    while await refused_reads.close_due(stamps.db, now() + timedelta(hours=1)):
        pass


def somebody() -> Principal:
    return Principal(new_id(), "A", "facility", frozenset({"operate"}), "u", "s", facility_id="f")


async def test_a_foreign_object_is_recorded_at_once_and_its_repetitions_by_the_hour(
    stamps: Stamps, farm: Farm
) -> None:
    theirs = [(await stamps.ask(farm, 10))["id"] for _ in range(3)]
    account = new_id()
    stranger: Any = stamps.operator("another-facility", account=account)
    for one in theirs:
        refused(await stamps.get(f"/requests/{one}", stranger), 404, "not_found")
    (act,) = await told(stamps, account)
    assert (act.outcome, act.subject, act.actor.facility_id) == (
        "not_found",
        theirs[0],
        "another-facility",
    )
    assert act.facts == {"address": "/api/stamps/v1/requests/{request_id}"}
    await hour_over(stamps)
    _, later = await told(stamps, account)
    assert (later.facts["times"], later.subject) == ("3", theirs[-1])
    await hour_over(stamps)
    assert len(await told(stamps, account)) == 2


async def test_a_page_and_an_address_that_one_may_not_read_are_recorded_too(
    stamps: Stamps, farm: Farm
) -> None:
    theirs = (await stamps.ask(farm, 10))["id"]
    account = new_id()
    reader: Any = stamps.token("facility", "report", facility=farm.facility, account=account)
    assert (await stamps.page("/requests/new", reader)).status_code == 403
    stranger: Any = stamps.operator("another-facility", account=account)
    assert (await stamps.page(f"/requests/{theirs}", stranger)).status_code == 404
    found = [(act.outcome, act.facts["address"]) for act in await told(stamps, account)]
    assert found == [
        ("forbidden", "/console/stamps/requests/new"),
        ("not_found", "/console/stamps/requests/{request_id}"),
    ]


async def test_what_does_not_exist_and_what_one_may_read_is_no_entry(
    stamps: Stamps, farm: Farm
) -> None:
    mine = (await stamps.ask(farm, 10))["id"]
    account = new_id()
    owner: Any = stamps.operator(farm.facility, account=account)
    refused(await stamps.get(f"/requests/{new_id()}", owner), 404, "not_found")
    assert (await stamps.get(f"/requests/{mine}", owner)).status_code == 200
    assert (await stamps.get("/nothing-here", owner)).status_code == 404
    assert await told(stamps, account) == []


async def test_a_crawler_at_every_address_costs_the_ledger_no_more_than_a_few_entries(
    stamps: Stamps,
) -> None:
    who = somebody()
    for turn in range(3):
        for n in range(MOST + 15):
            one = Refused(f"/address/{n}/{{id}}", f"{turn}-{n}", "not_found")
            await refused_reads.note(stamps.db, who, one, now())
    acts = await told(stamps, who.account_id)
    assert len(acts) == MOST + 1
    assert acts[-1].facts["address"] == EVERYTHING_ELSE
    await hour_over(stamps)
    acts = await told(stamps, who.account_id)
    assert len(acts) == 2 * (MOST + 1)
    assert sum(int(act.facts.get("times", 0)) for act in acts) == 3 * (MOST + 15)


async def test_many_at_once_are_one_entry_and_all_are_counted(stamps: Stamps) -> None:
    who = somebody()
    reads = [Refused("/x/{id}", str(n), "forbidden") for n in range(30)]
    await asyncio.gather(*(refused_reads.note(stamps.db, who, one, now()) for one in reads))
    assert len(await told(stamps, who.account_id)) == 1
    await hour_over(stamps)
    assert [act.facts.get("times") for act in await told(stamps, who.account_id)] == [None, "30"]
