"""Acts of accounts in the ledger, newest first, by indexes that need no link they do not show."""

from typing import Any, Final

from pymongo import ASCENDING, DESCENDING

from services.reporting.store.ledger import LEDGER
from shared.indexes import retire
from shared.mongo import Database, Document

PAGE: Final = 25
# Nobody leafs further; counting stops there.
MOST: Final = 10_000
_NEWEST: Final = [("at", DESCENDING), ("_id", DESCENDING)]
_TOLD_APART: Final = [("act.action", ASCENDING), ("act.outcome", ASCENDING)]
ACCOUNT: Final = "act.account_id"


async def prepare(db: Database) -> None:
    """One index for few accounts and one for many: there it is cheaper to walk back in time and
    leave out the others."""
    ledger = db.collection(LEDGER)
    await ledger.create_index([(ACCOUNT, ASCENDING), *_NEWEST, *_TOLD_APART], name="acts_of_one")
    await ledger.create_index([*_NEWEST, (ACCOUNT, ASCENDING), *_TOLD_APART], name="acts_of_many")
    # The first of them does what it was for.
    await retire(ledger, "act.account_id_1")


async def count(db: Database, wanted: Document) -> int:
    """At most one more than MOST."""
    return await db.collection(LEDGER).count_documents(wanted, limit=MOST + 1)


async def page(db: Database, wanted: Document, number: int) -> list[dict[str, Any]]:
    cursor = db.collection(LEDGER).find(wanted, {"salt": 0, "names": 0, "names_salt": 0})
    shown = cursor.sort(_NEWEST).skip((number - 1) * PAGE).limit(PAGE)
    return [row async for row in shown]
