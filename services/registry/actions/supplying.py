"""What a diary entry brings along: the lot of a supply, counted off what is held, and photos.

Supplies are traced like products: an entry names the lot that was used, so that a recall of that
lot reaches what it was used on.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from services.registry.actions import holding
from services.registry.domain.diary import Entry, same
from services.registry.domain.media import ImageUnknown
from services.registry.domain.records import Aggregate, Owner, Record
from services.registry.domain.units import in_base
from services.registry.store import holdings, media, records, supplies
from shared.mongo import Tx


async def named(tx: Tx, entry: Entry, owner: Owner) -> Entry:
    """The entry with its supply's lot by id; raises where lot or photos are not to be found."""
    if entry.photos and not await media.all_belong(tx, entry.photos, owner.facility_id):
        raise ImageUnknown("photos")
    if entry.labels and not await media.all_belong(tx, entry.labels, owner.facility_id):
        raise ImageUnknown("labels")
    if not entry.supply_lot:
        return entry
    lot = await holding.named(tx, entry.supply_lot, "supply_lot", own=owner.code)
    return replace(entry, supply_lot=lot.id)


async def settle(
    tx: Tx, owner: Owner, before: Iterable[Entry], after: Iterable[Entry]
) -> tuple[Entry, ...]:
    """The entries as they are to be kept, each with what was counted off for it.

    What an entry no longer uses is there again. A lot that the facility never received is named,
    so that a recall finds its way, and not counted.
    """
    known = {one.id: one for one in before}
    kept = []
    changed = []
    for one in after:
        old = known.get(one.id)
        entry = one if old is not None and same(old, one) else await named(tx, one, owner)
        if old is not None and _uses(old) == _uses(entry):
            kept.append(replace(entry, taken=old.taken))
            known.pop(entry.id)
        else:
            changed.append(entry)
            kept.append(entry)
    for old in known.values():
        if old.taken:
            await holdings.give_back(tx, old.supply_lot, owner.facility_id, old.taken)
    taken = {one.id: await _take(tx, owner, one) for one in changed}
    return tuple(replace(e, taken=taken[e.id]) if e.id in taken else e for e in kept)


async def count_off(tx: Tx, facility_id: str, lot: Record[Any]) -> None:
    """What a facility's diaries used of a lot before it was received, as far as it goes."""
    for use in await supplies.uncounted(tx, facility_id, lot.id):
        amount = in_base(use.quantity, use.unit or lot.shown.unit)
        if await holdings.take(tx, lot.id, facility_id, amount):
            await supplies.mark(tx, use, amount)


def _uses(entry: Entry) -> tuple[object, ...]:
    return entry.supply_lot, entry.quantity, entry.unit


async def _take(tx: Tx, owner: Owner, entry: Entry) -> Decimal | None:
    if not entry.supply_lot or entry.quantity is None:
        return None
    lot = await records.get(tx, Aggregate.LOT, entry.supply_lot)
    own = lot.owner.facility_id == owner.facility_id
    if not own and await holdings.find(tx, lot.id, owner.facility_id) is None:
        return None
    unit = entry.unit or lot.shown.unit
    await holding.take(tx, lot, owner.facility_id, entry.quantity, unit, "quantity")
    return in_base(entry.quantity, unit)
