"""Names of an erased person taken out of the ledger, the chain staying as sound as it was."""

import json
from collections.abc import Iterable

import msgspec

from services.reporting.domain import personal
from services.reporting.domain.ledger import from_document, without_names
from services.reporting.store.ledger import LEDGER
from shared.mongo import Document, Tx

ERASED = "erased"


async def erase(tx: Tx, accounts: Iterable[str]) -> None:
    """In all links that are here; those that come later are seen to by `forget_again`."""
    for account_id in accounts:
        await tx.collection(ERASED).replace_one({"_id": account_id}, {"_id": account_id}, True)
        await _erase(tx, account_id)


async def forget_again(tx: Tx, accounts: Iterable[str]) -> None:
    """An old event of an erased person may come late."""
    known = tx.collection(ERASED).find({"_id": {"$in": sorted(set(accounts) - {""})}})
    for account_id in [row["_id"] async for row in known]:
        await _erase(tx, account_id)


async def _erase(tx: Tx, account_id: str) -> None:
    links = tx.collection(LEDGER)
    named = {"$or": [{"act.account_id": account_id}, _published(account_id)]}
    there = {"names": {"$nin": [None, ""]}}
    # A link without the field is one from before names were parted.
    old = {"names": {"$exists": False}, "stale": {"$in": [None, ""]}}
    async for row in links.find({**named, "$and": [{"$or": [there, old]}]}):
        if changed := _without(row, account_id):
            await links.update_one({"_id": row["_id"]}, {"$set": changed})


def _published(account_id: str) -> Document:
    return {"type": personal.ACCOUNT, "subject": account_id}


def _without(row: Document, account_id: str) -> Document:
    """What changes in a stored link; nothing if it names nobody."""
    before = from_document(row)
    blanked, names = personal.parted(json.loads(before.body or "{}"))
    if not (before.names or names):
        return {}
    after = without_names(before, account_id, msgspec.json.encode(blanked).decode())
    changed = {
        name: getattr(after, name)
        for name in ("body", "salt", "stale", "names", "names_salt")
        if getattr(after, name) != getattr(before, name)
    }
    return {**changed, **({"act.who": ""} if row.get("act") else {})}
