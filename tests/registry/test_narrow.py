"""Public pages on the narrowest phone, the text as it is and twice as large: nothing aside.

WCAG 2.2, 1.4.4 and 1.4.10.
"""

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests import wide
from tests.registry.conftest import Registry
from tests.registry.test_areas import area
from tests.registry.test_news import published as article

LONG = "Hợp tác xã Nông nghiệp và Dịch vụ tổng hợp Đồng Vải Phương Nam"


@pytest_asyncio.fixture(scope="module")
async def paths(registry: Registry) -> list[str]:
    facility = await registry.a_facility(name=LONG, description="Trồng vải từ đời ông.")
    owner = facility["id"]
    product = await registry.a_product(owner, ocop_stars=4, price=65_000)
    await registry.a_lot(owner, product["id"])
    place = await registry.published("growing-areas", area(facility_id=owner))
    news = await article(registry)
    return [
        *("/", "/products", "/products/groups", "/facilities", "/news", "/inquiries"),
        *(f"/products/{product['id']}", f"/facilities/{owner}", f"/growing-areas/{place['id']}"),
        *(f"/facilities/{owner}/inquiry?product={product['id']}", f"/news/{news['id']}"),
    ]


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_a_public_page_is_read_without_moving_it_aside(
    registry: Registry, chromium: Browser, address: str, paths: list[str], lang: str
) -> None:
    assert await wide.too_wide(chromium, address, paths, lang) == {}
