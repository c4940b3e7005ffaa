"""Indexes that the server is building, and those that nothing asks for any more."""

import re
from typing import Final

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import OperationFailure

from shared.mongo import Database, Document

NOT_FOUND: Final = 27


async def retire(rows: AsyncCollection[Document], *names: str) -> None:
    """Drop indexes that nothing asks for any more; another process may be doing just that."""
    known = await rows.index_information()
    for name in names:
        if name in known:
            try:
                await rows.drop_index(name)
            except OperationFailure as error:
                if error.code != NOT_FOUND:
                    raise


async def progress(db: Database) -> dict[str, int]:
    """How far the server is with each collection of this database, in per cent.

    An account that may not see what others do is refused, or sees nothing.
    """
    wanted: Document = {
        "ns": {"$regex": f"^{re.escape(db.name)}\\."},
        "progress.total": {"$gt": 0},
        "command.createIndexes": {"$exists": True},
    }
    pipeline: list[Document] = [
        {"$currentOp": {"allUsers": True}},
        {"$match": wanted},
        {"$project": {"name": "$command.createIndexes", "progress": 1}},
    ]
    found = await db.client.admin.aggregate(pipeline)
    return {
        one["name"]: round(100 * one["progress"]["done"] / one["progress"]["total"])
        async for one in found
    }
