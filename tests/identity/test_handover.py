"""Minutes of handing accounts over: printable, in scope, without any code in them (R8)."""

import pypdfium2
import pytest

from tests.identity.running_identity import API, Identity

UNITS = "/console/identity/units"
ACCOUNTS = "/console/identity/accounts"


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


async def test_a_units_minute_lists_its_accounts_with_officer_and_document(
    identity: Identity,
) -> None:
    async with await identity.api("tinh.hethong") as api:
        order = {
            "username": "bache.bangiao",
            "name": "Lã <b>Thị</b> Ưởng & con",
            "tier": "commune",
            "kinds": ["check"],
            "unit_id": "xa-ba-che",
            "assignment": {"number": "77/QĐ-UBND", "date": "2026-03-02"},
        }
        issued = (await api.post(f"{API}/accounts", json=order)).json()
    async with identity.browser("tinh.hethong") as browser:
        file = await browser.get(f"{UNITS}/xa-ba-che/handover.pdf")
        assert file.headers["content-type"] == "application/pdf"
        told = text_of(file.content)
        one = text_of((await browser.get(f"{ACCOUNTS}/{issued['id']}/handover.pdf")).content)
    for expected in ("bache.hethong", "Bùi Đức Cảnh", "77/QĐ-UBND", "Xã Ba Chẽ", "Phạm Thị Hà"):
        assert expected in told
    assert "bache.bangiao" in one
    assert "<b>" in one
    assert "bache.hethong" not in one
    for secret in (issued["setup_code"], issued["setup_code"].replace("-", "")):
        assert secret not in told + one


@pytest.mark.parametrize(
    ("who", "status"), [("bache.hethong", 404), ("yte.hethong", 404), ("so.duyet", 404)]
)
async def test_others_minutes_do_not_exist(who: str, status: int, identity: Identity) -> None:
    account = await identity.db.collection("accounts").find_one({"username": "tienyen.kiemtra"})
    assert account is not None
    async with identity.browser(who) as browser:
        unit = await browser.get(f"{UNITS}/xa-tien-yen/handover.pdf")
        one = await browser.get(f"{ACCOUNTS}/{account['_id']}/handover.pdf")
    assert (unit.status_code, one.status_code) == (status, status)


async def test_a_kind_that_issues_nothing_gets_no_minute_of_its_own_unit(
    identity: Identity,
) -> None:
    async with identity.browser("tienyen.kiemtra") as browser:
        answer = await browser.get(f"{UNITS}/xa-tien-yen/handover.pdf")
    assert answer.status_code == 403
