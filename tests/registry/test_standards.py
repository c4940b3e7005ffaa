"""The data standard: quality scores with links to what is missing, and the roadmap of groups."""

import re
from datetime import date

from services.registry.domain.catalogues import Catalogue, install, rows
from services.registry.domain.facility import Facility
from services.registry.domain.product import Product
from services.registry.domain.quality import judged
from tests.registry import builders
from tests.registry.conftest import Registry

TODAY = date(2026, 11, 25)


def test_the_score_grows_with_every_field_to_a_hundred() -> None:
    bare = Product("f", "Na", "custard-apple")
    full = Product(
        "f",
        "Na",
        "custard-apple",
        gtin="08935244560112",
        brand="x",
        description="x",
        origin="x",
        packaging="x",
        net_content="x",
        shelf_life_days=5,
        storage="x",
        standards=("x",),
        images=("x",),
    )
    less, more = judged(bare, TODAY), judged(full, TODAY)
    assert less.percent < 20
    assert more.percent == 100
    assert {row.values["field"] for row in less.missing} >= {"images", "origin", "gtin"}


def test_some_fields_are_mandatory_only_for_a_class_or_kind() -> None:
    def missing(facility_class: str, kinds: tuple[str, ...]) -> set[str]:
        found = judged(Facility("x", "y", "07090", "agriculture", kinds, facility_class), TODAY)
        return {row.values["field"] for row in found.missing}

    assert "registration_number" in missing("certificate", ("grower",))
    assert "registration_number" not in missing("commitment", ("grower",))
    assert "plant_code" in missing("commitment", ("packing",))
    assert "plant_code" not in missing("commitment", ("grower",))


async def test_what_is_missing_leads_to_its_very_field(registry: Registry) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"], storage="")
    browser = registry.browser(registry.operator(facility["id"]))
    here = f"/console/registry/products/{product['id']}"
    page = (await browser.get(here)).text
    assert f'href="{here}/edit#f-storage"' in page
    edit = (await browser.get(f"{here}/edit")).text
    for anchor in re.findall(rf'href="{here}/edit#([a-z0-9_-]+)"', page):
        assert f'id="{anchor}"' in edit, anchor
    here = f"/console/registry/facilities/{facility['id']}"
    page = (await browser.get(here)).text
    edit = (await browser.get(f"{here}/edit")).text
    for anchor in re.findall(rf'href="{here}/edit#([a-z0-9_-]+)"', page):
        assert f'id="{anchor}"' in edit, anchor


async def test_lists_are_narrowed_to_what_is_incomplete_and_communes_compared(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"], storage="")
    browser = registry.browser(registry.operator(facility["id"]))
    for quality, found in (("incomplete", True), ("worst", True), ("", True)):
        page = (await browser.get(f"/console/registry/products?quality={quality}")).text
        assert (product["id"] in page) is found
    bare = await registry.entered(
        "products",
        {"name": "Na trống", "category": "custard-apple"},
        registry.operator(facility["id"]),
    )
    low = (await browser.get("/console/registry/products?quality=low")).text
    assert bare["id"] in low
    official = registry.browser(registry.checker())
    page = (await official.get("/console/registry/quality")).text
    assert "An Sinh" in page
    elsewhere = registry.browser(registry.checker(builders.OTHER_COMMUNE))
    assert "An Sinh" not in (await elsewhere.get("/console/registry/quality")).text


async def test_the_roadmap_is_public_and_officials_see_who_is_not_in_yet(
    registry: Registry,
) -> None:
    install([])
    assert "custard-apple" in rows(Catalogue.GROUPS)
    late = await registry.a_facility()
    early = await registry.a_facility()
    await registry.a_product(late["id"])
    product = await registry.a_product(early["id"])
    await registry.a_lot(early["id"], product["id"])
    page = (await registry.client.get("/products/groups")).text
    assert "Sầu riêng" in page
    assert "31/12/2026" in page
    assert "truy xuất nguồn gốc" in (await registry.client.get(f"/products/{product['id']}")).text
    official = registry.browser(registry.checker())
    page = (await official.get("/console/registry/roadmap?group=custard-apple")).text
    assert re.search(rf"{late['id']}.*?Chưa tham gia", page, re.DOTALL)
    row = page[page.index(early["id"]) :]
    assert "Đã tham gia" in row[: row.index("</tr>")]
    elsewhere = registry.browser(registry.checker(builders.OTHER_COMMUNE))
    page = (await elsewhere.get("/console/registry/roadmap?group=custard-apple")).text
    assert late["id"] not in page
    assert (await official.get("/console/registry/roadmap?group=nothing")).status_code == 404
