"""Contacts of facilities and units. Their addresses are personal data: they stand here alone."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from services.recall.domain.contact import Channel, Contact, ContactExists, Owner, State
from services.recall.store.newest import Reader, chunks
from shared import rates
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx, Unasked

CONTACTS = "contacts"
RATES = Unasked("contact_rates")
DAY = timedelta(days=1)
CONFIRMED = (State.ACTIVE, State.PAUSED)


async def prepare(db: Database) -> None:
    rows = db.collection(CONTACTS)
    await rows.create_index(
        [("owner_kind", ASCENDING), ("owner_id", ASCENDING), ("channel", 1), ("address", 1)],
        unique=True,
    )
    await rows.create_index("unconfirmed_until", expireAfterSeconds=0)
    await rows.create_index(
        [("paused_at", ASCENDING)], partialFilterExpression={"paused_by": "reader"}
    )
    await db.collection(RATES).create_index("expires_at", expireAfterSeconds=0)


async def get(reader: Reader, contact_id: str) -> Contact:
    """Raises NotFound."""
    row = await reader.collection(CONTACTS).find_one({"_id": contact_id})
    if row is None:
        raise NotFound()
    return _contact(row)


async def find(reader: Reader, contact_id: str) -> Contact | None:
    row = await reader.collection(CONTACTS).find_one({"_id": contact_id})
    return _contact(row) if row is not None else None


async def of_owner(reader: Reader, owner: Owner) -> list[Contact]:
    wanted = {"owner_kind": owner.kind, "owner_id": owner.id}
    rows = reader.collection(CONTACTS).find(wanted).sort("added_at", ASCENDING)
    return [_contact(row) async for row in rows]


async def confirmed(reader: Reader, kind: str, owners: Sequence[str] | None) -> list[Contact]:
    """Those of these owners that may be told, in the order of their ids; None = of all units."""
    wanted: Document = {"owner_kind": kind, "state": {"$in": [str(one) for one in CONFIRMED]}}
    if owners is not None:
        wanted["owner_id"] = {"$in": list(owners)}
    rows = reader.collection(CONTACTS).find(wanted).sort("_id", ASCENDING)
    return [_contact(row) async for row in rows]


async def reachable(reader: Reader, facilities: Iterable[str], state: State) -> set[str]:
    """Those of the facilities that have a contact in this state: only an active one is told."""
    wanted = {
        "owner_kind": "facility",
        "owner_id": {"$in": sorted(set(facilities))},
        "state": str(state),
    }
    rows = reader.collection(CONTACTS).find(wanted, {"owner_id": 1})
    return {row["owner_id"] async for row in rows}


async def confirmed_among(reader: Reader, facilities: Iterable[str]) -> set[str]:
    """Those of the facilities that have a contact which may be told."""
    found: set[str] = set()
    for some in chunks(sorted(set(facilities)), 2_000):
        for state in CONFIRMED:
            found |= await reachable(reader, some, state)
    return found


async def stopped_by_reader(db: Database, before: datetime, *, most: int) -> list[str]:
    wanted = {"paused_by": "reader", "paused_at": {"$lt": before}}
    rows = db.collection(CONTACTS).find(wanted, {"_id": 1}).limit(most)
    return [row["_id"] async for row in rows]


async def active_among(reader: Reader, ids: Sequence[str]) -> list[str]:
    wanted = {"_id": {"$in": list(ids)}, "state": str(State.ACTIVE)}
    return [row["_id"] async for row in reader.collection(CONTACTS).find(wanted, {"_id": 1})]


async def add(tx: Tx, contact: Contact) -> None:
    """Raises ContactExists."""
    try:
        await tx.collection(CONTACTS).insert_one({"_id": contact.id, **_document(contact)})
    except DuplicateKeyError as error:
        raise ContactExists("address") from error


async def put(tx: Tx, contact: Contact) -> None:
    """Raises EditConflict if somebody else acted meanwhile."""
    before = {"_id": contact.id, "version": contact.version - 1}
    update = {"$set": _document(contact)}
    result = await tx.collection(CONTACTS).update_one(before, update)
    if not result.matched_count:
        raise EditConflict()


async def remove(tx: Tx, contact_id: str) -> None:
    await tx.collection(CONTACTS).delete_one({"_id": contact_id})


async def note_failures(tx: Tx, contact: Contact) -> None:
    """How often it failed in a row: no act of anybody, so its version stays."""
    row = {"failures": contact.failures, "failing_since": contact.failing_since}
    await tx.collection(CONTACTS).update_one({"_id": contact.id}, {"$set": row})


async def note_asked(tx: Tx, contact: Contact) -> None:
    """When its question went out, unless another was asked meanwhile; its version stays."""
    asked = {"_id": contact.id, "round": contact.round, "state": str(State.UNCONFIRMED)}
    hours = {"asked_at": contact.asked_at, "unconfirmed_until": contact.unconfirmed_until}
    await tx.collection(CONTACTS).update_one(asked, {"$set": hours})


async def too_often(db: Database, key: str, *, most: int, now: datetime) -> int:
    """Count one more today; the seconds to wait if it is more than `most`, else 0."""
    return await rates.count(db, RATES, key, most=most, window=DAY, now=now)


def _document(contact: Contact) -> Document:
    return {
        "owner_kind": contact.owner.kind,
        "owner_id": contact.owner.id,
        "channel": str(contact.channel),
        "address": contact.address,
        "language": contact.language,
        "state": str(contact.state),
        "version": contact.version,
        "round": contact.round,
        "asked_at": contact.asked_at,
        "added_at": contact.added_at,
        "confirmed_at": contact.confirmed_at,
        "paused_by": contact.paused_by,
        "failures": contact.failures,
        "failing_since": contact.failing_since,
        "paused_at": contact.paused_at,
        "key": contact.key,
        "unconfirmed_until": contact.unconfirmed_until,
    }


def _contact(row: Document) -> Contact:
    return Contact(
        id=row["_id"],
        owner=Owner(row["owner_kind"], row["owner_id"]),
        channel=Channel(row["channel"]),
        address=row["address"],
        language=row["language"],
        state=State(row["state"]),
        version=row["version"],
        round=row["round"],
        asked_at=row["asked_at"],
        added_at=row["added_at"],
        confirmed_at=row["confirmed_at"],
        paused_by=row["paused_by"],
        failures=row["failures"],
        failing_since=row["failing_since"],
        paused_at=row.get("paused_at"),
        key=row.get("key", 0),
    )
