"""What a stamp's page has in Vietnamese alone is marked so for who reads English or Chinese."""

from typing import Any

import pytest

from shared.contracts.registry import Certificate, ChainParty, Stage
from shared.contracts.stamps import Said
from shared.ids import now
from tests.languages_of_parts import in_vietnamese, texts, unmarked
from tests.polling import eventually
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World, area, facility, hold, lot, name, notice, product

NOTHING_ENGLISH = {"title_en": "", "reason_en": "", "instruction_en": ""}
ENGLISH_NAMES = ("Đông Triều custard apple",)


async def told(world: World, scans: Scans, **changes: Any) -> Goods:
    """Goods with all that a page can show; of it only the product has an English name."""
    goods, place = Goods(), name("area")
    paper = Certificate(
        kind="other",
        title="Nhãn hiệu chứng nhận na",
        number="12",
        issuer="Cục Sở hữu trí tuệ",
        scope="Na quả tươi",
        issued_on=now().date(),
    )
    stage = Stage(
        step="packing",
        title="Việc riêng của cơ sở",
        at=now(),
        place="Xưởng sơ chế",
        facility_name="Xưởng đóng gói Đầm Hà",
        details={"method": "Hộp giấy có lót", "quantity": "1200 quả"},
    )
    party = ChainParty(role="packer", name="Xưởng Đầm Hà", address="Thôn Đầm, xã Đầm Hà")
    await world.tell(
        facility(goods.facility, name_en="", certificates=(paper,)),
        product(goods.product, goods.facility, packaging="Hộp giấy", chain=(party,), **changes),
        area(place, goods.facility),
        lot(goods.lot, goods.product, goods.facility, growing_area_id=place, stages=(stage,)),
        goods.segment(),
    )
    await becomes(scans, goods.batch, 7, "genuine")
    return goods


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_what_is_vietnamese_alone_is_marked_so(world: World, scans: Scans, lang: str) -> None:
    goods = await told(world, scans)
    page = await scans.page(goods.batch, 7, **{"Accept-Language": lang})
    assert unmarked(page, *ENGLISH_NAMES) == []
    said = in_vietnamese(page)
    for words in (
        *("Hợp tác xã Cây ăn quả Đồi Nắng", "Thôn Đồi Nắng, phường An Sinh", "Xã An Sinh"),
        *("120 tấn mỗi năm", "Nơi thoáng mát", "VietGAP trồng trọt", "Hộp giấy", "Xưởng Đầm Hà"),
        *("Vùng na dai Đồi Nắng", "Phường An Sinh", "Việc riêng của cơ sở", "Xưởng sơ chế"),
        *("Cục Sở hữu trí tuệ", "Na quả tươi", "Nhãn hiệu chứng nhận na", "Hộp giấy có lót"),
    ):
        assert words in said, words


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_an_authoritys_words_are_marked_so(world: World, scans: Scans, lang: str) -> None:
    goods = await told(world, scans)
    words = notice(name("case"), lots=(goods.lot,)).model_copy(update=NOTHING_ENGLISH)
    said = goods.segment(2, "revoked").model_copy(
        update={"said": (Said(first=0, last=499, text="Tem bị bóc rồi dán lại"),)}
    )
    await world.tell(words, said, hold(name("hold"), "batch", str(goods.batch)))

    async def all_is_there() -> None:
        page = await scans.page(goods.batch, 7, **{"Accept-Language": lang})
        assert unmarked(page, *ENGLISH_NAMES) == []
        marked = in_vietnamese(page)
        for one in (words.title, words.reason, words.instruction, words.authority):
            assert one in marked
        assert "Tem bị bóc rồi dán lại" in marked
        assert "Chờ kết quả kiểm nghiệm" in marked

    await eventually(all_is_there)


async def test_a_vietnamese_page_marks_nothing_and_an_english_name_stays_english(
    world: World, scans: Scans
) -> None:
    goods = await told(world, scans)
    page = await scans.page(goods.batch, 7)
    assert {lang for lang, text in texts(page) if text not in ("EN", "中文")} == {"vi"}
    assert '<span lang="vi">' not in page
    english = await scans.page(goods.batch, 7, **{"Accept-Language": "en"})
    assert ("en", "Đông Triều custard apple") in texts(english)


async def test_in_english_a_number_decides_what_its_unit_is_called(
    world: World, scans: Scans
) -> None:
    goods, said = Goods(), {"1 thùng": "1 crate", "15 thùng": "15 crates", "1200 kg": "1,200 kg"}
    steps = tuple(
        Stage(step="packing", title="Đóng gói", at=now(), place="Xưởng", details={"quantity": one})
        for one in said
    )
    whole = lot(goods.lot, goods.product, goods.facility, stages=steps)
    await world.tell(*goods.passports()[:2], whole, goods.segment())
    await becomes(scans, goods.batch, 7, "genuine")
    page = await scans.page(goods.batch, 7, **{"Accept-Language": "en"})
    for words in said.values():
        assert f": {words}</span>" in page
