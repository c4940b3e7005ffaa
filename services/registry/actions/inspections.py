"""Inspections: recorded by officials in scope, violations settled, published only with a reason."""

from collections.abc import Callable, Sequence
from datetime import datetime

from services.registry.actions import documents, listing
from services.registry.actions.inspections_told import settled, told
from services.registry.actions.rights import author, require_for
from services.registry.domain.documents import Document
from services.registry.domain.inspections import Inspection, Minute
from services.registry.domain.records import Aggregate
from services.registry.store import documents as scans
from services.registry.store import inspections, records, wanted
from shared import audit
from shared.auth import Principal, Scope, require
from shared.contracts.event import Event
from shared.days import local_day
from shared.messaging import outbox
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
            writers=(who.account_id,),
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
        now=now,
        db=db,
        also=lambda after: settled(after, number, now),
    )


async def publish(
    inspection_id: str,
    *,
    public: bool,
    reason: str,
    version: int,
    who: Principal,
    now: datetime,
    db: Database,
) -> Inspection:
    """Show the result to everybody, or take it back; the reason is shown and kept."""
    return await _step(
        inspection_id,
        lambda before: before.publish(
            public=public, reason=reason, by=author(who), version=version
        ),
        "inspection.publish",
        "inspection.publish" if public else "inspection.withhold",
        reason,
        who=who,
        now=now,
        db=db,
    )


async def correct(
    inspection_id: str,
    minute: Minute,
    numbers: Sequence[int | None],
    *,
    reason: str,
    version: int,
    who: Principal,
    now: datetime,
    db: Database,
) -> Inspection:
    """Set right what was written down wrongly; what stood there before is kept."""
    checked = minute.checked(local_day(now))
    return await _step(
        inspection_id,
        lambda before: before.correct(
            checked, numbers, reason=reason, by=author(who), version=version, now=now
        ),
        "inspection.record",
        "inspection.correct",
        reason,
        who=who,
        now=now,
        db=db,
    )


async def attach(
    inspection_id: str,
    data: bytes,
    title: str,
    *,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Inspection:
    """One more scan: the minute as it was signed, the decision on a fine (R34)."""
    action = "inspection.attach"
    async with audit.attempt(db, who, action, inspection_id):
        one = await inspections.get(db, inspection_id)
        require(who, "inspection.record", scope_of(one))
        async with documents.stored(
            data,
            facility_id=one.facility_id,
            kind="inspection",
            title=title,
            who=who,
            now=now,
            db=db,
        ) as scan:

            async def make(tx: Tx) -> Inspection:
                before = await inspections.get(tx, inspection_id)
                require(who, "inspection.record", scope_of(before))
                after = before.with_paper(scan.id)
                await documents.add(tx, scan)
                await inspections.put(tx, before, after)
                await outbox.append(tx, told(after, now))
                await audit.accepted(tx, who, action, inspection_id, facility=one.facility_id)
                return after

            found = await listing.entered(make, inspections.get, once=once, now=now, db=db)
        if scan.id not in found.papers:
            await scans.drop_files(db, {scan.kind: scan.file})
        return found


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
        await wanted.answered(tx, after, now)
        await outbox.append(tx, told(after, now))
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
    now: datetime,
    db: Database,
    also: Callable[[Inspection], Event] | None = None,
) -> Inspection:
    """The change of an inspection, told as it then stands; `also` makes one more fact of it."""

    async def read(tx: Tx) -> Inspection:
        before = await inspections.get(tx, inspection_id)
        require(who, right, scope_of(before))
        return before

    async def write(tx: Tx, before: Inspection, after: Inspection) -> None:
        await inspections.put(tx, before, after)
        await outbox.append(tx, told(after, now))
        if also is not None:
            await outbox.append(tx, also(after))
        await audit.accepted(tx, who, action, inspection_id, reason, facility=before.facility_id)

    return await listing.changed(
        read, change, write, action=action, subject=inspection_id, who=who, db=db
    )
