"""The public pages of the log: in words, in three languages, on a phone, without a sign-in."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from services.stamps.store import log as store
from shared import stampcode
from tests.answers import ok
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.log.told import code_of, logged

LONG = (
    "Hợp tác xã Sản xuất, Chế biến và Kinh doanh Nông – Lâm – Thủy sản Công nghệ cao Quảng Ninh, "
    "chi nhánh phường An Sinh"
)
SHOTS = os.environ.get("TXNG_TEST_SHOTS", "")


@pytest_asyncio.fixture(scope="module")
async def batch(stamps: Stamps) -> int:
    """1,000 stamps; 0–99 activated, 10–19 suspended in public, the lot recalled."""
    place = builders.facility(name=LONG)
    good = builders.product(place.subject, name=LONG)
    made = builders.lot(place.subject, good.subject, code="NA-2026-0817")
    await stamps.know(place, good, made)
    farm = Farm(place.subject, good.subject, made.subject)
    number = await stamps.a_batch(farm, 1_000)
    ok(await stamps.activate(number, 0, 99, farm.lot, stamps.operator(farm.facility)))
    body = {"first": 10, "last": 19, "change": "suspend", "reason": "Nội bộ"}
    told = {**body, "public_reason": "Đang kiểm tra nguồn gốc"}
    ok(await stamps.post(f"/batches/{number}/changes", told, stamps.approver()))
    about = builders.notice(lots=(farm.lot,), title="Thu hồi na dai", title_en="Recall of apples")
    await stamps.tell(about)
    await logged(stamps, f"notice/{about.subject}/1")
    await logged(stamps, f"change/{number}/2")
    return number


async def page(stamps: Stamps, path: str, lang: str = "vi") -> httpx2.Response:
    async with stamps.browser(**{"Accept-Language": lang}) as browser:
        return await browser.get(path)


def words_of(answer: httpx2.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


async def test_the_newest_entries_are_told_in_words(stamps: Stamps, batch: int) -> None:
    answer = await page(stamps, "/log")
    assert answer.status_code == 200
    said = words_of(answer)
    for words in (
        f"Cấp lô tem {batch}",
        f"1.000 tem, số sê-ri 0–999, cho {LONG}: {LONG}.",
        f"Kích hoạt: tem 0–99 của lô tem {batch}",
        "Cho lô sản phẩm NA-2026-0817.",
        "Đang kiểm tra nguồn gốc",
        "Thu hồi sản phẩm – Thu hồi na dai",
        "localhost:8080/log",
    ):
        assert words in said
    assert "Nội bộ" not in said
    assert "Product recall – Recall of apples" in words_of(await page(stamps, "/log", "en"))
    assert f"发放标签批次{batch}" in words_of(await page(stamps, "/log", "zh"))


@pytest.mark.parametrize(
    ("serial", "said"),
    [
        (0, "Sổ có 1 thay đổi chạm đến nó."),
        (15, "Sổ có 2 thay đổi chạm đến nó."),
        (500, "Từ khi cấp chưa có thay đổi nào chạm đến nó."),
    ],
)
async def test_of_one_stamp_is_told_what_touches_it_with_the_proof(
    stamps: Stamps, batch: int, serial: int, said: str
) -> None:
    answer = await page(stamps, f"/log/stamps/{code_of(stamps, batch, serial)}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    text = words_of(answer)
    assert said in text
    assert f"Đây là tem số {serial} của lô tem {batch}." in text
    recalled = "Đang có thông báo hoặc lệnh về hàng mang tem này" in text
    assert recalled is (serial < 100)
    entry = await logged(stamps, f"batch/{batch}")
    assert f"Bằng chứng của mục {entry['_id']}" in text
    assert entry["line"].replace('"', "&#34;") in answer.text


async def test_an_entry_that_was_changed_is_not_called_proven(stamps: Stamps, batch: int) -> None:
    entries = stamps.db.collection(store.ENTRIES)
    entry = await logged(stamps, f"batch/{batch}")
    forged = {"line": entry["line"].replace("1000", "9000")}
    path = f"/log/stamps/{code_of(stamps, batch, 500)}"
    await entries.update_one({"_id": entry["_id"]}, {"$set": forged})
    try:
        assert "Bằng chứng không khớp với chữ ký" in (await page(stamps, path)).text
    finally:
        await entries.update_one({"_id": entry["_id"]}, {"$set": {"line": entry["line"]}})
    assert "Tem này có trong sổ" in (await page(stamps, path)).text


async def test_a_code_is_looked_up_as_people_type_it(stamps: Stamps, batch: int) -> None:
    code = code_of(stamps, batch, 3)
    typed = stampcode.group(code).lower().replace("-", " ")
    found = await page(stamps, f"/log/stamps?code={typed}")
    assert (found.status_code, found.headers["location"]) == (303, f"/log/stamps/{code}")


@pytest.mark.parametrize("typed", ["", "quả na", "0" * 20, "A" * 5_000, "<b>x</b>"])
async def test_what_is_no_code_stands_in_the_form_again_with_the_remedy(
    stamps: Stamps, batch: int, typed: str
) -> None:
    answer = await page(stamps, f"/log/stamps?code={typed}")
    assert answer.status_code == 404
    assert "Hãy kiểm tra lại mã" in answer.text
    if typed and "<" not in typed and len(typed) < 100:
        assert f'value="{typed}"' in answer.text
    assert "<b>x" not in answer.text


async def test_a_forged_code_in_the_address_is_told_what_to_do(stamps: Stamps) -> None:
    answer = await page(stamps, f"/log/stamps/{'0' * 20}")
    assert answer.status_code == 404
    assert "Hãy kiểm tra lại mã" in words_of(answer)


async def test_the_program_that_is_handed_out_runs_by_itself(
    stamps: Stamps, tmp_path: Path
) -> None:
    answer = await page(stamps, "/log/verify.py")
    assert answer.headers["content-disposition"] == 'attachment; filename="verify.py"'
    program = tmp_path / "verify.py"
    program.write_bytes(answer.content)
    # Without this environment's packages.
    command = [sys.executable, "-I", "-S", str(program), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "transparency log" in done.stdout) == (0, True)


async def test_the_pages_fit_a_phone_and_axe_finds_nothing(
    stamps: Stamps, batch: int, address: str, chromium: Browser
) -> None:
    codes = (code_of(stamps, batch, serial) for serial in (15, 500))
    paths = ("/log", "/log/stamps?code=sai", *(f"/log/stamps/{code}" for code in codes))
    for width, locale in ((360, "vi-VN"), (1280, "en-GB"), (360, "zh-CN")):
        context = await chromium.new_context(
            base_url=address, locale=locale, viewport={"width": width, "height": 800}
        )
        tab = await context.new_page()
        for number, path in enumerate(paths):
            await tab.goto(path)
            await tab.evaluate(
                "document.querySelectorAll('main details').forEach(d => d.open = true)"
            )
            if SHOTS:
                shot = Path(SHOTS) / f"log-{number}-{width}-{locale}.png"
                await tab.screenshot(path=shot, full_page=True)
            assert await tab.evaluate("document.documentElement.scrollWidth") == width, path
            found = await Axe().run(tab)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        await context.close()
