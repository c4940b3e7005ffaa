"""Second factors in MongoDB, apart from the accounts they belong to; seeds only encrypted."""

from collections.abc import AsyncIterator

from pymongo.errors import DuplicateKeyError

from services.identity.domain.factors import Factor, Removal
from shared.errors import EditConflict
from shared.mongo import Database, Document, Tx

FACTORS = "factors"


async def prepare(db: Database) -> None:
    """Found by the account's id alone."""


async def find(source: Database | Tx, account_id: str) -> Factor:
    """A factor of version 0 where nothing is kept."""
    document = await source.collection(FACTORS).find_one({"_id": account_id})
    return _factor(document) if document else Factor(account_id)


async def put(tx: Tx, factor: Factor) -> None:
    """Replace the version before; raises EditConflict if somebody was quicker."""
    before = {"_id": factor.account_id, "version": factor.version - 1}
    first = factor.version == 1
    try:
        result = await tx.collection(FACTORS).replace_one(before, _document(factor), upsert=first)
    except DuplicateKeyError as error:
        raise EditConflict() from error
    if not first and not result.matched_count:
        raise EditConflict()


async def every(db: Database) -> AsyncIterator[Factor]:
    """All that are enrolled."""
    async for document in db.collection(FACTORS).find({"sealed": {"$ne": None}}):
        yield _factor(document)


def _document(factor: Factor) -> Document:
    removal = factor.removal
    return {
        "_id": factor.account_id,
        "version": factor.version,
        "sealed": factor.sealed,
        "enrolled_at": factor.enrolled_at,
        "last_step": factor.last_step,
        "last_used_at": factor.last_used_at,
        "recovery": list(factor.recovery),
        "recovery_made_at": factor.recovery_made_at,
        "recovery_key": factor.recovery_key,
        "removal": {"at": removal.at, "by": removal.by, "reason": removal.reason}
        if removal
        else None,
    }


def _factor(document: Document) -> Factor:
    removal, sealed = document["removal"], document["sealed"]
    return Factor(
        account_id=document["_id"],
        version=document["version"],
        sealed=None if sealed is None else bytes(sealed),
        enrolled_at=document["enrolled_at"],
        last_step=document["last_step"],
        last_used_at=document["last_used_at"],
        recovery=tuple(bytes(mark) for mark in document["recovery"]),
        recovery_made_at=document["recovery_made_at"],
        recovery_key=document.get("recovery_key", ""),
        removal=Removal(removal["at"], removal["by"], removal["reason"]) if removal else None,
    )
