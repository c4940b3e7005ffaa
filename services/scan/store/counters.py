"""Counters that are added to: what is no number, or no time, begins anew, and what stood there is
kept beside it.

Whole spool files are counted in one transaction, and the database refuses to add to what is no
number: everybody's scans would wait for that one counter.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from pymongo import UpdateOne

from services.scan.store import unreadable
from services.scan.store.pace import Pace
from shared.mongo import Document, Tx

# What was found in the place of a counter, as text: the last time that one began anew.
ASIDE: Final = "unread"
_MOST_ASIDE: Final = 1_000
# No sum that was ever counted; beyond it the database could not add any more.
_MOST: Final = 1 << 53


class Field(NamedTuple):
    """What a field of a counter has to be: as the database is asked, and what it begins with."""

    sound: Document
    is_sound: Callable[[Any], bool]
    begins: int | None


def _is_number(value: Any) -> bool:
    return type(value) is not bool and isinstance(value, int | float) and 0 <= value < _MOST


def _is_moment(value: Any) -> bool:
    return isinstance(value, datetime)


# A comparison looks into lists too, and takes decimals, which Python does not add up with.
NUMBER: Final = Field(
    {"$gte": 0, "$lt": _MOST, "$not": {"$type": ["array", "decimal"]}}, _is_number, 0
)
MOMENT: Final = Field({"$type": "date", "$not": {"$type": "array"}}, _is_moment, None)
Form = Mapping[str, Field]
_OF_NUMBERS: Final = ("int", "long", "double")


def summed(field: str) -> Document:
    """The sum of a counter in a group; one that would begin anew is nothing until it does."""
    value = f"${field}"
    sound = [
        {"$in": [{"$type": value}, _OF_NUMBERS]},
        {"$gte": [value, 0]},
        {"$lt": [value, _MOST]},
    ]
    return {"$sum": {"$cond": [{"$and": sound}, {"$toLong": value}, 0]}}


async def add(
    tx: Tx, collection: str, form: Form, additions: Sequence[tuple[Any, Document]], pace: Pace
) -> None:
    """Each of these updates to the counter of that id, which is made where there is none."""
    async for part in pace.parts(additions):
        await begin_anew(tx, collection, form, [key for key, _ in part])
        writes = [UpdateOne({"_id": key}, update, upsert=True) for key, update in part]
        await tx.collection(collection).bulk_write(writes, ordered=False)


async def begin_anew(tx: Tx, collection: str, form: Form, keys: Sequence[Any]) -> None:
    """Let those of these counters that cannot be added to begin anew, in the transaction that adds
    to them: so that happens once, whatever becomes of it."""
    sound = {name: field.sound for name, field in form.items()}
    wanted = {"_id": {"$in": list(keys)}, "$nor": [sound]}
    async for row in tx.collection(collection).find(wanted, dict.fromkeys(form, 1)):
        wrong = {
            name: row.get(name) for name, field in form.items() if not field.is_sound(row.get(name))
        }
        unreadable.tell(collection, row, "no number" if wrong else "no counter")
        # What only the database finds wrong is not to be added to either.
        begun = {name: form[name].begins for name in (wrong or form)}
        update: Document = {"$set": {ASIDE: str(wrong or row)[:_MOST_ASIDE]}}
        update["$set"] |= {name: value for name, value in begun.items() if value is not None}
        if dropped := {name: "" for name, value in begun.items() if value is None}:
            update["$unset"] = dropped
        await tx.collection(collection).update_one({"_id": row["_id"]}, update)
