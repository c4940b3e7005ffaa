"""What a kept row counts for: each row says what of it is counted already, and is brought in line.

So a row that nobody counted, or that an earlier version of reporting changed without counting it,
is told by itself: its `counted.version` is not its `version` (`settling` looks for those).
"""

from collections.abc import Sequence
from typing import Any, Final

from services.reporting.store import areas
from services.reporting.store.areas import Amount, Label, Move
from shared.mongo import Document, Tx

FACILITIES: Final = "facilities"
# What belongs to a facility, and by which value of which field it counts (None: always).
OWNED: Final = {"products": ("active", True), "lots": None, "accounts": ("status", "active")}
COUNTED: Final = (FACILITIES, *OWNED)
# How facilities are shown by: field of the row, or its values.
BY_COMMUNE, BY_CLASS, BY_KIND = "facilities_by_commune", "facilities_by_class", "facilities_by_kind"


async def keep(tx: Tx, collection: str, key: str, version: int, facts: Document) -> None:
    """Keep the facts unless as new ones or newer are here, and count them."""
    known = await tx.collection(collection).find_one({"_id": key})
    if known is not None and known["version"] >= version:
        return
    row = {"_id": key, **(known or {}), **facts, "version": version}
    (counted,) = await count(tx, collection, [row])
    await tx.collection(collection).update_one(
        {"_id": key}, {"$set": {**facts, "version": version, "counted": counted}}, upsert=True
    )


async def count(tx: Tx, collection: str, rows: Sequence[Document]) -> list[Document]:
    """Bring what is counted of rows in line with them; the caller keeps each one's `counted`."""
    by = _count_facilities if collection == FACILITIES else _count_owned
    return await by(tx, collection, rows)


async def _count_owned(tx: Tx, collection: str, rows: Sequence[Document]) -> list[Document]:
    amounts, found = [], []
    rule = OWNED[collection]
    for row in rows:
        counts = rule is None or row.get(rule[0]) == rule[1]
        facility = (row.get("facility_id") or "") if counts else None
        before = row.get("counted", {}).get("facility")
        if facility != before:
            if before is not None:
                amounts.append(Amount(before, collection, -1))
            if facility is not None:
                amounts.append(Amount(facility, collection, 1))
        found.append({"version": row["version"], "facility": facility})
    await areas.add(tx, amounts)
    return found


async def _count_facilities(tx: Tx, _: str, rows: Sequence[Document]) -> list[Document]:
    moves = [
        Move(
            row["_id"],
            (row.get("commune", ""), row.get("sector", "")),
            before=[(metric, key) for metric, key in row.get("counted", {}).get("labels", ())],
            after=_labels(row),
        )
        for row in rows
    ]
    await areas.move(tx, moves)
    return [
        {"version": row["version"], "labels": [list(label) for label in one.after]}
        for row, one in zip(rows, moves, strict=True)
    ]


def _labels(row: Document) -> list[Label]:
    """A facility in use counts as one, and once by each of these; a stopped one does not."""
    if row.get("status") != "active":
        return []
    kinds: Any = row.get("kinds", ())
    return [
        (FACILITIES, ""),
        (BY_COMMUNE, row.get("commune_name", "")),
        (BY_CLASS, row.get("facility_class", "")),
        *((BY_KIND, kind) for kind in kinds),
    ]
