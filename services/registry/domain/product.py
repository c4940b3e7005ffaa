"""A product: what is recorded of it (R15)."""

from dataclasses import dataclass, replace
from decimal import Decimal

from services.registry.domain.categories import categories
from services.registry.domain.chain import Party, in_order
from services.registry.domain.codes import checked_gtin
from shared.errors import Kind, Refusal

MAX_IMAGES = 6


class CategoryUnknown(Refusal):
    code = "category_unknown"
    kind = Kind.INVALID
    message = "Không có nhóm sản phẩm nào mang mã {category}. Hãy chọn trong danh sách."


class GtinTaken(Refusal):
    code = "gtin_taken"
    message = (
        "Mã GTIN {gtin} đã được dùng cho một sản phẩm khác đang đăng. "
        "Hãy kiểm tra lại mã trên bao bì."
    )


class ProductNotPublished(Refusal):
    code = "product_not_published"
    message = "Sản phẩm này chưa được duyệt đăng hoặc đã ngừng. Hãy chọn một sản phẩm đang đăng."


class FacilityNotPublished(Refusal):
    code = "facility_not_published"
    message = "Cơ sở chưa được duyệt đăng. Hãy duyệt đăng cơ sở trước."


class StorageUpsideDown(Refusal):
    code = "storage_upside_down"
    kind = Kind.INVALID
    message = "Nhiệt độ bảo quản cao nhất thấp hơn thấp nhất. Hãy kiểm tra lại hai số."


@dataclass(frozen=True, slots=True)
class Product:
    """`gtin` has 14 digits or is empty; `images` are media ids, the first is the main one.

    `recordings` are ids of uploaded video, sound and documents, in the order they are shown.

    `category` is a key of the catalogue of categories.

    `price` is in đồng for one unit of sale; `capacity` is what the facility can make, in words.
    `storage` is how it is kept, in words; `storage_from` to `storage_to` at how many degrees
    Celsius, None where there is no bound.
    `chain` names who else makes and sells it; without a producer in it the facility itself is.
    """

    facility_id: str
    name: str
    category: str
    name_en: str = ""
    gtin: str = ""
    brand: str = ""
    description: str = ""
    description_en: str = ""
    origin: str = ""
    capacity: str = ""
    packaging: str = ""
    net_content: str = ""
    price: int | None = None
    shelf_life_days: int | None = None
    storage: str = ""
    storage_from: Decimal | None = None
    storage_to: Decimal | None = None
    standards: tuple[str, ...] = ()
    ocop_stars: int | None = None
    key_product: bool = False
    images: tuple[str, ...] = ()
    chain: tuple[Party, ...] = ()
    recordings: tuple[str, ...] = ()

    def of(self, facility_id: str) -> "Product":
        """The same, of this facility: a record never changes hands."""
        return replace(self, facility_id=facility_id)

    def checked(self) -> "Product":
        """The same with its GTIN in 14 digits; raises GtinInvalid, CategoryUnknown or
        StorageUpsideDown."""
        if self.category not in categories():
            raise CategoryUnknown("category", category=self.category)
        low, high = self.storage_from, self.storage_to
        if low is not None and high is not None and low > high:
            raise StorageUpsideDown("storage_to")
        gtin = checked_gtin(self.gtin) if self.gtin else ""
        return replace(self, gtin=gtin, chain=in_order(self.chain))
