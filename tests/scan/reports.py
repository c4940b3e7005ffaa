"""How tests report a problem with a stamp, as a browser does."""

import io
import re
from datetime import timedelta
from typing import Any

import httpx2
from PIL import Image

from services.scan.domain.complaint import form_token
from shared.ids import new_id, now
from shared.stampcode import encode
from tests.scan.desk import Desk
from tests.scan.world import Goods

REPORT = "/bao-van-de"
WORDS = "Gói na có mùi lạ, vỏ thâm đen, mua sáng nay ở chợ."


def code_of(desk: Desk, goods: Goods, serial: int) -> str:
    return encode(desk.app.state.stamp_keys.ring, goods.batch, serial)


def token_of(desk: Desk, goods: Goods, serial: int, seconds: int = 60) -> str:
    """As the form would carry it had it been opened so many seconds ago."""
    key = desk.app.state.web.keys.csrf
    return form_token(key, f"{goods.batch}/{serial}", new_id(), now() - timedelta(seconds=seconds))


async def send(
    desk: Desk,
    browser: httpx2.AsyncClient,
    goods: Goods,
    serial: int,
    *,
    address: str = "203.0.113.7",
    photo: bytes | None = None,
    **changes: Any,
) -> httpx2.Response:
    """The form as fetched, filled in and posted."""
    path = f"{REPORT}/{code_of(desk, goods, serial)}"
    page = await browser.get(path)
    assert page.status_code == 200, page.text[-500:]
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert csrf
    body = {
        "csrf": csrf[1],
        "kind": "spoiled",
        "words": WORDS,
        "token": token_of(desk, goods, serial),
        **changes,
    }
    files = {"photo": ("anh.jpg", photo or b"", "image/jpeg")} if photo is not None else None
    headers = {"Origin": desk.settings.public_origin, "X-Real-IP": address}
    return await browser.post(path, data=body, files=files, headers=headers)


def given(answer: httpx2.Response) -> tuple[str, str]:
    """Number and code of a thank-you page."""
    assert answer.status_code == 200, re.sub(r"<[^>]+>|\s+", " ", answer.text)[-900:]
    number = re.search(r">(\d{10})</b>", answer.text)
    code = re.search(r">([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</b>", answer.text)
    assert number
    assert code
    return number[1], code[1]


async def look(
    desk: Desk, browser: httpx2.AsyncClient, number: str, code: str, address: str = "203.0.113.7"
) -> httpx2.Response:
    page = (await browser.get(REPORT)).text
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert csrf
    headers = {"Origin": desk.settings.public_origin, "X-Real-IP": address}
    body = {"csrf": csrf[1], "number": number, "code": code}
    return await browser.post(REPORT, data=body, headers=headers)


def photo_with_secrets() -> bytes:
    """A JPEG that says where it was taken and by what."""
    exif = Image.Exif()
    exif[0x010F] = "MayAnhCuaToi"
    out = io.BytesIO()
    Image.new("RGB", (800, 400), "green").save(out, "JPEG", exif=exif, comment=b"bi mat")
    return out.getvalue()
