"""A facility's side of a drill in Chromium at the width of a phone."""

from decimal import Decimal
from typing import Any, Final

from playwright.async_api import Browser, Page, expect

from tests.chromium import page_of
from tests.recall.builders import lot, shipment
from tests.recall.conftest import Recall
from tests.recall.telling import facility_token
from tests.recall.test_drills import HOME, begun, standing

WIDTH: Final = 360
PHONE: Final[dict[str, Any]] = {"viewport": {"width": WIDTH, "height": 740}, "has_touch": True}
MARK: Final = "DIỄN TẬP – không phải thu hồi thật"


async def fits(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") == WIDTH
    await expect(page.get_by_text(MARK).first).to_be_visible()


async def test_a_facility_is_told_acknowledges_and_states_its_lot(
    province: Recall, chromium: Browser, address: str
) -> None:
    await province.know(lot("ph1"), shipment("phs", "ph1", quantity=Decimal(25)))
    drill = await begun(province, "ph1")
    token = facility_token(province)
    async with page_of(chromium, address, token, **PHONE) as (page, heard):
        await page.goto("/console/recall")
        await fits(page)
        await page.get_by_role("button", name="Đã nhận tin diễn tập").first.click()
        await page.wait_for_url(f"**{HOME}/{drill}")
        await fits(page)
        await page.get_by_role("link", name="PH1", exact=True).click()
        await page.wait_for_url(f"**{HOME}/{drill}/lots/ph1")
        await fits(page)
        await page.fill("#f-held", "200")
        await page.get_by_role("button", name="Ghi lời khai").click()
        # Told what is wrong, with what was typed.
        await expect(page.locator("#f-held")).to_have_value("200")
        await fits(page)
        await page.fill("#f-held", "75")
        await page.get_by_role("button", name="Ghi lời khai").click()
        await page.wait_for_url(f"**{HOME}/{drill}")
        await expect(page.get_by_text("Đã khai").first).to_be_visible()
        await fits(page)
        assert [one for one in heard if "422" not in one] == []
    figures = await standing(province, drill)
    assert figures["complete"] == 100.0
    assert figures["acknowledged"] == 1
    await province.post(f"/drills/{drill}/end")
    async with page_of(chromium, address, token, **PHONE) as (page, _):
        await page.goto(f"{HOME}/{drill}")
        await fits(page)
        await expect(page.get_by_role("link", name="Báo cáo kết quả (PDF)")).to_be_visible()


async def test_pages_of_officials_fit_a_phone(
    province: Recall, chromium: Browser, address: str
) -> None:
    await province.know(lot("ph2"), lot("ph2b", "f2", "p2", inputs=("ph2",)))
    drill = await begun(province, "ph2")
    async with page_of(chromium, address, province.token(), **PHONE) as (page, heard):
        await standing(province, drill)
        for path in (f"{HOME}/{drill}", f"{HOME}/{drill}/end"):
            await page.goto(path)
            await fits(page)
        for path in (HOME, f"{HOME}/duties", f"{HOME}/duties?kind=unit&state=due"):
            await page.goto(path)
            assert await page.evaluate("document.documentElement.scrollWidth") == WIDTH
        assert heard == []
    await province.post(f"/drills/{drill}/end")
