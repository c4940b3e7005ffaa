"""The written assignment of the officer in charge, with the paper itself (R6)."""

import asyncio
from datetime import date, datetime

from services.identity import papers
from services.identity.domain.accounts import Account, Assignment
from services.identity.domain.management import require_managed
from services.identity.store import accounts
from services.identity.store import papers as store
from services.identity.store.papers import Kept
from shared import audit
from shared.auth import Principal
from shared.ids import new_id
from shared.mongo import Database, Tx, transact

EDIT = "account.edit"
ASSIGN = "account.assign"


async def assign(
    account_id: str,
    number: str,
    day: date,
    file: bytes | None,
    *,
    who: Principal,
    db: Database,
    now: datetime,
) -> Account:
    """Number and date, with a paper or without; earlier papers stay to be read.

    Raises NotFound, Forbidden, PaperUnreadable, PaperTooLarge.
    """
    async with audit.attempt(db, who, ASSIGN, account_id):
        # Nobody who may not makes us draw and keep pictures.
        require_managed(who, EDIT, await accounts.get(db, account_id))
        kept = await _keep(db, account_id, number, file, now) if file else None

        async def work(tx: Tx) -> Account:
            account = await accounts.get(tx, account_id)
            require_managed(who, EDIT, account)
            changed = account.assign(Assignment(number, day))
            await accounts.put(tx, changed)
            if kept is not None:
                await store.insert(tx, kept, who.account_id)
            paper = kept.id if kept else ""
            await audit.accepted(tx, who, ASSIGN, account_id, number=number, paper=paper)
            return changed

        try:
            return await transact(db, work)
        except BaseException:
            if kept is not None:
                await store.drop_file(db, kept.file)
            raise


async def _keep(db: Database, account_id: str, number: str, file: bytes, now: datetime) -> Kept:
    paper = await asyncio.to_thread(papers.ready, file)
    paper_id = new_id()
    stored = await store.keep_file(db, paper_id, paper.data)
    size = len(paper.data)
    return Kept(paper_id, account_id, stored, paper.media_type, size, number, now)
