"""The indexes that lists read from the database go by: none of them may read a whole collection.

Each ends in the keys of the order that the list is shown in, the id last, so that a page is read
from the index and nothing is sorted in memory. What is searched by words, counted and leafed
through of facilities, products and growing areas is found in memory (`store/search`).
"""

from typing import Final

from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS
from shared.indexes import retire
from shared.mongo import Database

Keys = list[tuple[str, int]]

_NEWEST: Final[Keys] = [("updated_at", -1), ("_id", -1)]
# Of every kind: by scope, by what waits, by score, by name, and what is public.
_COMMON: Final[tuple[Keys, ...]] = (
    _NEWEST,
    [("owner.facility_id", 1), *_NEWEST],
    [("owner.commune", 1), *_NEWEST],
    [("owner.sector", 1), *_NEWEST],
    [("state", 1), ("updated_at", 1), ("_id", 1)],
    [("derived.quality", 1), *_NEWEST],
    [("derived.name", 1), ("_id", 1)],
    [("derived.listed", 1), ("owner.active", 1), ("derived.public_name", 1), ("_id", 1)],
    # Rows of an import name records by numbers, which are words; lots are searched by them too.
    [("derived.words", 1)],
)
_OF_KIND: Final[dict[Aggregate, tuple[Keys, ...]]] = {
    Aggregate.LOT: (
        [("derived.codes", 1)],
        [("owner.words", 1)],
        # What everybody may read, walked through by id.
        [("derived.listed", 1), ("owner.active", 1), ("_id", 1)],
    ),
}
# What earlier versions made and nothing asks for any more, of every kind and but for lots.
_REPLACED: Final = (
    "owner.facility_id_1_updated_at_-1",
    "state_1_owner.commune_1",
    "derived.quality_1",
    "derived.name_1",
    "derived.listed_1_derived.public_name_1",
    "derived.public_words_1",
    "owner.commune_1_derived.public_name_1__id_1",
    "published.kinds_1_derived.public_name_1__id_1",
    "published.category_1_derived.public_name_1__id_1",
    "published.key_product_1_published.ocop_stars_-1_derived.public_name_1__id_1",
    "derived.listed_1_owner.active_1_published.category_1",
    "derived.listed_1_owner.active_1_published_at_-1__id_-1",
    "derived.listed_1_owner.active_1_published.ocop_stars_-1_derived.public_name_1__id_1",
)
_REPLACED_BUT_FOR_LOTS: Final = ("owner.words_1",)


async def prepare(db: Database) -> None:
    """Create them all; drop those that nothing asks for any more."""
    for aggregate, name in COLLECTIONS.items():
        rows = db.collection(name)
        for keys in (*_COMMON, *_OF_KIND.get(aggregate, ())):
            await rows.create_index(keys)
        others = () if aggregate is Aggregate.LOT else _REPLACED_BUT_FOR_LOTS
        await retire(rows, *_REPLACED, *others)
