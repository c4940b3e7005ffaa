"""The GS1 address of a whole lot, for labels where single stamps make no sense (R37, R40)."""

from services.registry.actions.rights import require_for
from services.registry.domain.goods_label import GoodsLabel, GtinMissing
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


async def label_of(lot_id: str, *, origin: str, who: Principal, db: Database) -> GoodsLabel:
    """The label of a published lot of a product with a GTIN, as both were approved.

    Raises NotFound, Forbidden, LotNotPublished or GtinMissing.
    """
    record = await records.get(db, Aggregate.LOT, lot_id)
    require_for(who, "lot.read", record)
    if record.published is None:
        raise LotNotPublished
    product = await records.get(db, Aggregate.PRODUCT, record.published.product_id)
    if product.published is None or not product.published.gtin:
        raise GtinMissing
    gtin, code = gtin14(product.published.gtin), record.published.code
    path = Uri("01", gtin, (("10", code),)).path()
    return GoodsLabel(
        name=product.published.name,
        facility=record.owner.name,
        gtin=gtin,
        address=f"{origin.rstrip('/')}{path}",
        lot=code,
        expires=record.published.expires_on,
    )
