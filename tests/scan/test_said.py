"""Why a single stamp is out of use, in the authority's public words, on its page and in JSON."""

import pytest

from services.scan.domain import segments
from shared.contracts.stamps import MAX_PUBLIC_REASON, Said, SegmentPublished
from tests.polling import eventually
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World

WHY = "Tem bị <script>alert(1)</script> bóc khỏi bao bì & dán lại"


def explained(goods: Goods, state: str, version: int = 1, text: str = WHY) -> SegmentPublished:
    """Serials 0…499 in this state, and 5…9 of them explained."""
    said = (Said(first=5, last=9, text=text),)
    return goods.segment(version, state).model_copy(update={"said": said})


@pytest.mark.parametrize(("state", "verdict"), [("suspended", "suspended"), ("revoked", "revoked")])
async def test_the_reason_stands_on_the_page_and_in_json_of_exactly_these_stamps(
    world: World, scans: Scans, state: str, verdict: str
) -> None:
    goods = Goods()
    await world.tell(*goods.passports(), explained(goods, state))
    told = await becomes(scans, goods.batch, 7, verdict)
    assert told["stamp_state_reason"] == WHY
    other = await becomes(scans, goods.batch, 10, verdict)
    assert "stamp_state_reason" not in other
    page = await scans.page(goods.batch, 7)
    assert "Lý do của cơ quan quản lý" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; bóc khỏi bao bì &amp; dán lại" in page
    assert "<script>alert" not in page
    assert "Lý do của cơ quan quản lý" not in await scans.page(goods.batch, 10)
    for lang, title in (("en", "authority"), ("zh", "主管部门说明的原因")):
        page = await scans.page(goods.batch, 7, **{"Accept-Language": lang})
        assert title in page
        assert 'lang="vi"' in page


async def test_other_words_and_none_take_the_place_of_the_first(world: World, scans: Scans) -> None:
    goods = Goods()
    await world.tell(*goods.passports(), explained(goods, "suspended"))
    await becomes(scans, goods.batch, 7, "suspended")
    await world.tell(explained(goods, "suspended", 2, "Đã rõ hơn"))

    async def says(text: str | None) -> bool:
        return (await scans.verdict(goods.batch, 7)).get("stamp_state_reason") == text

    await eventually(lambda: says("Đã rõ hơn"))
    # An older version that comes late changes nothing.
    await world.tell(explained(goods, "suspended"), goods.segment(3))
    told = await becomes(scans, goods.batch, 7, "genuine")
    assert "stamp_state_reason" not in told


def test_what_is_kept_reads_back_and_what_was_kept_before_reads_too() -> None:
    event = explained(Goods(), "revoked", text="x" * MAX_PUBLIC_REASON)
    document = segments.to_document(event)
    assert segments.from_document(document) == segments.from_event(event)
    del document["said"]
    found = segments.from_document(document).find(7)
    assert found is not None
    assert found[1:] == ("revoked", "")
