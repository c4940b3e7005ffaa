"""The assignment document of an officer is kept with its scan and read in scope alone (R6)."""

import io

import pytest
from PIL import Image

from services.identity.papers import MAX_PIXELS, PaperTooLarge, PaperUnreadable, ready
from tests.answers import token_in
from tests.identity.running_identity import API, Identity
from tests.refusals_told import refused_addresses

ACCOUNTS = "/console/identity/accounts"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.4 cut off",
        b"\x89PNG\r\n\x1a\n" + b"x" * 100,
        picture("GIF"),
        picture()[:60],
    ],
    ids=["nothing", "svg", "half a pdf", "only a head", "gif", "half a png"],
)
def test_what_is_no_paper_is_refused_by_its_content(data: bytes) -> None:
    with pytest.raises(PaperUnreadable):
        ready(data)


def test_a_picture_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    side = 1 + int(MAX_PIXELS**0.5)
    with pytest.raises(PaperTooLarge):
        ready(picture(size=(side, side)))


def test_nothing_hidden_in_a_picture_leaves_again() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Nhà ở thôn Đồng Đình"
    Image.new("RGB", (300, 200), "white").save(out, "JPEG", exif=exif)
    kept = ready(out.getvalue() + b"<script>alert(1)</script>")
    assert b"script" not in kept.data
    assert not Image.open(io.BytesIO(kept.data)).getexif()


async def account_id(identity: Identity, username: str) -> str:
    account = await identity.db.collection("accounts").find_one({"username": username})
    assert account is not None
    return str(account["_id"])


async def test_a_scan_is_kept_and_read_only_by_who_manages_the_account_and_its_person(
    identity: Identity,
) -> None:
    account = await account_id(identity, "tienyen.kiemtra")
    path = f"{ACCOUNTS}/{account}"
    form = {"number": "99/QĐ-UBND", "date": "02/03/2026"}
    async with identity.browser("tienyen.hethong") as browser:
        csrf = token_in((await browser.get(f"{path}/assignment")).text)
        bad = await browser.post(
            f"{path}/assignment",
            data={**form, "csrf": csrf},
            files={"file": ("a.pdf", b"MZ not a pdf", "application/pdf")},
        )
        assert bad.status_code == 422
        assert "99/QĐ-UBND" in bad.text
        for name, data in (("a.pdf", PDF), ("b.exe", picture())):
            sent = await browser.post(
                f"{path}/assignment", data={**form, "csrf": csrf}, files={"file": (name, data)}
            )
            assert sent.status_code == 303, sent.text
        papers = identity.db.collection("papers").find({"account_id": account}).sort("at", 1)
        first, second = [row["_id"] async for row in papers]
        file = await browser.get(f"{path}/papers/{first}")
        assert (file.content, file.headers["content-type"]) == (PDF, "application/pdf")
        assert file.headers["content-disposition"].startswith("attachment")
        assert file.headers["content-security-policy"] == "sandbox"
        assert (await browser.get(f"{path}/papers/{second}")).content[:3] == b"\xff\xd8\xff"
        own = await account_id(identity, "tienyen.hethong")
        assert (await browser.get(f"{ACCOUNTS}/{own}/papers/{first}")).status_code == 404
        assert "99/QĐ-UBND" in (await browser.get(path)).text
    async with identity.browser("tienyen.kiemtra") as browser:
        assert (await browser.get(f"/account/papers/{first}")).content == PDF
        assert (await browser.get(f"{path}/papers/{first}")).status_code == 403
        assert (await browser.get(f"{path}/assignment")).status_code == 403
    for stranger in ("bache.hethong", "so.hethong"):
        async with identity.browser(stranger) as browser:
            assert (await browser.get(f"{path}/papers/{first}")).status_code == 404
            assert (await browser.get(f"{path}/assignment")).status_code == 404
            assert (await browser.get(f"/account/papers/{first}")).status_code == 404
            assert (await browser.get("/account/papers/none-of-any")).status_code == 404
        told = await refused_addresses(identity.db, await account_id(identity, stranger))
        assert told.count("/account/papers/{paper_id}") == 1


async def test_by_api_too_a_scan_is_kept_and_read_in_scope(identity: Identity) -> None:
    account = await account_id(identity, "tienyen.kiemtra")
    path = f"{API}/accounts/{account}"
    form = {"number": "12/QĐ-UBND", "date": "2026-03-02"}
    scan = {"file": ("a.pdf", PDF, "application/pdf")}
    async with await identity.api("tienyen.hethong") as api:
        wrong = await api.post(f"{path}/assignment", data=form, files={"file": b"MZ no pdf"})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "paper_unreadable")
        assert (await api.post(f"{path}/assignment", data={"number": "1"})).status_code == 422
        bare: tuple[tuple[str, str], ...] = (
            ("number", " \t "),
            ("number", "12\x00/QĐ"),
            ("date", "1772409600"),  # Seconds since 1970 are no day that anybody wrote.
            ("date", "không phải ngày"),
        )
        for name, value in bare:
            told = await api.post(f"{path}/assignment", data={**form, name: value})
            assert (told.status_code, told.json()["errors"][0]["field"]) == (422, name), value
        trimmed = await api.post(f"{path}/assignment", data={**form, "number": "  12/QĐ-UBND "})
        assert trimmed.json()["assignment"] == form
        sent = await api.post(f"{path}/assignment", data=form, files=scan)
        assert sent.json()["assignment"] == form
        kept, *_ = (await api.get(f"{path}/papers")).json()["items"]
        assert (kept["number"], kept["bytes"]) == ("12/QĐ-UBND", len(PDF))
        file = await api.get(f"{path}/papers/{kept['id']}")
        assert (file.content, file.headers["content-disposition"]) == (PDF, "attachment")
    async with await identity.api("bache.hethong") as foreign:
        for address in (f"{path}/papers", f"{path}/papers/{kept['id']}"):
            assert (await foreign.get(address)).status_code == 404
        barred = await foreign.post(f"{path}/assignment", data=form, files=scan)
        assert barred.status_code == 404
    async with await identity.api("tienyen.kiemtra") as own:
        assert (await own.get(f"{path}/papers")).status_code == 403
        assert (await own.post(f"{path}/assignment", data=form)).status_code == 403
