"""The acts of the story through the public APIs: entering, checking, stamping, looking up."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from deploy.demo.client import RECALL, REGISTRY, STAMPS, Account, Api, Refused, when_known
from deploy.demo.fields import LOCAL

STAMPS_ASKED = 1_000
PRINT_DEADLINE_SECONDS = 120.0


@dataclass(frozen=True)
class Cast:
    """Who plays: a facility's operator and the officials above it."""

    operator: Account
    checker: Account
    approver: Account
    stamp_officer: Account
    recall_officer: Account
    reporter: Account


async def until(ask: Callable[[], Awaitable[Any]], *, seconds: float = 20.0) -> Any:
    """Ask until the answer is truthy; the last answer, whatever it is, when time is up."""
    deadline = time.monotonic() + seconds
    pause = 0.01
    while True:
        answer = await ask()
        if answer or time.monotonic() > deadline:
            return answer
        await asyncio.sleep(pause)
        pause = min(pause * 1.4, 0.25)


# ---- registry ---------------------------------------------------------------------------------


async def enter_product(who: Account, name: str, picture: bytes, gtin: str) -> Any:
    """A product with its picture, handed to the checkers."""
    uploaded = await who.post(
        f"{REGISTRY}/media", files={"file": ("na-dai.jpg", picture, "image/jpeg")}
    )
    body = {
        "name": name,
        "name_en": "Đông Triều custard apple, new packing",
        "category": "custard-apple",
        "gtin": gtin,
        "brand": "Đồi Nắng",
        "description": "Na dai vỏ mỏng, thịt dai và ngọt, bao trái từ khi bằng nắm tay trẻ nhỏ.",
        "description_en": "Thin-skinned custard apples, bagged on the tree.",
        "origin": "Phường An Sinh, tỉnh Quảng Ninh",
        "packaging": "Hộp giấy 1 kg, lót xốp lưới",
        "net_content": "1 kg",
        "price": 75_000,
        "shelf_life_days": 10,
        "storage": "Nơi thoáng mát, tránh nắng",
        "standards": ["VietGAP trồng trọt (TCVN 11892-1:2017)", "TCCS 02/DN"],
        "images": [uploaded["id"]],
    }
    return await who.post(f"{REGISTRY}/products", body, key=f"story-{uuid4()}")


async def submit(who: Account, kind: str, record: Any) -> Any:
    path = f"{REGISTRY}/{kind}/{record['id']}/submit"
    return await who.post(path, {"version": record["version"]})


async def decide(who: Account, kind: str, record: Any, decision: str, reason: str = "") -> Any:
    """accept, publish or reject."""
    body = {"version": record["version"], "decision": decision, "reason": reason}
    return await who.post(f"{REGISTRY}/{kind}/{record['id']}/decisions", body)


@dataclass(frozen=True)
class Season:
    """The days of a lot's diary, counted back from today, so that it lies in the past."""

    today: date

    def at(self, days_ago: int, hour: int) -> str:
        day = self.today - timedelta(days=days_ago)
        moment = datetime(day.year, day.month, day.day, hour, 30, tzinfo=LOCAL)
        return moment.isoformat()

    @property
    def harvested(self) -> date:
        return self.today - timedelta(days=2)


def diary(season: Season, place: str, code: str, *, harvested_days_ago: int = 2) -> list[Any]:
    """Planting, an input with a withdrawal interval of seven days, harvest, packing."""
    common = {"place": place, "place_code": code}
    return [
        {
            **common,
            "step": "planting",
            "at": season.at(400, 8),
            "material": "Cây na dai ghép hai năm tuổi",
            "note": "Trồng dặm hàng bốn, khoảng cách ba mét.",
        },
        {
            **common,
            "step": "input",
            "at": season.at(12, 6),
            "kind": "pesticide",
            "name": "Chế phẩm trừ rệp sáp",
            "active_substance": "Buprofezin 25 %",
            "dose": "1,2 kg/ha",
            "withdrawal_days": 7,
            "note": "Phun tán lá buổi sáng, trời lặng gió.",
        },
        {
            **common,
            "step": "harvesting",
            "at": season.at(harvested_days_ago, 6),
            "quantity": "650",
            "unit": "kg",
            "note": "Hái khi mắt na mở trắng kẽ.",
        },
        {
            "step": "packing",
            "at": season.at(2, 14),
            "place": "Nhà sơ chế hợp tác xã",
            "method": "Hộp giấy 1 kg, lót xốp lưới, dán tem từng hộp",
            "quantity": "650",
            "unit": "hộp",
        },
    ]


async def enter_lot(who: Account, product_id: str, code: str, **more: Any) -> Any:
    """A lot's draft, without a diary unless `entries` are given."""
    body = {"product_id": product_id, "code": code, "quantity": "650", "unit": "hộp", **more}
    return await who.post(f"{REGISTRY}/lots", body, key=f"story-{uuid4()}")


async def write_diary(who: Account, lot: Any, entries: list[Any]) -> Any:
    """Entry by entry, as it would be done on a phone in the field."""
    for entry in entries:
        lot = await who.post(f"{REGISTRY}/lots/{lot['id']}/entries", entry, key=f"story-{uuid4()}")
    return lot


async def edit_lot(who: Account, lot: Any, entries: list[Any]) -> Any:
    """The same draft with another diary."""
    same = ("product_id", "code", "quantity", "unit", "produced_on", "growing_area_id")
    record = await who.get(f"{REGISTRY}/lots/{lot['id']}")
    body = {name: record["draft"][name] for name in same}
    body |= {"quantity": str(body["quantity"]), "version": record["version"], "entries": entries}
    return await who.put(f"{REGISTRY}/lots/{lot['id']}", body)


