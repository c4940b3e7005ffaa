"""The inputs that a lot's own form counts: taken when it is entered, given back when taken out."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from services.registry.actions import holding
from services.registry.domain.conserving import balance, limits
from services.registry.domain.holding import NotHeld
from services.registry.domain.lot import Lot
from services.registry.domain.records import Aggregate, Owner, Record
from services.registry.domain.transformation import check_agrees
from services.registry.domain.using import Used, same_uses, uncounted, without_doubles
from services.registry.store import holdings, records
from shared.mongo import Tx


async def settle(tx: Tx, owner: Owner, before: Sequence[Used], lot: Lot) -> Lot:
    """The lot with its inputs counted off what its facility has; what agrees with it is checked.

    Rows that say what they said before stay as they are; of the others the old ones are there again
    before the new ones are taken. `Used.lot_id` may come as people write a lot.
    """
    if not lot.used and not before:
        return lot
    if not same_uses(before, lot.used):
        lot = replace(lot, used=await _taken(tx, owner, before, lot.used))
    else:
        lot = replace(lot, used=tuple(before))
    lot = replace(lot, inputs=tuple(dict.fromkeys((*lot.inputs, *(u.lot_id for u in lot.used)))))
    if lot.used and not uncounted(lot.inputs, lot.used) and not lot.explanation:
        await _check_agrees(tx, lot)
    return lot


async def _taken(
    tx: Tx, owner: Owner, before: Sequence[Used], wanted: Sequence[Used]
) -> tuple[Used, ...]:
    found = []
    lots: dict[str, Record[Any]] = {}
    for index, one in enumerate(wanted):
        lot = await holding.named(tx, one.lot_id, f"used.{index}.lot", own=owner.code)
        lots[lot.id] = lot
        found.append(replace(one, lot_id=lot.id, unit=one.unit or lot.shown.unit, taken=None))
    without_doubles(found)
    known = {one.lot_id: one for one in before}
    kept = {one.lot_id for one in found if _as_before(one, known)}
    for old in before:
        if old.taken and old.lot_id not in kept:
            await holdings.give_back(tx, old.lot_id, owner.facility_id, old.taken)
    return tuple(
        [
            known[one.lot_id]
            if one.lot_id in kept
            else replace(one, taken=await _take(tx, owner, lots[one.lot_id], one, index))
            for index, one in enumerate(found)
        ]
    )


def _as_before(one: Used, known: dict[str, Used]) -> bool:
    return one.lot_id in known and same_uses([one], [known[one.lot_id]])


async def _take(tx: Tx, owner: Owner, lot: Record[Any], one: Used, index: int) -> Decimal:
    await holding.check_usable(tx, lot, f"used.{index}.lot")
    try:
        return await holding.take(
            tx, lot, owner.facility_id, one.quantity, one.unit, f"used.{index}.quantity"
        )
    except NotHeld:
        raise NotHeld(f"used.{index}.lot", lot=lot.code) from None


async def _check_agrees(tx: Tx, lot: Lot) -> None:
    """What came out agrees with what went in, within the limits of what was made."""
    inputs = await records.find_many(tx, Aggregate.LOT, tuple(one.lot_id for one in lot.used))
    ids = {lot.product_id, *(one.shown.product_id for one in inputs.values())}
    products = await records.find_many(tx, Aggregate.PRODUCT, tuple(ids))
    contents = {key: one.content.net_content for key, one in products.items()}
    given = [
        (one.quantity, one.unit, contents.get(inputs[one.lot_id].shown.product_id, ""))
        for one in lot.used
    ]
    made = products.get(lot.product_id)
    category = made.content.category if made is not None else ""
    within = limits(category, changes_goods=len(ids) > 1)
    check_agrees(
        balance(given, [(lot.quantity, lot.unit, contents.get(lot.product_id, ""))], within)
    )
