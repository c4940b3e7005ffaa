"""Plain builders of the facts that other services tell recall."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from shared.contracts.registry import (
    FacilityPublished,
    LotPublished,
    ProductPublished,
    ShipmentPublished,
    ShippedLot,
)
from shared.contracts.stamps import BatchIssued, Interval, SegmentPublished

AT = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


def facility(
    id_: str, *, commune: str = "07001", sector: str = "agriculture", version: int = 1, **more: Any
) -> FacilityPublished:
    return FacilityPublished(
        subject=id_,
        version=version,
        time=AT,
        code=more.pop("code", id_.upper()),
        name=more.pop("name", f"Hợp tác xã {id_}"),
        address="Thôn 1",
        commune=commune,
        commune_name=f"Phường {commune}",
        sector=sector,
        kinds=("processing",),
        facility_class="certificate",
        **more,
    )


def product(id_: str, facility_id: str, *, version: int = 1, **more: Any) -> ProductPublished:
    return ProductPublished(
        subject=id_,
        version=version,
        time=AT,
        facility_id=facility_id,
        code=more.pop("code", id_.upper()),
        name=more.pop("name", f"Chả mực {id_}"),
        **more,
    )


def lot(
    id_: str,
    facility_id: str = "f1",
    product_id: str = "p1",
    *,
    inputs: tuple[str, ...] = (),
    produced_on: date = date(2026, 10, 1),
    version: int = 1,
    **more: Any,
) -> LotPublished:
    return LotPublished(
        subject=id_,
        version=version,
        time=AT,
        facility_id=facility_id,
        product_id=product_id,
        code=more.pop("code", id_.upper()),
        quantity=more.pop("quantity", Decimal(100)),
        unit=more.pop("unit", "kg"),
        produced_on=produced_on,
        inputs=inputs,
        **more,
    )


def shipment(
    id_: str, lot_id: str, to: str = "f2", *, version: int = 1, **more: Any
) -> ShipmentPublished:
    quantity = more.pop("quantity", Decimal(40))
    received = more.pop("received", None)
    unit = more.pop("unit", "kg")
    return ShipmentPublished(
        subject=id_,
        version=version,
        time=AT,
        code=more.pop("code", id_.upper()),
        kind=more.pop("kind", "transfer"),
        status=more.pop("status", "in_transit"),
        from_facility_id=more.pop("sender", "f1"),
        to_facility_id=to,
        lots=(ShippedLot(lot_id=lot_id, quantity=quantity, unit=unit, received=received),),
        sent_at=AT,
        **more,
    )


def batch(
    number: int, quantity: int, facility_id: str = "f1", product_id: str = "p1"
) -> BatchIssued:
    return BatchIssued(
        subject=str(number),
        version=1,
        time=AT,
        batch=number,
        request_id=f"r{number}",
        facility_id=facility_id,
        product_id=product_id,
        quantity=quantity,
    )


def segment(
    number: int,
    *intervals: tuple[int, int, str, str],
    facility_id: str = "f1",
    product_id: str = "p1",
    index: int = 0,
    version: int = 1,
) -> SegmentPublished:
    return SegmentPublished(
        subject=f"{number}/{index}",
        version=version,
        time=AT,
        batch=number,
        segment=index,
        facility_id=facility_id,
        product_id=product_id,
        intervals=tuple(Interval(*interval) for interval in intervals),
    )
