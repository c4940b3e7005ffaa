"""The camera of the page for places without signal: a printed symbol, filmed, is read."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from playwright.async_api import BrowserContext, Page

from services.stamps.printing.symbols import SymbolMaker
from tests.polling import eventually
from tests.scan.test_offline_page import BAD, GOOD, Stand, snapshot, stand, visited

# The fixture is that of the page's own tests.
__all__ = ["snapshot", "stand"]

WIDTH, HEIGHT, FRAMES = 640, 480, 6
# As a phone shows a stamp of 10 mm held at ten centimetres, a little askew and not quite sharp.
SYMBOL_PIXELS, ANGLE, BLUR, PAPER, INK = 190, 7, 0.8, 225, 40


def filmed(path: Path, code: str, prefix: str = "HTTPS://TXNG.TEST/") -> str:
    """A film of a stamp's symbol as printing makes it, for Chromium's camera that is none."""
    [modules] = SymbolMaker(prefix).matrices([code])
    quiet = np.pad(modules, 4)
    tones = np.where(quiet == 1, INK, PAPER).astype(np.uint8)
    symbol = Image.fromarray(tones).resize((SYMBOL_PIXELS, SYMBOL_PIXELS), Image.Resampling.NEAREST)
    picture = Image.new("L", (WIDTH, HEIGHT), PAPER)
    turned = symbol.rotate(ANGLE, Image.Resampling.BICUBIC, expand=True, fillcolor=PAPER)
    picture.paste(turned, ((WIDTH - turned.width) // 2 + 25, (HEIGHT - turned.height) // 2 - 15))
    luma = picture.filter(ImageFilter.GaussianBlur(BLUR)).tobytes()
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + (b"FRAME\n" + luma + grey) * FRAMES)
    return str(path)


def camera_of(film: str) -> tuple[str, ...]:
    return (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )


async def scanned(context: BrowserContext) -> tuple[Page, str]:
    """Visit once, lose the network, press the button and wait for what the camera finds."""
    page = await visited(context)
    await context.set_offline(True)
    await page.reload()
    await page.locator('[data-part="camera"]').press("Enter")
    await page.locator('[data-part="answer"] .verdict').wait_for(timeout=60_000)
    return page, await page.locator('[data-part="answer"]').inner_text()


@pytest.mark.parametrize(
    ("code", "prefix", "says"),
    [
        (BAD, "HTTPS://TXNG.TEST/", "Phải kiểm tra lại khi có mạng"),
        (GOOD, "HTTPS://TXNG.TEST/", "Chưa biết điều gì xấu"),
        (GOOD, "HTTPS://TXNG.TEST/01/09520101000118/10/NA-261118/21/", "Hàng đã biết là xấu"),
        (GOOD, "HTTPS://ELSEWHERE.TEST/", "Địa chỉ không phải của hệ thống này"),
    ],
)
async def test_a_stamp_before_the_camera_is_read_and_judged_without_network(
    stand: Stand, tmp_path: Path, code: str, prefix: str, says: str
) -> None:
    await stand.publish()
    film = filmed(tmp_path / "stamp.y4m", code, prefix)
    async with stand.phone(f"camera-{code[:4]}-{len(prefix)}", *camera_of(film)) as context:
        page, said = await scanned(context)
        assert says in said
        # The camera is let go of as soon as something was read.
        assert await page.locator("video").evaluate("video => video.srcObject") is None
        assert not await page.locator('[data-part="view"]').is_visible()


@pytest.mark.parametrize("runs", [True, False], ids=["running", "being opened"])
async def test_the_camera_is_stopped_by_its_button(
    stand: Stand, tmp_path: Path, runs: bool
) -> None:
    await stand.publish()
    empty = tmp_path / "wall.y4m"
    filmed(empty, GOOD)
    head, frame, _ = empty.read_bytes().partition(b"FRAME\n")
    wall = bytes([PAPER]) * (WIDTH * HEIGHT) + bytes([128]) * (WIDTH * HEIGHT // 2)
    empty.write_bytes(head + (frame + wall) * FRAMES)
    async with stand.phone(f"camera-stopped-{runs}", *camera_of(str(empty))) as context:
        page = await visited(context)
        await page.locator('[data-part="camera"]').click()
        await page.get_by_text("Đưa hình vuông trên tem").wait_for()
        if runs:
            await eventually(lambda: page.locator("video").evaluate("one => !!one.srcObject"))
        await page.locator('[data-part="stop"]').click()
        await page.wait_for_timeout(500)
        assert not await page.locator('[data-part="view"]').is_visible()
        assert await page.locator('[data-part="camera"]').is_visible()
        assert await page.locator("video").evaluate("video => video.srcObject") is None


async def test_a_refused_camera_is_told_and_typing_stays(stand: Stand) -> None:
    await stand.publish()
    refusing = ("--use-fake-device-for-media-stream", "--deny-permission-prompts")
    async with stand.phone("camera-refused", *refusing) as context:
        page = await visited(context)
        await page.locator('[data-part="camera"]').click()
        await page.get_by_text("Chưa được phép dùng máy ảnh").wait_for()
        assert await page.locator('[data-part="code"]').is_enabled()
