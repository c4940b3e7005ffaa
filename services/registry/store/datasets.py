"""How large each data set is and when it last changed, for its metadata (R32)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.registry.domain.catalogues import Catalogue, Row, all_rows, rows
from services.registry.domain.communes import standing_communes
from services.registry.domain.records import Aggregate
from services.registry.store import catalogues
from services.registry.store.codec import COLLECTIONS
from services.registry.store.inspections import INSPECTIONS
from services.registry.store.shipments import SHIPMENTS
from services.registry.store.testing import TESTS
from shared.mongo import Database

# The collection of a data set, and its field that says when a document last changed.
_KEPT: Final = {
    "facilities": (COLLECTIONS[Aggregate.FACILITY], "updated_at"),
    "products": (COLLECTIONS[Aggregate.PRODUCT], "updated_at"),
    "growing-areas": (COLLECTIONS[Aggregate.GROWING_AREA], "updated_at"),
    "lots": (COLLECTIONS[Aggregate.LOT], "updated_at"),
    "shipments": (SHIPMENTS, "updated_at"),
    "tests": (TESTS, "entered_at"),
    "inspections": (INSPECTIONS, "at"),
}


@dataclass(frozen=True, slots=True)
class Extent:
    """`number` of records or rows; `changed_at` None where nothing ever changed; `version` of a
    catalogue, None of other data sets."""

    number: int
    changed_at: datetime | None = None
    version: int | None = None


def described() -> list[Row]:
    """The descriptions in use, in the order of the catalogue."""
    return list(rows(Catalogue.DATASETS).values())


async def prepare(db: Database) -> None:
    for name, field in set(_KEPT.values()):
        await db.collection(name).create_index([(field, -1)])


async def extents(db: Database) -> dict[str, Extent]:
    """By the keys of the catalogue of data sets; what the program does not hold is left out."""
    found: dict[str, Extent] = {"communes": Extent(len(standing_communes()))}
    changed = await catalogues.standing(db)
    for one in Catalogue:
        version, at = changed.get(one.value, (0, None))
        found[one.value] = Extent(len(rows(one)), at, version)
    for key, (name, field) in _KEPT.items():
        collection = db.collection(name)
        newest = await collection.find_one({}, {field: 1}, sort=[(field, -1)])
        number = await collection.estimated_document_count()
        found[key] = Extent(number, newest.get(field) if newest else None)
    known = all_rows(Catalogue.DATASETS)
    return {key: extent for key, extent in found.items() if key in known}
