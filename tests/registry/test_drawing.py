"""Drawing a boundary in the form of a growing area: by finger, by position, and without script."""

from typing import Any

from playwright.async_api import Browser, Page

from tests.chromium import page_of
from tests.registry import builders
from tests.registry.conftest import Registry

NEW = "/console/registry/growing-areas/new"
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
}


async def tap(page: Page, across: float, down: float) -> None:
    """On the drawing, by shares of its width and height."""
    await page.locator(".draw-pad > svg").scroll_into_view_if_needed()
    frame = await page.locator(".draw-pad > svg").bounding_box()
    assert frame is not None
    x, y = frame["x"] + across * frame["width"], frame["y"] + down * frame["height"]
    await page.touchscreen.tap(x, y)


async def corners(page: Page) -> list[str]:
    return [line for line in (await page.input_value("#f-points")).splitlines() if line]


async def test_taps_of_a_finger_become_corners_that_can_be_saved(
    registry: Registry, chromium: Browser, address: str
) -> None:
    facility = await registry.a_facility(latitude=21.0912, longitude=106.6113)
    token = registry.operator(facility["id"])
    async with page_of(chromium, address, token, **PHONE) as (page, heard):
        await page.goto(NEW)
        for across, down in ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7)):
            await tap(page, across, down)
        typed = await corners(page)
        assert len(typed) == 4
        assert all(line.startswith("21.0") and " 106.6" in line for line in typed)
        assert "4 góc" in await page.inner_text(".draw-pad [role=status]")
        await page.click("text=Bỏ góc")
        assert len(await corners(page)) == 3
        await page.fill("#f-name", "Vườn vẽ bằng tay")
        await page.fill("#f-crop", "Na dai")
        await page.click("button:has-text('Lưu bản nháp')")
        await page.wait_for_url("**/growing-areas/*-*")
        assert heard == []
        record = await registry.record("growing-areas", page.url.rstrip("/").split("/")[-1])
    assert record["draft"]["boundary"]["type"] == "Polygon"
    assert float(record["draft"]["measured_hectares"]) > 1


async def test_a_tap_on_an_edge_puts_a_corner_between_its_two(
    registry: Registry, chromium: Browser, address: str
) -> None:
    facility = await registry.a_facility(latitude=21.05, longitude=106.7)
    async with page_of(chromium, address, registry.operator(facility["id"]), **PHONE) as (page, _):
        await page.goto(NEW)
        for across, down in ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7), (0.5, 0.3)):
            await tap(page, across, down)
        between = (await corners(page))[1]
        ends = [(await corners(page))[i] for i in (0, 2)]
        longitude = float(between.split()[1])
        assert float(ends[0].split()[1]) < longitude < float(ends[1].split()[1])


async def test_the_place_where_one_stands_becomes_a_corner(
    registry: Registry, chromium: Browser, address: str
) -> None:
    facility = await registry.a_facility()
    standing = {"latitude": 21.123456, "longitude": 106.654321, "accuracy": 5}
    options = {**PHONE, "geolocation": standing, "permissions": ["geolocation"]}
    async with page_of(chromium, address, registry.operator(facility["id"]), **options) as (
        page,
        _,
    ):
        await page.goto(NEW)
        await page.click("text=Thêm góc ở chỗ tôi đứng")
        await page.wait_for_function("document.querySelector('#f-points').value !== ''")
        assert await corners(page) == ["21.123456 106.654321"]
        assert "5 m" in await page.inner_text(".draw-pad [role=status]")


async def test_what_is_typed_is_drawn_and_a_line_that_is_none_is_named(
    registry: Registry, chromium: Browser, address: str
) -> None:
    facility = await registry.a_facility()
    async with page_of(chromium, address, registry.operator(facility["id"])) as (page, _):
        await page.goto(NEW)
        await page.fill("#f-points", "21,14; 106,56\n21.14 106.57\n21.15, 106.57")
        assert await page.locator(".draw-pad circle").count() == 3
        await page.fill("#f-points", "21,14; 106,56\ngóc vườn")
        assert "Dòng 2" in await page.inner_text(".draw-pad [role=status]")


async def test_without_script_corners_are_typed_and_no_drawing_is_shown(
    registry: Registry, chromium: Browser, address: str
) -> None:
    facility = await registry.a_facility()
    token = registry.operator(facility["id"])
    async with page_of(chromium, address, token, java_script_enabled=False, **PHONE) as (page, _):
        await page.goto(NEW)
        assert not await page.locator(".draw-pad").is_visible()
        await page.fill("#f-name", "Vườn gõ tay")
        await page.fill("#f-crop", "Na dai")
        await page.select_option("#f-commune", builders.COMMUNE)
        await page.fill("#f-points", "21,34; 106,36\n21,34; 106,361\n21,341; 106,361")
        await page.click("button:has-text('Lưu bản nháp')")
        assert "Vườn gõ tay" in await page.inner_text("h1")
