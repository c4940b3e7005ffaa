"""The sketch of the communes in which a stamp was read."""

from itertools import combinations

import pytest
from playwright.async_api import Browser

from services.scan.desk.picture import map_of
from shared.web.static_files import FOLDER as STATIC

# Of Ha Noi and Quảng Ninh beside one another, seen from Cà Mau.
CLOSE = {"32248": 3, "07090": 1, "00004": 1, "00008": 1, "07192": 1, "06712": 1}
APART = {"32248": 1, "06712": 2}


@pytest.mark.parametrize(("readings", "least"), [(CLOSE, 2), (APART, 2)])
async def test_names_do_not_lie_over_one_another(
    chromium: Browser, readings: dict[str, int], least: int
) -> None:
    picture = map_of(readings)
    assert picture is not None
    assert picture.count('class="seen"') == len(readings)
    page = await chromium.new_page()
    styles = "".join(path.read_text() for path in STATIC.glob("*.css"))
    await page.set_content(f"<style>{styles}</style>{picture}")
    boxes = await page.evaluate(
        """() => [...document.querySelectorAll('text[lang=vi]')].map(one => {
            const box = one.getBBox();
            return [box.x, box.y, box.x + box.width, box.y + box.height];
        })"""
    )
    assert len(boxes) >= least
    for one, other in combinations(boxes, 2):
        beside = (
            one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        )
        assert beside, (one, other)
    await page.close()


def test_where_no_place_is_known_there_is_no_picture() -> None:
    assert map_of({"99999": 1}) is None
