"""What truth checks find in the demo province: a blocked lot, and one published all the same."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from deploy.demo.client import REGISTRY, Account, Refused
from deploy.demo.fields import LOCAL

FACILITY, PRODUCT, AREA = "htx-rau-luong-xanh", "cai-ngot-hoang-que", "VN-QNOR-0004"
# So many days before the harvest the pesticide was used whose interval is seven.
SPRAYED_BEFORE = 4
EXPLAINED = "Thuốc chỉ phun ở luống đầu bờ, phần thu hoạch cách xa; kèm ảnh nhãn và sơ đồ luống."
OVERRIDE = "Nhãn của chính chai thuốc ghi cách ly 3 ngày; đã xem ảnh nhãn và phiếu kiểm nghiệm."


@dataclass(frozen=True, slots=True)
class Scene:
    """Ids of what the lots are about, and the people: who enters, who may publish all the same."""

    facility: str
    product: str
    area: str
    enters: Account
    overrides: Account
    today: date


async def findings(scene: Scene) -> str:
    """Two lots harvested too early: the first waits, the second is published with a reason."""
    await _sent_in(scene, "CNTT", harvested_days_ago=1)
    second = await _sent_in(scene, "CNLD", harvested_days_ago=2)
    if second["state"] == "submitted":
        path = f"{REGISTRY}/lots/{second['id']}/decisions"
        body = {"decision": "accept", "version": second["version"], "override": OVERRIDE}
        await scene.overrides.post(path, body)
    return str(second["id"])


async def _sent_in(scene: Scene, mark: str, *, harvested_days_ago: int) -> Any:
    harvested = scene.today - timedelta(days=harvested_days_ago)
    body = {
        "facility_id": scene.facility,
        "product_id": scene.product,
        "growing_area_id": scene.area,
        "code": f"{mark}-{harvested:%y%m%d}",
        "quantity": "300",
        "unit": "túi",
        "produced_on": harvested.isoformat(),
        "entries": _diary(harvested),
    }
    lot = await scene.enters.post(f"{REGISTRY}/lots", body, key=f"demo-truth-{mark}")
    record = await scene.enters.get(f"{REGISTRY}/lots/{lot['id']}")
    if record["state"] != "draft":
        return record
    sent = {"version": record["version"], "explanation": EXPLAINED}
    try:
        return await scene.enters.post(f"{REGISTRY}/lots/{lot['id']}/submit", sent)
    except Refused as refused:
        # A run that was broken off had sent it in already.
        if refused.code != "edit_conflict":
            raise
        return await scene.enters.get(f"{REGISTRY}/lots/{lot['id']}")


def _diary(harvested: date) -> list[dict[str, Any]]:
    place = {"place": "Cánh đồng rau Luống Xanh", "place_code": AREA}
    return [
        {
            **place,
            "step": "input",
            "at": _at(harvested - timedelta(days=SPRAYED_BEFORE), 7),
            "kind": "pesticide",
            "name": "Abamectin 1.8EC",
            "active_substance": "Abamectin",
            "dose": "0,4 lít/ha",
            "withdrawal_days": 7,
            "note": "Phun sâu tơ ở các luống đầu bờ.",
        },
        {
            **place,
            "step": "harvesting",
            "at": _at(harvested, 6),
            "quantity": "150",
            "unit": "kg",
            "note": "Cắt sáng sớm, bỏ lá già.",
        },
    ]


def _at(day: date, hour: int) -> str:
    return datetime.combine(day, time(hour), LOCAL).isoformat()
