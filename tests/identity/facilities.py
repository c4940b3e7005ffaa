"""Facilities as registry tells of them."""

from typing import Any

from shared.contracts.registry import FacilityPublished, FacilityResumed, FacilityStopped
from shared.ids import now


def published(facility_id: str, version: int = 1, **changes: Any) -> FacilityPublished:
    """A cooperative of Tiên Yên, as registry would publish it."""
    facts: dict[str, Any] = {
        "code": "VN-22-000123",
        "name": "Hợp tác xã gà Tiên Yên Phong Dụ",
        "address": "Thôn Đồng Đình, xã Tiên Yên",
        "commune": "06862",
        "commune_name": "Xã Tiên Yên",
        "sector": "agriculture",
        "kinds": ("livestock",),
        "facility_class": "certificate",
        **changes,
    }
    return FacilityPublished(subject=facility_id, version=version, time=now(), **facts)


def stopped(facility_id: str, version: int) -> FacilityStopped:
    return FacilityStopped(
        subject=facility_id, version=version, time=now(), reason="Tạm nghỉ sản xuất"
    )


def resumed(facility_id: str, version: int) -> FacilityResumed:
    return FacilityResumed(subject=facility_id, version=version, time=now())
