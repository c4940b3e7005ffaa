"""Products: entered, edited, withdrawn; and what their publication brings about."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.registry.actions import chains, recordings
from services.registry.actions.entering import Entered, edit, enter
from services.registry.actions.rights import author, require_for
from services.registry.domain.codes import PRODUCT_PREFIX
from services.registry.domain.media import ImageUnknown
from services.registry.domain.product import FacilityNotPublished, GtinTaken, Product
from services.registry.domain.recording import RecordingUnknown
from services.registry.domain.records import Aggregate, Record, entered
from services.registry.passports import product_passport
from services.registry.store import media, records, shown
from services.registry.store import recordings as kept
from shared import audit
from shared.auth import Principal
from shared.contracts.registry import ProductWithdrawn
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.once import Once


async def enter_product(
    content: Product,
    *,
    record_id: str,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Entered:
    """A new product of a facility, by itself or by an authority (R16)."""

    async def make(tx: Tx) -> Record[Any]:
        facility = await records.get(tx, Aggregate.FACILITY, content.facility_id)
        record = entered(
            Aggregate.PRODUCT,
            content,
            record_id=record_id,
            code=await records.free_code(tx, Aggregate.PRODUCT, PRODUCT_PREFIX),
            owner=facility.owner,
            by=author(who),
            now=now,
        )
        require_for(who, "product.enter", record)
        return replace(record, draft=await _checked(tx, content))

    return await enter(Aggregate.PRODUCT, make, who=who, now=now, db=db, once=once)


async def edit_product(
    record_id: str,
    content: Product,
    *,
    version: int,
    who: Principal,
    now: datetime,
    db: Database,
) -> Record[Any]:
    """A newer draft; what is published stays as it is until the draft has been approved."""

    async def change(tx: Tx, before: Record[Any]) -> Product:
        return await _checked(tx, content.of(before.owner.facility_id))

    return await edit(
        Aggregate.PRODUCT, record_id, change, version=version, who=who, now=now, db=db
    )


async def withdraw_product(
    record_id: str, *, reason: str, who: Principal, now: datetime, db: Database
) -> Record[Any]:
    """Violation, unsafe, or production stopped (R19). A new version brings it back."""

    async def work(tx: Tx) -> Record[Any]:
        before = await records.get(tx, Aggregate.PRODUCT, record_id)
        require_for(who, "product.withdraw", before)
        withdrawn = before.stop(by=author(who), reason=reason, now=now)
        await records.put(tx, before, withdrawn, act="withdrawn", by=author(who), reason=reason)
        await outbox.append(
            tx,
            ProductWithdrawn(
                subject=record_id,
                version=withdrawn.version,
                time=now,
                facility_id=before.owner.facility_id,
                reason=reason,
            ),
        )
        await audit.accepted(tx, who, "product.withdraw", record_id, reason)
        return withdrawn

    async with audit.attempt(db, who, "product.withdraw", record_id):
        return await transact(db, work)


async def _checked(tx: Tx, content: Product) -> Product:
    if content.images and not await media.all_belong(tx, content.images, content.facility_id):
        raise ImageUnknown("images")
    of = content.facility_id
    if content.recordings and not await kept.all_belong(tx, content.recordings, of):
        raise RecordingUnknown("recordings")
    parties = await chains.resolved(tx, content.chain)
    return replace(content, chain=parties).checked()


async def ready(tx: Tx, record: Record[Any], _: datetime) -> None:
    """Its facility and those of its chain operate, and its GTIN is free: found out before officials
    spend their time."""
    record.owner.must_operate()
    await chains.must_be_in_use(tx, record.content.chain)
    gtin = record.content.gtin
    if gtin and await records.claimed(tx, record, gtin):
        raise GtinTaken("gtin", gtin=gtin)


async def published(tx: Tx, record: Record[Any]) -> Record[Any]:
    """Its pictures and recordings become public with it; what it no longer shows is taken down."""
    facility = await records.get(tx, Aggregate.FACILITY, record.owner.facility_id)
    if facility.published is None:
        raise FacilityNotPublished()
    it = record.content
    of = record.owner.facility_id
    await shown.take_turns(tx, of)
    dropped = set(await media.public_uploads(tx, of)) - set(it.images)
    await shown.take_down(tx, dropped, of, but=record.id)
    await media.make_public(tx, it.images)
    films = await recordings.show(tx, record.id, it.recordings, of)
    await outbox.append(tx, product_passport(record, films))
    return record
