"""Inquiries as a facility answers them, and as officials judge those reported to them (R29)."""

from collections.abc import Callable
from datetime import datetime

from services.registry.domain.inquiry import Inquiry, NotReported
from services.registry.store import inquiries
from shared import audit
from shared.auth import Principal, require
from shared.errors import OutOfReach
from shared.mongo import Database, Tx, transact


async def read(inquiry_id: str, *, who: Principal, db: Database) -> Inquiry:
    """As the facility's own people read it, which marks it as read, or officials a reported one."""
    inquiry = await inquiries.get(db, inquiry_id)
    if who.facility_id is None:
        require(who, "inquiry.moderate", inquiry.scope())
        if inquiry.report is None:
            raise OutOfReach()  # Officials read only what was reported to them.
        return inquiry
    require(who, "inquiry.read", inquiry.scope())
    if not inquiry.seen:
        await inquiries.note_seen(db, inquiry)
    return inquiry


async def answer(
    inquiry_id: str, text: str, *, version: int, who: Principal, now: datetime, db: Database
) -> Inquiry:
    return await _step(
        inquiry_id,
        "inquiry.answer",
        lambda before: before.answer(text, by=who.name, version=version, now=now),
        who=who,
        db=db,
    )


async def close(
    inquiry_id: str, *, version: int, who: Principal, now: datetime, db: Database
) -> Inquiry:
    return await _step(
        inquiry_id,
        "inquiry.close",
        lambda before: before.close(version=version, now=now),
        who=who,
        db=db,
    )


async def report(
    inquiry_id: str, reason: str, *, who: Principal, now: datetime, db: Database
) -> Inquiry:
    """The facility holds it for abuse."""
    return await _step(
        inquiry_id,
        "inquiry.report",
        lambda before: before.told_on(reason, by_asker=False, now=now),
        who=who,
        db=db,
    )


async def moderate(
    inquiry_id: str, *, decision: str, reason: str, who: Principal, now: datetime, db: Database
) -> None:
    """An official erases a reported inquiry (`remove`), or finds no abuse in it (`clear`)."""
    remove = decision == "remove"
    action = "inquiry.remove" if remove else "inquiry.clear"

    async def work(tx: Tx) -> None:
        before = await inquiries.get(tx, inquiry_id)
        require(who, "inquiry.moderate", before.scope())
        if before.report is None:
            raise NotReported()
        if remove:
            await inquiries.erase(tx, inquiry_id)
        else:
            await inquiries.put(tx, before, before.cleared(now=now))
        await audit.accepted(tx, who, action, inquiry_id, reason, facility=before.facility_id)

    async with audit.attempt(db, who, action, inquiry_id):
        await transact(db, work)


async def _step(
    inquiry_id: str,
    action: str,
    change: Callable[[Inquiry], Inquiry],
    *,
    who: Principal,
    db: Database,
) -> Inquiry:
    async def work(tx: Tx) -> Inquiry:
        before = await inquiries.get(tx, inquiry_id)
        require(who, "inquiry.answer", before.scope())
        after = change(before)
        await inquiries.put(tx, before, after)
        await audit.accepted(tx, who, action, inquiry_id, facility=before.facility_id)
        return after

    async with audit.attempt(db, who, action, inquiry_id):
        return await transact(db, work)
