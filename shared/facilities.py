"""What a facility (cơ sở) may be (R2, R11, R14): the words that every service means the same by.

The keys are what events, documents and programs carry; the names are for people, to be translated
where they are shown. They are one source: what is added here is offered, taken and told everywhere.
"""

from collections.abc import Mapping
from typing import Final


def N_(text: str) -> str:  # noqa: N802 - the mark by which texts are gathered for translation
    """The same text: pages translate it where they show it."""
    return text


# What it does with food, in the order of the chain.
KINDS: Final[Mapping[str, str]] = {
    "grower": N_("Trồng trọt"),
    "livestock": N_("Chăn nuôi"),
    "aquaculture": N_("Nuôi trồng thủy sản"),
    "catch": N_("Khai thác thủy sản"),
    "collector": N_("Thu mua"),
    "slaughter": N_("Giết mổ"),
    "pre_processing": N_("Sơ chế"),
    "processing": N_("Chế biến"),
    "packing": N_("Đóng gói"),
    "storage": N_("Kho bảo quản"),
    "transport": N_("Vận chuyển"),
    "shop": N_("Cửa hàng"),
    "supermarket": N_("Siêu thị"),
    "market": N_("Chợ"),
}
# Whose business it is: the competent authority.
SECTORS: Final[Mapping[str, str]] = {
    "agriculture": N_("Nông nghiệp và Môi trường"),
    "health": N_("Y tế"),
    "industry_trade": N_("Công Thương"),
}
# Whether it must hold a food-safety certificate, or signs a commitment.
CLASSES: Final[Mapping[str, str]] = {
    "certificate": N_("Diện cấp giấy chứng nhận"),
    "commitment": N_("Diện ký cam kết"),
}
# Its legal form.
FORMS: Final[Mapping[str, str]] = {
    "enterprise": N_("Doanh nghiệp"),
    "cooperative": N_("Hợp tác xã"),
    "cooperative_group": N_("Tổ hợp tác"),
    "household_business": N_("Hộ kinh doanh"),
    "farmer_household": N_("Nông hộ"),
    "small_producer": N_("Cơ sở nhỏ lẻ"),
    "shop": N_("Cửa hàng"),
}
# What the programmes of the province count by (R58).
MARKS: Final[Mapping[str, str]] = {
    "ocop": N_("Tham gia Chương trình OCOP"),
    "key_product": N_("Có sản phẩm chủ lực của tỉnh"),
    "processed": N_("Có sản phẩm chế biến, bao gói sẵn"),
}
