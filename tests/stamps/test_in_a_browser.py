"""In Chromium: every page, with the longest names, is readable and accessible at both widths."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from tests.answers import ok
from tests.stamps import builders
from tests.stamps import test_stock as stock
from tests.stamps.conftest import CONSOLE, Farm, Stamps
from tests.stamps.test_printing_jobs import done

# Many pages, each at two widths and looked over by axe.
pytestmark = pytest.mark.timeout(400)

LONG = (
    "Hợp tác xã Sản xuất, Chế biến và Kinh doanh Nông – Lâm – Thủy sản Công nghệ cao Quảng Ninh, "
    "chi nhánh phường An Sinh"
)


async def the_pages(stamps: Stamps) -> list[tuple[str, str]]:
    """Every page, with the longest names, and who sees it with most of its buttons."""
    place = builders.facility(name=LONG)
    good = builders.product(place.subject, name=LONG, gtin="9506000134352")
    made = builders.lot(place.subject, good.subject, code="NA-2026-0817-" + "A" * 40)
    await stamps.know(place, good, made)
    farm = Farm(place.subject, good.subject, made.subject)
    who, approver = stamps.operator(farm.facility), stamps.approver()
    waiting = (await stamps.ask(farm, 1_000_000, lot_id=farm.lot, purpose=LONG))["id"]
    number = await stamps.a_batch(farm, 1_000_000)
    ok(await stamps.activate(number, 0, 999, farm.lot, who))
    for change, at in (("damaged", 2000), ("lost", 3000), ("revoke", 10), ("suspend", 20)):
        ok(await stamps.change(number, at, at, change, who, LONG))
    ok(await stamps.change(number, 30, 39, "suspend", approver, LONG))
    gone = await stamps.a_batch(farm, 10)
    ok(await stamps.change(gone, 0, 9, "revoke", approver, LONG))
    order = {"batch": number, "reason": LONG}
    hold = ok(await stamps.post("/holds", order, approver), 201)["id"]
    body: dict[str, Any] = {"size": "12mm", "first": 0, "last": 99}
    job = ok(await stamps.post(f"/batches/{number}/print-jobs", body, who), 202)["id"]
    codes = ok(
        await stamps.post(f"/batches/{number}/print-jobs", {**body, "output": "csv"}, who), 202
    )["id"]
    await done(stamps, job, who)
    await done(stamps, codes, who)
    look = {"size": "20mm", "pattern": "waves", "tint": "green", "ink": "green"}
    design = ok(await stamps.post("/designs", {"name": LONG[:80], **look}, who), 201)["id"]
    handed_in = ok(await stamps.post("/designs", {"name": LONG[:80], **look}, who), 201)["id"]
    ok(await stamps.post(f"/designs/{handed_in}/submission", {}, who))
    quota = {"act": "set", "period": "year", "limit": 1_000_005, "reason": LONG}
    there = f"/quotas/{farm.facility}"
    ok(await stamps.post(there, quota, approver), 201)
    quota |= {"period": "month", "product_id": farm.product, "limit": 9_000_000}
    ok(await stamps.post(there, quota, approver), 201)
    newcomer = stamps.operator((await stamps.a_farm()).facility)
    return [
        *((path, who) for path in ("/requests", "/requests/new", "/batches")),
        *((path, newcomer) for path in ("/requests", "/batches")),
        (f"/requests/{waiting}", approver),
        *((f"/requests/{waiting}{form}", who) for form in ("", "/withdraw")),
        *((f"/batches/{number}", one) for one in (approver, who, stamps.token("unit", "check"))),
        (f"/batches/{gone}/change", who),
        *((f"/batches/{number}/{form}", who) for form in ("activate", "change", "print")),
        (f"/batches/{number}/hold", approver),
        (f"/batches/{number}/holds/{hold}/lift", approver),
        (f"/batches/{number}/holds/{hold}/lift", stamps.token("unit", "check")),
        (f"/print-jobs/{job}", who),
        (f"/print-jobs/{codes}", who),
        *((path, who) for path in ("/formats", "/designs", "/designs/new")),
        (f"/designs/{design}", who),
        (f"/designs/{design}/edit", who),
        (f"/designs/{handed_in}", approver),
        ("/designs", newcomer),
        ("/codes", who),
        *((path, one) for path in ("/quotas", there) for one in (who, approver)),
        ("/quotas?q=không+có", approver),
        ("/quotas", newcomer),
        (f"/batches/{number}/sold", who),
        (f"/batches/{number}/serials/10", who),
        *((f"/batches/{number}/changes/4/undo", one) for one in (who, approver)),
    ]


async def the_stock_pages(stamps: Stamps) -> list[tuple[str, str]]:
    """Those of a batch that the authority prints, in every place that a stamp can lie in."""
    farm = await stamps.a_farm(name=LONG)
    who, clerk = stamps.operator(farm.facility), stock.officer(stamps)
    number = await stock.central(stamps, farm, 2000)
    job = await stock.in_stock(stamps, number, 0, 499, spoilt="480-489", reason=LONG)
    printing, cancelled = [
        await stock.printed(stamps, number, *span) for span in ((500, 599), (600, 609))
    ]
    ok(await stamps.post(f"/print-jobs/{cancelled}/cancellation", {"reason": LONG}, clerk))
    given, short, back = [
        await stock.handed(stamps, number, serials, recipient=LONG[:100], remark=LONG)
        for serials in ("0-99", "100-199", "200-209, 220-229")
    ]
    ok(await stock.receive(stamps, short, who, missing="100-104", damaged="150", text=LONG))
    ok(await stamps.post(f"/handovers/{short}/answers", {"text": LONG}, clerk))
    ok(await stamps.post(f"/handovers/{back}/withdrawal", {"reason": LONG}, clerk))
    newcomer = stamps.operator((await stamps.a_farm()).facility)
    return [
        *((path, one) for path in ("/stock", "/handovers") for one in (who, clerk)),
        *((f"/batches/{number}{path}", one) for path in ("", "/stock") for one in (who, clerk)),
        (f"/batches/{number}/serials/102", who),
        (f"/batches/{number}/hand-over", clerk),
        (f"/batches/{number}/print", clerk),
        *((f"/print-jobs/{one}", clerk) for one in (printing, cancelled, job)),
        (f"/print-jobs/{printing}/cancel", clerk),
        *((f"/print-jobs/{one}/stock", clerk) for one in (printing, job)),
        *((f"/handovers/{one}", who) for one in (given, short, back)),
        *((f"/handovers/{one}", clerk) for one in (given, short)),
        (f"/handovers/{given}/receive", who),
        (f"/handovers/{short}/answer", who),
        (f"/handovers/{given}/withdraw", clerk),
        *((path, newcomer) for path in ("/stock", "/handovers")),
    ]


async def test_every_page_fits_and_axe_finds_nothing(
    stamps: Stamps, address: str, chromium: Browser
) -> None:
    await looked_over(chromium, address, await the_pages(stamps))


async def test_the_pages_of_central_printing_fit_and_axe_finds_nothing(
    stamps: Stamps, address: str, chromium: Browser
) -> None:
    await looked_over(chromium, address, await the_stock_pages(stamps))


async def looked_over(chromium: Browser, address: str, pages: list[tuple[str, str]]) -> None:
    """Each page at both widths, in two languages."""
    for width, locale in ((360, "vi-VN"), (1280, "en-GB")):
        context = await chromium.new_context(
            base_url=address, locale=locale, viewport={"width": width, "height": 800}
        )
        page = await context.new_page()
        for path, token in pages:
            await context.add_cookies([{"name": "txng_access", "value": token, "url": address}])
            answer = await page.goto(f"{CONSOLE}{path}")
            assert answer is not None
            assert answer.status == 200, path
            assert await page.evaluate("document.documentElement.scrollWidth") == width, path
            found = await Axe().run(page)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        await context.close()
