"""Facilities: entered, edited, stopped, resumed; and what their publication brings about."""

from datetime import datetime
from typing import Any

from services.registry.actions.entering import Entered, edit, enter
from services.registry.actions.rights import author, require_for
from services.registry.domain.codes import FACILITY_PREFIX
from services.registry.domain.documents import DocumentUnknown
from services.registry.domain.facility import Facility, owned
from services.registry.domain.records import Aggregate, Owner, Record, entered
from services.registry.passports import facility_passport
from services.registry.store import applications, documents, known, records
from shared import audit
from shared.auth import Principal
from shared.contracts.registry import FacilityEntered, FacilityResumed, FacilityStopped
from shared.days import local_day
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.once import Once


async def enter_facility(
    content: Facility,
    *,
    record_id: str,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
    application_id: str = "",
) -> Entered:
    """A new facility, entered by an authority on its behalf (R9, R18).

    `application_id`: identity's application that it was filled in from; raises ApplicationEntered.
    """

    async def make(tx: Tx) -> Record[Any]:
        checked = content.checked(local_day(now))
        await must_have_scans(tx, checked, record_id)
        nowhere = Owner(record_id, checked.name, "", checked.commune, checked.sector)
        record = entered(
            Aggregate.FACILITY,
            checked,
            record_id=record_id,
            code=await records.free_code(tx, Aggregate.FACILITY, FACILITY_PREFIX),
            owner=nowhere,
            by=author(who),
            now=now,
        )
        require_for(who, "facility.enter", record)
        if application_id:
            await applications.note(tx, application_id, record.id, record.code, now)
            told = FacilityEntered(
                subject=record.id,
                version=record.version,
                time=now,
                application_id=application_id,
                code=record.code,
            )
            await outbox.append(tx, told)
        return owned(record)

    return await enter(Aggregate.FACILITY, make, who=who, now=now, db=db, once=once)


async def edit_facility(
    record_id: str,
    content: Facility,
    *,
    version: int,
    who: Principal,
    now: datetime,
    db: Database,
) -> Record[Any]:
    async def change(tx: Tx, before: Record[Any]) -> Facility:
        kept = content.with_scans_of(before.content).checked(local_day(now))
        await must_have_scans(tx, kept, record_id)
        return kept

    return await edit(
        Aggregate.FACILITY, record_id, change, version=version, who=who, now=now, db=db
    )


async def stop_facility(
    record_id: str, *, reason: str, who: Principal, now: datetime, db: Database
) -> Record[Any]:
    """It stops operating: accounts and stamps are suspended with it (R7)."""

    async def work(tx: Tx) -> Record[Any]:
        before = await records.get(tx, Aggregate.FACILITY, record_id)
        require_for(who, "facility.stop", before)
        told, stopped = await _in_use(tx, before.stop(by=author(who), reason=reason, now=now))
        await records.put(tx, before, stopped, act="stopped", by=author(who), reason=reason)
        event = FacilityStopped(subject=record_id, version=stopped.version, time=now, reason=reason)
        await outbox.append(tx, facility_passport(told), event)
        await audit.accepted(tx, who, "facility.stop", record_id, reason)
        return stopped

    async with audit.attempt(db, who, "facility.stop", record_id):
        return await transact(db, work)


async def resume_facility(
    record_id: str, *, reason: str, who: Principal, now: datetime, db: Database
) -> Record[Any]:
    """It operates again; what an authority stopped, only one of its tier or above resumes."""

    async def work(tx: Tx) -> Record[Any]:
        before = await records.get(tx, Aggregate.FACILITY, record_id)
        require_for(who, "facility.stop", before)
        told, resumed = await _in_use(tx, before.resume(by=author(who), now=now))
        await records.put(tx, before, resumed, act="resumed", by=author(who), reason=reason)
        event = FacilityResumed(subject=record_id, version=resumed.version, time=now, reason=reason)
        await outbox.append(tx, facility_passport(told), event)
        await audit.accepted(tx, who, "facility.resume", record_id, reason)
        return resumed

    async with audit.attempt(db, who, "facility.resume", record_id):
        return await transact(db, work)


async def _in_use(tx: Tx, changed: Record[Any]) -> tuple[Record[Any], Record[Any]]:
    """The record as its passport tells of it, and one version on as the stop or resumption does.

    A reader who goes by versions then takes in both, or ends with the later one alone.
    """
    told = owned(changed)
    await records.follow_owner(tx, told.owner)
    return told, told.told_again()


async def must_have_scans(tx: Tx, content: Facility, facility_id: str) -> None:
    """Raise DocumentUnknown unless every scan named is a document of this very facility."""
    scans = {one.scan for one in content.certificates if one.scan}
    if scans and not await documents.all_belong(tx, scans, facility_id, "certificate"):
        raise DocumentUnknown("certificates")


async def ready(tx: Tx, record: Record[Any], now: datetime) -> None:
    """A certificate may have been dated in the future when the draft was kept; look again."""
    record.content.checked(local_day(now))
    await must_have_scans(tx, record.content, record.id)


async def published(tx: Tx, record: Record[Any]) -> Record[Any]:
    """Its records follow its name and place; the passport is told, its public scans are shown."""
    record = owned(record)
    assert record.published is not None  # Just published.
    shown = {c.scan for c in record.published.certificates if c.scan and c.publish_scan}
    await documents.show_only(tx, shown, record.id)
    await records.follow_owner(tx, record.owner)
    await outbox.append(tx, facility_passport(record))
    entry = await known.of_facility(tx, record.id)
    if entry is not None and (after := entry.participate(now=record.updated_at)) is not entry:
        await known.put(tx, entry, after)
        await outbox.append(tx, after.told())
    return record
