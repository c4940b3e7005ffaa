"""Acts on the stock of centrally printed stamps, as their history keeps them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.contracts.stamps import StockSpan

# To a facility, which receives; or to another unit, which takes in. Set aside, and brought back:
# what was taken out of use in stock. Inherited: of a unit that was merged into another.
Act = Literal[
    "order",
    "leave",
    "print",
    "cancel_print",
    "store",
    "hand_over",
    "transfer",
    "take_back",
    "receive",
    "take_in",
    "set_aside",
    "bring_back",
    "inherit",
]


@dataclass(frozen=True, slots=True)
class Moved:
    """One act on the stock: what it put where. `number` counts the acts of a batch from 1;
    `to_unit_id` is the unit that takes it in, where it is moved between units."""

    number: int
    batch: int
    act: Act
    pieces: tuple[StockSpan, ...]
    by: str
    by_name: str
    at: datetime
    unit_id: str = ""
    job: str = ""
    handover: str = ""
    reason: str = ""
    to_unit_id: str = ""

    @property
    def id(self) -> str:
        return f"{self.batch}/{self.number}"
