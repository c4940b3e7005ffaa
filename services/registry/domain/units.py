"""Units of quantity: what each measures, and conversion between those that measure the same.

Codes are those of UN/CEFACT Recommendation 20, which EPCIS names a unit by; what is counted by the
piece or package has none there.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from shared.errors import Kind, Refusal

MASS, VOLUME = "mass", "volume"


class UnitsDiffer(Refusal):
    code = "units_differ"
    kind = Kind.INVALID
    message = "Đơn vị {unit} không đổi được sang {other}. Hãy ghi số lượng theo đơn vị của lô."


@dataclass(frozen=True, slots=True)
class Measure:
    """`in_base` of one unit: kilograms for mass, litres for volume, itself for what is counted."""

    dimension: str
    in_base: Decimal = Decimal(1)
    code: str = ""


_MEASURED: Final = {
    "g": Measure(MASS, Decimal("0.001"), "GRM"),
    "kg": Measure(MASS, Decimal(1), "KGM"),
    "yến": Measure(MASS, Decimal(10)),
    "tạ": Measure(MASS, Decimal(100), "DTN"),
    "tấn": Measure(MASS, Decimal(1000), "TNE"),
    "ml": Measure(VOLUME, Decimal("0.001"), "MLT"),
    "lít": Measure(VOLUME, Decimal(1), "LTR"),
}
_CONTENT = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*(kg|g|gam|ml|l|lít|lit)", re.IGNORECASE)
_SPELT: Final = {"gam": "g", "l": "lít", "lit": "lít"}


def measure(unit: str) -> Measure:
    return _MEASURED.get(unit) or Measure(unit)


def in_base(quantity: Decimal, unit: str) -> Decimal:
    """The quantity in the base unit of what the unit measures; exact."""
    return quantity * measure(unit).in_base


def convert(quantity: Decimal, unit: str, other: str) -> Decimal:
    """The same quantity in another unit; raises UnitsDiffer where they measure other things."""
    if measure(unit).dimension != measure(other).dimension:
        raise UnitsDiffer("unit", unit=unit, other=other)
    return in_base(quantity, unit) / measure(other).in_base


def content_of(net_content: str) -> tuple[Decimal, str] | None:
    """What one package holds, read from words such as "Hộp 500 g"; None where they do not say."""
    found = _CONTENT.search(net_content)
    if found is None:
        return None
    unit = found[2].lower()
    return Decimal(found[1].replace(",", ".")), _SPELT.get(unit, unit)


def total(amounts: Iterable[tuple[Decimal, str, str]]) -> tuple[Decimal, str] | None:
    """The sum of (quantity, unit, net content) in one base, and what it measures.

    Packages count by what they hold where their net content says so. None where the amounts do not
    measure the same, or there are none.
    """
    rows = list(amounts)
    for weighed in (True, False):
        found = [_weighed(*row) if weighed else _counted(*row) for row in rows]
        dimensions = {dimension for _, dimension in found}
        if len(dimensions) == 1:
            return sum((amount for amount, _ in found), Decimal(0)), dimensions.pop()
    return None


def _counted(quantity: Decimal, unit: str, _: str) -> tuple[Decimal, str]:
    return in_base(quantity, unit), measure(unit).dimension


def _weighed(quantity: Decimal, unit: str, net_content: str) -> tuple[Decimal, str]:
    held = content_of(net_content)
    if held is None or measure(unit).dimension in (MASS, VOLUME):
        return _counted(quantity, unit, net_content)
    return in_base(quantity * held[0], held[1]), measure(held[1]).dimension
