"""Telling the services which public keys verify access tokens."""

from datetime import datetime

from services.identity.store import keys as store
from services.identity.tokens import TokenKeys
from shared.contracts.identity import KeysPublished
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact


async def publish_keys(
    keys: TokenKeys, *, db: Database, now: datetime, again: bool = False
) -> bool:
    """Publish the set if it differs from the one published last, or `again`; whether it was."""
    public = keys.public()

    async def work(tx: Tx) -> bool:
        version, known = await store.published(tx)
        changed = known != list(public)
        if not (changed or again):
            return False
        if changed:
            version += 1
            await store.note_published(tx, version, list(public))
        event = KeysPublished(subject="token-keys", version=version, time=now, keys=public)
        await outbox.append(tx, event)
        return True

    return await transact(db, work)
