"""Goods whose product, lot and facility have GS1 keys of their own."""

import itertools
from typing import Any

from shared.contracts.event import Event
from shared.gs1 import check_digit
from tests.scan.world import Goods, facility, lot, product

_numbers = itertools.count(1)


def _next_key(company: str, length: int) -> str:
    body = f"{company}{next(_numbers):0{length - 1 - len(company)}}"
    return body + check_digit(body)


class Labelled(Goods):
    """As Goods; `gtin` has 14 digits."""

    def __init__(self, **lot_changes: Any) -> None:
        super().__init__(**lot_changes)
        self.gtin = f"0{_next_key('9520101', 13)}"
        self.gln = _next_key("95201019", 13)
        self.lot_code = f"L/{next(_numbers)}"
        self.product_changes: dict[str, Any] = {}

    @property
    def lot_path(self) -> str:
        return f"/01/{self.gtin}/10/{self.lot_code.replace('/', '%2F')}"

    def passports(self) -> list[Event]:
        changes = {"gtin": self.gtin, **self.product_changes}
        return [
            facility(self.facility, gln=self.gln),
            product(self.product, self.facility, **changes),
            lot(
                self.lot, self.product, self.facility, **{"code": self.lot_code, **self.lot_changes}
            ),
        ]
