"""On public pages in English and Chinese, what the data has in Vietnamese alone is marked so."""

from typing import Any

import pytest
import pytest_asyncio

from tests.languages_of_parts import in_vietnamese, unmarked
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_areas import area
from tests.registry.test_news import published as article

FACILITY = "Hợp tác xã Đồng Vải"
UNTOLD = {"title_en": "", "summary_en": ""}


@pytest_asyncio.fixture(scope="module")
async def pages(registry: Registry) -> dict[str, list[str]]:
    """The public addresses of things without an English word, with what each says of them."""
    paper = {**builders.facility()["certificates"][0], "kind": "other", "title": "Giấy khác hẳn"}
    changes: dict[str, Any] = {"name": FACILITY, "name_en": "", "certificates": [paper]}
    facility = await registry.a_facility(description="Trồng vải từ đời ông.", **changes)
    owner = facility["id"]
    product = await registry.a_product(
        owner, name="Vải chín sớm", name_en="", origin="Xã Phương Nam"
    )
    lot = await registry.a_lot(owner, product["id"], code="VAI-7788")
    markets = [{"country": "CN", "number": "CN-1", "requirement": "Không quá 5 lá"}]
    place = await registry.published(
        "growing-areas", area(facility_id=owner, name="Vùng vải Đồng", crop="Vải", markets=markets)
    )
    news = await article(registry, **UNTOLD)
    return {
        "/": ["Vải chín sớm"],
        "/products": ["Vải chín sớm", FACILITY, "Phường An Sinh"],
        f"/products?q={lot['published']['code']}": ["Vải chín sớm"],
        "/products/groups": [],
        "/facilities": [FACILITY, "Thôn Đồi Nắng"],
        f"/products/{product['id']}": ["Vải chín sớm", "Hộp giấy 2 kg", "Xã Phương Nam", FACILITY],
        f"/facilities/{owner}": [FACILITY, "Giấy khác hẳn", "Nguyễn Văn Khởi", "Trồng vải"],
        f"/facilities/{owner}/inquiry?product={product['id']}": [FACILITY, "Vải chín sớm"],
        f"/growing-areas/{place['id']}": ["Vùng vải Đồng", "Không quá 5 lá", FACILITY],
        "/news": ["Vào vụ nhãn Quảng Yên"],
        f"/news/{news['id']}": ["Vào vụ nhãn Quảng Yên", "Năm nay nhãn được mùa."],
        "/inquiries": [],
    }


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_what_is_vietnamese_alone_is_marked_so(
    registry: Registry, pages: dict[str, list[str]], lang: str
) -> None:
    for path, wanted in pages.items():
        answer = await registry.client.get(path, headers={"Accept-Language": lang})
        assert answer.status_code == 200, path
        assert unmarked(answer.text) == [], path
        said = in_vietnamese(answer.text).lower()
        assert [words for words in wanted if words.lower() not in said] == [], path


async def test_a_vietnamese_page_marks_nothing(
    registry: Registry, pages: dict[str, list[str]]
) -> None:
    for path in pages:
        text = (await registry.client.get(path, headers={"Accept-Language": "vi"})).text
        assert '<span lang="vi">' not in text, path
        assert '<option value="07090" lang' not in text
