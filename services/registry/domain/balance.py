"""Checks of truth that weigh: no more than can have grown, nothing used that was not had (R26)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from services.registry.domain.catalogues import Catalogue, all_rows
from services.registry.domain.diary import Entry
from services.registry.domain.finding import Finding, limit_of
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.lot import Lot
from services.registry.domain.units import MASS, total
from services.registry.domain.using import uncounted as uncounted_inputs
from services.registry.domain.words import N_


def kilograms(lot: Lot, net_content: str = "") -> Decimal | None:
    """What a lot weighs, packages by what they hold; None where neither is known."""
    found = total([(lot.quantity, lot.unit, net_content)])
    return found[0] if found is not None and found[1] == MASS else None


def season_most(area: GrowingArea) -> Decimal | None:
    """Kilograms that an area bears in a season at most, as the catalogue has it for its species;
    None where species, usual yield or size are not known."""
    crop = all_rows(Catalogue.CROPS).get(area.species)
    most = crop.number("yield_max") if crop else None
    return most * area.hectares * 1000 if most and area.hectares else None


def too_much(
    lots: Iterable[Lot], area: GrowingArea | None, contents: Mapping[str, str] | None = None
) -> list[Finding]:
    """Mass balance: a season's lots are no more than the area can bear, with some tolerance.

    Lots made from others are left out: their goods were counted when they were harvested.
    """
    crop = all_rows(Catalogue.CROPS).get(area.species) if area else None
    most = crop.number("yield_max") if crop else None
    hectares = area.hectares if area else None
    if not most or not hectares:
        return []
    known = contents or {}
    weights = (kilograms(one, known.get(one.product_id, "")) for one in lots if not one.inputs)
    harvested = sum((one for one in weights if one is not None), Decimal()) / 1000
    tolerance = 1 + (limit_of("too_much") or Decimal()) / 100
    if harvested <= most * hectares * tolerance:
        return []
    return [
        Finding(
            "too_much",
            N_("Các lô của vụ cộng lại {total} tấn; {hectares} ha thường cho tối đa {most} tấn."),
            N_("Kiểm tra số lượng các lô, diện tích vùng, và hàng nơi khác có trà trộn không."),
            {
                "total": f"{harvested:.1f}",
                "hectares": f"{hectares.normalize():f}",
                "most": f"{most * hectares:.1f}",
            },
        )
    ]


def uncounted(lot: Lot, entries: Sequence[Entry], names: Mapping[str, str]) -> list[Finding]:
    """What it came from was counted off what the facility has; else there is no balance of it."""
    never = sorted({e.supply_lot for e in entries if e.supply_lot and e.taken is None})
    unsaid = () if lot.transformation_id else uncounted_inputs(lot.inputs, lot.used)
    texts = (
        (
            never,
            N_("Nhật ký dùng lô vật tư mà lượng dùng chưa được trừ vào đâu: {lots}."),
            N_("Ghi lượng đã dùng; nếu cơ sở chưa ghi nhận hàng đã nhận thì ghi nhận ngay ở đây."),
        ),
        (
            unsaid,
            N_("Lô nguyên liệu chưa ghi đã dùng bao nhiêu: {lots}."),
            N_("Sửa lô và ghi lượng đã dùng của từng lô nguyên liệu."),
        ),
    )
    return [
        Finding("uncounted", text, remedy, {"lots": _named(lots, names)})
        for lots, text, remedy in texts
        if lots
    ]


def disowned(lots: Sequence[str], names: Mapping[str, str]) -> list[Finding]:
    """The receiver says that it received a lot, its sender that it never sent it."""
    return [
        Finding(
            "uncounted",
            N_("Bên giao không công nhận đã giao lô này cho cơ sở: {lots}."),
            N_("Đối chiếu hóa đơn, phiếu xuất kho của hai bên."),
            {"lots": _named(lots, names)},
        )
        for _ in lots[:1]
    ]


def _named(lots: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(one, one) for one in lots)


def area_differs(area: GrowingArea | None) -> list[Finding]:
    """The declared size of the area is not the size that was drawn."""
    if area is None or not area.measured_hectares or not area.area_hectares:
        return []
    share = abs(area.area_hectares / area.measured_hectares - 1) * 100
    if share <= (limit_of("area_differs") or Decimal(15)):
        return []
    return [
        Finding(
            "area_differs",
            N_("Vùng khai báo {declared} ha nhưng ranh giới đo được {measured} ha."),
            N_("Đối chiếu với giấy tờ đất và văn bản cấp mã số vùng."),
            {
                "declared": f"{area.area_hectares.normalize():f}",
                "measured": f"{area.measured_hectares:.2f}",
            },
        )
    ]
