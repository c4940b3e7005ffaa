"""Which names passports were told with, and the published records that carry corrected ones."""

from collections.abc import Mapping, Set
from typing import Final

from services.registry.domain.catalogues import Catalogue
from services.registry.domain.records import Aggregate
from services.registry.domain.renaming import Names
from services.registry.store.codec import COLLECTIONS
from shared.mongo import Database, Document, Unasked

NAMES: Final = Unasked("names_told")
_ID = "present"


async def told(db: Database) -> Names | None:
    """The names that all passports carry; None where that was never noted."""
    row = await db.collection(NAMES).find_one({"_id": _ID})
    if row is None:
        return None
    return {(which, key): (name, name_en) for which, key, name, name_en in row["names"]}


async def note_told(db: Database, names: Names) -> None:
    rows = [[*pair, *name] for pair, name in sorted(names.items())]
    await db.collection(NAMES).replace_one({"_id": _ID}, {"names": rows}, upsert=True)


async def carriers(
    db: Database,
    aggregate: Aggregate,
    keys: Mapping[Catalogue, Set[str]],
    after: str,
    size: int,
) -> list[str]:
    """The next published records by id whose passports name one of these keys."""
    wanted = _wanted(aggregate, {which: sorted(found) for which, found in keys.items()})
    if not wanted:
        return []
    query: Document = {"_id": {"$gt": after}, "published": {"$ne": None}, "$or": wanted}
    found = db.collection(COLLECTIONS[aggregate]).find(query, {"_id": 1})
    return [row["_id"] async for row in found.sort("_id", 1).limit(size)]


def _wanted(aggregate: Aggregate, keys: Mapping[Catalogue, list[str]]) -> list[Document]:
    if aggregate is Aggregate.PRODUCT:
        fields = [("published.category", Catalogue.CATEGORIES)]
    elif aggregate is Aggregate.LOT:
        entries = ("published.entries", "published.area_entries")
        fields = [
            ("published.unit", Catalogue.UNITS),
            *((f"{one}.unit", Catalogue.UNITS) for one in entries),
            *(
                (f"{one}.{name}", Catalogue.STEPS)
                for one in entries
                for name in ("step", "variant")
            ),
        ]
    else:
        fields = []
    return [{field: {"$in": keys[which]}} for field, which in fields if keys.get(which)]
