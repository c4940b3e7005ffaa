"""The GS1 address of a product as a whole, for labels where single stamps make no sense (R37)."""

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


class ProductHasNoPage(Refusal):
    code = "product_has_no_page"
    message = N_(
        "Sản phẩm chưa được đăng hoặc đã ngừng nên chưa có trang để dẫn tới."
        " Hãy gửi duyệt sản phẩm rồi mở lại trang này."
    )


async def label_of(product_id: str, *, origin: str, who: Principal, db: Database) -> GoodsLabel:
    """The label of a published product with a GTIN, as it was approved.

    Raises NotFound, Forbidden, ProductHasNoPage or GtinMissing.
    """
    record = await records.get(db, Aggregate.PRODUCT, product_id)
    require_for(who, "product.read", record)
    if record.published is None:
        raise ProductHasNoPage
    if not record.published.gtin:
        raise GtinMissing
    gtin = gtin14(record.published.gtin)
    return GoodsLabel(
        name=record.published.name,
        facility=record.owner.name,
        gtin=gtin,
        address=f"{origin.rstrip('/')}{Uri('01', gtin, ()).path()}",
    )
