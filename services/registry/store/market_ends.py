"""Acceptances of codes by importing countries that end, and what was told of them (R25)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.registry.domain.markets import TOLD_AHEAD, Standing
from services.registry.domain.records import Aggregate
from services.registry.store.markets import HOLDERS, held_code
from shared.mongo import Database, Document, Tx, Unasked

TOLD: Final = Unasked("markets_told")


@dataclass(frozen=True, slots=True)
class MarketEnd:
    """One country's acceptance of one code, and its last day; `subject` is the area or facility."""

    holder: str
    subject: str
    version: int
    facility_id: str
    held_code: str
    country: str
    number: str
    until: date
    commune: str
    sector: str

    def standing(self, today: date) -> Standing:
        return Standing.EXPIRED if self.until < today else Standing.EXPIRING

    def key(self, today: date) -> str:
        """A renewal has another key: it ends another day."""
        return f"{self.subject}/{self.country}/{self.until.isoformat()}/{self.standing(today)}"


async def prepare(db: Database) -> None:
    await db.collection(TOLD).create_index("subject")


async def due(db: Database, today: date) -> list[tuple[Aggregate, str]]:
    """Areas and facilities that are published with a code whose acceptance ends soon or ended."""
    return [
        (kind, row["_id"])
        for kind, name in HOLDERS.items()
        async for row in db.collection(name).find(_due(today), {"_id": 1})
    ]


async def ends_of(tx: Tx, kind: Aggregate, record_id: str, today: date) -> list[MarketEnd]:
    """What is due of an area or a facility as the transaction sees it."""
    row = await tx.collection(HOLDERS[kind]).find_one({"_id": record_id, **_due(today)})
    if row is None:
        return []
    it, owner = row["published"], row["owner"]
    return [
        MarketEnd(
            holder=kind.value,
            subject=record_id,
            version=row["version"],
            facility_id=owner["facility_id"],
            held_code=held_code(row),
            country=one["country"],
            number=one["number"],
            until=date.fromisoformat(one["until"]),
            commune=owner["commune"],
            sector=owner["sector"],
        )
        for one in it["markets"]
        if one["until"] and one["until"] <= _until(today)
    ]


async def told(tx: Tx, subject: str) -> set[str]:
    return {row["_id"] async for row in tx.collection(TOLD).find({"subject": subject}, {"_id": 1})}


async def note_told(tx: Tx, end: MarketEnd, today: date, now: datetime) -> None:
    row: Document = {"_id": end.key(today), "subject": end.subject, "at": now}
    await tx.collection(TOLD).insert_one(row)


def _due(today: date) -> Document:
    return {
        "derived.listed": True,
        "published.markets.until": {"$type": "string", "$lte": _until(today)},
    }


def _until(today: date) -> str:
    return (today + TOLD_AHEAD).isoformat()
