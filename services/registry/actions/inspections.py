"""Inspections: recorded by officials in scope, violations settled, published only with a reason."""

from collections.abc import Callable
from datetime import datetime

from services.registry.actions import documents, listing
from services.registry.actions.rights import require_for
from services.registry.domain.diary import local_day
from services.registry.domain.documents import Document
from services.registry.domain.inspections import Inspection, Minute
from services.registry.domain.records import Aggregate
from services.registry.store import inspections, records
from shared import audit
from shared.auth import Principal, Scope, require
from shared.mongo import Database, Tx, transact
from shared.once import Once


async def record(
    facility_id: str,
    minute: Minute,
    *,
    inspection_id: str,
    data: bytes | None,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Inspection:
    """One more inspection of a facility, with the scanned decision in `data` if given."""
    async with audit.attempt(db, who, "inspection.record", facility_id):
        facility = await records.get(db, Aggregate.FACILITY, facility_id)
        require_for(who, "inspection.record", facility)
        one = Inspection(
            id=inspection_id,
            facility_id=facility_id,
            facility_name=facility.owner.name,
            commune=facility.owner.commune,
            sector=facility.owner.sector,
            it=minute.checked(local_day(now)),
            version=1,
            recorded_by=who.name,
            at=now,
        )
        if data is None:
            return await _keep(one, None, once, who=who, now=now, db=db)
        async with documents.stored(
            data,
            facility_id=facility_id,
            kind="inspection",
            title=minute.decision or f"{minute.on:%d/%m/%Y}",
            who=who,
            now=now,
            db=db,
        ) as scan:
            return await _keep(one, scan, once, who=who, now=now, db=db)


async def settle(
    inspection_id: str,
    number: int,
    *,
    fined: bool,
    remedy: str,
    version: int,
    who: Principal,
    now: datetime,
    db: Database,
) -> Inspection:
    """Say how a violation ended; `number` counts from 0."""
    return await _step(
        inspection_id,
        lambda before: before.settle(number, fined=fined, remedy=remedy, version=version, now=now),
        "inspection.record",
        "inspection.settle",
        remedy,
        who=who,
        db=db,
    )


async def publish(
    inspection_id: str, *, public: bool, reason: str, version: int, who: Principal, db: Database
) -> Inspection:
    """Show the result to everybody, or take it back; the reason is shown and kept."""
    return await _step(
        inspection_id,
        lambda before: before.publish(public=public, reason=reason, version=version),
        "inspection.publish",
        "inspection.publish" if public else "inspection.withhold",
        reason,
        who=who,
        db=db,
    )


async def note_export(who: Principal, subject: str, *, db: Database) -> None:
    """Who took which inspections is recorded before the first byte leaves."""
    require(who, "inspection.read")

    async def work(tx: Tx) -> None:
        await audit.accepted(tx, who, "inspection.export", subject)

    await transact(db, work)


def scope_of(inspection: Inspection) -> Scope:
    return Scope(inspection.facility_id, inspection.commune, inspection.sector)


async def _keep(
    one: Inspection,
    scan: Document | None,
    once: Once | None,
    *,
    who: Principal,
    now: datetime,
    db: Database,
) -> Inspection:
    async def make(tx: Tx) -> Inspection:
        after = one
        if scan is not None:
            await documents.add(tx, scan)
            after = one.with_document(scan.id)
        await inspections.insert(tx, after)
        await audit.accepted(
            tx, who, "inspection.record", one.id, facility=one.facility_id, result=one.it.result
        )
        return after

    return await listing.entered(make, inspections.get, once=once, now=now, db=db)


async def _step(
    inspection_id: str,
    change: Callable[[Inspection], Inspection],
    right: str,
    action: str,
    reason: str,
    *,
    who: Principal,
    db: Database,
) -> Inspection:
    async def read(tx: Tx) -> Inspection:
        before = await inspections.get(tx, inspection_id)
        require(who, right, scope_of(before))
        return before

    async def write(tx: Tx, before: Inspection, after: Inspection) -> None:
        await inspections.put(tx, before, after)
        await audit.accepted(tx, who, action, inspection_id, reason, facility=before.facility_id)

    return await listing.changed(
        read, change, write, action=action, subject=inspection_id, who=who, db=db
    )
