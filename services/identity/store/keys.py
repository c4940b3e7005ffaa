"""Which public keys were told to the services last."""

from typing import Any

from shared.mongo import Tx

PUBLISHED = "published_keys"
CURRENT = "current"


async def published(tx: Tx) -> tuple[int, list[dict[str, Any]]]:
    """The version and the keys published last; (0, []) before the first time."""
    document = await tx.collection(PUBLISHED).find_one({"_id": CURRENT})
    return (document["version"], document["keys"]) if document else (0, [])


async def note_published(tx: Tx, version: int, keys: list[dict[str, str]]) -> None:
    await tx.collection(PUBLISHED).replace_one(
        {"_id": CURRENT}, {"_id": CURRENT, "version": version, "keys": keys}, upsert=True
    )
