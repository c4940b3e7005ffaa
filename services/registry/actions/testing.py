"""Laboratory results: entered with the report, decided by an official, told with the lot."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from services.registry.actions.rights import author, require_for
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.testing import (
    FailedTest,
    Standing,
    TestResult,
    Verdict,
    checked_report,
)
from services.registry.passports import lot_passport
from services.registry.store import examinations, records, testing
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
        file = await testing.keep_file(db, checked_report(report)) if report else ""
        digest = sha256(report).hexdigest() if report else ""

        async def work(tx: Tx) -> TestResult:
            before = await kept.answered(tx, once)
            if before is not None:
                return await testing.get(tx, before["id"])
            # Counted in the lock of the lot's own tests: a publication at this moment conflicts.
            await records.lock(tx, lock_of(wanted.lot_id))
            found = replace(checked, file=file, digest=digest, owner=lot.owner, by=author(who))
            await testing.insert(tx, found)
            await outbox.append(tx, told(found, now))
            if found.stands_in_the_way:
                await _tell_lot(tx, found, who=who, now=now)
                await examinations.begin(tx, found.id, now)
            await kept.keep(tx, once, {"id": found.id}, now)
            await audit.accepted(tx, who, "lot.test", found.id, verdict=found.verdict)
            return found

        return await transact(db, work)


async def attach(
    result_id: str, report: bytes, *, who: Principal, now: datetime, db: Database
) -> TestResult:
    """The report of a result that was entered without it."""
    async with audit.attempt(db, who, "lot.test.report", result_id):
        result = await testing.get(db, result_id)
        lot = await records.get(db, Aggregate.LOT, result.lot_id)
        _may_enter(who, lot)
        digest = sha256(checked_report(report)).hexdigest()
        if result.with_report("new", digest) is result:
            return result
        file = await testing.keep_file(db, report)

        async def work(tx: Tx) -> TestResult:
            before = await testing.get(tx, result_id)
            after = before.with_report(file, digest)
            if after is not before:
                await testing.put(tx, before, after)
                await outbox.append(tx, told(after, now))
                await audit.accepted(tx, who, "lot.test.report", result_id)
            return after

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
        require_for(who, "lot.check", await records.get(tx, Aggregate.LOT, before.lot_id))
        await records.lock(tx, lock_of(before.lot_id))
        after = before.decide(standing, by=author(who), reason=reason, now=now)
        await testing.put(tx, before, after)
        await outbox.append(tx, told(after, now))
        await _tell_lot(tx, after, who=who, now=now)
        if after.verdict is Verdict.FAILED:
            await examinations.begin(tx, after.id, now)
        await audit.accepted(tx, who, f"lot.test.{standing}", result_id, reason)
        return after

    async with audit.attempt(db, who, "lot.test.decide", result_id):
        return await transact(db, work)


async def _tell_lot(tx: Tx, result: TestResult, *, who: Principal, now: datetime) -> None:
    """Tell a published lot anew, with what the result means for it."""
    lot = await records.get(tx, Aggregate.LOT, result.lot_id)
    if lot.published is None:
        return
    shown = replace(lot, version=lot.version + 1, updated_at=now)
    await records.put(tx, lot, shown, act="tested", by=author(who), reason=result.reason)
    await outbox.append(tx, await passport(tx, shown))


async def check_passed(tx: Tx, lot_id: str) -> None:
    """Raise where a failed result stands in the way of a publication."""
    await records.lock(tx, lock_of(lot_id))
    for result in await testing.of_lot(tx, lot_id):
        if result.stands_in_the_way:
            raise FailedTest(parameter=result.parameter)


async def passport(source: Database | Tx, lot: Record[Any]) -> Any:
    """The lot's passport with its area, its laboratory results and those of what it came from."""
    area = None
    if lot.shown.growing_area_id:
        area = await records.get(source, Aggregate.GROWING_AREA, lot.shown.growing_area_id)
    product = await records.find(source, Aggregate.PRODUCT, lot.shown.product_id)
    examined = await examinations.of_lot(source, lot.id)
    results = await testing.of_lot(source, lot.id)
    held = product.published.net_content if product and product.published else ""
    return lot_passport(lot, area, results, examined, held)


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
