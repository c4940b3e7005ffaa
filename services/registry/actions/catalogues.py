"""Shared catalogues: a change is proposed by one official and decided by another (R32)."""

from datetime import date, datetime

from services.registry.actions.rights import author
from services.registry.domain.catalogue_changes import Change
from services.registry.domain.catalogues import Catalogue, install
from services.registry.store import catalogues
from shared import audit
from shared import once as kept
from shared.auth import Principal, require
from shared.days import local_day
from shared.mongo import Database, Tx, transact
from shared.once import Once


async def propose(
    catalogue: Catalogue,
    key: str,
    values: dict[str, str],
    *,
    valid_from: date,
    retired: bool,
    reason: str,
    change_id: str,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Change:
    """A new row, another text of a row, or its retirement, to be decided by a second person."""

    async def work(tx: Tx) -> Change:
        require(who, "catalogue.propose")
        before = await kept.answered(tx, once)
        if before is not None:
            return await catalogues.get(tx, before["id"])
        change = Change(
            change_id, catalogue, key, values, valid_from, retired, reason, author(who), now
        ).checked(local_day(now))
        await catalogues.insert(tx, change)
        await kept.keep(tx, once, {"id": change_id}, now)
        subject = f"{catalogue}/{key}"
        await audit.accepted(tx, who, "catalogue.propose", subject, reason, change=change_id)
        return change

    async with audit.attempt(db, who, "catalogue.propose", f"{catalogue}/{key}"):
        return await transact(db, work)


async def decide(
    change_id: str,
    *,
    approved: bool,
    reason: str,
    who: Principal,
    now: datetime,
    db: Database,
) -> Change:
    """Approve or reject; what is approved holds everywhere within seconds of its first day."""
    act = "catalogue.approve" if approved else "catalogue.reject"

    async def work(tx: Tx) -> Change:
        require(who, "catalogue.approve")
        before = await catalogues.get(tx, change_id)
        after = before.decided(approved=approved, by=author(who), reason=reason, now=now)
        await catalogues.put(tx, after)
        subject = f"{after.catalogue}/{after.key}"
        await audit.accepted(tx, who, act, subject, reason, change=change_id)
        return after

    async with audit.attempt(db, who, act, change_id):
        decided = await transact(db, work)
    await renew(db, local_day(now))
    return decided


async def renew(db: Database, today: date) -> None:
    """Make what is approved and valid today the catalogues of this process."""
    install(await catalogues.valid_on(db, today))
