"""What a stamp may carry its address in, with what to know of each before it is printed."""

from typing import Final

from services.stamps.domain.printing import Barcode, Carrier
from services.stamps.pages.sizes import NAMES, fitting
from services.stamps.printing.carriers import COMFORTABLE_MODULE_MM, SAFE_MODULE_MM, Fit
from services.stamps.printing.templates import TEMPLATES
from shared.gs1_elements import ean_digits
from shared.web.filters import show_number
from shared.web.i18n import N_, translate

_CARRIERS: Final[dict[Carrier, tuple[str, str]]] = {
    "qr": (
        N_("Mã QR"),
        N_("Điện thoại nào cũng đọc ngay bằng máy ảnh. Nên dùng cho người tiêu dùng."),
    ),
    "datamatrix": (
        N_("Data Matrix"),
        N_(
            "Cùng địa chỉ, ô mã không nhỏ hơn của mã QR. Ứng dụng quét mã đọc được, nhưng máy "
            "ảnh của nhiều điện thoại thì không."
        ),
    ),
    "gs1-datamatrix": (
        N_("GS1 DataMatrix"),
        N_(
            "Mã GTIN và mã tem theo chuẩn GS1, cho máy quét của kho và cửa hàng. Điện thoại không "
            "mở được trang từ mã này."
        ),
    ),
}


BARCODES: Final[dict[Barcode, str]] = {
    "none": N_("Không in mã vạch"),
    "ean": N_("EAN-13 (quầy tính tiền)"),
    "gs1-128": N_("GS1-128 (kho, thùng hàng)"),
}


def carrier_names() -> dict[Carrier, str]:
    """What each is called."""
    return {carrier: translate(name) for carrier, (name, _) in _CARRIERS.items()}


def barcode_names() -> dict[Barcode, str]:
    """What each is called, and what none is."""
    return {barcode: translate(name) for barcode, name in BARCODES.items()}


def barcodes_for(gtin: str) -> list[tuple[Barcode, str]]:
    """Key and name of what can stand beside this product's stamps; empty without a GTIN."""
    if not gtin:
        return []
    left_out = () if ean_digits(gtin) else ("ean",)
    return [(key, translate(name)) for key, name in BARCODES.items() if key not in left_out]


def sizes_with_bars() -> str:
    """The names of the sizes that have room for a barcode."""
    return "; ".join(translate(NAMES[key]) for key, size in TEMPLATES.items() if size.bars)


def carriers_for(host: str, gtin: str) -> list[tuple[Carrier, str, str]]:
    """Key, name and explanation of what this product's stamps can carry."""
    found: list[tuple[Carrier, str, str]] = []
    for carrier, (name, told) in _CARRIERS.items():
        fits = {template.key: fit for template, fit in fitting(host, gtin, carrier)}
        if fits:
            measures = "" if carrier == "qr" else _measured(fits)
            found.append((carrier, translate(name), f"{translate(told)} {measures}".strip()))
    return found


def _measured(fits: dict[str, Fit]) -> str:
    """How large the modules are in each size, and where they are too small."""
    modules = "; ".join(
        f"{translate(NAMES[key])} {show_number(fit.module_mm, 3)}" for key, fit in fits.items()
    )
    tiny = [key for key, fit in fits.items() if fit.module_mm < SAFE_MODULE_MM]
    small = [key for key, fit in fits.items() if fit.module_mm < COMFORTABLE_MODULE_MM]
    told = [translate(N_("Cỡ ô mã ở mỗi khổ (mm): {modules}."), modules=modules)]
    for keys, words in (
        (tiny, N_("Dưới 0,2 mm, nhiều máy không đọc được: {sizes}.")),
        ([key for key in small if key not in tiny], N_("Dưới 0,25 mm, phải in nét: {sizes}.")),
    ):
        if keys:
            told.append(translate(words, sizes=", ".join(translate(NAMES[key]) for key in keys)))
    return " ".join(told)
