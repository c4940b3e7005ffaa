"""What stands on a label of a whole product or lot, where stamps make no sense (R37, R40)."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from shared.errors import Refusal
from shared.gs1_elements import Element, ean_digits, of_product

# QR code and Data Matrix of the address; the elements for scanners of trade.
Symbol = Literal["qr", "datamatrix", "gs1-datamatrix", "ean", "gs1-128"]
_OF_ALL: Final[tuple[Symbol, ...]] = ("qr", "datamatrix", "gs1-datamatrix", "gs1-128")


class GtinMissing(Refusal):
    code = "gtin_missing"
    message = (
        "Sản phẩm đang đăng chưa có mã GTIN nên chưa có địa chỉ GS1."
        " Hãy khai mã GTIN trong hồ sơ sản phẩm và chờ duyệt đăng."
    )


@dataclass(frozen=True, slots=True)
class GoodsLabel:
    """`gtin` has 14 digits; `address` is the GS1 Digital Link of product or lot, in full."""

    name: str
    facility: str
    gtin: str
    address: str
    lot: str = ""
    expires: date | None = None

    @property
    def elements(self) -> list[Element]:
        """(01) and what is known of (17) and (10)."""
        return of_product(self.gtin, self.lot, self.expires)

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """What it can be printed as. EAN names products alone, and none of 14 digits."""
        return _OF_ALL if self.lot or not ean_digits(self.gtin) else (*_OF_ALL, "ean")
