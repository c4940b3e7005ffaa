"""What stamps hears: facilities, products and lots it issues for, and recalls it must heed."""

from datetime import date
from decimal import Decimal

from services.stamps.domain.holds import facility_hold
from services.stamps.log import hearing
from services.stamps.store import facts, holds, units
from shared.access import access_queue
from shared.contracts.identity import AccountPublished, UnitPublished
from shared.contracts.recall import NoticePublished
from shared.contracts.registry import (
    CertificateExpired,
    FacilityPublished,
    FacilityResumed,
    FacilityStopped,
    GrowingAreaPublished,
    LotPublished,
    ProductPublished,
    ProductWithdrawn,
)
from shared.messaging import outbox
from shared.messaging.wiring import Queue, on
from shared.mongo import Tx


async def note_facility(tx: Tx, event: FacilityPublished) -> None:
    content = {
        "code": event.code,
        "name": event.name,
        **facts.search_fields(event.code, event.name, event.version),
        "commune": event.commune,
        "commune_name": event.commune_name,
        "sector": event.sector,
        "papers": [
            {"number": one.number, "until": _day(one.holds_until or one.expires_on)}
            for one in event.certificates
            if one.food_safety
        ],
    }
    active = event.status == "active"
    await facts.note(tx, "facilities", event.subject, event.version, content=content, active=active)


async def note_expired(tx: Tx, event: CertificateExpired) -> None:
    """Counts where the facility's passport told no papers; a newer passport tells them all."""
    if event.food_safety:
        paper = {"number": event.certificate_number, "until": _day(event.expired_on)}
        await facts.note_lapsed(tx, event.subject, paper)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


async def stop_facility(tx: Tx, event: FacilityStopped) -> None:
    """A stopped facility's stamps are suspended with it (R7, R43), by one overlay."""
    await _follow(tx, event, active=False)


async def resume_facility(tx: Tx, event: FacilityResumed) -> None:
    await _follow(tx, event, active=True)


async def _follow(tx: Tx, event: FacilityStopped | FacilityResumed, *, active: bool) -> None:
    await facts.note(tx, "facilities", event.subject, event.version, active=active)
    fresh = facility_hold(event.subject)
    before = await holds.find_one(tx, fresh.id) or fresh
    hold = before.follow(active=not active, reason=event.reason, cause_version=event.version)
    if hold is not before:
        await holds.put(tx, hold)
        await outbox.append(tx, hold.published(event.time))


async def note_product(tx: Tx, event: ProductPublished) -> None:
    content = {
        "facility_id": event.facility_id,
        "code": event.code,
        "gtin": event.gtin,
        "name": event.name,
        "content_kilograms": _amount(event.content_kilograms),
    }
    await facts.note(tx, "products", event.subject, event.version, content=content, active=True)


async def withdraw_product(tx: Tx, event: ProductWithdrawn) -> None:
    await facts.note(tx, "products", event.subject, event.version, active=False)


async def note_lot(tx: Tx, event: LotPublished) -> None:
    content = {
        "facility_id": event.facility_id,
        "product_id": event.product_id,
        "code": event.code,
        "quantity": str(event.quantity),
        "unit": event.unit,
        "produced_on": event.produced_on.isoformat(),
        "growing_area_id": event.growing_area_id,
        "inputs": list(event.inputs),
        "kilograms": _amount(event.kilograms),
    }
    active = event.status == "active"
    await facts.note(tx, "lots", event.subject, event.version, content=content, active=active)


async def note_area(tx: Tx, event: GrowingAreaPublished) -> None:
    content = {
        "facility_id": event.facility_id,
        "code": event.code,
        "name": event.name,
        "season_kilograms": _amount(event.season_kilograms),
        "seasons": [one.model_dump(mode="json") for one in event.seasons],
    }
    await facts.note(tx, "areas", event.subject, event.version, content=content)


def _amount(decimal: Decimal | None) -> str:
    return "" if decimal is None else f"{decimal:f}"


async def note_notice(tx: Tx, event: NoticePublished) -> None:
    content = {
        "kind": event.kind,
        "title": event.title,
        "authority": event.authority,
        "ordered_at": event.ordered_at,
        "lots": list(event.lots),
        "products": list(event.products),
        "facilities": list(event.facilities),
        "batches": list(event.batches),
        "stamps": [one.model_dump() for one in event.stamps],
    }
    await facts.note(
        tx, "notices", event.subject, event.version, content=content, active=event.active
    )


async def note_unit(tx: Tx, event: UnitPublished) -> None:
    """What the authorities' stock is called by."""
    content = {"name": event.name, "tier": event.tier}
    await facts.note(tx, "units", event.subject, event.version, content=content)


async def note_account(tx: Tx, event: AccountPublished) -> None:
    """Whether who sent a request is somebody still; nothing else of the account is kept."""
    active = event.status == "active"
    await facts.note(tx, "accounts", event.subject, event.version, active=active)


QUEUES = (
    access_queue("stamps"),
    Queue(
        "stamps.facts",
        on(FacilityPublished, note_facility),
        on(CertificateExpired, note_expired),
        on(FacilityStopped, stop_facility),
        on(FacilityResumed, resume_facility),
        on(ProductPublished, note_product),
        on(ProductWithdrawn, withdraw_product),
        on(LotPublished, note_lot),
        on(GrowingAreaPublished, note_area),
        on(NoticePublished, note_notice),
    ),
    Queue("stamps.units", on(UnitPublished, note_unit)),
    # Versions are compared, so that it fills itself from the first event when it is new.
    Queue("stamps.unit_areas", on(UnitPublished, units.note_area), claims=False),
    Queue("stamps.unit_successors", on(UnitPublished, units.note_successor), claims=False),
    Queue("stamps.accounts", on(AccountPublished, note_account), claims=False),
    hearing.QUEUE,
)
