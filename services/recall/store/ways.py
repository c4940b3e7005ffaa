"""How to reach facilities, as they published it, and which units answer for which communes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.recall.store.authorities import AUTHORITIES
from services.recall.store.newest import Reader, by_id, put_newest
from shared.contracts.registry import FacilityPublished
from shared.mongo import Document, Tx

WAYS = "facility_ways"
# Whoever answers for the place and its sector; the province itself orders.
TIERS = ("commune", "department")


@dataclass(frozen=True, slots=True)
class Unit:
    """`communes` it answers for, ("*",) all; `sector` or "*"."""

    id: str
    name: str
    tier: str
    communes: tuple[str, ...]
    sector: str

    def answers_for(self, commune: str, sector: str) -> bool:
        here = "*" in self.communes or commune in self.communes
        return here and self.sector in ("*", sector)


async def note_facilities(tx: Tx, events: Sequence[FacilityPublished]) -> None:
    documents: list[Document] = [
        {
            "_id": event.subject,
            "version": event.version,
            "phone": event.phone,
            "address": event.address,
        }
        for event in events
    ]
    await put_newest(tx, WAYS, documents)


async def of_facilities(reader: Reader, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Phone number and address by facility."""
    found = await by_id(reader, WAYS, ids)
    return {id_: (row["phone"], row["address"]) for id_, row in found.items()}


async def units(reader: Reader) -> list[Unit]:
    """The active units that answer for an area: a few hundred in a province."""
    rows = reader.collection(AUTHORITIES).find({"active": True, "tier": {"$in": list(TIERS)}})
    return [
        Unit(row["_id"], row["name"], row["tier"], tuple(row["communes"]), row["sector"])
        async for row in rows
    ]
