"""Where the goods of a lot are found to be in a drill, by the books and by its maker's words.

Two accounts of the same goods: what the shipments say that left the maker, and what the maker says
of all it made: held, used, sold, sent. Each is whole in itself, and they are never added to one
another: goods that lie there and have a shipment as well would count twice. Traced is what the
fuller account comes to, at most what was made; so no answer lowers it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final

from services.recall.domain.amounts import Made
from services.recall.domain.drill_refusals import ReceiverMissing, StatedMoreThanHad
from shared.errors import Amount

NOUGHT: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a facility says of a lot, in the lot's unit: held, sold to consumers, used up as a
    material, and sent on, to whom in its own words."""

    held: Decimal = NOUGHT
    sold: Decimal = NOUGHT
    used: Decimal = NOUGHT
    sent: tuple[tuple[str, Decimal], ...] = ()

    @property
    def sent_on(self) -> Decimal:
        return sum((quantity for _, quantity in self.sent), NOUGHT)

    @property
    def left(self) -> Decimal:
        """What does not lie there any more and was not used there."""
        return self.sold + self.sent_on

    @property
    def total(self) -> Decimal:
        return self.held + self.used + self.left

    def check(self, had: Decimal, unit: str) -> None:
        """Raises StatedMoreThanHad, ReceiverMissing. `had` is what it made or was sent."""
        for number, (to, quantity) in enumerate(self.sent):
            if not to or quantity <= 0:
                raise ReceiverMissing(f"sent.{number}.{'quantity' if to else 'to'}")
        if self.total > had:
            raise StatedMoreThanHad("held", stated=Amount(self.total), had=Amount(had), unit=unit)


@dataclass(frozen=True, slots=True)
class Books:
    """What the shipments say that left a lot's maker and did not come back: `sent` to others,
    `gone` for good (sold, exported, lost). `had` is what came to each facility, its maker's being
    what was made."""

    sent: Decimal = NOUGHT
    gone: Decimal = NOUGHT
    had: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def left(self) -> Decimal:
        return self.sent + self.gone


@dataclass(frozen=True, slots=True)
class LotTraced:
    """Both accounts of a lot, quantities in its unit; `said` is None as long as its maker says
    nothing."""

    made: Made
    code: str
    facility_id: str
    books: Books
    said: Statement | None

    @property
    def traced(self) -> Decimal:
        words = self.said.total if self.said is not None else NOUGHT
        return min(self.made.quantity, max(self.books.left, words))

    @property
    def missing(self) -> Decimal:
        return self.made.quantity - self.traced

    @property
    def is_short(self) -> bool:
        return self.missing > 0

    @property
    def is_contradicted(self) -> bool:
        """The books let more leave than was made, or than its maker says. What left without a
        shipment contradicts nothing: the words alone tell of it."""
        words_less = self.said is not None and self.said.left < self.books.left
        return words_less or self.books.left > self.made.quantity

    @property
    def is_open(self) -> bool:
        """Somebody has to look at it."""
        return self.is_short or self.is_contradicted


def by_shortage(lots: Iterable[LotTraced]) -> list[LotTraced]:
    """Those that somebody has to look at first, what is found of the least of them at the top."""

    def place(lot: LotTraced) -> tuple[bool, Decimal, str]:
        made = lot.made.quantity
        return not lot.is_open, lot.traced / made if made else Decimal(1), lot.code

    return sorted(lots, key=place)


def percent(part: Decimal, whole: Decimal) -> float:
    """Downwards to a tenth, so that what is not whole never reads as 100."""
    if not whole:
        return 100.0
    share = (part * 100 / whole).quantize(Decimal("0.1"), ROUND_DOWN)
    return float(min(share, Decimal(100)))


def by_unit(lots: Iterable[LotTraced]) -> list[dict[str, Any]]:
    """Of each unit how much was made and traced; what is known to weigh something, in kg."""
    sums: dict[str, tuple[Decimal, Decimal, int]] = {}
    for lot in lots:
        weight = lot.made.weight_of(lot.made.quantity)
        unit = lot.made.unit if weight is None else "kg"
        found = lot.made.weight_of(lot.traced) if weight is not None else None
        made = lot.made.quantity if weight is None else weight
        before = sums.get(unit, (NOUGHT, NOUGHT, 0))
        part = lot.traced if found is None else found
        sums[unit] = (before[0] + made, before[1] + part, before[2] + 1)
    return [
        {
            "unit": unit,
            "lots": count,
            "made": f"{made.normalize():f}",
            "traced": f"{part.normalize():f}",
            "percent": percent(part, made),
        }
        for unit, (made, part, count) in sorted(sums.items())
    ]
