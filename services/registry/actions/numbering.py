"""Logistic units of a shipment get their SSCCs, lose those put on by mistake, and are packed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from services.registry.actions import shipping
from services.registry.domain.logistic_units import (
    Numbered,
    checked_prefix,
    made_from,
    must_be_open,
    with_contents,
    with_unit,
    without_unit,
)
from services.registry.domain.packing import Packed
from services.registry.domain.records import Aggregate
from services.registry.domain.shipment import Shipment
from services.registry.store import logistic_units as store
from services.registry.store import records
from shared.auth import Principal, require
from shared.errors import NotFound
from shared.gs1_elements import Element, of_unit
from shared.gs1_link import Uri
from shared.mongo import Database, Tx

NUMBER: Final = "shipment.number"
UNNUMBER: Final = "shipment.unnumber"
PACK: Final = "shipment.pack"


@dataclass(frozen=True, slots=True)
class UnitLabel:
    """What goes onto a label: the SSCC and its address, a GS1 Digital Link. `contents` is what is
    said to be in the unit, () where nothing is said."""

    sscc: str
    address: str
    contents: tuple[Packed, ...] = ()

    @property
    def elements(self) -> list[Element]:
        return of_unit(self.sscc)


async def add(
    shipment_id: str, asked: Numbered, *, who: Principal, now: datetime, db: Database
) -> Shipment:
    """One unit more, for the sender. The same form counts once. Raises SsccOrPrefix, SsccInvalid,
    SsccTaken, PrefixNotYours, PrefixExhausted, TooManyUnits, ShipmentOver."""

    async def change(tx: Tx, before: Shipment) -> Shipment:
        require(who, shipping.ENTER, before.sender.scope())
        if any(form_id == asked.id for _, form_id in before.units):
            return before
        must_be_open(before)
        wanted = asked.checked()
        sscc = wanted.sscc or await _made(tx, wanted.prefix, before.sender.facility_id)
        await store.take(tx, sscc, before.id, now)
        return with_unit(before, sscc, asked.id, now)

    return await shipping.act_on(shipment_id, NUMBER, change, who, db)


async def remove(
    shipment_id: str, sscc: str, *, who: Principal, now: datetime, db: Database
) -> Shipment:
    """It leads nowhere any more, and is not given again. Raises NotFound, ShipmentOver."""

    async def change(_: Tx, before: Shipment) -> Shipment:
        require(who, shipping.ENTER, before.sender.scope())
        must_be_open(before)
        return without_unit(before, sscc, now)

    return await shipping.act_on(shipment_id, UNNUMBER, change, who, db)


async def pack(
    shipment_id: str,
    sscc: str,
    contents: Sequence[tuple[str, Decimal]],
    *,
    who: Principal,
    now: datetime,
    db: Database,
) -> Shipment:
    """What is in one unit, for the sender; said again it changes nothing. Raises NotFound,
    LotNotInShipment, MorePackedThanSent, ShipmentOver."""

    async def change(_: Tx, before: Shipment) -> Shipment:
        require(who, shipping.ENTER, before.sender.scope())
        must_be_open(before)
        return with_contents(before, sscc, contents, now)

    return await shipping.act_on(shipment_id, PACK, change, who, db)


def labels(shipment: Shipment, origin: str) -> list[UnitLabel]:
    beginning = origin.rstrip("/")
    return [
        UnitLabel(
            sscc,
            f"{beginning}{Uri('00', sscc).path()}",
            tuple(one for one in shipment.packed if one.sscc == sscc),
        )
        for sscc, _ in shipment.units
    ]


def label_of(shipment: Shipment, sscc: str, origin: str) -> UnitLabel:
    """Raises NotFound for an SSCC that is not of this shipment."""
    for one in labels(shipment, origin):
        if one.sscc == sscc:
            return one
    raise NotFound()


async def _made(tx: Tx, prefix: str, facility_id: str) -> str:
    """The next one that nobody has typed in yet."""
    facility = await records.get(tx, Aggregate.FACILITY, facility_id)
    published = facility.published
    prefix = checked_prefix(prefix, published.gln if published is not None else "")
    while True:
        sscc = made_from(prefix, await store.next_serial(tx, prefix))
        if not await store.is_taken(tx, sscc):
            return sscc
