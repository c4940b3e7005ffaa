"""Passports: approved content as consumers and the other services may know it."""

from collections.abc import Sequence
from typing import TypeVar

from services.registry.domain import recording
from services.registry.domain.accepted import Market
from services.registry.domain.balance import kilograms, season_most
from services.registry.domain.categories import categories
from services.registry.domain.certificates import serves_food_safety
from services.registry.domain.communes import commune_name
from services.registry.domain.examining import Examination, status_with
from services.registry.domain.facility import Facility
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.lot import Lot
from services.registry.domain.product import Product
from services.registry.domain.records import Record, Status
from services.registry.domain.testing import TestResult, lot_status
from services.registry.domain.units import content_kilograms
from services.registry.inputs_used import inputs_used
from services.registry.stages import stages, test_stage, unit_names
from shared.contracts.registry import (
    AcceptedMarket,
    AreaSeason,
    Certificate,
    ChainParty,
    FacilityPublished,
    GrowingAreaPublished,
    LotPublished,
    ProductPublished,
    Recording,
)
from shared.tax_number import is_personal_number

C = TypeVar("C")


def image_address(media_id: str, size: str = "small", kind: str = "webp") -> str:
    """Where a picture is served; below /media/ on the public origin."""
    return f"/media/{media_id}-{size}.{kind}"


def document_address(document_id: str) -> str:
    """Where a scanned document is served on the public origin."""
    return f"/media/documents/{document_id}"


def facility_passport(record: Record[Facility]) -> FacilityPublished:
    """A person's tax number is personal data (Law 91/2025) and stays out of it."""
    it = _published(record)
    return FacilityPublished(
        subject=record.id,
        version=record.version,
        time=record.updated_at,
        code=record.code,
        name=it.name,
        name_en=it.name_en,
        tax_number="" if is_personal_number(it.tax_number) else it.tax_number,
        address=it.address,
        commune=it.commune,
        commune_name=commune_name(it.commune),
        sector=it.sector,
        kinds=it.kinds,
        facility_class=it.facility_class,
        representative=it.representative,
        phone=it.phone,
        gln=it.gln,
        certificates=tuple(
            Certificate(
                kind=c.kind,
                number=c.number,
                issuer=c.issuer,
                issued_on=c.issued_on,
                expires_on=c.expires_on,
                food_safety=serves_food_safety(c.kind, it.facility_class),
                scan=document_address(c.scan) if c.scan and c.publish_scan else "",
                title=c.title,
                scope=c.scope,
                holds_until=c.last_day,
                end_missing=c.end_missing,
            )
            for c in it.certificates
        ),
        status=record.status.value,
        latitude=it.latitude,
        longitude=it.longitude,
        safe_chain=it.in_chain,
        chain=it.chain,
        marks=it.marks,
        codes=it.codes,
        markets=_accepted(it.markets),
    )


def recording_address(one: recording.Recording) -> str:
    """Where a video, sound or document is served on the public origin."""
    return f"/media/recordings/{one.id}.{one.suffix}"


def captions_address(one: recording.Recording) -> str:
    return f"/media/recordings/{one.id}.vtt" if one.captions else ""


def recording_told(one: recording.Recording) -> Recording:
    """As a product's passport tells of it."""
    return Recording(
        kind=one.kind,
        title=one.title,
        description=one.description,
        address=recording_address(one),
        media_type=one.media_type,
        size=one.size,
        seconds=one.seconds,
        poster=image_address(one.poster, kind="jpg") if one.poster else "",
        captions=captions_address(one),
    )


def product_passport(
    record: Record[Product], shown: Sequence[recording.Recording] = ()
) -> ProductPublished:
    """`shown` are the recordings that its content names, in their order."""
    it = _published(record)
    return ProductPublished(
        subject=record.id,
        version=record.version,
        time=record.updated_at,
        facility_id=it.facility_id,
        code=it.gtin or record.code,
        gtin=it.gtin,
        name=it.name,
        name_en=it.name_en,
        brand=it.brand,
        category=categories()[it.category].name,
        description=it.description,
        description_en=it.description_en,
        packaging=it.packaging,
        net_content=it.net_content,
        shelf_life_days=it.shelf_life_days,
        storage=it.storage,
        standards=it.standards,
        ocop_stars=it.ocop_stars,
        key_product=it.key_product,
        image=image_address(it.images[0]) if it.images else "",
        chain=tuple(
            ChainParty(
                role=one.role,
                name=one.name,
                address=one.address,
                code=one.code,
                facility_id=one.facility_id,
            )
            for one in it.chain
        ),
        images=tuple(map(image_address, it.images)),
        recordings=tuple(map(recording_told, shown)),
        origin=it.origin,
        capacity=it.capacity,
        price=it.price,
        content_kilograms=content_kilograms(it.net_content),
    )


def growing_area_passport(record: Record[GrowingArea]) -> GrowingAreaPublished:
    it = _published(record)
    return GrowingAreaPublished(
        subject=record.id,
        version=record.version,
        time=record.updated_at,
        facility_id=it.facility_id,
        code=it.code or record.code,
        name=it.name,
        crop=it.crop,
        commune=it.commune,
        commune_name=commune_name(it.commune),
        area_hectares=it.area_hectares,
        households=it.households,
        kind=it.kind,
        measured_hectares=it.measured_hectares,
        markets=_accepted(it.markets),
        season_kilograms=season_most(it),
        seasons=tuple(
            AreaSeason(name=one.name, starts_on=one.starts_on, ends_on=one.ends_on)
            for one in it.seasons
        ),
    )


def lot_passport(
    record: Record[Lot],
    area: Record[GrowingArea] | None,
    tests: Sequence[TestResult] = (),
    examined: Sequence[Examination] = (),
    net_content: str = "",
) -> LotPublished:
    """`area` is the published growing area that the lot names; its code marks the field stages.
    `net_content` is what one package of its product holds, in words.

    `tests` are all its laboratory results: those decided on become stages, a failed one that nobody
    let pass holds the lot back; `examined` are those of lots that it came from.
    """
    it = _published(record)
    status = record.status.value
    if record.status is Status.ACTIVE:
        status = status_with(lot_status(tests), examined)
    return LotPublished(
        subject=record.id,
        version=record.version,
        time=record.updated_at,
        facility_id=it.facility_id,
        product_id=it.product_id,
        code=it.code,
        quantity=it.quantity,
        unit=it.unit,
        unit_name=unit_names(it.unit)[0],
        unit_name_en=unit_names(it.unit)[1],
        produced_on=it.produced_on,
        expires_on=it.expires_on,
        growing_area_id=it.growing_area_id,
        inputs=it.inputs,
        supplies=it.supplies,
        stages=(
            *stages(it, record.owner, area),
            *(test_stage(one) for one in tests if one.is_shown),
        ),
        status=status,
        kilograms=kilograms(it, net_content),
        used=inputs_used((*it.area_entries, *it.entries)),
    )


def _accepted(markets: Sequence[Market]) -> tuple[AcceptedMarket, ...]:
    return tuple(
        AcceptedMarket(country=one.country, number=one.number, until=one.until) for one in markets
    )


def _published(record: Record[C]) -> C:
    assert record.published is not None  # Passports are made where a record was just published.
    return record.published
