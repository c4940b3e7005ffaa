"""The GS1 address of a whole lot, for labels where single stamps make no sense (R37, R40)."""

from dataclasses import dataclass

from services.registry.actions.rights import require_for
from services.registry.domain.records import Aggregate
from services.registry.store import records
from shared.auth import Principal
from shared.errors import Refusal
from shared.gs1 import gtin14
from shared.gs1_link import Uri
from shared.mongo import Database
from shared.web.i18n import N_


class LotNotPublished(Refusal):
    code = "lot_not_published"
    message = N_(
        "Lô chưa được đăng nên chưa có địa chỉ GS1. Hãy gửi duyệt lô rồi mở lại trang này."
    )


class GtinMissing(Refusal):
    code = "gtin_missing"
    message = N_(
        "Sản phẩm đang đăng chưa có mã GTIN nên lô chưa có địa chỉ GS1."
        " Hãy khai mã GTIN trong hồ sơ sản phẩm và chờ duyệt đăng."
    )


@dataclass(frozen=True, slots=True)
class LotLabel:
    """What goes onto a label: the GTIN of 14 digits, the lot's code, the address of both."""

    gtin: str
    lot: str
    address: str


async def label_of(lot_id: str, *, origin: str, who: Principal, db: Database) -> LotLabel:
    """The label of a published lot of a product with a GTIN, as both were approved.

    Raises NotFound, Forbidden, LotNotPublished or GtinMissing.
    """
    record = await records.get(db, Aggregate.LOT, lot_id)
    require_for(who, "lot.read", record)
    if record.published is None:
        raise LotNotPublished
    product = await records.get(db, Aggregate.PRODUCT, record.published.product_id)
    gtin = product.published.gtin if product.published is not None else ""
    if not gtin:
        raise GtinMissing
    code: str = record.published.code
    path = Uri("01", gtin14(gtin), (("10", code),)).path()
    return LotLabel(gtin14(gtin), code, f"{origin.rstrip('/')}{path}")
