"""Lots and their diaries: entered, extended, edited; and what their publication brings about."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.registry.actions import examining, supplying, testing, using
from services.registry.actions.entering import Entered, edit, enter
from services.registry.actions.rights import author, require_for
from services.registry.domain.area_diary import check_label
from services.registry.domain.diary import Entry, same
from services.registry.domain.diary_refusals import WithdrawalIntervalNotOver
from services.registry.domain.growing_area import GrowingAreaUnusable
from services.registry.domain.lot import EntryExists, InputCycle, InputLotUnknown, Lot
from services.registry.domain.product import ProductNotPublished
from services.registry.domain.records import Aggregate, Record, State, entered
from services.registry.store import (
    area_diaries,
    genealogy,
    holdings,
    lots,
    media,
    records,
    shown,
    trace_events,
    transformations,
)
from shared.auth import Principal
from shared.messaging import outbox
from shared.mongo import Database, Tx
from shared.once import Once
from shared.turns import turn

GENEALOGY = "genealogy"


async def enter_lot(
    content: Lot,
    *,
    record_id: str,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Entered:
    async def make(tx: Tx) -> Record[Any]:
        return await made(tx, content, record_id=record_id, who=who, now=now)

    async with turn(db.name, f"facility {content.facility_id}"):
        return await enter(Aggregate.LOT, make, who=who, now=now, db=db, once=once)


async def made(
    tx: Tx, content: Lot, *, record_id: str, who: Principal, now: datetime
) -> Record[Any]:
    """A new draft, with what it used counted off; raises what stands in its way."""
    facility = await records.get(tx, Aggregate.FACILITY, content.facility_id)
    record = entered(
        Aggregate.LOT,
        content,
        record_id=record_id,
        code=content.code,
        owner=facility.owner,
        by=author(who),
        now=now,
    )
    require_for(who, "lot.enter", record)
    settled = await supplying.settle(tx, record.owner, (), content.entries)
    inputs = await input_ids(tx, content.inputs)
    lot = replace(content, entries=settled, inputs=inputs)
    lot = await using.settle(tx, record.owner, (), lot)
    checked = await checked_lot(tx, record, lot, now)
    return replace(record, draft=checked, code=checked.code)


async def changed(tx: Tx, before: Record[Any], wanted: Lot, now: datetime) -> Lot:
    """The content of an edited draft: what it no longer uses is there again, the rest taken."""
    wanted = replace(wanted, inputs=await input_ids(tx, wanted.inputs))
    wanted = await using.settle(tx, before.owner, before.content.used, wanted)
    wanted = wanted.following(before.content)
    return await checked_lot(tx, before, wanted, now)


async def edit_lot(
    record_id: str,
    content: Lot,
    *,
    version: int,
    keep_entries: bool,
    keep_used: bool = False,
    who: Principal,
    now: datetime,
    db: Database,
) -> Record[Any]:
    """A newer draft. With `keep_entries` the diary stays as it is.

    With `keep_used` the inputs that are still named stay counted as they are.
    """

    async def change(tx: Tx, before: Record[Any]) -> Lot:
        wanted = replace(content, facility_id=before.owner.facility_id)
        if keep_entries:
            wanted = replace(wanted, entries=before.content.entries)
        else:
            wanted = await settled(tx, before, wanted)
        if keep_used:
            named = set(await input_ids(tx, wanted.inputs))
            kept = tuple(one for one in before.content.used if one.lot_id in named)
            wanted = replace(wanted, used=kept, explanation=before.content.explanation)
        return await changed(tx, before, wanted, now)

    return await edit(Aggregate.LOT, record_id, change, version=version, who=who, now=now, db=db)


async def add_entry(
    record_id: str,
    entry: Entry,
    *,
    version: int | None,
    who: Principal,
    now: datetime,
    db: Database,
) -> Record[Any]:
    """One more diary entry; sent again with the same id it changes nothing.

    With the version of the record that was seen, an entry of that id is replaced.
    """

    async def change(tx: Tx, before: Record[Any]) -> Lot:
        lot: Lot = before.content
        sent = await supplying.named(tx, entry.checked(now), before.owner)
        known = lot.entry(entry.id)
        if known is not None and same(known, sent):
            return lot
        if known is not None and version is None:
            raise EntryExists()
        check_label(sent)
        return await settled(tx, before, lot.with_entry(sent))

    return await edit(Aggregate.LOT, record_id, change, version=version, who=who, now=now, db=db)


async def remove_entry(
    record_id: str,
    entry_id: str,
    *,
    version: int,
    who: Principal,
    now: datetime,
    db: Database,
) -> Record[Any]:
    """Take an entry out of the draft; every version that held it is kept."""

    async def change(tx: Tx, before: Record[Any]) -> Lot:
        lot: Lot = before.content
        return await settled(tx, before, lot.without_entry(entry_id))

    return await edit(Aggregate.LOT, record_id, change, version=version, who=who, now=now, db=db)


async def settled(tx: Tx, before: Record[Any], lot: Lot) -> Lot:
    """Supplies that its diary names are counted off; those it no longer names, given back."""
    settled = await supplying.settle(tx, before.owner, before.content.entries, lot.entries)
    return replace(lot, entries=settled)


async def ready(tx: Tx, record: Record[Any], now: datetime) -> None:
    """Everything it refers to is published, and its diary can be true."""
    lot: Lot = record.content
    record.owner.must_operate()
    await checked_lot(tx, record, lot, now)
    await transformations.check_standing(tx, lot)
    await testing.check_passed(tx, record.id)
    try:
        lot.check_complete(now)
    except WithdrawalIntervalNotOver:
        # Its maker is told at once; later it is one of the truth checks, which may be overridden.
        if record.state is State.SUBMITTED:
            raise


async def with_area_diary(tx: Tx, record: Record[Any], now: datetime) -> Record[Any]:
    """With what its growing area's diary says by now: so it is reviewed, and so published."""
    return replace(record, draft=await checked_lot(tx, record, record.content, now))


