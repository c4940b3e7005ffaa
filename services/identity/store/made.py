"""Which facility registry has begun a record of, from which application (R18)."""

from dataclasses import dataclass

from shared.mongo import Database, Document, Tx

MADE = "application_facilities"


@dataclass(frozen=True, slots=True)
class Made:
    """A facility's record, published or not yet."""

    facility_id: str
    code: str


async def note(tx: Tx, application_id: str, made: Made) -> None:
    """Registry makes one at most of each application; told again, it is the same."""
    row: Document = {"facility_id": made.facility_id, "code": made.code}
    await tx.collection(MADE).update_one({"_id": application_id}, {"$set": row}, upsert=True)


async def of(db: Database, application_id: str) -> Made | None:
    row = await db.collection(MADE).find_one({"_id": application_id})
    return Made(row["facility_id"], row["code"]) if row is not None else None
