"""Logistic units of a shipment, such as pallets and crates: each is known by an SSCC (R37).

GS1 General Specifications, 2.2: 18 digits, of which an extension digit, the company prefix of
whoever makes the unit, a serial reference and a check digit. One that was given is never given to
another unit.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from services.registry.domain.packing import Packed
from services.registry.domain.shipment import Shipment, Status
from services.registry.domain.shipment_refusals import ShipmentOver
from shared.errors import Kind, NotFound, Refusal
from shared.gs1 import Gs1Error, check_digit, sscc18

MOST_UNITS: Final = 50
# A company prefix of Vietnam (893) has 7 to 10 digits.
PREFIX_DIGITS: Final = range(7, 11)
_EXTENSION: Final = "0"
_BEFORE_CHECK: Final = 17


class SsccInvalid(Refusal):
    code = "sscc_invalid"
    kind = Kind.INVALID
    message = "Mã SSCC gồm 18 chữ số và chữ số kiểm tra ở cuối. Hãy so lại với nhãn."


class SsccTaken(Refusal):
    code = "sscc_taken"
    message = "Mã SSCC {sscc} đã gắn cho một kiện hàng khác. Hãy dùng mã khác."


class SsccOrPrefix(Refusal):
    code = "sscc_or_prefix"
    kind = Kind.INVALID
    message = "Hãy nhập mã SSCC có sẵn, hoặc tiền tố mã doanh nghiệp GS1 để hệ thống tạo mã."


class PrefixNotYours(Refusal):
    code = "prefix_not_yours"
    kind = Kind.INVALID
    message = (
        "Tiền tố mã doanh nghiệp có từ 7 đến 10 chữ số và phải là phần đầu mã GLN đã duyệt của cơ "
        "sở. Hãy xem lại, hoặc khai mã GLN trong hồ sơ cơ sở trước."
    )


class PrefixExhausted(Refusal):
    code = "prefix_exhausted"
    message = "Tiền tố {prefix} không còn số nào chưa dùng. Hãy nhập mã SSCC có sẵn."


class TooManyUnits(Refusal):
    code = "too_many_units"
    message = "Một chuyến hàng có nhiều nhất {limit} kiện mang mã SSCC. Hãy lập chuyến khác."


class LotNotInShipment(Refusal):
    code = "lot_not_in_shipment"
    kind = Kind.INVALID
    message = "Lô này không có trong chuyến hàng. Hãy chọn một lô của chuyến."


class MorePackedThanSent(Refusal):
    code = "more_packed_than_sent"
    kind = Kind.INVALID
    message = (
        "Các kiện cùng chứa nhiều hơn số đã gửi của lô này. Kiện này chứa được nhiều nhất {left}"
        " {unit}; hãy sửa số, hoặc sửa kiện kia trước."
    )


def checked_sscc(text: str) -> str:
    """As typed, with blanks, hyphens and the application identifier; raises SsccInvalid."""
    digits = re.sub(r"[\s-]", "", text)
    digits = re.sub(r"^(\(00\)|00(?=\d{18}$))", "", digits)
    try:
        return sscc18(digits)
    except Gs1Error:
        raise SsccInvalid("sscc") from None


def checked_prefix(text: str, gln: str) -> str:
    """A GLN begins with its owner's company prefix: no other is believed. Raises PrefixNotYours."""
    digits = re.sub(r"[\s-]", "", text)
    if len(digits) not in PREFIX_DIGITS or not gln.startswith(digits):
        raise PrefixNotYours("prefix")
    return digits


def made_from(prefix: str, serial: int) -> str:
    """The SSCC with this serial reference; raises PrefixExhausted."""
    width = _BEFORE_CHECK - len(_EXTENSION) - len(prefix)
    if serial >= 10**width:
        raise PrefixExhausted("prefix", prefix=prefix)
    digits = f"{_EXTENSION}{prefix}{serial:0{width}d}"
    return digits + check_digit(digits)


@dataclass(frozen=True, slots=True)
class Numbered:
    """What one form asks for: an SSCC that the unit has, or one made from `prefix`."""

    id: str
    sscc: str = ""
    prefix: str = ""

    def checked(self) -> "Numbered":
        """Raises SsccOrPrefix, SsccInvalid."""
        if bool(self.sscc) == bool(self.prefix):
            raise SsccOrPrefix("sscc")
        return replace(self, sscc=checked_sscc(self.sscc)) if self.sscc else self


def must_be_open(shipment: Shipment) -> None:
    """Labels are put on before and while goods are under way. Raises ShipmentOver."""
    if shipment.status is Status.CANCELLED or shipment.is_over:
        raise ShipmentOver()


def with_unit(shipment: Shipment, sscc: str, form_id: str, now: datetime) -> Shipment:
    """One more unit; raises TooManyUnits."""
    if len(shipment.units) >= MOST_UNITS:
        raise TooManyUnits("sscc", limit=MOST_UNITS)
    return shipment.step(now, units=(*shipment.units, (sscc, form_id)))


def without_unit(shipment: Shipment, sscc: str, now: datetime) -> Shipment:
    """Raises NotFound for one that it does not have."""
    left = tuple(one for one in shipment.units if one[0] != sscc)
    if left == shipment.units:
        raise NotFound()
    return shipment.step(now, units=left, packed=_beside(shipment, sscc))


def with_contents(
    shipment: Shipment, sscc: str, contents: Sequence[tuple[str, Decimal]], now: datetime
) -> Shipment:
    """What is in a unit, (lot, quantity in the unit of its line); of which there is nothing is left
    out, and nothing at all takes back what was said. Said again it changes nothing.

    Raises NotFound, LotNotInShipment, MorePackedThanSent with the place in `contents`.
    """
    if all(one != sscc for one, _ in shipment.units):
        raise NotFound()
    beside = _beside(shipment, sscc)
    lines = {line.lot_id: line for line in shipment.lines}
    inside: dict[str, Decimal] = {}
    for index, (lot_id, quantity) in enumerate(contents):
        if lot_id not in lines:
            raise LotNotInShipment(f"contents.{index}.lot_id")
        inside[lot_id] = inside.get(lot_id, Decimal(0)) + quantity
        line = lines[lot_id]
        left = line.quantity - sum(one.quantity for one in beside if one.lot_id == lot_id)
        if inside[lot_id] > left:
            most = f"{left.normalize():f}"
            raise MorePackedThanSent(f"contents.{index}.quantity", left=most, unit=line.unit)
    own = tuple(Packed(sscc, lot_id, quantity) for lot_id, quantity in inside.items() if quantity)
    if [*own] == [one for one in shipment.packed if one.sscc == sscc]:
        return shipment
    return shipment.step(now, packed=(*beside, *own))


def _beside(shipment: Shipment, sscc: str) -> tuple[Packed, ...]:
    """What is in the other units."""
    return tuple(one for one in shipment.packed if one.sscc != sscc)
