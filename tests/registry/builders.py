"""Plain bodies of requests, right in every field; tests change what they are about."""

from io import BytesIO
from typing import Any

from PIL import Image

from services.registry.domain.catalogues import Catalogue, seed
from shared.gs1 import check_digit

# What the program offers before any department adds to it.
UNITS = tuple(seed(Catalogue.UNITS))
COMMUNE = "07090"  # phường An Sinh
OTHER_COMMUNE = "06685"  # phường Hồng Gai


def gtin(number: int) -> str:
    """A GTIN-13 from the prefix that GS1 keeps for examples."""
    digits = f"952{number:09d}"
    return digits + check_digit(digits)


def facility(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Hợp tác xã Cây ăn quả Đồi Nắng",
        "name_en": "Sunny Hill Cooperative",
        "form": "cooperative",
        "facility_class": "certificate",
        "sector": "agriculture",
        "kinds": ["grower", "packing"],
        "commune": COMMUNE,
        "address": "Thôn Đồi Nắng, phường An Sinh",
        "representative": "Nguyễn Văn Khởi",
        "phone": "0203 000 1007",
        "tax_number": "0100233488",
        "registration_number": "0100233488",
        "registration_date": "2017-04-18",
        "certificates": [
            {
                "kind": "attp",
                "number": "0014/2024/NNMT-QN",
                "issuer": "Chi cục Chất lượng Quảng Ninh",
                "issued_on": "2024-03-01",
                "expires_on": "2027-03-01",
            }
        ],
        **changes,
    }


def product(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Na dai Đông Triều",
        "name_en": "Đông Triều custard apple",
        "category": "custard-apple",
        "brand": "Đồi Nắng",
        "packaging": "Hộp giấy 2 kg",
        "net_content": "2 kg",
        "shelf_life_days": 6,
        "storage": "Nơi thoáng mát",
        "standards": ["VietGAP trồng trọt"],
        "ocop_stars": 4,
        "key_product": True,
        "description": "Na dai trồng trên đất đồi An Sinh.",
        **changes,
    }


def growing_area(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Vùng trồng na Đồi Nắng",
        "crop": "Na dai",
        "commune": COMMUNE,
        "area_hectares": "38.5",
        "households": 42,
        **changes,
    }


def lot(product: str, **changes: Any) -> dict[str, Any]:
    return {
        "product_id": product,
        "code": "NA-2026-001",
        "quantity": "1200",
        "unit": "kg",
        "produced_on": "2026-08-20",
        **changes,
    }


def entry(step: str, day: str, **more: Any) -> dict[str, Any]:
    return {"step": step, "at": f"{day}T08:00:00+07:00", "place": "Đồi Nắng, An Sinh", **more}


def pesticide(day: str, withdrawal_days: int = 14) -> dict[str, Any]:
    return entry(
        "input",
        day,
        kind="pesticide",
        name="Abamectin 1.8EC",
        active_substance="Abamectin",
        dose="0,5 lít/ha",
        withdrawal_days=withdrawal_days,
    )


def laboratory(verdict: str = "passed", **changes: Any) -> dict[str, Any]:
    """A laboratory result."""
    return {
        "sample": "M-2026-081",
        "sampled_on": "2026-08-20",
        "laboratory": "Trung tâm Kiểm nghiệm Quảng Ninh",
        "parameter": "Dư lượng Abamectin",
        "method": "LC-MS/MS",
        "value": "0,004",
        "unit": "mg/kg",
        "limit": "0,01",
        "verdict": verdict,
        **changes,
    }


def diary() -> list[dict[str, Any]]:
    """From planting to packing, the withdrawal interval well over."""
    return [
        entry("planting", "2026-02-10", material="Na dai ghép"),
        pesticide("2026-07-01"),
        entry("harvesting", "2026-08-20", quantity="1200", unit="kg"),
        entry("packing", "2026-08-20", method="Hộp giấy 2 kg"),
    ]


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 600), **options: Any) -> bytes:
    out = BytesIO()
    Image.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 20).convert("RGB").save(out, kind, **options)
    return out.getvalue()
