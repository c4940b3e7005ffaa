"""Whether what was made of recalled lots is accounted for, and how well the recall went."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from services.recall.domain.amounts import Made
from services.recall.domain.explaining import limits
from services.recall.domain.recovery import Fate, Tally
from services.recall.domain.target import Lot

KILOGRAMS: Final = "kg"
# Of these goods nothing can come back any more, so that nobody can be held to it.
OUT_OF_REACH: Final = (Fate.MADE_INTO, Fate.LOST)


@dataclass(frozen=True, slots=True)
class LotBalance:
    """A lot: what was made, what the rows say became of it, and what an official explained; all in
    the lot's unit. `lost_explained` and `remaining_explained` are how much of what is reported as
    lost, and as still lying there, was explained as well; `children` are the lots that were made
    from it."""

    lot: Lot
    made: Made
    tally: Tally
    explained: Decimal = Decimal(0)
    children: int = 0
    lost_explained: Decimal = Decimal(0)
    remaining_explained: Decimal = Decimal(0)
    # The unit that rows were counted in where they cannot be told in the lot's any more: then none
    # of them is in `tally`.
    unit_was: str = ""

    @property
    def difference(self) -> Decimal:
        """Made, but accounted for by nobody; below 0 where more was reported than made."""
        return self.made.quantity - self.tally.total - self.explained

    @property
    def unexplained_loss(self) -> Decimal:
        """What is reported as lost above the part that one person may write off, 0 below it: a row
        explains what is missing as words do, and both are counted together."""
        loss = self.tally.of(Fate.LOST) - self.lost_explained
        alone = self.made.quantity * limits()["second_person"] - abs(self.explained)
        return loss if loss > max(Decimal(0), alone) else Decimal(0)

    @property
    def unexplained(self) -> Decimal:
        """What still wants words: what is missing, what is lost, and what nobody has handled."""
        return self.difference + self.unexplained_loss + self.unexplained_rest

    @property
    def unexplained_rest(self) -> Decimal:
        """What still lies there although the recall is to end: an official says why it may."""
        rest = self.tally.of(Fate.REMAINING) - self.remaining_explained
        return rest if rest > self.made.quantity * limits()["tolerance"] else Decimal(0)

    @property
    def is_explained(self) -> bool:
        is_balanced = abs(self.difference) <= self.made.quantity * limits()["tolerance"]
        return is_balanced and not self.unexplained_loss and not self.unexplained_rest

    @property
    def gap_share(self) -> Decimal:
        """What no row accounts for, explained or not, and what is lost, as a part of what was
        made."""
        if not self.made.quantity:
            return Decimal(1)
        gap = abs(self.made.quantity - self.tally.total) + self.tally.of(Fate.LOST)
        return gap / self.made.quantity

    @property
    def lacks_made_into(self) -> bool:
        """Other lots were made from it, and nobody has said of how much."""
        return bool(self.children) and not self.tally.of(Fate.MADE_INTO)

    @property
    def reachable(self) -> Decimal:
        """What could be recovered: all but what was made into other lots, used up or lost."""
        return self.made.quantity - sum((self.tally.of(fate) for fate in OUT_OF_REACH), Decimal(0))


@dataclass(frozen=True, slots=True)
class Sums:
    """Lots of one unit together: by `Row.key`, what was made, explained and is missing."""

    unit: str
    lots: int = 0
    made: Decimal = Decimal(0)
    by_key: Mapping[str, Decimal] = field(default_factory=dict)
    explained: Decimal = Decimal(0)
    unexplained_lots: int = 0

    def of(self, fate: Fate) -> Decimal:
        mine = (v for key, v in self.by_key.items() if key.partition(".")[0] == fate)
        return sum(mine, Decimal(0))

    @property
    def difference(self) -> Decimal:
        return self.made - sum(self.by_key.values(), Decimal(0)) - self.explained

    @property
    def reachable(self) -> Decimal:
        return self.made - sum((self.of(fate) for fate in OUT_OF_REACH), Decimal(0))

    @property
    def effectiveness(self) -> Decimal | None:
        """Recovered, as a part of what could be recovered; None where nothing could."""
        return self.of(Fate.RECOVERED) / self.reachable if self.reachable > 0 else None


def summed(balances: Iterable[LotBalance]) -> tuple[Sums, ...]:
    """In kilograms where the weight of every lot is known; else by unit, the most lots first."""
    known = list(balances)
    weighed = all(one.made.weight_of(one.made.quantity) is not None for one in known)
    groups: dict[str, list[LotBalance]] = {}
    for one in known:
        groups.setdefault(KILOGRAMS if weighed else one.made.unit, []).append(one)
    found = [_sums(unit, group, weighed=weighed) for unit, group in groups.items()]
    return tuple(sorted(found, key=lambda one: (-one.lots, one.unit)))


def _sums(unit: str, group: list[LotBalance], *, weighed: bool) -> Sums:
    def worth(one: LotBalance, quantity: Decimal) -> Decimal:
        weight = one.made.weight_of(quantity) if weighed else None
        return quantity if weight is None else weight

    by_key: dict[str, Decimal] = {}
    for one in group:
        for key, quantity in one.tally.sums.items():
            by_key[key] = by_key.get(key, Decimal(0)) + worth(one, quantity)
    return Sums(
        unit=unit,
        lots=len(group),
        made=sum((worth(one, one.made.quantity) for one in group), Decimal(0)),
        by_key=by_key,
        explained=sum((worth(one, one.explained) for one in group), Decimal(0)),
        unexplained_lots=sum(not one.is_explained for one in group),
    )
