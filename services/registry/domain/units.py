"""Units of quantity: what each measures, and conversion between those that measure the same.

Units are rows of the shared catalogue. Codes are those of UN/CEFACT Recommendation 20, which EPCIS
names a unit by; what is counted by the piece or package has none there.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.registry.domain.catalogues import Catalogue, all_rows, seed
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


_CONTENT = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*(kg|g|gam|ml|l|lít|lit)", re.IGNORECASE)
_SPELT: Final = {"gam": "g", "l": "lít", "lit": "lít"}


def measure(unit: str) -> Measure:
    """What a unit measures. Those that the program came with are worth what they always were."""
    row = seed(Catalogue.UNITS).get(unit) or all_rows(Catalogue.UNITS).get(unit)
    if row is None:
        return Measure(unit)
    code = row.values.get("unece", "")
    if kilograms := row.number("kilograms"):
        return Measure(MASS, kilograms, code)
    if litres := row.number("litres"):
        return Measure(VOLUME, litres, code)
    return Measure(unit)


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


def content_kilograms(net_content: str) -> Decimal | None:
    """What one package weighs, where the words say so by weight."""
    held = content_of(net_content)
    if held is None or measure(held[1]).dimension != MASS:
        return None
    return in_base(*held)


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