async def check_lot(cast: Cast, lot: Any) -> Any:
    """Submitted by the facility, checked and thereby published by the ward."""
    lot = await submit(cast.operator, "lots", lot)
    return await decide(cast.checker, "lots", lot, "accept")


# ---- stamps -----------------------------------------------------------------------------------


async def ask_for_stamps(who: Account, product_id: str, quantity: int) -> Any:
    body = {"product_id": product_id, "quantity": quantity, "purpose": "Tem cho vụ na này"}
    key = f"story-{uuid4()}"
    # The news that the product is published may still be on its way to stamps.
    return await when_known(
        lambda: who.post(f"{STAMPS}/requests", body, key=key),
        ("not_found", "product_not_published"),
    )


async def approve_stamps(who: Account, request: Any) -> int:
    """The number of the batch that comes of it."""
    path = f"{STAMPS}/requests/{request['id']}/decision"
    decided = await who.post(path, {"decision": "approve"}, key=f"story-{uuid4()}")
    return int(decided["batch"])


async def sheets(who: Account, batch: int, size: str, first: int, last: int) -> bytes:
    """The print-ready PDF of serials first…last."""
    body = {"size": size, "first": first, "last": last}
    job = await who.post(f"{STAMPS}/batches/{batch}/print-jobs", body, key=f"story-{uuid4()}")
    path = f"{STAMPS}/print-jobs/{job['id']}"

    async def finished() -> Any:
        found = await who.get(path)
        return found if found["state"] in ("done", "failed") else None

    found = await until(finished, seconds=PRINT_DEADLINE_SECONDS)
    if not found or found["state"] != "done":
        raise Refused(path, 0, "print_failed", f"the print job came to {found}")
    made: bytes = await who.get(f"{path}/file", headers={"Accept": "application/pdf"})
    return made


async def activate(who: Account, batch: int, first: int, last: int, lot_id: str) -> Any:
    body = {"first": first, "last": last, "lot_id": lot_id}
    path = f"{STAMPS}/batches/{batch}/activations"
    return await when_known(lambda: who.post(path, body), ("lot_not_usable",))


async def codes(who: Account, batch: int, first: int, last: int) -> list[str]:
    found = await who.get(f"{STAMPS}/batches/{batch}/codes?first={first}&last={last}")
    return [str(code) for code in found["codes"]]


# ---- scan -------------------------------------------------------------------------------------


async def verdict(api: Api, code: str, *, base: str = "", commune: str = "") -> Any:
    """The JSON verdict, through the public origin or from a replica's own address."""
    query = f"?commune={commune}" if commune else ""
    return await api.call("GET", f"{base}/v1/verdicts/{code}{query}")


async def page(api: Api, code: str, *, base: str = "", lang: str = "vi") -> str:
    """The page a phone's camera opens; with what it costs to be told JSON by the same address."""
    headers = {"Accept": "text/html", "Accept-Language": lang}
    return (await api.send("GET", f"{base}/{code}", headers=headers)).text


async def until_verdict(
    api: Api, code: str, wanted: str, *, base: str = "", seconds: float = 10.0
) -> Any:
    """The first verdict that is the wanted one, or the last one when time is up."""
    last: Any = None

    async def asked() -> Any:
        nonlocal last
        last = await verdict(api, code, base=base)
        return last if last["verdict"] == wanted else None

    return await until(asked, seconds=seconds) or last


# ---- recall -----------------------------------------------------------------------------------


async def preview(who: Account, lot_id: str) -> Any:
    return await who.post(f"{RECALL}/previews", {"target_kind": "lot", "target": lot_id})


async def until_radius(who: Account, lot_id: str, derived: str, communes: set[str]) -> Any:
    """The blast radius once it holds the derived lot and the places of the scans."""
    last: Any = None

    async def known() -> Any:
        nonlocal last
        last = await preview(who, lot_id)
        lots = {lot["id"] for lot in last["lots"]}
        places = {place["commune"] for place in last["scan_places"]}
        return last if derived in lots and communes <= places else None

    return await until(known, seconds=10.0) or last


async def order_recall(who: Account, lot_id: str) -> Any:
    body = {
        "target_kind": "lot",
        "target": lot_id,
        "kind": "recall",
        "reason": "Mẫu kiểm nghiệm có dư lượng Buprofezin vượt mức cho phép.",
        "reason_en": "A sample holds more buprofezin than allowed.",
        "instruction": "Không ăn, không bán. Mang trả nơi mua hoặc gọi cơ sở theo số trên tem.",
        "instruction_en": "Do not eat or sell it. Return it to where you bought it.",
        "reason_zh": "样品中噻嗪酮（buprofezin）残留超标。",
        "instruction_zh": "请勿食用或销售。请退回购买处。",
    }
    return await who.post(f"{RECALL}/recalls", body, key=f"story-{uuid4()}")


async def until_everywhere(who: Account, case_id: str, *, seconds: float = 15.0) -> Any:
    """The case once every living replica has receipted the order; as it stands when time is up."""
    last: Any = None

    async def arrived() -> Any:
        nonlocal last
        last = await who.get(f"{RECALL}/recalls/{case_id}")
        ordered = [one for one in last["propagation"] if one["act"] == "ordered"]
        return last if ordered and all(one["complete"] for one in ordered) else None

    return await until(arrived, seconds=seconds) or last
