"""What each service remembers from identity, to let people in and out by itself."""

from datetime import timedelta

from shared.auth import DENIED, KEYS
from shared.contracts.identity import AccessRevoked, AccountPublished, KeysPublished
from shared.messaging.wiring import Queue, on
from shared.mongo import Database, Tx

# A denial is of use only while a token issued before it may still be alive.
DENIAL_DAYS = 2


async def note_keys(tx: Tx, event: KeysPublished) -> None:
    """Replace the known keys, unless a newer set is here already."""
    keys = tx.collection(KEYS)
    newest = await keys.find_one({}, sort=[("version", -1)])
    if newest is not None and newest["version"] >= event.version:
        return
    await keys.delete_many({})
    await keys.insert_many(
        [{"_id": key["kid"], "version": event.version, "key": dict(key)} for key in event.keys]
    )


async def note_revocation(tx: Tx, event: AccessRevoked) -> None:
    """Void the tokens of an account or of one session issued before the given time."""
    await tx.collection(DENIED).update_one(
        {"_id": event.session_id or event.subject},
        {"$max": {"not_before": event.not_before}},
        upsert=True,
    )


async def note_account(tx: Tx, event: AccountPublished) -> None:
    """Void all tokens of an account that is not active any more."""
    if event.status != "active":
        await tx.collection(DENIED).update_one(
            {"_id": event.subject}, {"$max": {"not_before": event.time}}, upsert=True
        )


async def prepare(db: Database) -> None:
    seconds = int(timedelta(days=DENIAL_DAYS).total_seconds())
    await db.collection(DENIED).create_index("not_before", expireAfterSeconds=seconds)


def access_queue(service: str) -> Queue:
    """The queue by which a service hears of keys, suspensions and ended sessions."""
    return Queue(
        f"{service}.access",
        on(KeysPublished, note_keys),
        on(AccessRevoked, note_revocation),
        on(AccountPublished, note_account),
    )