async def published(tx: Tx, record: Record[Any]) -> Record[Any]:
    """The passport with the stages; its inputs are looked at again, one such act at a time.

    A lot that was published before may already be an input of others: then two acts at once
    could close a circle that neither of them sees.
    """
    lot: Lot = record.content
    await holdings.follow(tx, record.id, lot)
    before = await records.get(tx, Aggregate.LOT, record.id)
    await _show_photos(tx, record, before)
    if before.published is not None and lot.inputs != before.published.inputs:
        await records.lock(tx, GENEALOGY)
        await _check_inputs(tx, record, lot)
    await genealogy.follow(tx, record)
    await examining.at_publication(tx, record, record.updated_at)
    await trace_events.follow_lot(tx, record)
    await outbox.append(tx, await testing.passport(tx, record))
    return record


async def _show_photos(tx: Tx, record: Record[Any], before: Record[Any]) -> None:
    """Those of its diaries become public; what it no longer shows is taken down."""
    photos: tuple[str, ...] = record.content.photos
    known = before.published.photos if before.published is not None else ()
    dropped = set(known) - set(photos)
    await shown.take_down(tx, dropped, record.owner.facility_id, but=record.id)
    await media.make_public(tx, photos)


async def checked_lot(tx: Tx, record: Record[Any], lot: Lot, now: datetime) -> Lot:
    """In canonical form, with what it refers to found fit, and its expiry date worked out."""
    product = await records.find(tx, Aggregate.PRODUCT, lot.product_id)
    if (
        product is None
        or not product.is_public
        or product.owner.facility_id != record.owner.facility_id
    ):
        raise ProductNotPublished("product_id")
    if lot.growing_area_id:
        area = await records.find(tx, Aggregate.GROWING_AREA, lot.growing_area_id)
        if (
            area is None
            or area.published is None
            or area.owner.facility_id != record.owner.facility_id
        ):
            raise GrowingAreaUnusable("growing_area_id")
        diary = await area_diaries.get(tx, area.id)
        lot = replace(lot, area_entries=diary.taken_over(area.published, lot.produced_on))
    else:
        lot = replace(lot, area_entries=())
    lot = replace(lot, inputs=await input_ids(tx, lot.inputs))
    await _check_inputs(tx, record, lot)
    return lot.expiring(product.content.shelf_life_days).checked(now)


async def input_ids(tx: Tx, named: tuple[str, ...]) -> tuple[str, ...]:
    """Inputs are named by id, or as people write them: facility code, slash, lot code."""
    found = []
    for name in named:
        facility_code, slash, lot_code = name.partition("/")
        if not slash:
            found.append(name)
            continue
        lot = await lots.by_code(tx, facility_code.strip().upper(), lot_code.strip())
        if lot is None:
            raise InputLotUnknown("inputs", lot=name)
        found.append(lot.id)
    return tuple(found)


async def _check_inputs(tx: Tx, record: Record[Any], lot: Lot) -> None:
    """Each input is a published lot, of any facility, and was not made from this very lot."""
    if not lot.inputs:
        return
    known = await records.find_many(tx, Aggregate.LOT, lot.inputs)
    for lot_id in lot.inputs:
        if lot_id == record.id:
            raise InputCycle("inputs", lot=lot.code)
        if lot_id not in known or known[lot_id].published is None:
            raise InputLotUnknown("inputs", lot=lot_id)
    circle = await genealogy.descends(tx, record.id, lot.inputs)
    if circle is not None:
        raise InputCycle("inputs", lot=known[circle].code)
