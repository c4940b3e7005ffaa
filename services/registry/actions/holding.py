"""Taking goods of a lot: from whoever holds them, never more than there is, never recalled ones."""

from decimal import Decimal
from typing import Any

from services.registry.domain.examining import SourceHeldBack
from services.registry.domain.holding import LotRecalled, NotEnoughLeft, NotHeld
from services.registry.domain.lot import InputLotUnknown
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.testing import LotHeldBack
from services.registry.domain.units import convert, in_base, measure
from services.registry.store import examinations, facts, holdings, lots, records, testing
from shared.mongo import Tx


async def named(tx: Tx, name: str, field: str, *, own: str) -> Record[Any]:
    """A published lot by its id, or as people write it: facility code, slash, lot code.

    Without a facility's code it is a lot of the facility of the code `own`.
    """
    found: Record[Any] | None = await records.find(tx, Aggregate.LOT, name)
    if found is None:
        code, slash, lot_code = name.partition("/")
        wanted = (code.strip().upper(), lot_code) if slash else (own, name)
        found = await lots.by_code(tx, wanted[0], wanted[1].strip())
    if found is None or found.published is None:
        raise InputLotUnknown(field, lot=name)
    return found


async def check_usable(tx: Tx, lot: Record[Any], field: str) -> None:
    """A lot that is being recalled, or failed a test, stays where it is."""
    touched = await facts.notices(
        tx,
        lots=[lot.id],
        products=[lot.shown.product_id],
        facilities=[lot.owner.facility_id],
    )
    if any(notice.kind != "warning" for notice in touched):
        raise LotRecalled(field, lot=lot.code)
    if any(one.stands_in_the_way for one in await testing.of_lot(tx, lot.id)):
        raise LotHeldBack(field, lot=lot.code)
    if any(one.holds_back for one in await examinations.of_lot(tx, lot.id)):
        raise SourceHeldBack(field, lot=lot.code)


async def take(
    tx: Tx, lot: Record[Any], holder: str, quantity: Decimal, unit: str, field: str
) -> Decimal:
    """Take a quantity from what `holder` has of the lot; returns it in the base unit."""
    wanted = convert(quantity, unit, lot.shown.unit)
    amount = in_base(quantity, unit)
    if holder == lot.owner.facility_id:
        await holdings.follow(tx, lot.id, lot.shown)
    if await holdings.take(tx, lot.id, holder, amount):
        return amount
    held = await holdings.find(tx, lot.id, holder)
    if held is None:
        raise NotHeld(field, lot=lot.code)
    raise NotEnoughLeft(
        field,
        lot=lot.code,
        left=_spoken(held.left / measure(lot.shown.unit).in_base),
        wanted=_spoken(wanted),
        unit=lot.shown.unit,
    )


def _spoken(amount: Decimal) -> str:
    text = f"{amount.normalize():f}"
    return text.replace(".", ",")


async def give_back(tx: Tx, lot: Record[Any], holder: str, quantity: Decimal, unit: str) -> None:
    """What was taken and not used after all."""
    await holdings.give_back(tx, lot.id, holder, in_base(quantity, unit))
