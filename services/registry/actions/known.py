"""Known facilities: entered by authorities, invited, made into records that are then reviewed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.registry.actions import listing
from services.registry.actions.entering import Entered, enter
from services.registry.actions.rights import author, require_for
from services.registry.domain.codes import FACILITY_PREFIX
from services.registry.domain.facility import owned
from services.registry.domain.known import Known, KnownStatus, Particulars, TaxNumberKnown
from services.registry.domain.records import Aggregate, Owner, Record, entered
from services.registry.store import known, records
from shared import audit
from shared.auth import Principal, Scope, require
from shared.days import local_day
from shared.messaging import outbox
from shared.mongo import Database, Tx
from shared.once import Once

ENTER = "known_facility.enter"


async def enter_known(
    it: Particulars,
    *,
    known_id: str,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Known:
    """One more on the list; raises TaxNumberKnown where it is on record already."""

    async def make(tx: Tx) -> Known:
        checked = it.checked(local_day(now))
        require(who, ENTER, Scope(None, checked.commune, checked.sector))
        await must_be_new(tx, checked.tax_number)
        one = Known(known_id, checked, KnownStatus.KNOWN, 1, who.name, now, now)
        await known.insert(tx, one)
        await outbox.append(tx, one.told())
        await audit.accepted(tx, who, ENTER, known_id)
        return one

    async with audit.attempt(db, who, ENTER, known_id):
        return await listing.entered(make, known.get, once=once, now=now, db=db)


async def edit_known(
    known_id: str,
    it: Particulars,
    *,
    version: int,
    who: Principal,
    now: datetime,
    db: Database,
) -> Known:
    checked = it.checked(local_day(now))

    def change(before: Known) -> Known:
        require(who, ENTER, Scope(None, checked.commune, checked.sector))
        return before.edit(checked, version=version, now=now)

    return await _step(known_id, change, ENTER, "", who=who, db=db, claims=True)


async def invite(
    known_id: str, *, note: str, version: int, who: Principal, now: datetime, db: Database
) -> Known:
    """It was asked to take part; `note` says how (a letter's number, a visit)."""
    return await _step(
        known_id,
        lambda before: before.invite(note=note, version=version, now=now),
        "known_facility.invite",
        note,
        who=who,
        db=db,
    )


async def close(
    known_id: str, *, note: str, version: int, who: Principal, now: datetime, db: Database
) -> Known:
    return await _step(
        known_id,
        lambda before: before.close(note=note, version=version, now=now),
        "known_facility.close",
        note,
        who=who,
        db=db,
    )


async def reopen(
    known_id: str, *, note: str, version: int, who: Principal, now: datetime, db: Database
) -> Known:
    """It was closed by mistake, or works again; raises TaxNumberKnown if its number was taken."""
    return await _step(
        known_id,
        lambda before: before.reopen(note=note, version=version, now=now),
        "known_facility.reopen",
        note,
        who=who,
        db=db,
        claims=True,
    )


async def convert(
    known_id: str, *, record_id: str, version: int, who: Principal, now: datetime, db: Database
) -> Entered:
    """Enter its record as a draft: from there the review is that of any facility (R17)."""

    async def make(tx: Tx) -> Record[Any]:
        before = await known.get(tx, known_id)
        require(who, ENTER, before.scope())
        after = before.register(record_id, version=version, now=now)
        content = before.it.as_facility().checked(local_day(now))
        record = entered(
            Aggregate.FACILITY,
            content,
            record_id=record_id,
            code=await records.free_code(tx, Aggregate.FACILITY, FACILITY_PREFIX),
            owner=Owner(record_id, content.name, "", content.commune, content.sector),
            by=author(who),
            now=now,
        )
        require_for(who, "facility.enter", record)
        await known.put(tx, before, after)
        await outbox.append(tx, after.told())
        await audit.accepted(tx, who, "known_facility.convert", known_id, facility=record_id)
        return owned(record)

    return await enter(Aggregate.FACILITY, make, who=who, now=now, db=db)


async def _step(
    known_id: str,
    change: Callable[[Known], Known],
    action: str,
    reason: str,
    *,
    who: Principal,
    db: Database,
    claims: bool = False,
) -> Known:
    """One act on an entry; `claims`: it may take a tax number that must be nobody else's."""

    async def read(tx: Tx) -> Known:
        before = await known.get(tx, known_id)
        require(who, ENTER, before.scope())
        return before

    async def write(tx: Tx, before: Known, after: Known) -> None:
        if claims and (before.closed or after.it.tax_number != before.it.tax_number):
            await must_be_new(tx, after.it.tax_number, known_id)
        await known.put(tx, before, after)
        await outbox.append(tx, after.told())
        await audit.accepted(tx, who, action, known_id, reason)

    return await listing.changed(
        read, change, write, action=action, subject=known_id, who=who, db=db
    )


async def must_be_new(tx: Tx, tax_number: str, besides: str = "") -> None:
    """Raise TaxNumberKnown where another is on record with this number, known or taking part."""
    if tax_number and (name := await known.holder_of_tax_number(tx, tax_number, besides)):
        raise TaxNumberKnown("tax_number", name=name)
