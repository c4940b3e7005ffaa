"""Which communes and sector each unit answers for, as identity published it."""

from collections.abc import Sequence

from services.recall.store.newest import Reader, by_id, put_newest
from shared.contracts.identity import UnitPublished
from shared.mongo import Tx

AREAS = "unit_areas"


async def note(tx: Tx, events: Sequence[UnitPublished]) -> None:
    documents = [
        {
            "_id": event.subject,
            "version": event.version,
            "communes": list(event.communes),
            "sector": event.sector,
            "active": event.active,
        }
        for event in events
    ]
    await put_newest(tx, AREAS, documents)


async def of_units(reader: Reader, ids: Sequence[str]) -> dict[str, tuple[frozenset[str], str]]:
    """Communes ({"*"} = all) and sector ("*" = all) of those units that are there and active."""
    found = await by_id(reader, AREAS, ids)
    return {
        id_: (frozenset(row["communes"]), row["sector"])
        for id_, row in found.items()
        if row["active"]
    }
