"""The stamps that were scanned often, in the order in which the recorder last counted them."""

from typing import Any, Final, NamedTuple

from services.scan.domain.often import LEAST, Scanned
from services.scan.store.counters import MOMENT, NUMBER
from services.scan.store.counts import STAMPS
from shared.mongo import Database

INDEX: Final = "often"
PAGE: Final = 1_000
READ_MILLISECONDS: Final = 400


class Place(NamedTuple):
    """Up to where somebody has read: the recorder's turn, and a stamp within it.

    Counters of before there were turns have none, and come first.
    """

    revision: int | None = None
    stamp: int = -1


async def prepare(db: Database) -> None:
    await db.collection(STAMPS).create_index(
        [("revision", 1), ("_id", 1)],
        name=INDEX,
        partialFilterExpression={"count": {"$gte": LEAST}},
    )


async def after(db: Database, place: Place) -> list[tuple[Place, Scanned]]:
    """What was counted after a place, oldest first, at most a page; a place names its stamp.

    The recorder counts one turn after another, and all of a turn at once, so nothing can come
    later that belongs before. What cannot be read is left out, until it is counted anew.
    """
    told: dict[str, Any] = {
        "count": {**NUMBER.sound, "$gte": LEAST},
        "first": MOMENT.sound,
        "$or": [{"revision": None}, {"revision": NUMBER.sound}],
    }
    start: list[Any] = [("revision", place.revision), ("_id", place.stamp + 1)]
    rows = (
        db.collection(STAMPS)
        .find(
            told,
            {"count": 1, "first": 1, "revision": 1},
            max_time_ms=READ_MILLISECONDS,
        )
        .hint(INDEX)
        .min(start)
        .limit(PAGE)
    )
    return [(_place(row), Scanned(int(row["count"]), row["first"])) async for row in rows]


def _place(row: dict[str, Any]) -> Place:
    return Place(row.get("revision"), int(row["_id"]))
