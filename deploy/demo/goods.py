"""Goods on their way: results of laboratories, a split, and shipments with their positions.

A few examples on lots of the demo province, by the same public ways as everything else: what a
transporter does goes by the transporter's own page.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from deploy.demo.client import REGISTRY, Account, Api, Refused
from deploy.demo.fields import LOCAL

GOODS: Final = "goods"


@dataclass(frozen=True, slots=True)
class Test:
    """A laboratory's result; what failed waits for the officials."""

    lot: str
    parameter: str
    method: str
    value: str
    unit: str
    limit: str
    passed: bool = True


@dataclass(frozen=True, slots=True)
class Trip:
    """A shipment between two facilities; `way` are places with coordinates and a temperature."""

    lot: str
    receiver: str
    quantity: str
    unit: str
    carrier: str
    vehicle: str
    way: tuple[tuple[str, float, float, str], ...]
    arrived: bool


TESTS: Final = (
    Test("muc-co-to-a", "Chì (Pb)", "AOAC 2015.01", "0,04", "mg/kg", "0,3"),
    Test("sa-sung-tuoi-a", "Salmonella", "TCVN 10780-1:2017", "không phát hiện", "/25 g", "0"),
    Test("cu-cai-tuoi-a", "Dư lượng Chlorpyrifos", "EN 15662:2018", "0,005", "mg/kg", "0,01"),
    Test("ngan-1", "Cadimi (Cd)", "AOAC 2015.01", "2,4", "mg/kg", "2,0", False),
)
SPLITS: Final = (("cu-cai-tuoi-b", "2000", ("1100", "900"), "kg"),)
TRIPS: Final = (
    Trip(
        "sa-sung-tuoi-b",
        "cty-buom-nau",
        "8",
        "kg",
        "Hợp tác xã vận tải Vân Đồn",
        "14C-128.36",
        (
            ("Bến Cái Rồng", 21.064, 107.422, "3.5"),
            ("Cửa Ông", 21.026, 107.352, "3.8"),
            ("Cẩm Phả", 21.012, 107.273, "4.1"),
            ("Hà Tu", 20.957, 107.139, "4.0"),
        ),
        arrived=True,
    ),
    Trip(
        "cu-cai-tuoi-b",
        "cty-bep-truc",
        "800",
        "kg",
        "Hợp tác xã vận tải Đầm Hà",
        "14C-207.51",
        (
            ("Đầm Hà", 21.350, 107.595, ""),
            ("Tiên Yên", 21.332, 107.402, ""),
            ("Ba Chẽ", 21.271, 107.280, ""),
        ),
        arrived=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Hands:
    """Who does it: by a facility's key its operator, its checker, and its code; lots by key.

    `picture`: how the goods of a lot look.
    """

    api: Api
    lot: Callable[[str], str]
    owner_of: Callable[[str], str]
    operator: Callable[[str], Account]
    checker: Callable[[str], Account]
    picture: Callable[[str], bytes]
    now: datetime


async def test_lots(hands: Hands) -> None:
    """Results a week old; those that passed are approved."""
    day = (hands.now - timedelta(days=1)).astimezone(LOCAL).date().isoformat()
    for one in TESTS:
        facility = hands.owner_of(one.lot)
        body = {
            "sample": f"M-{one.lot[:12].upper()}",
            "sampled_on": day,
            "reported_on": day,
            "laboratory": "Trung tâm Kiểm nghiệm Nông sản Quảng Ninh (ví dụ)",
            "accreditation": "VILAS (ví dụ)",
            "parameter": one.parameter,
            "method": one.method,
            "value": one.value,
            "unit": one.unit,
            "limit": one.limit,
            "verdict": "passed" if one.passed else "failed",
        }
        path = f"{REGISTRY}/lots/{hands.lot(one.lot)}/tests"
        result = await hands.operator(facility).post(path, body, key=f"demo-test-{one.lot}")
        if one.passed and result["decision"] == "waiting":
            decided = f"{REGISTRY}/tests/{result['id']}/decisions"
            await hands.checker(facility).post(decided, {"decision": "approved"})


async def split_lots(hands: Hands) -> None:
    """A part of a lot packed as two smaller ones, which are drafts until they are checked."""
    for lot, quantity, parts, unit in SPLITS:
        body = {
            "kind": "split",
            "at": (hands.now - timedelta(hours=9)).isoformat(),
            "place": "Nhà sơ chế của cơ sở",
            "given": [{"lot": hands.lot(lot), "quantity": quantity, "unit": unit}],
            "made": [
                {"code": f"CCT-P{number}", "quantity": part, "unit": unit}
                for number, part in enumerate(parts, start=1)
            ],
        }
        operator = hands.operator(hands.owner_of(lot))
        await operator.post(f"{REGISTRY}/transformations", body, key=f"demo-split-{lot}")


async def send_goods(hands: Hands, codes: dict[str, str]) -> None:
    """Each trip with its positions; `codes` by facility key."""
    for trip in TRIPS:
        sender = hands.operator(hands.owner_of(trip.lot))
        lines = [{"lot": hands.lot(trip.lot), "quantity": trip.quantity, "unit": trip.unit}]
        body = {
            "end": "transfer",
            "place": trip.way[0][0],
            "receiver": codes[trip.receiver],
            "lines": lines,
            "carrier": trip.carrier,
            "vehicle": trip.vehicle,
        }
        path = f"{REGISTRY}/shipments"
        shipment = await sender.post(path, body, key=f"demo-trip-{trip.lot}")
        if shipment["status"] != "planned":
            continue
        link = await sender.post(f"{path}/{shipment['id']}/link", {"open": True})
        await _drive(hands, trip, link["address"])
        if trip.arrived:
            receipt = {"id": _id(trip, "receipt"), "at": hands.now.isoformat()}
            receiver = hands.operator(trip.receiver)
            await receiver.post(f"{path}/{shipment['id']}/receive", receipt)


async def _drive(hands: Hands, trip: Trip, address: str) -> None:
    """What the driver's telephone sends, an hour apart, the last of it just now."""
    link = address[address.index("/transport/") :]
    hours = len(trip.way)
    for number, (place, latitude, longitude, temperature) in enumerate(trip.way):
        at = hands.now - timedelta(hours=hours - number)
        report: dict[str, Any] = {
            "id": _id(trip, str(number)),
            "at": at.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M"),
            "place": place,
            # As telephones write them: three digits after a point might be thousands.
            "latitude": f"{latitude:.4f}",
            "longitude": f"{longitude:.4f}",
            "temperature": temperature,
        }
        await _press(hands.api, link, "position" if number else "pick-up", report)
    if trip.arrived:
        over = {"id": _id(trip, "over"), "name": "Phạm Thu Hà"}
        await _press(hands.api, link, "hand-over", over, photo=hands.picture(trip.lot))


async def _press(
    api: Api, link: str, act: str, fields: dict[str, Any], photo: bytes | None = None
) -> None:
    page = await api.send("GET", link)
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    data = {**fields, "csrf": token.group(1) if token else ""}
    files = {"photo": ("giao-hang.jpg", photo, "image/jpeg")} if photo is not None else None
    answer = await api.send("POST", f"{link}/{act}", data=data, files=files, repeatable=True)
    if answer.status_code >= 400:
        raise Refused(
            f"POST /transport/…/{act}", answer.status_code, "transport", answer.text[:200]
        )


def _id(trip: Trip, what: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"demo/{trip.lot}/{what}"))
