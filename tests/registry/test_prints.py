"""Printable forms: filled from the record, in Vietnamese, for those who may read it (R34)."""

from io import BytesIO

import pypdfium2
import pytest

from services.registry.domain.facility import Facility
from services.registry.printing import forms
from shared.printing.sheet import drawn
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import Registry


def text_of(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(BytesIO(pdf))
    return " ".join(page.get_textpage().get_text_range() for page in pages).replace("\r\n", " ")


def test_a_sheet_bears_the_countrys_name_its_motto_and_dotted_lines_for_what_is_missing() -> None:
    it = Facility(
        name="Hợp tác xã Đồi Nắng <&>",
        address="Thôn Đồi Nắng",
        commune=builders.COMMUNE,
        sector="agriculture",
        kinds=("grower",),
        facility_class="commitment",
    )
    found = text_of(drawn(forms.commitment(it, "CS22-1", "Trồng trọt", "Đồi Nắng", "An Sinh")))
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "BẢN CAM KẾT",
        "Hợp tác xã Đồi Nắng <&>",
        "Người đại diện: ……",
        "CHỦ CƠ SỞ",
    ):
        assert words in found


def test_a_long_diary_goes_on_over_pages_that_are_numbered() -> None:
    rows = [("20/08/2026", "Thu hoạch", "Đồi Nắng", f"Lần {n}") for n in range(200)]
    pdf = drawn(forms.diary("NA-1", "Đồi Nắng", "CS22-1", [("Mã lô", "NA-1")], rows))
    pages = pypdfium2.PdfDocument(BytesIO(pdf))
    assert len(pages) > 3
    assert "Lần 199" in text_of(pdf)
    assert pages[1].get_textpage().get_text_range().split()[0] == "2"


@pytest.mark.parametrize("language", ["vi", "en", "zh"])
async def test_each_form_opens_in_vietnamese_and_only_in_scope(
    registry: Registry, language: str
) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    lot = await registry.a_lot(facility["id"], product["id"])
    body = {
        "on": "2026-09-10",
        "kind": "planned",
        "team": "Đoàn số 2",
        "findings": "Kho thiếu kệ.",
        "result": "failed",
        "violations": [{"what": "Thiếu kệ"}],
    }
    path = f"/facilities/{facility['id']}/inspections"
    inspection = ok(await registry.post(path, body, registry.checker()), 201)
    here = "/console/registry"
    forms_of_it = {
        f"{here}/facilities/{facility['id']}/prints/registration.pdf": "PHIẾU ĐĂNG KÝ CƠ SỞ",
        f"{here}/facilities/{facility['id']}/prints/commitment.pdf": "BẢN CAM KẾT",
        f"{here}/facilities/{facility['id']}/prints/account.pdf": "quản lý tài khoản",
        f"{here}/products/{product['id']}/print.pdf": "Nhóm sản phẩm",
        f"{here}/lots/{lot['id']}/print.pdf": "Abamectin",
        f"{here}/inspections/{inspection['id']}/print.pdf": "Chưa khắc phục",
    }
    mine = registry.browser(registry.operator(facility["id"]), **{"Accept-Language": language})
    other = registry.browser(registry.operator("another-facility"))
    page = (await mine.get(f"{here}/facilities/{facility['id']}/prints")).text
    for address, words in forms_of_it.items():
        answer = await mine.get(address)
        assert answer.headers["content-type"] == "application/pdf"
        assert words in text_of(answer.content), address
        assert address in page
        assert (await other.get(address)).status_code == 404
    # Programs get the very same papers, in Vietnamese too, and nobody else any.
    operator, stranger = registry.operator(facility["id"]), registry.operator("another-facility")
    for address, words in forms_of_it.items():
        path = address.removeprefix(here)
        told = await registry.get(path, operator)
        assert told.headers["content-type"] == "application/pdf"
        assert words in text_of(told.content), path
        refused(await registry.get(path, stranger), 404, "not_found")
    unknown = await registry.get(f"/facilities/{facility['id']}/prints/other.pdf", operator)
    assert unknown.status_code == 422
    await mine.aclose()
    await other.aclose()
