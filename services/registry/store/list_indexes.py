"""The indexes that lists and searches of records go by: none of them may read a whole collection.

Each ends in the keys of the order that the list is shown in, the id last, so that a page is read
from the index and nothing is sorted in memory.
"""

from typing import Final

from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS
from shared.mongo import Database

Keys = list[tuple[str, int]]

_NEWEST: Final[Keys] = [("updated_at", -1), ("_id", -1)]
_BY_NAME: Final[Keys] = [("derived.public_name", 1), ("_id", 1)]
_PUBLIC: Final[Keys] = [("derived.listed", 1), ("owner.active", 1)]
# What the public sees first of what was published last.
_JUST_PUBLISHED: Final[Keys] = [*_PUBLIC, ("published_at", -1), ("_id", -1)]
# Of every kind: by scope, by what waits, by score, by name, and what is public.
_COMMON: Final[tuple[Keys, ...]] = (
    _NEWEST,
    [("owner.facility_id", 1), *_NEWEST],
    [("owner.commune", 1), *_NEWEST],
    [("owner.sector", 1), *_NEWEST],
    [("state", 1), ("updated_at", 1), ("_id", 1)],
    [("derived.quality", 1), *_NEWEST],
    [("derived.name", 1), ("_id", 1)],
    [*_PUBLIC, *_BY_NAME],
)
_OF_KIND: Final[dict[Aggregate, tuple[Keys, ...]]] = {
    Aggregate.FACILITY: (
        [("owner.commune", 1), *_BY_NAME],
        [("published.kinds", 1), *_BY_NAME],
        _JUST_PUBLISHED,
    ),
    Aggregate.PRODUCT: (
        [("owner.commune", 1), *_BY_NAME],
        [("published.category", 1), *_BY_NAME],
        [("published.key_product", 1), ("published.ocop_stars", -1), *_BY_NAME],
        # The numbers of the home page are counted in this index alone.
        [*_PUBLIC, ("published.category", 1)],
        _JUST_PUBLISHED,
        [*_PUBLIC, ("published.ocop_stars", -1), *_BY_NAME],
    ),
    Aggregate.LOT: ([("derived.codes", 1)],),
}
_SEARCHED: Final = ("derived.words", "derived.public_words", "owner.words")
# What earlier versions made and these took the place of.
_REPLACED: Final = (
    "owner.facility_id_1_updated_at_-1",
    "state_1_owner.commune_1",
    "derived.quality_1",
    "derived.name_1",
    "derived.listed_1_derived.public_name_1",
)


async def prepare(db: Database) -> None:
    """Create them all; drop those that nothing asks for any more."""
    for aggregate, name in COLLECTIONS.items():
        rows = db.collection(name)
        for keys in (*_COMMON, *_OF_KIND.get(aggregate, ())):
            await rows.create_index(keys)
        for field in _SEARCHED:
            await rows.create_index(field)
        known = await rows.index_information()
        for old in _REPLACED:
            if old in known:
                await rows.drop_index(old)
