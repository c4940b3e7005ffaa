"""The application on paper: empty for everybody, filled in for its sender and its officer (R5)."""

from io import BytesIO

import pypdfium2

from tests.answers import ok
from tests.identity.running_identity import Identity
from tests.identity.test_applications import WORK_LIST, find, hand_in

NAME = "Hộ in bản <đăng> ký"


def text_of(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(BytesIO(pdf))
    words = " ".join(page.get_textpage().get_text_range() for page in pages)
    return " ".join(words.replace("\u00a0", " ").split())


async def test_the_empty_form_is_there_for_everybody(identity: Identity) -> None:
    async with identity.client() as anybody:
        assert 'href="/apply/form.pdf"' in (await anybody.get("/apply")).text
        answer = await anybody.get("/apply/form.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    told = text_of(answer.content)
    assert "BẢN ĐĂNG KÝ" in told
    assert "Tên cơ sở: ……" in told
    assert "[ ] cấp mới" in told


async def test_a_sender_prints_what_they_sent_and_nobody_else_s(identity: Identity) -> None:
    codes = []
    for user in ("Chu Văn Lợi", "Đỗ Thị Khác"):
        sent = await hand_in(
            identity,
            address="203.0.113.93",
            facility_name=NAME,
            tax_number="",
            representative=user,
        )
        codes.append(ok(sent, 201)["tracking_code"])
    async with identity.client("203.0.113.93") as browser:
        first, second = [await browser.get(f"/apply/{code}/form.pdf") for code in codes]
        assert (
            f'href="/apply/{codes[0]}/form.pdf"' in (await browser.get(f"/apply/{codes[0]}")).text
        )
        assert (await browser.get("/apply/7K3M-Q9RT-2WXY-5ABC/form.pdf")).status_code == 404
    assert first.headers["cache-control"] == "private, no-store"
    mine, others = text_of(first.content), text_of(second.content)
    for words in (NAME, "Xã Tiên Yên", "0203 000 1007", "[ x ] cấp mới"):
        assert words in mine
    assert ("Chu Văn Lợi" in mine, "Chu Văn Lợi" in others) == (True, False)
    assert ("Đỗ Thị Khác" in mine, "Đỗ Thị Khác" in others) == (False, True)


async def test_who_decides_prints_it_for_the_file(identity: Identity) -> None:
    sent = await hand_in(
        identity, address="203.0.113.94", facility_name="Hộ có hồ sơ giấy", tax_number=""
    )
    ok(sent, 201)
    path = f"{WORK_LIST}/{(await find(identity, 'Hộ có hồ sơ giấy'))['_id']}"
    async with identity.browser("tienyen.hethong") as officer:
        assert f'href="{path}/form.pdf"' in (await officer.get(path)).text
        assert "Hộ có hồ sơ giấy" in text_of((await officer.get(f"{path}/form.pdf")).content)
    for stranger in ("bache.hethong", "yte.hethong"):
        async with identity.browser(stranger) as other:
            assert (await other.get(f"{path}/form.pdf")).status_code == 404
