"""What a lot's own page tells of its goods: how much is left, acts on it, where it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.registry.actions import keeping
from services.registry.domain.keeping import Keeping, Work
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.shipment import End, Shipment, Status
from services.registry.domain.transformation import Transformation
from services.registry.domain.units import measure
from services.registry.naming import amount, unit_options
from services.registry.store import (
    examinations,
    holdings,
    records,
    shipments,
    testing,
    transformations,
)
from services.registry.store.stock import stock
from services.registry.telling import known_as
from services.registry.transformation_list import KINDS
from shared.auth import Principal
from shared.mongo import Database
from shared.web.i18n import N_, translate

ENDS = {
    End.TRANSFER: N_("Chuyển đến cơ sở khác"),
    End.EXPORT: N_("Xuất khẩu"),
    End.SALE: N_("Bán cho người tiêu dùng"),
    End.LOSS: N_("Hao hụt, hủy bỏ"),
}
STATUSES = {
    Status.PLANNED: N_("Chưa lên đường"),
    Status.IN_TRANSIT: N_("Đang trên đường"),
    Status.HANDED_OVER: N_("Đã giao"),
    Status.RECEIVED: N_("Đã nhận"),
    Status.CANCELLED: N_("Đã hủy"),
}
STATUS_TONES = {
    Status.PLANNED: "neutral",
    Status.IN_TRANSIT: "info",
    Status.HANDED_OVER: "caution",
    Status.RECEIVED: "good",
    Status.CANCELLED: "bad",
}

# Kinds of facilities that sell to whoever comes in.
SELLING = frozenset({"shop", "supermarket", "market"})
# What is done with goods where they are.
WORKS = {
    Work.STORING: N_("Bảo quản"),
    Work.SORTING: N_("Phân loại, chia hàng"),
    Work.DISPLAYING: N_("Bày bán"),
    Work.EXAMINING: N_("Kiểm tra hàng"),
}
WORK_SIGNS = {
    Work.STORING: "box",
    Work.SORTING: "settings",
    Work.DISPLAYING: "shop",
    Work.EXAMINING: "eye",
}

# Goods that nobody has to receive are not "received" when they are gone.
GONE = {End.SALE: N_("Đã bán"), End.LOSS: N_("Đã ghi hao hụt, hủy bỏ")}


def standing(one: Shipment) -> str:
    """Where a shipment stands, in the reader's language."""
    if one.status is Status.RECEIVED and one.end in GONE:
        return translate(GONE[one.end])
    return translate(STATUSES[one.status])


@dataclass(frozen=True, slots=True)
class Held:
    """How much of a lot a facility still has, in the lot's own unit."""

    name: str
    left: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Source:
    """A lot that a facility may take from: `left` in the lot's unit."""

    lot: Record[Any]
    left: Decimal
    product: str

    @property
    def label(self) -> str:
        left = amount(self.left, self.lot.shown.unit)
        return f"{self.lot.code} · {self.product} · {left}"


async def context(db: Database, record: Record[Any], who: Principal) -> dict[str, Any]:
    """For console/goods.html, which record.html shows for lots."""
    if record.aggregate is not Aggregate.LOT:
        return {}
    acts = await transformations.of_lot(db, record.id)
    made_by = next((one for one in acts if _made(one, record.id)), None)
    return {
        "held": await _held(db, record),
        "made_by": made_by,
        "explained": made_by.explanation if made_by is not None else record.content.explanation,
        "used_in": [one for one in acts if one is not made_by],
        "tests": await testing.of_lot(db, record.id),
        "examined": await examinations.of_lot(db, record.id),
        "moves": await shipments.of_lot(db, record.id),
        "kept": await _kept(db, record, who),
        **labels(),
    }


def labels() -> dict[str, Any]:
    """Names of kinds, ends and statuses for templates."""
    return {
        "kind_labels": KINDS,
        "end_labels": ENDS,
        "move_labels": STATUSES,
        "move_word": standing,
        "move_tones": STATUS_TONES,
        "unit_options": unit_options(),
    }


async def sources(db: Database, facility_id: str) -> list[Source]:
    """The lots that a facility has something left of; its own published ones among them."""
    there = await stock(db, facility_id)
    products = await records.find_many(
        db, Aggregate.PRODUCT, tuple({one.lot.shown.product_id for one in there})
    )
    return [
        Source(one.lot, one.left, _product_name(products, one.lot.shown.product_id))
        for one in there
    ]


def _product_name(products: Mapping[str, Record[Any]], product_id: str) -> str:
    product = products.get(product_id)
    return str(known_as(product).name) if product is not None else ""


async def lots_named(db: Database, ids: set[str]) -> dict[str, Record[Any]]:
    return await records.find_many(db, Aggregate.LOT, tuple(ids))


def lots_of(shipment: Shipment) -> set[str]:
    return {line.lot_id for line in shipment.lines}


async def _kept(
    db: Database, record: Record[Any], who: Principal
) -> list[tuple[Keeping, str, str]]:
    """What was done with the goods where they are, as far as this account may see it: the entry,
    its title and who wrote it."""
    found = await keeping.seen_of_lot(db, record.id, who=who)
    facilities = await records.find_many(
        db, Aggregate.FACILITY, tuple({one.facility_id for one in found})
    )
    return [
        (one, translate(WORKS[one.work]), facilities[one.facility_id].owner.name) for one in found
    ]


def _made(one: Transformation, lot_id: str) -> bool:
    return any(made.lot_id == lot_id for made in one.made)


async def _held(db: Database, record: Record[Any]) -> list[Held]:
    """Who has how much: the maker also before anything was taken."""
    if record.published is None:
        return []
    unit = record.published.unit
    found = {one.facility_id: one.left for one in await holdings.of_lot(db, record.id)}
    if record.owner.facility_id not in found:
        found[record.owner.facility_id] = record.published.quantity * measure(unit).in_base
    facilities = await records.find_many(db, Aggregate.FACILITY, tuple(found))
    return [
        Held(facilities[key].owner.name, left / measure(unit).in_base, unit)
        for key, left in found.items()
        if key in facilities
    ]
