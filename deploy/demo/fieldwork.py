"""What happens on the land and in the store: diaries of areas with labels, goods in hand.

A few examples, by the same public ways as everything else, once everything else is there: lots that
are published do not change by it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from deploy.demo.client import REGISTRY
from deploy.demo.drawing import leaflet
from deploy.demo.fields import LOCAL
from deploy.demo.goods import Hands

FIELDWORK: Final = "fieldwork"


@dataclass(frozen=True, slots=True)
class Day:
    """One entry of an area's diary. `wait` in days; with one, the label was photographed."""

    days_ago: int
    at: time
    step: str
    place: str
    note: str = ""
    kind: str = ""
    name: str = ""
    substance: str = ""
    dose: str = ""
    wait: int | None = None
    material: str = ""
    quantity: str = ""
    unit: str = ""

    @property
    def key(self) -> str:
        return f"demo-{self.days_ago}"


@dataclass(frozen=True, slots=True)
class Kept:
    """What whoever has goods does with them; without `lot_facility` they are its own."""

    holder: str
    lot: str
    work: str
    hours_ago: int
    place: str
    note: str
    temperature: str = ""
    quantity: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Bought:
    """Goods that a shop says it received."""

    shop: str
    lot: str
    quantity: str
    unit: str
    place: str


DIARIES: Final[dict[str, tuple[Day, ...]]] = {
    "VN-QNOR-0008": (
        Day(
            64, time(6, 40), "input", "Vườn ổi Sơn Dương, lô 1–4",
            "Bón quanh gốc, lấp đất, tưới ẩm.", "fertiliser", "Phân hữu cơ vi sinh",
            dose="5 kg/gốc", quantity="2700", unit="kg",
        ),
        Day(
            47, time(7, 10), "input", "Vườn ổi Sơn Dương, lô 2",
            "Sâu đục ngọn ở lứa lá non.", "pesticide", "Bacillus thuringiensis WP",
            "Bacillus thuringiensis", "1 kg/ha", 3, quantity="4", unit="kg",
        ),
        Day(
            31, time(6, 30), "input", "Vườn ổi Sơn Dương, lô 1–4",
            "Bón thúc nuôi quả.", "fertiliser", "Phân NPK 16-16-8",
            "N, P₂O₅, K₂O", "0,3 kg/gốc", quantity="160", unit="kg",
        ),
        Day(
            23, time(16, 20), "input", "Vườn ổi Sơn Dương, lô 3",
            "Bọ trĩ; chỉ phun hàng giáp bờ ao.", "pesticide", "Emamectin benzoate 5WG",
            "Emamectin benzoate", "0,2 kg/ha", 7, quantity="0.5", unit="kg",
        ),
    ),
    "VN-QNAQ-0001": (
        Day(
            210, time(7, 0), "stocking", "Bè 1–12, Đảo Gió",
            "Thả giống cỡ 2 cm trên dây, kiểm đếm cùng bên giao.",
            material="Hàu giống Thái Bình Dương", quantity="1800000", unit="con",
        ),
        Day(
            96, time(8, 0), "stocking", "Bè 13–16, Đảo Gió",
            "San thưa dây, thả bổ sung.", material="Hàu giống Thái Bình Dương",
            quantity="320000", unit="con",
        ),
    ),
}  # fmt: skip
BOUGHT: Final = (
    Bought("cua-hang-goc-bep", "oi-1", "40", "túi", "Cửa hàng Góc Bếp Mỏ"),
    Bought("cty-sieu-thi-song-xanh", "thanh-long-1", "15", "thùng", "Kho siêu thị Sóng Xanh"),
)
KEPT: Final = (
    Kept(
        "cua-hang-goc-bep", "oi-1", "examining", 20, "Quầy nhận hàng",
        "Đủ 40 túi, quả cứng, tem còn nguyên.",
    ),
    Kept("cua-hang-goc-bep", "oi-1", "displaying", 18, "Quầy rau quả số 2", "Bày 25 túi.", "18",
         "25", "túi"),
    Kept("cty-sieu-thi-song-xanh", "thanh-long-1", "storing", 26, "Kho mát tầng hầm", "", "10.5"),
    Kept("cty-sieu-thi-song-xanh", "thanh-long-1", "sorting", 22, "Phòng sơ chế",
         "Chia về quầy tươi và quầy quà.", "", "15", "thùng"),
    Kept("cty-buom-nau", "sa-sung-tuoi-b", "storing", 0, "Kho lạnh 2", "Nhập kho ngay khi nhận.",
         "3.2"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Places:
    """Ids by the keys of the data files."""

    area: Callable[[str], str]
    facility: Callable[[str], str]
    facility_of_area: Callable[[str], str]


async def work(hands: Hands, places: Places) -> None:
    """Diaries first, then what was bought and what was done with it."""
    for code, days in DIARIES.items():
        for day in days:
            await _written(hands, places, code, day)
    for bought in BOUGHT:
        body = {
            "lot": hands.lot(bought.lot),
            "quantity": bought.quantity,
            "unit": bought.unit,
            "at": (hands.now - timedelta(hours=27)).isoformat(),
            "place": bought.place,
        }
        buyer = hands.operator(bought.shop)
        await buyer.post(f"{REGISTRY}/receipts", _of(places, bought.shop, body), key=_key(bought))
    for kept in KEPT:
        body = {
            "lot": hands.lot(kept.lot),
            "work": kept.work,
            "at": (hands.now - timedelta(hours=kept.hours_ago)).isoformat(),
            "place": kept.place,
            "note": kept.note,
            **({"temperature": kept.temperature} if kept.temperature else {}),
            **({"quantity": kept.quantity, "unit": kept.unit} if kept.quantity else {}),
        }
        holder = hands.operator(kept.holder)
        key = f"demo-kept-{kept.holder}-{kept.work}"
        await holder.post(f"{REGISTRY}/keepings", _of(places, kept.holder, body), key=key)


async def _written(hands: Hands, places: Places, code: str, day: Day) -> None:
    facility = places.facility_of_area(code)
    writes = hands.operator(facility)
    path = f"{REGISTRY}/growing-areas/{places.area(code)}"
    diary = await writes.get(f"{path}/diary")
    if any(entry["id"] == day.key for entry in diary["entries"]):
        return
    at = datetime.combine(hands.now.date() - timedelta(days=day.days_ago), day.at, LOCAL)
    body: dict[str, Any] = {
        "id": day.key,
        "step": day.step,
        "at": at.isoformat(),
        "place": day.place,
        "note": day.note,
        "kind": day.kind,
        "name": day.name,
        "active_substance": day.substance,
        "dose": day.dose,
        "material": day.material,
        "quantity": day.quantity,
        "unit": day.unit,
    }
    if day.wait is not None:
        picture = await writes.post(
            f"{REGISTRY}/media",
            key=f"demo-label-{code}-{day.key}",
            files={"file": ("nhan.jpg", _label(day), "image/jpeg")},
            data={"facility_id": places.facility(facility)},
        )
        body |= {"withdrawal_days": day.wait, "labels": [picture["id"]], "label_confirmed": True}
    await writes.post(f"{path}/entries", {k: v for k, v in body.items() if v != ""})


def _label(day: Day) -> bytes:
    return leaflet.label(day.name, day.substance, day.dose, day.wait or 0)


def _of(places: Places, key: str, body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "facility_id": places.facility(key)}


def _key(bought: Bought) -> str:
    return f"demo-bought-{bought.shop}-{bought.lot}"
