"""Not one unapproved word reaches a passport or a public page."""

from decimal import Decimal
from typing import Any

import pytest

from shared.contracts.event import from_envelope
from shared.contracts.registry import (
    FacilityPublished,
    GrowingAreaPublished,
    LotPublished,
    ProductPublished,
)
from tests.answers import ok
from tests.registry import builders
from tests.registry.conftest import Registry

# A change of every field that can be entered; the tests below fail where one is missing.
FACILITY = {
    "name": "TÊN CHƯA DUYỆT",
    "name_en": "UNAPPROVED NAME",
    "form": "enterprise",
    "facility_class": "commitment",
    "sector": "health",
    "kinds": ["market"],
    "commune": builders.OTHER_COMMUNE,
    "address": "ĐỊA CHỈ CHƯA DUYỆT",
    "latitude": 21.5,
    "longitude": 107.9,
    "representative": "NGƯỜI CHƯA DUYỆT",
    "phone": "0999 999 999",
    "email": "chuaduyet@example.vn",
    "tax_number": "0314409058",
    "registration_number": "CHƯA DUYỆT 1",
    "registration_date": "2020-02-02",
    "gln": "9520101900012",
    "plant_code": "VNQNPH-0999",
    "more_codes": ["VNQNPH-0998"],
    "markets": [{"country": "CL", "number": "SỐ NƯỚC CHƯA DUYỆT", "until": "2034-04-04"}],
    "safe_chain": True,
    "chain": "CHUỖI CHƯA DUYỆT",
    "marks": ["ocop", "processed"],
    "description": "GIỚI THIỆU CHƯA DUYỆT",
    "description_en": "UNAPPROVED ABOUT",
    "certificates": [
        {
            "kind": "halal",
            "number": "SỐ CHƯA DUYỆT",
            "issuer": "NƠI CHƯA DUYỆT",
            "issued_on": "2025-05-05",
            "expires_on": "2031-05-05",
        }
    ],
}
PRODUCT = {
    "name": "SẢN PHẨM CHƯA DUYỆT",
    "name_en": "UNAPPROVED PRODUCT",
    "category": "lychee",
    "gtin": builders.gtin(987654321),
    "brand": "NHÃN CHƯA DUYỆT",
    "description": "MÔ TẢ CHƯA DUYỆT",
    "description_en": "UNAPPROVED TEXT",
    "origin": "XUẤT XỨ CHƯA DUYỆT",
    "capacity": "NĂNG LỰC CHƯA DUYỆT",
    "packaging": "GÓI CHƯA DUYỆT",
    "net_content": "9876 kg",
    "price": 987654321,
    "shelf_life_days": 9876,
    "storage": "KHO CHƯA DUYỆT",
    "storage_from": "-59.87",
    "storage_to": "97.53",
    "standards": ["TIÊU CHUẨN CHƯA DUYỆT"],
    "ocop_stars": 5,
    "key_product": False,
    "chain": [{"role": "packer", "name": "BÊN CHƯA DUYỆT", "address": "NƠI CHƯA DUYỆT"}],
}
AREA = {
    "name": "VÙNG CHƯA DUYỆT",
    "crop": "CÂY CHƯA DUYỆT",
    "commune": builders.OTHER_COMMUNE,
    "code": "VN-CDOR-9876",
    "area_hectares": "987.65",
    "households": 98765,
    "kind": "farming",
    "species": "durian",
    "members": [{"name": "HỘ CHƯA DUYỆT", "area_hectares": "1.5"}],
    "seasons": [{"name": "VỤ CHƯA DUYỆT", "starts_on": "2026-02-02", "ends_on": "2026-09-09"}],
    "markets": [{"country": "CL", "number": "SỐ CHƯA DUYỆT", "until": "2033-03-03"}],
    "boundary": {
        "type": "Polygon",
        "coordinates": [[[107.9, 20.9], [107.901, 20.9], [107.9, 20.901], [107.9, 20.9]]],
    },
}
LOT = {
    "code": "CHUA-DUYET",
    "quantity": "98765.4",
    "unit": "hộp",
    "produced_on": "2026-08-21",
    "expires_on": "2029-09-09",
}


PASSPORTS = (FacilityPublished, ProductPublished, GrowingAreaPublished, LotPublished)
LISTS = ("/", "/products", "/facilities")


