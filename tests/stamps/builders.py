"""Plain events as registry and recall tell them, right in every field."""

from datetime import date
from decimal import Decimal
from typing import Any

from shared.contracts.recall import NoticePublished
from shared.contracts.registry import (
    AreaSeason,
    FacilityPublished,
    FacilityResumed,
    FacilityStopped,
    GrowingAreaPublished,
    LotPublished,
    ProductPublished,
    ProductWithdrawn,
)
from shared.ids import new_id, now

COMMUNE = "07090"  # phường An Sinh
OTHER_COMMUNE = "06685"  # phường Hồng Gai


def facility(facility_id: str | None = None, version: int = 1, **changes: Any) -> FacilityPublished:
    fields: dict[str, Any] = {
        "code": "CS-000001",
        "name": "Hợp tác xã Cây ăn quả Đồi Nắng",
        "address": "Thôn Đồi Nắng, phường An Sinh",
        "commune": COMMUNE,
        "commune_name": "phường An Sinh",
        "sector": "agriculture",
        "kinds": ("grower", "packing"),
        "facility_class": "certificate",
        **changes,
    }
    return FacilityPublished(subject=facility_id or new_id(), version=version, time=now(), **fields)


def stopped(facility_id: str, version: int, reason: str = "Mất chứng nhận") -> FacilityStopped:
    return FacilityStopped(subject=facility_id, version=version, time=now(), reason=reason)


def resumed(facility_id: str, version: int) -> FacilityResumed:
    return FacilityResumed(subject=facility_id, version=version, time=now(), reason="Đã khắc phục")


def product(facility_id: str, product_id: str | None = None, **changes: Any) -> ProductPublished:
    fields: dict[str, Any] = {
        "version": 1,
        "code": "SP-000001",
        "name": "Na dai Đông Triều",
        "facility_id": facility_id,
        **changes,
    }
    return ProductPublished(subject=product_id or new_id(), time=now(), **fields)


def withdrawn(product_id: str, facility_id: str, version: int = 2) -> ProductWithdrawn:
    return ProductWithdrawn(
        subject=product_id,
        version=version,
        time=now(),
        facility_id=facility_id,
        reason="Ngừng sản xuất",
    )


def lot(facility_id: str, product_id: str, **changes: Any) -> LotPublished:
    fields: dict[str, Any] = {
        "subject": new_id(),
        "version": 1,
        "code": f"NA-{new_id()[-6:]}",
        "quantity": Decimal("1200"),
        "unit": "kg",
        "produced_on": date(2026, 8, 20),
        "facility_id": facility_id,
        "product_id": product_id,
        **changes,
    }
    return LotPublished(time=now(), **fields)


def notice(subject: str = "", version: int = 1, **changes: Any) -> NoticePublished:
    fields: dict[str, Any] = {
        "case_id": new_id(),
        "part": 1,
        "kind": "recall",
        "active": True,
        "title": "Thu hồi na dai",
        "reason": "Dư lượng thuốc bảo vệ thực vật",
        "instruction": "Không sử dụng, trả lại nơi bán",
        "ordered_at": now(),
        "authority": "Sở Nông nghiệp và Môi trường",
        **changes,
    }
    return NoticePublished(
        subject=subject or f"{fields['case_id']}/1", version=version, time=now(), **fields
    )


def area(facility_id: str, area_id: str | None = None, **changes: Any) -> GrowingAreaPublished:
    """Of custard apples, with a season that holds the day of `lot`."""
    fields: dict[str, Any] = {
        "version": 1,
        "facility_id": facility_id,
        "code": "VN-QNOR-0017",
        "name": "Vùng na Đồi Nắng",
        "crop": "na",
        "commune": COMMUNE,
        "commune_name": "phường An Sinh",
        "area_hectares": Decimal("2"),
        "season_kilograms": Decimal("32000"),
        "seasons": (
            AreaSeason(name="Vụ hè", starts_on=date(2026, 5, 1), ends_on=date(2026, 9, 30)),
        ),
        **changes,
    }
    return GrowingAreaPublished(subject=area_id or new_id(), time=now(), **fields)
