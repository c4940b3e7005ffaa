"""What facilities made, sent and received per month, added up from lots and shipments (R31)."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from services.registry.domain.circulation import Amounts, summed
from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS
from services.registry.store.shipments import SHIPMENTS
from services.registry.store.transformations import TRANSFORMATIONS
from shared.mongo import Database, Document

LOTS: Final = COLLECTIONS[Aggregate.LOT]
ByMonth = dict[tuple[str, str], dict[str, Decimal]]
# Lots of these acts hold goods that somebody had made before.
NOT_MADE: Final = ("split", "merge", "collect")
ZONE: Final = "Asia/Ho_Chi_Minh"


async def prepare(db: Database) -> None:
    await db.collection(LOTS).create_index([("owner.facility_id", 1), ("published.produced_on", 1)])


async def made(db: Database, facilities: Sequence[str], months: Sequence[str]) -> ByMonth:
    """Quantities of published lots by facility, month of production and base unit."""
    pipeline = [
        *_lots(facilities, months),
        _sum(
            {"facility": "$owner.facility_id", "month": _MONTH, "unit": "$published.unit"},
            "$published.quantity",
        ),
    ]
    return await _by_month(db, LOTS, pipeline)


async def made_of_products(
    db: Database, facility_id: str, months: Sequence[str]
) -> list[tuple[str, Amounts]]:
    """The same of one facility by product, the largest first."""
    key = {"product": "$published.product_id", "unit": "$published.unit"}
    pipeline = [*_lots([facility_id], months), _sum(key, "$published.quantity")]
    rows: dict[str, list[tuple[Decimal, str]]] = defaultdict(list)
    async for row in await db.collection(LOTS).aggregate(pipeline):
        rows[row["_id"]["product"]].append((_decimal(row["amount"]), row["_id"]["unit"]))
    found: list[tuple[str, Amounts]] = [(key, summed(parts)) for key, parts in rows.items()]
    return sorted(found, key=lambda one: (-max(one[1].values()), one[0]))


async def sent(db: Database, facilities: Sequence[str], months: Sequence[str]) -> ByMonth:
    """What left: to other facilities, abroad, or sold, by the month in which it set out."""
    return await _shipped(db, "sender", "$picked_up.at", "$lines.quantity", facilities, months)


async def received(db: Database, facilities: Sequence[str], months: Sequence[str]) -> ByMonth:
    """What arrived, as the receiver counted it."""
    counted = {"$ifNull": ["$lines.received", "$lines.quantity"]}
    return await _shipped(db, "receiver", "$received_at", counted, facilities, months)


async def _shipped(
    db: Database, end: str, at: str, amount: Any, facilities: Sequence[str], months: Sequence[str]
) -> ByMonth:
    month = {"$dateToString": {"date": at, "format": "%Y-%m", "timezone": ZONE}}
    pipeline: list[Document] = [
        {
            "$match": {
                f"{end}.facility_id": {"$in": list(facilities)},
                "status": {"$ne": "cancelled"},
            }
        },
        {"$match": {at[1:]: {"$ne": None}}},
        {"$set": {"month": month}},
        {"$match": {"month": {"$gte": months[0], "$lte": months[-1]}}},
        {"$unwind": "$lines"},
        _sum({"facility": f"${end}.facility_id", "month": "$month", "unit": "$lines.unit"}, amount),
    ]
    return await _by_month(db, SHIPMENTS, pipeline)


_MONTH: Final = {"$substrBytes": ["$published.produced_on", 0, 7]}


def _lots(facilities: Sequence[str], months: Sequence[str]) -> list[Document]:
    """The published lots that a facility really made, of some months."""
    return [
        {
            "$match": {
                "owner.facility_id": {"$in": list(facilities)},
                "published.produced_on": {"$gte": months[0], "$lt": f"{months[-1]}-99"},
            }
        },
        {
            "$lookup": {
                "from": TRANSFORMATIONS,
                "localField": "published.transformation_id",
                "foreignField": "_id",
                "as": "act",
            }
        },
        {"$match": {"act.kind": {"$nin": list(NOT_MADE)}}},
    ]


def _sum(key: Document, amount: Any) -> Document:
    return {"$group": {"_id": key, "amount": {"$sum": {"$toDecimal": amount}}}}


async def _by_month(db: Database, collection: str, pipeline: list[Document]) -> ByMonth:
    rows: dict[tuple[str, str], list[tuple[Decimal, str]]] = defaultdict(list)
    async for row in await db.collection(collection).aggregate(pipeline):
        key = row["_id"]
        rows[key["facility"], key["month"]].append((_decimal(row["amount"]), key["unit"]))
    return {key: summed(parts) for key, parts in rows.items()}


def _decimal(amount: Any) -> Decimal:
    """A quantity that BSON kept, without needless zeros; 1200 is not told as 1.2E+3."""
    found = Decimal(str(amount))
    return found.quantize(Decimal(1)) if found == found.to_integral() else found.normalize()
