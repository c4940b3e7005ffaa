"""Transformations as a table that spreadsheets open safely: a row for each lot in and out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from services.registry.domain.records import Aggregate, Record
from services.registry.domain.transformation import Given, Kind, Transformation
from services.registry.naming import unit_name
from services.registry.store import records
from services.registry.telling import known_as
from shared.mongo import Database
from shared.web.i18n import N_, translate

KINDS: Final = {
    Kind.COLLECT: N_("Thu mua, thu gom"),
    Kind.SPLIT: N_("Chia lô"),
    Kind.MERGE: N_("Gộp lô"),
    Kind.PROCESS: N_("Chế biến, đóng gói"),
}
_COLUMNS: Final = (
    N_("Lúc nào"),
    N_("Loại việc"),
    N_("Mã cơ sở"),
    N_("Tên cơ sở"),
    N_("Vào hay ra"),
    N_("Lô hoặc người bán"),
    N_("Sản phẩm"),
    N_("Số lượng"),
    N_("Đơn vị"),
    N_("Chênh lệch (%)"),
    N_("Giải trình"),
    N_("Ở đâu"),
    N_("Người ghi"),
    N_("Đã hủy vì"),
    N_("Bên bán không công nhận vì"),
)
_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Known:
    """What the lots, products and facilities of some transformations are called: as approved, for
    another's drafts are nobody's business."""

    lots: dict[str, Record[Any]]
    products: dict[str, Record[Any]]
    facilities: dict[str, Record[Any]]

    def product(self, product_id: str) -> str:
        one = self.products.get(product_id)
        return str(known_as(one).name) if one is not None else ""

    def given(self, one: Given) -> str:
        """A lot by its code, with whose it is where it is another's; or who sold."""
        lot = self.lots.get(one.lot_id)
        return lot.code if lot is not None else one.supplier

    def given_product(self, one: Given) -> str:
        lot = self.lots.get(one.lot_id)
        return self.product(known_as(lot).product_id if lot is not None else one.product_id)


async def known(db: Database, found: list[Transformation]) -> Known:
    lots = await records.find_many(
        db, Aggregate.LOT, tuple({key for one in found for key in one.lots_given})
    )
    products = {made.product_id for one in found for made in one.made}
    products |= {known_as(lot).product_id for lot in lots.values()}
    return Known(
        lots,
        await records.find_many(db, Aggregate.PRODUCT, tuple(products)),
        await records.find_many(db, Aggregate.FACILITY, tuple({one.facility_id for one in found})),
    )


def headers() -> list[str]:
    return [translate(column) for column in _COLUMNS]


async def rows(found: AsyncIterator[Transformation], db: Database) -> AsyncIterator[list[Any]]:
    part: list[Transformation] = []
    async for one in found:
        part.append(one)
        if len(part) == _AT_ONCE:
            for row in await _rows(part, db):
                yield row
            part = []
    for row in await _rows(part, db):
        yield row


async def _rows(part: list[Transformation], db: Database) -> list[list[Any]]:
    names = await known(db, part)
    written: list[list[Any]] = []
    for one in part:
        facility = names.facilities.get(one.facility_id)
        head = [
            one.at,
            translate(KINDS[one.kind]),
            facility.code if facility is not None else one.facility_id,
            facility.owner.name if facility is not None else "",
        ]
        difference = one.balance.difference
        foot = [
            round(difference * 100, 1) if difference is not None else None,
            one.explanation,
            one.place,
            one.by.name,
            one.cancelled,
        ]
        for put_in in one.given:
            goods = [names.given(put_in), names.given_product(put_in), put_in.quantity]
            denied = put_in.denied.reason if put_in.denied is not None else ""
            unit = str(unit_name(put_in.unit))
            written.append([*head, translate("Đưa vào"), *goods, unit, *foot, denied])
        for out in one.made:
            goods = [out.code, names.product(out.product_id), out.quantity]
            unit = str(unit_name(out.unit))
            written.append([*head, translate("Làm ra"), *goods, unit, *foot, ""])
    return written
