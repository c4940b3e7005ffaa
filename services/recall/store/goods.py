"""The lots whose goods a case asks back, and how much of each."""

from collections.abc import Iterable
from decimal import Decimal

from services.recall.domain.amounts import STAMP, Made
from services.recall.domain.case import Case
from services.recall.domain.target import Lot
from services.recall.store import stamps, weights
from services.recall.store.newest import Reader
from services.recall.store.stamps import StampCount


async def named(reader: Reader, case: Case) -> tuple[str, ...]:
    """Those that the case names; of a case of stamps, which names none, those they stand on: a
    stamp that was activated never changes its lot."""
    if not case.target.is_of_stamps:
        return case.lots
    _, by_lot = await _stamped(reader, case)
    return tuple(sorted(by_lot))


async def made_of(reader: Reader, case: Case, lots: Iterable[Lot]) -> dict[str, Made]:
    """What was made of each that the case asks back: all of it, or as many as its stamps are."""
    known = {lot.id: lot for lot in lots}
    if not case.target.is_of_stamps:
        return await weights.made_of(reader, known.values())
    _, counts = await _stamped(reader, case)
    return {id_: Made(id_, Decimal(counts.get(id_, StampCount()).issued), STAMP) for id_ in known}


async def loose(reader: Reader, case: Case) -> int:
    """How many stamps of a case of stamps stand on no lot, so that no row can be of them."""
    if not case.target.is_of_stamps:
        return 0
    total, by_lot = await _stamped(reader, case)
    return total.issued - sum(by_lot.values(), StampCount()).issued


async def _stamped(reader: Reader, case: Case) -> tuple[StampCount, dict[str, StampCount]]:
    """All stamps of the target, and those that stand on each lot."""
    target = case.target
    last = target.last
    if last is None:
        batch = await stamps.batch(reader, target.batch)
        last = batch.quantity - 1 if batch else 0
    return await stamps.of_serials(reader, target.batch, target.first or 0, last)