async def pages(registry: Registry, *paths: str) -> list[str]:
    """What the public reads at these addresses."""
    found = []
    for path in paths:
        answer = await registry.client.get(path, headers={"Accept-Language": "vi"})
        assert answer.status_code == 200, path
        found.append(answer.text)
    return found


async def passports_after(registry: Registry, number: int) -> tuple[list[Any], int]:
    """The passports told since a number of the feed, and the feed's head now."""
    page = (await registry.client.get("/v1/feed", params={"after": number})).json()
    told = [from_envelope(event) for event in page["events"]]
    return [event for event in told if isinstance(event, PASSPORTS)], page["head"]


@pytest.fixture(scope="module")
async def known(registry: Registry) -> dict[str, Any]:
    """A facility with everything published."""
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    area = await registry.published(
        "growing-areas", builders.growing_area(facility_id=facility["id"])
    )
    lot = await registry.a_lot(facility["id"], product["id"], growing_area_id=area["id"])
    return {"facilities": facility, "products": product, "growing-areas": area, "lots": lot}


def base(kind: str, known: dict[str, Any]) -> dict[str, Any]:
    """The published content as a body to be sent again."""
    facility_id = known["facilities"]["id"]
    content = dict(known[kind]["published"])
    if kind != "facilities":
        content["facility_id"] = facility_id
    # The diary has addresses of its own; the rest follows from what is entered, or is told
    # otherwise than it is sent.
    for field in (
        *(
            "entries",
            "area_entries",
            "supplies",
            "measured_hectares",
            "boundary",
            "transformation_id",
            "used",
        ),
    ):
        content.pop(field, None)
    return {key: value for key, value in content.items() if value is not None}


CASES = [
    *(("facilities", field, value) for field, value in FACILITY.items()),
    *(("products", field, value) for field, value in PRODUCT.items()),
    *(("growing-areas", field, value) for field, value in AREA.items()),
    *(("lots", field, value) for field, value in LOT.items()),
]


@pytest.mark.parametrize(("kind", "field", "value"), CASES, ids=lambda v: str(v)[:20])
async def test_a_draft_changes_no_passport_and_no_public_page(
    registry: Registry, known: dict[str, Any], kind: str, field: str, value: Any
) -> None:
    record_id = known[kind]["id"]
    own = [f"/{word}/{known[word]['id']}" for word in known if word != "lots"]
    before = await pages(registry, *own, *LISTS)
    head = (await passports_after(registry, 10**9))[1]
    current = await registry.record(kind, record_id)
    body = {**base(kind, known), field: value, "version": current["version"]}
    if field in ("latitude", "longitude"):
        body = {"latitude": 21.1, "longitude": 107.1, **body}
    if (kind, field) == ("facilities", "markets"):
        body = {**body, "plant_code": "VNQNPH-0999"}
    maker = registry.approver_who_enters(kind)
    edited = ok(await registry.put(f"/{kind}/{record_id}", body, maker))
    assert edited["draft"] is not None
    await registry.submitted(kind, record_id, maker)
    if kind != "lots":
        unit = registry.token("unit", "check")
        ok(await registry.decide(kind, record_id, "accept", unit))
    assert await pages(registry, *own, *LISTS) == before
    assert (await passports_after(registry, head))[0] == []


def test_every_field_that_can_be_entered_is_tried() -> None:
    from services.registry.domain.facility import Facility
    from services.registry.domain.growing_area import GrowingArea
    from services.registry.domain.lot import Lot
    from services.registry.domain.product import Product

    assert set(FACILITY) == set(Facility.__slots__)
    # Pictures and recordings have tests of their own: see test_media.py and test_recordings.py.
    assert {*PRODUCT, "facility_id", "images", "recordings"} == set(Product.__slots__)
    assert {*AREA, "facility_id", "measured_hectares"} == set(GrowingArea.__slots__)
    # What a lot refers to, and its diary: see below, test_lots.py and test_used_inputs.py.
    others = {"facility_id", "product_id", "growing_area_id", "inputs", "entries"}
    others |= {"area_entries", "transformation_id", "supplies", "used", "explanation"}
    assert set(LOT) | others == set(Lot.__slots__)


