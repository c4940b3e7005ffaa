"""Why a single stamp is out of use, in the authority's public words, on its page and in JSON."""

import pytest

from services.scan.domain import segments
from shared.contracts.stamps import (
    MAX_PUBLIC_REASON,
    MAX_SAID,
    HoldPublished,
    Said,
    SegmentPublished,
)
from shared.ids import now
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
    assert found[1:] == ("revoked", ())


def translated(goods: Goods, **words: str) -> SegmentPublished:
    said = (Said(first=5, last=9, text="Tem bị bóc", **words),)
    return goods.segment(1, "suspended").model_copy(update={"said": said})


async def test_the_reason_is_told_in_the_reader_s_language_else_marked_as_what_it_is(
    world: World, scans: Scans
) -> None:
    goods = Goods()
    words = {"text_en": "Peeled & stuck again", "text_zh": "标签被揭下"}
    await world.tell(*goods.passports(), translated(goods, **words))
    told = await becomes(scans, goods.batch, 7, "suspended")
    assert told["stamp_state_reason"] == "Tem bị bóc"
    assert told["stamp_state_reason_en"] == words["text_en"]
    assert told["stamp_state_reason_zh"] == words["text_zh"]
    for lang, own in (
        ("vi", "<p>Tem bị bóc</p>"),
        ("en", "<p>Peeled &amp; stuck again</p>"),
        ("zh", "<p>标签被揭下</p>"),
    ):
        page = await scans.page(goods.batch, 7, **{"Accept-Language": lang})
        assert own in page, lang
    other = Goods()
    await world.tell(*other.passports(), translated(other))
    told = await becomes(scans, other.batch, 7, "suspended")
    assert "stamp_state_reason_en" not in told
    for lang in ("en", "zh"):
        page = await scans.page(other.batch, 7, **{"Accept-Language": lang})
        assert '<span lang="vi">Tem bị bóc</span>' in page


async def test_a_hold_s_reason_is_told_in_the_reader_s_language(world: World, scans: Scans) -> None:
    goods = Goods()
    hold = HoldPublished(
        subject=f"hold-{goods.batch}",
        version=1,
        time=now(),
        scope="batch",
        target=str(goods.batch),
        reason_kind="officer_order",
        reason="Chờ kiểm nghiệm",
        reason_en="Waiting for the laboratory",
        active=True,
    )
    await world.tell(*goods.passports(), goods.segment(), hold)
    told = await becomes(scans, goods.batch, 7, "suspended")
    (why,) = told["holds"]
    assert (why["reason"], why["reason_en"], why["reason_zh"]) == (hold.reason, hold.reason_en, "")
    page = await scans.page(goods.batch, 7, **{"Accept-Language": "en"})
    assert "<p>Waiting for the laboratory</p>" in page
    page = await scans.page(goods.batch, 7, **{"Accept-Language": "zh"})
    assert '<span lang="en">Waiting for the laboratory</span>' in page


def test_translated_words_read_back_and_a_replica_of_before_finds_its_own_list() -> None:
    event = translated(Goods(), text_en="words")
    document = segments.to_document(event)
    assert segments.from_document(document) == segments.from_event(event)
    assert document["said"] == [[5, 9, "Tem bị bóc"]]
    del document["said_in"]
    found = segments.from_document(document).find(7)
    assert found is not None
    assert found[2] == ("Tem bị bóc", "", "")


def test_the_longest_words_of_a_segment_weigh_in_the_cache_and_have_an_end() -> None:
    longest = "词" * MAX_PUBLIC_REASON
    said = tuple(
        Said(first=2 * n, last=2 * n, text=longest, text_en=longest, text_zh=longest)
        for n in range(MAX_SAID)
    )
    event = Goods().segment(1, "revoked").model_copy(update={"said": said})
    weight = segments.weight(segments.from_event(event))
    assert 3 * 4 * MAX_PUBLIC_REASON * MAX_SAID < weight < 200_000
