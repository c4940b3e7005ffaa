"""In Chromium at the width of a phone: the ledger and the figures are no scroll of many screens."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Page

from services.stamps.domain.requests import OwnRequest
from shared.contracts.acts import Actor, StampsActRecorded
from shared.contracts.event import Event
from shared.ids import new_id, now
from tests.chromium import page_of
from tests.reporting.running_reporting import Reporting
from tests.reporting.test_acts import account, settled
from tests.reporting.test_readers import read
from tests.reporting.test_service import batch, facility
from tests.tokens import mint

WIDTH = 360
# Ten screens of a phone.
LONGEST = 8_000


@pytest_asyncio.fixture(scope="module")
async def page(reporting: Reporting, chromium: Browser, address: str) -> AsyncIterator[Page]:
    await reporting.hear(*_a_day())
    token = mint(reporting.settings.secrets_dir, tier="province", kinds=["report"])
    phone = {"width": WIDTH, "height": 800}
    async with page_of(chromium, address, token, viewport=phone) as (opened, _):
        yield opened


def _a_day() -> list[Event]:
    """More of everything than a page shows."""
    found: list[Event] = []
    for n in range(40):
        place = facility().model_copy(
            update={"name": f"Hợp tác xã Nông nghiệp và Dịch vụ tổng hợp số {n}"}
        )
        refused = n % 3 == 0
        act = StampsActRecorded(
            subject=place.subject,
            version=1,
            time=now(),
            actor=Actor(account_id=new_id(), tier="commune", unit_id="u"),
            action="facility.accepted",
            outcome=OwnRequest.code if refused else "accepted",
            said=OwnRequest.message if refused else "",
            reason="" if refused else "Đủ hồ sơ theo quy định",
        )
        found += [place, batch(place.subject, 10 + n), act]
    return found


async def height_of(page: Page, path: str) -> int:
    answer = await page.goto(path)
    assert answer is not None
    assert answer.status == 200
    assert await page.evaluate("document.documentElement.scrollWidth") == WIDTH
    return int(await page.evaluate("document.documentElement.scrollHeight"))


async def test_the_ledger_begins_with_its_filters_and_shows_25_acts_a_page(page: Page) -> None:
    assert await height_of(page, "/console/reporting/audit") < LONGEST
    rows = page.locator("main table tbody tr")
    assert await rows.count() == 25
    filters, table = page.locator("form.filters"), page.locator("main table")
    first, second = await filters.bounding_box(), await table.bounding_box()
    assert first is not None
    assert second is not None
    assert first["y"] < second["y"]
    await page.locator("nav.pager a[rel=next]").click()
    await page.wait_for_url("**page=2*")
    assert await rows.count() >= 15


async def test_who_read_a_record_fits_a_phone(reporting: Reporting, page: Page) -> None:
    official = account("u")
    place = facility()
    reads = [read(official, new_id(), place.subject) for _ in range(30)]
    await reporting.hear(place, official, *reads)
    await settled(reporting, official)
    assert await height_of(page, f"/console/reporting/records/{place.subject}/readers") < LONGEST
    assert await page.locator("main table tbody tr").count() == 25


async def test_figures_fold_what_is_long(page: Page) -> None:
    assert await height_of(page, "/console/reporting") < LONGEST
