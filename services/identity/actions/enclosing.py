"""Papers enclosed with an application by who holds its tracking code; read by who decides (R5)."""

import asyncio
from datetime import datetime, timedelta

from services.identity import papers
from services.identity.actions.applications import (
    DECIDE,
    fingerprint_of,
    insisting,
    limit,
)
from services.identity.domain.access import Origin
from services.identity.domain.applications import Application
from services.identity.domain.enclosed import Enclosed, Shows
from services.identity.guard import Guard
from services.identity.store import applications as store
from services.identity.store import enclosed as files
from shared import audit
from shared.auth import Principal, require
from shared.errors import NotFound
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

ENCLOSE = "application.enclose"
TAKE_BACK = "application.take_back"
READ = "application.read_paper"

# Pictures are drawn anew, which costs a second of processor time each.
PAPERS_A_DAY = 60
# A file older than this that nothing names was left by an act that failed.
LEFT_BEHIND = timedelta(hours=1)


async def enclose(
    code: str,
    shows: Shows,
    data: bytes,
    *,
    origin: Origin,
    db: Database,
    guard: Guard,
    now: datetime,
) -> Application:
    """Raises NotFound, TooOften, ApplicationDecided, TooManyPapers and what papers.ready raises."""
    await limit("paper", PAPERS_A_DAY, timedelta(days=1), origin, db, guard, now)
    fingerprint = fingerprint_of(code)
    found = await store.by_code(db, fingerprint)
    async with audit.attempt(db, None, ENCLOSE, found.id):
        # What would be refused anyhow is not drawn and kept first.
        found.enclose(Enclosed("", fingerprint, shows, "", "", 0, now))
        paper = await asyncio.to_thread(papers.ready, data)
        file = await files.keep_file(db, found.id, paper.data)
        size = len(paper.data)
        kept = Enclosed(new_id(), fingerprint, shows, file, paper.media_type, size, now)

        async def work(tx: Tx) -> Application:
            changed = (await store.get(tx, found.id)).enclose(kept)
            await store.put(tx, changed)
            await outbox.append(tx, changed.published(now))
            await audit.accepted(tx, None, ENCLOSE, changed.id, paper=kept.id, shows=shows)
            return changed

        try:
            return await insisting(db, work)
        except BaseException:
            await files.drop_file(db, file)
            raise


async def take_back(
    code: str, paper_id: str, *, origin: Origin, db: Database, guard: Guard, now: datetime
) -> Application:
    """Raises NotFound, TooOften, ApplicationDecided."""
    await limit("paper", PAPERS_A_DAY, timedelta(days=1), origin, db, guard, now)
    fingerprint = fingerprint_of(code)
    found = await store.by_code(db, fingerprint)
    async with audit.attempt(db, None, TAKE_BACK, found.id):

        async def work(tx: Tx) -> tuple[Application, Enclosed]:
            changed, taken = (await store.get(tx, found.id)).take_back(paper_id, fingerprint)
            await store.put(tx, changed)
            await outbox.append(tx, changed.published(now))
            await audit.accepted(tx, None, TAKE_BACK, changed.id, paper=paper_id)
            return changed, taken

        changed, taken = await transact(db, work)
    await files.drop_file(db, taken.file)
    return changed


async def read(
    application_id: str, paper_id: str, *, who: Principal, db: Database
) -> tuple[Enclosed, bytes]:
    """The paper, for who decides; that it was read is recorded. Raises NotFound, Forbidden."""
    async with audit.attempt(db, who, READ, application_id):
        application = await store.get(db, application_id)
        require(who, DECIDE, application.scope)
        paper = next((one for one in application.papers if one.id == paper_id), None)
        if paper is None:
            raise NotFound()
        data = await files.read_file(db, paper.file)

        async def work(tx: Tx) -> None:
            await audit.accepted(tx, who, READ, application_id, paper=paper_id)

        await transact(db, work)
        return paper, data


async def drop_forgotten(*, db: Database, now: datetime) -> int:
    """Delete the files of applications that are forgotten; how many."""
    return await files.drop_forgotten(db, now - LEFT_BEHIND)
