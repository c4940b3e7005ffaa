"""Batches of stamps as stored, and the numbers they get."""

from typing import Any, Final

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from services.stamps.domain.requests import Batch, RequestAlreadyDecided
from services.stamps.store.codec import from_document, to_document
from services.stamps.store.lists import page_of
from services.stamps.store.print_jobs import MADE
from shared.errors import EditConflict, NotFound
from shared.ids import now
from shared.messaging import outbox
from shared.mongo import Database, Tx

CODES_KNOWN: Final = "codes_taken_before_they_were_kept"


class NumberTaken(Exception):
    """A batch has this number already: the counter was set back. Draw another."""


async def prepare(db: Database) -> None:
    """Once: of batches from before it was kept, whether their codes left, as the outbox tells it;
    sheets and lists that were made count too."""
    done = db.collection("migrations")
    if await done.find_one({"_id": CODES_KNOWN}):
        return
    batches = db.collection("batches")
    unknown = {"codes_taken": {"$exists": False}}
    rights = ["stamps.print", "stamps.print_centrally"]
    # Who orders sheets says their size, who takes a file its job, who puts them in stock an act.
    others = {f"body.data.facts.{name}": {"$exists": False} for name in ("size", "job", "act")}
    told = {
        "body.type": "stamps.act_recorded.v1",
        "body.data.outcome": "accepted",
        "body.data.action": {"$in": rights},
        "body.data.facts.first": {"$exists": True},
        **others,
    }
    # One by one, lest the numbers of many batches are held at once.
    if await batches.find_one(unknown, {"_id": 1}):
        async for row in db.collection(outbox.ROWS).find(told, {"body.subject": 1}):
            await batches.update_one(
                {"_id": int(row["body"]["subject"]), **unknown}, {"$set": {"codes_taken": True}}
            )
        async for job in db.collection("print_jobs").find(MADE, {"batch": 1}):
            await batches.update_one(
                {"_id": job["batch"], **unknown}, {"$set": {"codes_taken": True}}
            )
    await done.update_one({"_id": CODES_KNOWN}, {"$set": {"at": now()}}, upsert=True)


async def next_number(db: Database) -> int:
    """A number for a batch; drawn outside transactions, so a failed issue leaves a gap.

    The counter need not wait for a majority: the batch that takes the number is committed by one
    later in the same log, and a log is never kept without what stands before. Should a primary
    forget numbers all the same, `add` finds out.
    """
    counters = db.collection("counters").with_options(write_concern=WriteConcern(1))
    counter = await counters.find_one_and_update(
        {"_id": "batch"}, {"$inc": {"n": 1}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    assert counter is not None
    return int(counter["n"])


async def add(tx: Tx, batch: Batch) -> None:
    """Raises RequestAlreadyDecided if the request has a batch, NumberTaken."""
    try:
        await tx.collection("batches").insert_one(to_document(batch, key="number"))
    except DuplicateKeyError as error:
        if (error.details or {}).get("keyPattern") == {"_id": 1}:
            raise NumberTaken() from error
        raise RequestAlreadyDecided() from error


async def get(where: Tx | Database, number: int) -> Batch:
    found = await where.collection("batches").find_one({"_id": number})
    if found is None:
        raise NotFound()
    return from_document(Batch, found, key="number")


async def count_change(tx: Tx, batch: Batch, changes: int = 1) -> int:
    """The number of the next change of this batch, or of the first of several; raises EditConflict
    if somebody else took it.

    Called before anything else is done, it makes those who change a batch at once wait for one
    another at once, not after their work.
    """
    answer = await tx.collection("batches").update_one(
        {"_id": batch.number, "changes": batch.changes}, {"$inc": {"changes": changes}}
    )
    if answer.matched_count != 1:
        raise EditConflict()
    return batch.changes + 1


async def note_order(tx: Tx, number: int) -> None:
    """A file is ordered, a print is cancelled, who prints is changed or stamps are put in stock: of
    these and of changes of serials at once each sees what came before."""
    await tx.collection("batches").update_one({"_id": number}, {"$inc": {"orders": 1}})


async def note_codes(tx: Tx, number: int) -> None:
    """Codes left in clear: whoever has them can print."""
    await tx.collection("batches").update_one(
        {"_id": number, "codes_taken": {"$ne": True}}, {"$set": {"codes_taken": True}}
    )


async def find(db: Database, wanted: dict[str, Any], *, page: int = 1) -> tuple[list[Batch], int]:
    """One page of batches, newest first, and how many there are."""
    documents, total = await page_of(db, "batches", wanted, page)
    return [from_document(Batch, one, key="number") for one in documents], total
