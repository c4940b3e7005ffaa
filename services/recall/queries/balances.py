"""What became of each lot of a case: what was made, what rows say, what officials explained."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from services.recall.domain.amounts import Made
from services.recall.domain.case import Case
from services.recall.domain.explaining import (
    Explanation,
    explained,
    explained_losses,
    explained_rests,
)
from services.recall.domain.reconciling import LotBalance
from services.recall.domain.recovery import Fate, Tally
from services.recall.domain.recovery_refusals import OtherDimension
from services.recall.domain.target import Lot
from services.recall.store import explanations, genealogy, goods, recoveries
from services.recall.store.newest import Reader, chunks, each
from shared.mongo import Document

LOTS_AT_ONCE: Final = 2_000


async def balances_of(reader: Reader, case: Case, lots: Sequence[str] = ()) -> list[LotBalance]:
    """Of these lots of the case, or of all, in the order of the case; of a closed case as the
    closing states them, lots that joined it later as they are now."""
    wanted = lots or await goods.named(reader, case)
    if lots:
        counted = await recoveries.tallies_of(reader, case.id, lots)
    else:
        counted = await recoveries.tallies(reader, case.id)
    given = await explanations.of_case(reader, case.id)
    now = await _now(reader, case, wanted, counted, given)
    stated = await stated_by_closing(reader, case)
    return [_as_stated(one, stated[one.lot.id]) if one.lot.id in stated else one for one in now]


async def all_explained(reader: Reader, case: Case) -> bool:
    """Whether the sums of every lot of an open case are explained; False where it names none.

    Some lots are looked at together, first those that nothing was reported of: so it mostly ends
    soon. Where it does not it takes longer, for a large case, than a transaction may.
    """
    reported = await recoveries.reported(reader, case.id)
    lots = sorted(await goods.named(reader, case), key=lambda id_: id_ in reported)
    given = await explanations.of_case(reader, case.id)
    for some in chunks(lots, LOTS_AT_ONCE):
        counted = await recoveries.tallies_of(reader, case.id, some)
        if not all(one.is_explained for one in await _now(reader, case, some, counted, given)):
            return False
    return bool(lots)


async def _now(
    reader: Reader,
    case: Case,
    wanted: Sequence[str],
    counted: Mapping[str, Tally],
    given: Iterable[Explanation],
) -> list[LotBalance]:
    known = await genealogy.lots(reader, wanted)
    made = await goods.made_of(reader, case, known.values())
    # Of many lots some are looked at together: what is said of the others is not gone through.
    words = [one.of(known).told_in(made) for one in given]
    said, losses, rests = explained(words), explained_losses(words), explained_rests(words)
    children = await _children(reader, known)
    told = {id_: _told_in(counted.get(id_, Tally(id_)), made[id_]) for id_ in known}
    return [
        LotBalance(
            known[id_],
            made[id_],
            told[id_][0],
            explained=said.get(id_, Decimal(0)),
            children=children.get(id_, 0),
            lost_explained=losses.get(id_, Decimal(0)),
            remaining_explained=rests.get(id_, Decimal(0)),
            unit_was=told[id_][1],
        )
        for id_ in wanted
        if id_ in known
    ]


def _told_in(counted: Tally, made: Made) -> tuple[Tally, str]:
    """In the unit the lot has now; where that cannot be, none of it and the unit it was in."""
    try:
        return counted.told_in(made), ""
    except OtherDimension:
        return Tally(counted.lot_id), counted.unit


async def stated_by_closing(reader: Reader, case: Case) -> dict[str, Document]:
    """What the closing of a case stated, by lot; nothing of a case that is open."""
    kept = await explanations.frozen(reader, case.id) if case.closing is not None else None
    return {lot["id"]: lot for lot in kept[1]} if kept else {}


def _as_stated(now: LotBalance, kept: Document) -> LotBalance:
    """All that is missing or lost had been explained, else the case would not have been closed."""
    weight = kept.get("kilograms", now.made.kilograms)
    made = Made(
        now.lot.id,
        Decimal(kept["made"]),
        kept["unit"],
        None if weight is None else Decimal(weight),
    )
    tally = Tally(now.lot.id, {one["key"]: Decimal(one["quantity"]) for one in kept["by"]})
    explained_ = Decimal(kept["explained"])
    return replace(
        now,
        made=made,
        tally=tally,
        explained=explained_,
        unit_was="",
        lost_explained=tally.of(Fate.LOST),
        remaining_explained=tally.of(Fate.REMAINING),
    )


async def _children(reader: Reader, lots: dict[str, Lot]) -> dict[str, int]:
    """By lot, how many lots were made from it."""
    found: dict[str, set[str]] = {}
    async for row in each(reader, genealogy.LOTS, lots, field="inputs"):
        for parent in lots.keys() & set(row["inputs"]):
            found.setdefault(parent, set()).add(row["_id"])
    return {parent: len(made) for parent, made in found.items()}
