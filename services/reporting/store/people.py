"""Names of accounts, for showing who did something: looked up when read, erased in one place."""

from collections.abc import Iterable

from services.reporting.store.newest import keep_newest
from shared.contracts.identity import AccountPublished
from shared.mongo import Database, Tx

PEOPLE = "people"


async def note_account(tx: Tx, event: AccountPublished) -> None:
    await keep_newest(tx, PEOPLE, event.subject, event.version, {"name": event.name})


async def names(db: Database, ids: Iterable[str]) -> dict[str, str]:
    """Names by account id; of an erased person the pseudonym."""
    found = db.collection(PEOPLE).find({"_id": {"$in": sorted(set(ids) - {""})}}, {"name": 1})
    return {row["_id"]: row["name"] async for row in found}