async def test_a_diary_entry_of_a_published_lot_is_told_only_once_it_is_accepted(
    registry: Registry, known: dict[str, Any]
) -> None:
    facility, product = known["facilities"], known["products"]
    lot = await registry.a_lot(facility["id"], product["id"])
    operator = registry.operator(facility["id"])
    more = builders.entry("transporting", "2026-08-21", vehicle="14C-999.99", destination="Hạ Long")
    answer = await registry.post(f"/lots/{lot['id']}/entries", more, operator)
    ok(answer, 201)
    assert len(await registry.events(lot["id"], LotPublished)) == 1
    await registry.carried_through("lots", lot["id"], operator)
    told = (await registry.events(lot["id"], LotPublished))[-1]
    assert told.stages[-1].details == {"destination": "Hạ Long", "vehicle": "14C-999.99"}


async def test_a_lot_s_passport_tells_its_stages_in_two_languages(
    registry: Registry, known: dict[str, Any]
) -> None:
    told = (await registry.events(known["lots"]["id"], LotPublished))[0]
    assert [(s.title, s.title_en) for s in told.stages] == [
        ("Gieo trồng", "Planting"),
        ("Dùng thuốc bảo vệ thực vật", "Pesticide treatment"),
        ("Thu hoạch", "Harvesting"),
        ("Đóng gói", "Packing"),
    ]
    spraying, packing = told.stages[1], told.stages[-1]
    assert spraying.details["withdrawal_days"] == "14"
    assert spraying.details["name"] == "Abamectin 1.8EC"
    assert told.stages[2].details["quantity"] == "1200 kg"
    # Work in the field is marked with the area's code, other work with the facility's.
    assert spraying.place_code == known["growing-areas"]["code"]
    assert packing.place_code == known["facilities"]["code"]
    assert packing.facility_name == known["facilities"]["facility_name"]


async def test_a_personal_tax_number_is_never_published(registry: Registry) -> None:
    facility = await registry.a_facility(tax_number="022085001234")
    told = (await registry.events(facility["id"], FacilityPublished))[-1]
    assert told.tax_number == ""
    assert facility["published"]["tax_number"] == "022085001234"
    page = await registry.client.get(f"/facilities/{facility['id']}")
    assert "022085001234" not in page.text
    other = await registry.a_facility()
    assert (await registry.events(other["id"], FacilityPublished))[-1].tax_number == "0100233488"


async def test_a_product_s_passport_carries_its_gtin_or_an_internal_code(
    registry: Registry, known: dict[str, Any]
) -> None:
    without = (await registry.events(known["products"]["id"], ProductPublished))[-1]
    assert without.gtin == ""
    assert without.code.startswith("SP22-")
    product = await registry.a_product(known["facilities"]["id"], gtin=builders.gtin(42))
    told = (await registry.events(product["id"], ProductPublished))[-1]
    assert told.gtin == told.code == "0" + builders.gtin(42)
    assert told.category == "Na"
    assert told.standards == ("VietGAP trồng trọt",)


async def test_passports_tell_what_an_area_bears_and_what_lots_and_packages_weigh(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"], net_content="Hộp 2 kg")
    season = {"name": "Vụ hè", "starts_on": "2026-05-01", "ends_on": "2026-09-30"}
    fields = builders.growing_area(
        facility_id=facility["id"],
        species="custard-apple",
        area_hectares="2.5",
        seasons=[season],
    )
    area = await registry.published("growing-areas", fields)
    (told,) = await registry.events(area["id"], GrowingAreaPublished)
    # 16 tonnes a hectare at most, says the catalogue of crops.
    assert told.season_kilograms == Decimal(40_000)
    assert [one.model_dump(mode="json") for one in told.seasons] == [season]
    (good,) = await registry.events(product["id"], ProductPublished)
    assert good.content_kilograms == Decimal(2)
    for unit, kilograms in (("kg", 150), ("hộp", 300)):
        more = {"unit": unit, "quantity": "150", "growing_area_id": area["id"]}
        lot = await registry.a_lot(facility["id"], product["id"], **more)
        (passport,) = await registry.events(lot["id"], LotPublished)
        assert passport.kilograms == Decimal(kilograms)
    unsaid = await registry.published(
        "growing-areas", builders.growing_area(facility_id=facility["id"])
    )
    (plain,) = await registry.events(unsaid["id"], GrowingAreaPublished)
    assert (plain.season_kilograms, plain.seasons) == (None, ())
