"""Lists as pages show them: one page of a collection, the newest first."""

from typing import Any

from pymongo import DESCENDING

from shared.mongo import Database

PAGE = 30


async def page_of(
    db: Database, collection: str, wanted: dict[str, Any], page: int
) -> tuple[list[dict[str, Any]], int]:
    """The documents of one page, and how many there are on all of them."""
    found = db.collection(collection)
    cursor = found.find(wanted).sort("_id", DESCENDING).skip((page - 1) * PAGE).limit(PAGE)
    return [document async for document in cursor], await found.count_documents(wanted)
