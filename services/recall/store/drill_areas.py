"""Drills by where the facilities lie that they ask: of which units they are a matter."""

from collections.abc import Collection

from pymongo import ASCENDING, DESCENDING

from services.recall.domain.drill import Drill, State
from services.recall.domain.terms import Place
from services.recall.store.drill_documents import drill_of
from services.recall.store.drill_places import PLACES
from services.recall.store.drills import DRILLS
from services.recall.store.newest import Reader


async def places(reader: Reader, drill_id: str) -> list[Place]:
    """Whom it asks, by id."""
    fields = {"facility_id": 1, "commune": 1, "sector": 1}
    rows = reader.collection(PLACES).find({"drill": drill_id}, fields)
    return [
        Place(row["facility_id"], row["commune"], row["sector"])
        async for row in rows.sort("facility_id", ASCENDING)
    ]


async def running_in(
    reader: Reader, communes: Collection[str], sector: str, most: int = 100
) -> list[Drill]:
    """Running drills that ask a facility there ("*" = any), the latest first."""
    areas = [f"{commune}/{sector}" for commune in sorted(communes)]
    wanted = {"state": str(State.RUNNING), "areas": {"$in": areas}}
    rows = reader.collection(DRILLS).find(wanted).sort("_id", DESCENDING).limit(most)
    return [drill_of(row) async for row in rows]
