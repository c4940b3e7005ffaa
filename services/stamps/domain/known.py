"""What stamps knows of facilities, products and lots, and when stamps may be given to them."""

from dataclasses import dataclass
from datetime import date

from shared.auth import Scope
from shared.errors import Kind, Refusal


class FacilityNotActive(Refusal):
    code = "facility_not_active"
    message = "Cơ sở đang ngừng hoạt động hoặc chưa được công bố nên chưa thể cấp tem."


class ProductNotPublished(Refusal):
    code = "product_not_published"
    message = "Sản phẩm chưa được công bố hoặc đã rút. Hãy hoàn tất việc duyệt sản phẩm trước."


class LotNotUsable(Refusal):
    code = "lot_not_usable"
    kind = Kind.INVALID
    message = (
        "Lô sản phẩm này chưa được duyệt, hoặc không thuộc cơ sở và sản phẩm của lô tem. "
        "Hãy chọn một lô khác."
    )


@dataclass(frozen=True, slots=True)
class Facility:
    """Without a commune and a sector it is one that registry has not told of (yet)."""

    id: str
    name: str = ""
    commune: str | None = None
    sector: str | None = None
    active: bool = False

    @property
    def scope(self) -> Scope:
        return Scope(self.id, self.commune, self.sector)

    def must_be_active(self) -> None:
        if not self.active:
            raise FacilityNotActive()


@dataclass(frozen=True, slots=True)
class Product:
    """Without a facility it is one of which only the withdrawal has been told (yet)."""

    id: str
    facility_id: str = ""
    name: str = ""
    gtin: str = ""
    active: bool = False

    def must_be_published(self) -> None:
        if not self.active:
            raise ProductNotPublished()


@dataclass(frozen=True, slots=True)
class Lot:
    """`produced_on` is an ISO 8601 day."""

    id: str
    facility_id: str
    product_id: str
    code: str
    produced_on: str = ""
    active: bool = False

    @property
    def day(self) -> date | None:
        """When it was made, if that is known."""
        return date.fromisoformat(self.produced_on) if self.produced_on else None


def must_take_stamps(lot: Lot | None, *, facility_id: str, product_id: str) -> None:
    """Raise LotNotUsable unless the lot is published and of this facility and product."""
    if lot is None or not lot.active:
        raise LotNotUsable("lot_id")
    if (lot.facility_id, lot.product_id) != (facility_id, product_id):
        raise LotNotUsable("lot_id")
