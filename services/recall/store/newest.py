"""Read models that keep the newest version of each aggregate, whatever order events come in."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Final

from pymongo import ReplaceOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from shared.mongo import Database, Document, Tx

# Whoever reads: inside a transaction or beside it.
Reader = Database | Tx

# What to find: the collection, and the stages that find in it.
Wanted = tuple[str, Sequence[Document]]

# Ids asked for in one query; more take another one.
IDS_AT_ONCE = 2_000

# The server's code of SnapshotUnavailable, and how long it is asked again.
NO_INSTANT_YET: Final = 246
INSTANT_SECONDS = 5.0


async def put_newest(tx: Tx, name: str, documents: Iterable[Document]) -> list[Document]:
    """Keep those that are newer than what is here; returns them."""
    newest: dict[Any, Document] = {}
    for document in documents:
        known = newest.get(document["_id"])
        if known is None or known["version"] < document["version"]:
            newest[document["_id"]] = document
    collection = tx.collection(name)
    cursor = collection.find({"_id": {"$in": list(newest)}}, {"version": 1})
    here = {row["_id"]: row["version"] async for row in cursor}
    newer = [d for d in newest.values() if here.get(d["_id"], 0) < d["version"]]
    if newer:
        await collection.bulk_write(
            [ReplaceOne({"_id": d["_id"]}, d, upsert=True) for d in newer], ordered=False
        )
    return newer


async def each(
    reader: Reader,
    name: str,
    ids: Iterable[Any],
    *,
    field: str = "_id",
    also: Document | None = None,
) -> AsyncIterator[Document]:
    """Documents whose `field` is, or holds, any of the ids, and that fit what is `also` wanted.

    A document that holds several of the ids may come more than once.
    """
    for chunk in chunks(sorted(set(ids))):
        async for document in reader.collection(name).find({field: {"$in": chunk}, **(also or {})}):
            yield document


async def by_id(reader: Reader, name: str, ids: Iterable[Any]) -> dict[Any, Document]:
    return {document["_id"]: document async for document in each(reader, name, ids)}


async def together(reader: Reader, *wanted: Wanted) -> list[list[Document]]:
    """What each of several searches finds, in the order of asking, by one question to the server:
    all of them as things stood at one instant.

    Under load it is the way there and back that costs, once a question, not the finding. Inside a
    transaction, which has its instant, the server knows no unions, so each is asked by itself.
    """
    if isinstance(reader, Tx):
        return [
            [row async for row in await reader.collection(name).aggregate([*stages])]
            for name, stages in wanted
        ]
    (name, first), *others = [
        (name, [*stages, {"$replaceWith": {"nth": nth, "found": "$$ROOT"}}])
        for nth, (name, stages) in enumerate(wanted)
    ]
    unions = [{"$unionWith": {"coll": other, "pipeline": stages}} for other, stages in others]
    found: list[list[Document]] = [[] for _ in wanted]
    for row in await _at_one_instant(reader.collection(name), [*first, *unions]):
        found[row["nth"]].append(row["found"])
    return found


async def _at_one_instant(
    collection: AsyncCollection[Document], stages: Sequence[Document]
) -> list[Document]:
    """What is found, as of an instant of the server's choice, just now.

    For a moment after a collection or an index is made, the server has no such instant to offer.
    """
    asked = collection.with_options(read_concern=ReadConcern("snapshot"))
    deadline = time.monotonic() + INSTANT_SECONDS
    while True:
        try:
            return [row async for row in await asked.aggregate(stages)]
        except OperationFailure as error:
            if error.code != NO_INSTANT_YET or time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.02)


def chunks(items: Sequence[Any], size: int = IDS_AT_ONCE) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
