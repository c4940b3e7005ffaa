"""What stamps hears: facilities, products and lots it issues for, and recalls it must heed."""

from services.stamps.domain.holds import Hold
from services.stamps.store import facts, holds
from shared.access import access_queue
from shared.contracts.recall import NoticePublished
from shared.contracts.registry import (
    FacilityPublished,
    FacilityResumed,
    FacilityStopped,
    LotPublished,
    ProductPublished,
    ProductWithdrawn,
)
from shared.messaging import outbox
from shared.messaging.consumer import Queue, on
from shared.mongo import Tx


async def note_facility(tx: Tx, event: FacilityPublished) -> None:
    await facts.keep_newest(
        tx,
        "facilities",
        event.subject,
        event.version,
        {
            "code": event.code,
            "name": event.name,
            "commune": event.commune,
            "commune_name": event.commune_name,
            "sector": event.sector,
            "status": event.status,
        },
    )


async def hold_facility(tx: Tx, event: FacilityStopped) -> None:
    """A stopped facility's stamps are suspended with it (R7, R43), by one overlay."""
    await _overlay(tx, event.subject, event.version, event.reason, active=True, event=event)


async def release_facility(tx: Tx, event: FacilityResumed) -> None:
    await _overlay(tx, event.subject, event.version, event.reason, active=False, event=event)


async def _overlay(
    tx: Tx,
    facility_id: str,
    source_version: int,
    reason: str,
    *,
    active: bool,
    event: FacilityStopped | FacilityResumed,
) -> None:
    """Set or lift the facility's own hold, unless a later stop or resume came first."""
    hold_id = holds.facility_hold_id(facility_id)
    if await holds.seen_version(tx, hold_id) >= source_version:
        return
    before = await holds.find_one(tx, hold_id)
    hold = Hold(
        id=hold_id,
        scope="facility",
        target=facility_id,
        reason_kind="facility_stopped",
        reason=reason,
        facility_id=facility_id,
        active=active,
        version=before.version + 1 if before else 1,
    )
    if before is None:
        await holds.add(tx, hold)
    else:
        await holds.put(tx, hold)
    await holds.note_version(tx, hold_id, source_version)
    await outbox.append(tx, hold.published(event.time))


async def note_product(tx: Tx, event: ProductPublished) -> None:
    await facts.keep_newest(
        tx,
        "products",
        event.subject,
        event.version,
        {
            "facility_id": event.facility_id,
            "code": event.code,
            "gtin": event.gtin,
            "name": event.name,
            "active": True,
        },
    )


async def withdraw_product(tx: Tx, event: ProductWithdrawn) -> None:
    await facts.keep_newest(
        tx,
        "products",
        event.subject,
        event.version,
        {"facility_id": event.facility_id, "active": False},
    )


async def note_lot(tx: Tx, event: LotPublished) -> None:
    await facts.keep_newest(
        tx,
        "lots",
        event.subject,
        event.version,
        {
            "facility_id": event.facility_id,
            "product_id": event.product_id,
            "code": event.code,
            "quantity": str(event.quantity),
            "unit": event.unit,
            "produced_on": event.produced_on.isoformat(),
            "active": event.status == "active",
        },
    )


async def note_notice(tx: Tx, event: NoticePublished) -> None:
    await facts.keep_newest(
        tx,
        "notices",
        event.subject,
        event.version,
        {
            "kind": event.kind,
            "active": event.active,
            "title": event.title,
            "lots": list(event.lots),
            "products": list(event.products),
            "facilities": list(event.facilities),
        },
    )


QUEUES = (
    access_queue("stamps"),
    Queue(
        "stamps.facts",
        on(FacilityPublished, note_facility),
        on(FacilityStopped, hold_facility),
        on(FacilityResumed, release_facility),
        on(ProductPublished, note_product),
        on(ProductWithdrawn, withdraw_product),
        on(LotPublished, note_lot),
        on(NoticePublished, note_notice),
    ),
)
