"""What a running system said to whom, and when: what the checkers hold its state against.

Times are of this process's monotonic clock, so a clock that is set changes none of them.
"""

import time
from collections import Counter
from dataclasses import dataclass, field

NOT_YET = float("inf")


@dataclass(frozen=True, slots=True)
class Issued:
    """A request whose approval was acknowledged: what was asked, granted and issued."""

    request: str
    facility: str
    batch: int
    asked: int
    approved: int


@dataclass(slots=True)
class Ordered:
    """A recall of a lot: when its order was answered, when its lift was sent and answered."""

    case: str
    lot: str
    acknowledged: float
    lifted: float = NOT_YET
    lift_acknowledged: float = NOT_YET


@dataclass(frozen=True, slots=True)
class Scanned:
    """An answered scan; `replica` is "" for one that went through nginx."""

    code: str
    verdict: str
    began: float
    ended: float
    replica: str = ""


@dataclass
class History:
    """Everything that was acknowledged, as it happened."""

    issued: list[Issued] = field(default_factory=list)
    given: list[tuple[int, int, str]] = field(default_factory=list)  # batch, serial, code
    lot_of: dict[str, str] = field(default_factory=dict)  # by code, once it was activated
    made: dict[str, tuple[float, tuple[str, ...]]] = field(default_factory=dict)  # lot: when, of
    orders: list[Ordered] = field(default_factory=list)
    scans: list[Scanned] = field(default_factory=list)
    cut_off: Counter[str] = field(default_factory=Counter)  # scans sent, but never answered

    def gave(self, batch: int, first: int, codes: list[str]) -> None:
        """Codes of serials from `first` on were handed out."""
        self.given += [(batch, serial, code) for serial, code in enumerate(codes, start=first)]

    def activated(self, batch: int, first: int, last: int, lot: str) -> None:
        """Whoever scans one of these stamps is told of this lot from now on."""
        for of, serial, code in self.given:
            if of == batch and first <= serial <= last:
                self.lot_of[code] = lot

    def registered(self, lot: str, inputs: list[str]) -> None:
        self.made[lot] = (time.monotonic(), tuple(inputs))

    def ordered(self, case: str, lot: str) -> None:
        if all(one.case != case for one in self.orders):
            self.orders.append(Ordered(case, lot, time.monotonic()))

    def order(self, case: str) -> Ordered:
        return next(one for one in self.orders if one.case == case)

    def scanned(self, code: str, verdict: str, began: float, replica: str = "") -> None:
        self.scans.append(Scanned(code, verdict, began, time.monotonic(), replica))

    def answered(self) -> Counter[str]:
        """How often each code was answered."""
        return Counter(one.code for one in self.scans)

    def reached(self, order: Ordered) -> dict[str, float]:
        """Every lot that an order reaches, and since when nobody may be told that it is genuine:
        since the order or, if that was later, since the lot was registered."""
        since = {order.lot: order.acknowledged}
        for lot, (registered, inputs) in self.made.items():  # Inputs come before what is made.
            known = [since[one] for one in inputs if one in since]
            if known and lot not in since:
                since[lot] = max(registered, min(known))
        return since

    def standing(self, lot: str) -> bool:
        """Whether any order that reaches the lot still stands."""
        return any(lot in self.reached(o) for o in self.orders if o.lifted == NOT_YET)
