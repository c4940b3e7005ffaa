"""Acts on the stock of centrally printed stamps, as their history keeps them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.contracts.stamps import StockSpan

Act = Literal["order", "print", "cancel_print", "store", "hand_over", "take_back", "receive"]


@dataclass(frozen=True, slots=True)
class Moved:
    """One act on the stock: what it put where. `number` counts the acts of a batch from 1."""

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

    @property
    def id(self) -> str:
        return f"{self.batch}/{self.number}"
