"""The sizes in which stamps are printed, with their true measures and what to know of them."""

from collections.abc import Collection, Iterator
from typing import Final

from services.stamps.domain.printing import Carrier
from services.stamps.printing.carriers import Concern, Fit, which_version
from services.stamps.printing.hiding import FIELDS
from services.stamps.printing.layouts import grid
from services.stamps.printing.templates import TEMPLATES, Template
from shared.web.filters import show_number
from shared.web.i18n import N_, translate

NAMES: Final = {
    "6mm-fine": N_("Siêu nhỏ"),
    "6mm": N_("Rất nhỏ"),
    "12mm": N_("Nhỏ"),
    "12mm-wide": N_("Nhỏ, nằm ngang"),
    "20mm": N_("Vừa"),
    "20mm-wide": N_("Vừa, nằm ngang, có chỗ cho mã vạch"),
    "30mm": N_("Lớn"),
    "30mm-wide": N_("Lớn, nằm ngang, có chỗ cho mã vạch"),
    "40mm": N_("Rất lớn"),
}
_CONCERNS: Final = {
    Concern.BELOW_SAFE: N_(
        "Ô mã {module} mm, dưới 0,2 mm: nhiều điện thoại không đọc được. Hãy chọn khổ lớn hơn."
    ),
    Concern.BELOW_COMFORTABLE: N_(
        "Ô mã {module} mm, dưới 0,25 mm: phải in thật nét, và chỉ điện thoại tốt đọc dễ dàng. "
        "Nếu còn chỗ, hãy chọn khổ lớn hơn."
    ),
    Concern.BELOW_RETAIL: N_(
        "Ô mã dưới 0,396 mm: chưa đạt chuẩn GS1 để quét ở quầy tính tiền; điện thoại vẫn đọc được."
    ),
}
_LABELS: Final[dict[Carrier, str]] = {
    "qr": N_("{name} – mã QR {measure} mm"),
    "datamatrix": N_("{name} – Data Matrix {measure} mm"),
    "gs1-datamatrix": N_("{name} – GS1 DataMatrix {measure} mm"),
}
_TO_PHONES: Final = (Concern.BELOW_SAFE, Concern.BELOW_COMFORTABLE)


def size_label(key: str, fit: Fit) -> str:
    """`Rất nhỏ – mã QR 6,35 mm`."""
    return translate(
        _LABELS[fit.carrier],
        name=translate(NAMES[key]),
        measure=show_number(fit.symbol_mm, 2),
    )


def sizes_for(host: str, gtin: str) -> list[tuple[str, str, str]]:
    """Key, name and explanation of the sizes whose symbol can hold the address, smallest first."""
    best = advisable(host, gtin)
    return [
        (template.key, size_label(template.key, fit), _explained(template, fit, best))
        for template, fit in fitting(host, gtin)
    ]


def names_with_pin(offered: Collection[str]) -> list[str]:
    """What the sizes are called that have room for a hidden number, smallest first."""
    return [translate(NAMES[key]) for key in FIELDS if key in offered]


def advisable(host: str, gtin: str) -> str:
    """The smallest size that every phone reads easily; "" if there is none."""
    for template, fit in fitting(host, gtin):
        if not set(_TO_PHONES) & set(fit.concerns):
            return template.key
    return ""


def label_of(key: str, host: str, gtin: str, carrier: Carrier = "qr") -> str:
    """What a size is called; its key where its symbol no longer holds the address."""
    fits = {template.key: fit for template, fit in fitting(host, gtin, carrier)}
    return size_label(key, fits[key]) if key in fits else key


def fitting(host: str, gtin: str, carrier: Carrier = "qr") -> Iterator[tuple[Template, Fit]]:
    """The sizes that can hold the address, smallest first, with what their symbols come to."""
    for template in TEMPLATES.values():
        try:
            yield template, which_version(host, template, gtin or None, carrier=carrier)
        except ValueError:  # Too long for this size, or no GTIN.
            continue


def _explained(template: Template, fit: Fit, best: str) -> str:
    praise = [translate(N_("Nhỏ nhất nên dùng."))] if template.key == best else []
    sheet = translate(
        N_("Tem {width} × {height} mm, {number} tem mỗi tờ A4."),
        width=show_number(template.width, 1),
        height=show_number(template.height, 1),
        number=grid(template).count,
    )
    module = show_number(fit.module_mm, 3)
    # Of what concerns phones, the worse says it all.
    phones = [one for one in _TO_PHONES if one in fit.concerns][:1]
    others = [one for one in fit.concerns if one not in _TO_PHONES]
    told = (translate(_CONCERNS[one], module=module) for one in (*phones, *others))
    return " ".join([*praise, sheet, *told])
