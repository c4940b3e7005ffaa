"""Whose word stands behind the links of a chain: told deliveries, and collections."""

from collections.abc import Collection, Iterable

from services.registry.domain.records import Aggregate
from services.registry.domain.shipment import End, Status
from services.registry.domain.transformation import Kind
from services.registry.domain.word_given import Holding, Link, holders
from services.registry.store.codec import COLLECTIONS
from services.registry.store.shipments import SHIPMENTS
from services.registry.store.transformations import TRANSFORMATIONS
from shared.mongo import Database, Document

_UNDER_WAY = [Status.IN_TRANSIT.value, Status.HANDED_OVER.value, Status.RECEIVED.value]


async def links(db: Database, ids: Collection[str]) -> dict[str, Link]:
    """Published lots as links of a chain, by id."""
    fields = {"owner.facility_id": 1, "published.inputs": 1, "published.supplies": 1}
    wanted = {"_id": {"$in": sorted(ids)}, "published": {"$ne": None}}
    cursor = db.collection(COLLECTIONS[Aggregate.LOT]).find(wanted, fields)
    return {
        row["_id"]: Link(
            row["owner"]["facility_id"],
            (*row["published"]["inputs"], *row["published"].get("supplies", ())),
        )
        async for row in cursor
    }


async def confirmed(db: Database, lots: Iterable[tuple[str, str]]) -> frozenset[Holding]:
    """Who has goods of these lots by the words of all who gave them; each lot with its maker."""
    makers = dict(lots)
    if not makers:
        return frozenset()
    moves: dict[str, list[tuple[str, str]]] = {key: [] for key in makers}
    wanted: Document = {
        "lines.lot_id": {"$in": sorted(makers)},
        "end": End.TRANSFER.value,
        "status": {"$in": _UNDER_WAY},
        "disowned": {"$in": [None, ""]},
        "$or": [{"declared": {"$ne": True}}, {"acknowledged_at": {"$ne": None}}],
    }
    fields = {"lines.lot_id": 1, "sender.facility_id": 1, "receiver.facility_id": 1}
    async for row in db.collection(SHIPMENTS).find(wanted, fields):
        move = (row["sender"]["facility_id"], row["receiver"]["facility_id"])
        for line in row["lines"]:
            if line["lot_id"] in moves:
                moves[line["lot_id"]].append(move)
    return frozenset(
        (key, one) for key, maker in makers.items() for one in holders(maker, moves[key])
    )


async def bought(db: Database, made: Collection[str]) -> frozenset[tuple[str, str]]:
    """(lot made, lot given) of what collectors bought straight from whoever made it. What was the
    collector's already when it gathered it came by a delivery, which has a word of its own; what
    its maker denies is nobody's word."""
    if not made:
        return frozenset()
    wanted: Document = {
        "made.lot_id": {"$in": sorted(made)},
        "kind": Kind.COLLECT.value,
        "cancelled": "",
    }
    fields = {"facility_id": 1, "made.lot_id": 1, "given": 1}
    return frozenset(
        [
            (out["lot_id"], put_in["lot_id"])
            async for row in db.collection(TRANSFORMATIONS).find(wanted, fields)
            for out in row["made"]
            for put_in in row["given"]
            if put_in.get("lot_id") and put_in["holder"] != row["facility_id"]
            if put_in.get("denied") is None
        ]
    )
