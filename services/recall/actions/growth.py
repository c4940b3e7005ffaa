"""Lots arrive from registry; those made from affected ones join their cases at the same moment."""

from collections.abc import Sequence

from services.recall.actions.reach import places_of
from services.recall.domain.target import Lot
from services.recall.store import cases, entries, facts, genealogy, propagation
from services.recall.store.entries import Entry
from shared import audit
from shared.contracts.registry import LotPublished
from shared.ids import now
from shared.messaging import outbox
from shared.mongo import Tx

ACT = "recall.scope_grow"


async def take_in(tx: Tx, events: Sequence[LotPublished]) -> None:
    """Keep new versions of lots; what they are made from may put them, and what was made from
    them already, into the reach of standing cases.

    The growth is part of the transaction that takes the lot in. So when the feed says that a lot
    was taken in, the notice that names it is in the feed before that.
    """
    await genealogy.guard(tx)
    lots = {lot.id: lot for lot in await genealogy.note_lots(tx, events)}
    if not lots:
        return
    for case_id, affected in sorted((await cases.touched_by(tx, list(lots.values()))).items()):
        await _grow(tx, case_id, [lots[lot_id] for lot_id in sorted(affected)])


async def _grow(tx: Tx, case_id: str, roots: Sequence[Lot]) -> None:
    case = await cases.get(tx, case_id)
    _, lots = await genealogy.downstream(tx, roots)
    facilities = await facts.facilities(tx, {lot.facility_id for lot in lots})
    at = now()
    grown, parts, events = case.grow(
        [lot.id for lot in lots],
        places_of(lots, facilities),
        cause=", ".join(lot.code for lot in roots)[:500],
        now=at,
    )
    if not events:
        return
    await cases.put(tx, grown, parts)
    await outbox.append(tx, *events)
    await propagation.note_published(tx, grown.version, "grown", events)
    known = set(case.lots)
    added = tuple(lot for lot in grown.lots if lot not in known)
    await entries.add(tx, Entry(case_id, grown.version, "grown", at, lots=added))
    await audit.accepted(tx, None, ACT, case_id, lots=len(added), first=added[0])
