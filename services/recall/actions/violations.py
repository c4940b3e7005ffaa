"""Reports of violations: written, sent to the tier above, received or returned by it (R56)."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from services.recall.actions.complaints import authority_of
from services.recall.domain.violation import File, Violation, Wording, checked
from services.recall.store import facts
from services.recall.store import violations as store
from shared import audit, once
from shared.auth import Principal, Scope, require
from shared.errors import OutOfReach
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.once import Once

READ = "violation.read"
WRITE = "violation.write"
RECEIVE = "violation.receive"
EXPORT = "violation.export"


async def write(
    facility_id: str,
    wording: Wording,
    origin: tuple[str, str],
    *,
    who: Principal,
    db: Database,
    at: datetime,
    asked: Once | None = None,
) -> Violation:
    """A draft; `origin` is what it came of and its id. Raises NotFound, FoundLater."""

    async def work(tx: Tx) -> Violation:
        before = await once.answered(tx, asked)
        if before is not None:
            return await store.get(tx, before["id"])
        found = (await facts.facilities(tx, [facility_id])).get(facility_id)
        if found is None or who.facility_id is not None:
            raise OutOfReach()
        require(who, WRITE, Scope(found.id, found.commune, found.sector))
        made = Violation(
            id=new_id(),
            version=1,
            state="draft",
            facility_id=found.id,
            commune=found.commune,
            sector=found.sector,
            wording=checked(wording, at),
            origin=origin[0],
            origin_id=origin[1],
            by=who.account_id,
            by_name=who.name,
            unit_id=who.unit_id,
            authority=await authority_of(tx, who),
            tier=who.tier,
            made_at=at,
            changed_at=at,
        )
        await store.insert(tx, made)
        await once.keep(tx, asked, {"id": made.id}, at)
        await audit.accepted(tx, who, WRITE, made.id, facility=facility_id)
        return made

    async with audit.attempt(db, who, WRITE, facility_id):
        return await transact(db, work)


async def rewrite(
    report_id: str, wording: Wording, *, version: int, who: Principal, db: Database, at: datetime
) -> Violation:
    def change(one: Violation) -> Violation:
        return one.rewritten(wording, version=version, by=who.name, now=at)

    return await _step(report_id, change, WRITE, who=who, db=db)


async def add_file(
    report_id: str,
    name: str,
    kind: str,
    data: bytes,
    *,
    who: Principal,
    db: Database,
    at: datetime,
) -> Violation:
    """Evidence, whose kind was told by its content. Raises TooManyFiles, NotWritable."""
    file = File(new_id(), name[:120], kind, len(data))

    def change(one: Violation) -> Violation:
        return one.with_file(file, by=who.name, now=at)

    async def also(tx: Tx) -> None:
        await store.keep_file(tx, report_id, file, data)

    return await _step(report_id, change, WRITE, who=who, db=db, also=also)


async def send(
    report_id: str, *, version: int, who: Principal, db: Database, at: datetime
) -> Violation:
    def change(one: Violation) -> Violation:
        return one.sent(version=version, by=who.name, now=at)

    return await _step(report_id, change, WRITE, who=who, db=db)


async def receive(
    report_id: str, remark: str, *, version: int, who: Principal, db: Database, at: datetime
) -> Violation:
    def change(one: Violation) -> Violation:
        return one.received(remark, version=version, by=who.name, tier=who.tier, now=at)

    return await _step(report_id, change, RECEIVE, remark, who=who, db=db)


async def return_(
    report_id: str, remark: str, *, version: int, who: Principal, db: Database, at: datetime
) -> Violation:
    def change(one: Violation) -> Violation:
        return one.returned(remark, version=version, by=who.name, tier=who.tier, now=at)

    return await _step(report_id, change, RECEIVE, remark, who=who, db=db)


async def note_export(who: Principal, *, db: Database) -> None:
    require(who, READ)

    async def work(tx: Tx) -> None:
        await audit.accepted(tx, who, EXPORT, "-")

    await transact(db, work)


def may_see(who: Principal, report: Violation) -> bool:
    """Officials of the area: what was sent; a draft is its own unit's."""
    if who.facility_id is not None or not who.covers(READ, store.scope_of(report)):
        return False
    return report.state != "draft" or report.unit_id == who.unit_id


async def _step(
    report_id: str,
    change: Callable[[Violation], Violation],
    action: str,
    reason: str = "",
    *,
    who: Principal,
    db: Database,
    also: Callable[[Tx], Awaitable[None]] | None = None,
) -> Violation:
    async def work(tx: Tx) -> Violation:
        before = await store.get(tx, report_id)
        own = action != WRITE or before.unit_id == who.unit_id
        if not may_see(who, before) or not own:
            raise OutOfReach()
        require(who, action, store.scope_of(before))
        after = change(before)
        await store.put(tx, before, after)
        if also is not None:
            await also(tx)
        if after.state != before.state:
            await outbox.append(tx, after.told())
        await audit.accepted(tx, who, action, report_id, reason, facility=after.facility_id)
        return after

    async with audit.attempt(db, who, action, report_id):
        return await transact(db, work)
