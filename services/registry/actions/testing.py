"""Laboratory results: entered with the report, decided by an official, told with the lot."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.registry.actions.rights import author, require_for
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.testing import FailedTest, Standing, TestResult
from services.registry.passports import lot_passport
from services.registry.store import records, testing
from shared import audit
from shared import once as kept
from shared.auth import Principal
from shared.contracts.registry import LotTested
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.once import Once


async def enter(
    wanted: TestResult,
    *,
    report: bytes,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> TestResult:
    """Keep a result with its report; one that failed stands in the lot's way from now on."""
    async with audit.attempt(db, who, "lot.test", wanted.lot_id):
        lot = await records.get(db, Aggregate.LOT, wanted.lot_id)
        _may_enter(who, lot)
        checked = wanted.checked(now)
        file = await testing.keep_file(db, report) if report else ""

        async def work(tx: Tx) -> TestResult:
            before = await kept.answered(tx, once)
            if before is not None:
                return await testing.get(tx, before["id"])
            # Counted in the lock of the lot's own tests: a publication at this moment conflicts.
            await records.lock(tx, lock_of(wanted.lot_id))
            found = replace(checked, file=file, owner=lot.owner, by=author(who))
            await testing.insert(tx, found)
            await outbox.append(tx, told(found, now))
            await kept.keep(tx, once, {"id": found.id}, now)
            await audit.accepted(tx, who, "lot.test", found.id, verdict=found.verdict)
            return found

        return await transact(db, work)


async def decide(
    result_id: str,
    standing: Standing,
    *,
    reason: str,
    who: Principal,
    now: datetime,
    db: Database,
) -> TestResult:
    """An official's word on a result; what is published of the lot is told anew with it."""

    async def work(tx: Tx) -> TestResult:
        before = await testing.get(tx, result_id)
        lot = await records.get(tx, Aggregate.LOT, before.lot_id)
        require_for(who, "lot.check", lot)
        await records.lock(tx, lock_of(before.lot_id))
        after = before.decide(standing, by=author(who), reason=reason, now=now)
        await testing.put(tx, before, after)
        await outbox.append(tx, told(after, now))
        if lot.published is not None and after.is_shown:
            shown = replace(lot, version=lot.version + 1, updated_at=now)
            await records.put(tx, lot, shown, act="tested", by=author(who), reason=reason)
            await outbox.append(tx, await passport(tx, shown))
        await audit.accepted(tx, who, f"lot.test.{standing}", result_id, reason)
        return after

    async with audit.attempt(db, who, "lot.test.decide", result_id):
        return await transact(db, work)


async def check_passed(tx: Tx, lot_id: str) -> None:
    """Raise where a failed result stands in the way of a publication."""
    await records.lock(tx, lock_of(lot_id))
    for result in await testing.of_lot(tx, lot_id):
        if result.stands_in_the_way:
            raise FailedTest(parameter=result.parameter)


async def passport(tx: Tx, lot: Record[Any]) -> Any:
    """The lot's passport with its growing area and the results that consumers may see."""
    area = None
    if lot.shown.growing_area_id:
        area = await records.get(tx, Aggregate.GROWING_AREA, lot.shown.growing_area_id)
    results = [one for one in await testing.of_lot(tx, lot.id) if one.is_shown]
    return lot_passport(lot, area, results)


def lock_of(lot_id: str) -> str:
    return f"tests/{lot_id}"


def told(result: TestResult, now: datetime) -> LotTested:
    return LotTested(
        subject=result.id,
        version=result.version,
        time=now,
        lot_id=result.lot_id,
        facility_id=result.owner.facility_id,
        parameter=result.parameter,
        laboratory=result.laboratory,
        sampled_on=result.sampled_on,
        verdict=result.verdict.value,
        decision=result.standing.value,
        reason=result.reason,
    )


def _may_enter(who: Principal, lot: Record[Any]) -> None:
    """Facilities hand in their own results, officials those of their samples."""
    require_for(who, "lot.check" if who.may("lot.check") else "lot.enter", lot)
