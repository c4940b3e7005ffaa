"""Projections of the newest version of a thing: late and repeated events fall away."""

from shared.mongo import Document, Tx


async def keep_newest(tx: Tx, collection: str, key: str, version: int, facts: Document) -> None:
    """Keep the facts unless as new ones or newer are here."""
    known = await tx.collection(collection).find_one({"_id": key}, {"version": 1})
    if known is None or known["version"] < version:
        await tx.collection(collection).update_one(
            {"_id": key}, {"$set": {**facts, "version": version}}, upsert=True
        )
