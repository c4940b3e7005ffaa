"""What a closing states of the goods: counted once, and frozen in its transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Self

from services.recall.domain.case import Case
from services.recall.domain.reconciling import LotBalance, Sums, summed
from services.recall.domain.recovery import Fate
from services.recall.domain.recovery_refusals import SumsUnexplained
from services.recall.domain.terms import Kind, State
from services.recall.queries import recovery
from services.recall.queries.balances import balances_of
from services.recall.store import cases, explanations, goods, recoveries
from services.recall.store.newest import Reader
from shared.errors import Amount, Phrase
from shared.mongo import Database, Tx

LOTS_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums of a case, with those of each lot."""

    balances: Sequence[LotBalance]
    sums: Sequence[Sums]
    told: int
    acknowledged: int

    @property
    def recovered(self) -> Decimal | None:
        """In `unit`; None where lots are counted in units that cannot be added."""
        return self.sums[0].of(Fate.RECOVERED) if len(self.sums) == 1 else None

    @property
    def unit(self) -> str:
        return self.sums[0].unit if len(self.sums) == 1 else ""

    @property
    def parts(self) -> tuple[tuple[Decimal, str], ...]:
        """How much came back by unit, where that is no one figure."""
        several = self.sums if len(self.sums) > 1 else ()
        return tuple((one.of(Fate.RECOVERED), one.unit) for one in several)

    def must_be_explained(self) -> None:
        open_ = [one for one in self.balances if not one.is_explained]
        if open_:
            raise SumsUnexplained(count=len(open_), lots=_named(open_))


def _named(lots: Sequence[LotBalance]) -> Phrase:
    """`CL1: 40 kg; CL2: 1,5 kg; …`"""
    named, params = [], dict[str, object]()
    for n, one in enumerate(lots[:LOTS_NAMED]):
        named.append(f"{{lot{n}}}: {{amount{n}}} {{unit{n}}}")
        params |= {f"lot{n}": one.lot.code, f"unit{n}": one.made.unit}
        params[f"amount{n}"] = Amount(one.unexplained)
    more = ["…"] if len(lots) > LOTS_NAMED else []
    return Phrase("; ".join([*named, *more]), params)


async def figures(reader: Reader, case: Case) -> Figures:
    balances = await balances_of(reader, case)
    told = await recovery.told(reader, case)
    said = sum(one.acknowledged is not None for one in told)
    return Figures(balances, summed(balances), len(told), said)


@dataclass(frozen=True, slots=True)
class Counted:
    """The sums of a case, added up before its transaction: those of a large case take longer than
    a transaction may. They hold in it if nobody reported and the case changed in nothing."""

    turns: int
    version: int
    figures: Figures | None

    @classmethod
    async def look(cls, db: Database, case_id: str) -> Self:
        turns = await recoveries.turns(db, case_id)
        case = await cases.get(db, case_id)
        found = await figures(db, case) if await are_wanted(db, case) else None
        return cls(turns, case.version, found)

    async def sure(self, tx: Tx, case: Case) -> Figures | None:
        """As found, or as they are now; until the commit nobody reports. None where no lots are to
        be accounted for (a warning, or stamps that no lot is named of)."""
        if await recoveries.hold(tx, case.id) == self.turns and case.version == self.version:
            return self.figures
        return await figures(tx, case) if await are_wanted(tx, case) else None


async def are_wanted(reader: Reader, case: Case) -> bool:
    is_carried_out = case.kind is not Kind.WARNING and case.state is State.ORDERED
    return is_carried_out and bool(await goods.named(reader, case))


async def freeze(tx: Tx, case: Case, counted: Figures) -> None:
    """Keep them as they are: neither a later word of registry nor a renamed unit changes them."""
    await explanations.freeze(tx, case.id, *as_kept(counted))


def as_kept(counted: Figures) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The sums, and each lot, in the form in which a closing keeps them."""
    told = {"told": counted.told, "acknowledged": counted.acknowledged}
    kept = {"sums": [_sums(one) for one in counted.sums], **told}
    return kept, [_lot(one) for one in counted.balances]


def _sums(one: Sums) -> dict[str, Any]:
    return {
        "unit": one.unit,
        "lots": one.lots,
        "made": _plain(one.made),
        "by": [{"key": key, "quantity": _plain(value)} for key, value in one.by_key.items()],
        "explained": _plain(one.explained),
        "difference": _plain(one.difference),
        "effectiveness": None if one.effectiveness is None else str(one.effectiveness),
    }


def _lot(one: LotBalance) -> dict[str, Any]:
    return {
        "id": one.lot.id,
        "code": one.lot.code,
        "made": _plain(one.made.quantity),
        "unit": one.made.unit,
        "kilograms": None if one.made.kilograms is None else _plain(one.made.kilograms),
        "by": [{"key": key, "quantity": _plain(value)} for key, value in one.tally.sums.items()],
        "explained": _plain(one.explained),
        "difference": _plain(one.difference),
    }


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
