"""The read models: facilities, products, lots, growing areas, segments, holds, notices."""

from collections.abc import Sequence
from typing import Any

from pymongo import UpdateOne

from services.scan.domain.aggregates import HOLDS, NOTICES, PUBLISHERS, Part, to_document
from shared.contracts.event import Event
from shared.contracts.recall import NoticePublished
from shared.contracts.stamps import HoldPublished
from shared.messaging import progress
from shared.mongo import Database, Tx, transact

# The queue whose progress tells up to which number the read models hold everything.
PROJECTION = "scan.projection"

# A reader on a phone does not wait longer for a database in trouble.
READ_MILLISECONDS = 400

Standing = NoticePublished | HoldPublished


async def keep_newest(tx: Tx, part: Part, events: Sequence[Event]) -> None:
    """Write each aggregate's newest version, unless the same or a newer one is there."""
    newest: dict[str, Event] = {}
    for event in events:
        if event.subject not in newest or newest[event.subject].version < event.version:
            newest[event.subject] = event
    collection = tx.collection(part.collection)
    versions = collection.find({"_id": {"$in": list(newest)}}, {f"{part.name}.version": 1})
    known = {d["_id"]: d[part.name]["version"] async for d in versions if d.get(part.name)}
    writes = [
        UpdateOne({"_id": subject}, {"$set": {part.name: to_document(event)}}, upsert=True)
        for subject, event in newest.items()
        if event.version > known.get(subject, 0)
    ]
    if writes:
        await collection.bulk_write(writes, ordered=False)


async def find(db: Database, collection: str, key: str) -> dict[str, Any] | None:
    """One document of a read model, or None."""
    found: dict[str, Any] | None = await db.collection(collection).find_one(
        {"_id": key}, max_time_ms=READ_MILLISECONDS
    )
    return found


async def find_many(db: Database, collection: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Those documents of a read model that are there, by id."""
    if len(ids) == 1:
        found = await find(db, collection, ids[0])
        return {} if found is None else {ids[0]: found}
    rows = db.collection(collection).find(
        {"_id": {"$in": list(ids)}}, max_time_ms=READ_MILLISECONDS
    )
    # One by one they would cost as much again.
    return {row["_id"]: row for row in await rows.to_list()}


async def projected(db: Database) -> dict[str, int]:
    """Per publisher, the number up to which the read models hold everything."""
    return await progress.complete_to(db, PROJECTION)


async def snapshot(db: Database) -> tuple[dict[str, int], list[Standing]]:
    """What is needed to start: the progress, and all notices and holds as of exactly then."""

    async def work(tx: Tx) -> tuple[dict[str, int], list[Standing]]:
        marks = tx.collection(progress.COLLECTION).find({"reader": PROJECTION})
        reached = {mark["publisher"]: int(mark["complete_to"]) async for mark in marks}
        standing: list[Standing] = []
        async for document in tx.collection(NOTICES).find({}):
            standing.append(NoticePublished.model_validate(document["published"]))
        async for document in tx.collection(HOLDS).find({}):
            standing.append(HoldPublished.model_validate(document["published"]))
        return {publisher: reached.get(publisher, 0) for publisher in PUBLISHERS}, standing

    return await transact(db, work)
