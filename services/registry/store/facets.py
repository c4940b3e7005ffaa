"""What a list of the public catalogue can be narrowed to, and how many are left then."""

from collections.abc import Mapping

from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS
from services.registry.store.lists import count_public, public_filter
from shared.mongo import Database, Document

MOST_VALUES = 100
# Fields that hold several values of a record.
_LISTS = frozenset({"published.kinds"})


async def count(
    db: Database,
    aggregate: Aggregate,
    q: str,
    facets: Mapping[str, tuple[str, Document]],
    *,
    most: int,
) -> dict[str, dict[str, int]] | None:
    """For each facet (its field and the filter chosen in it) how many records each value has.

    Of a facet the filters of all others hold, and not its own: so one sees what else there is.
    None where `q` finds more than `most`: every record would have to be read for the numbers.
    """
    parts: Document = {}
    for name, (field, _) in facets.items():
        others = [chosen for other, (_, chosen) in facets.items() if other != name and chosen]
        match: list[Document] = [{"$match": {"$and": others}}] if others else []
        unwound: list[Document] = [{"$unwind": f"${field}"}] if field in _LISTS else []
        group = {"$group": {"_id": f"${field}", "number": {"$sum": 1}}}
        largest = [{"$sort": {"number": -1, "_id": 1}}, {"$limit": MOST_VALUES}]
        parts[name] = [*match, *unwound, group, *largest]
    matching = public_filter(aggregate, q)
    if await count_public(db, aggregate, q=q, most=most) > most:
        return None
    rows = db.collection(COLLECTIONS[aggregate]).aggregate(
        [{"$match": matching}, {"$facet": parts}]
    )
    found = [row async for row in rows]
    return {
        name: {str(one["_id"]): one["number"] for one in found[0][name] if one["_id"] is not None}
        for name in facets
    }
