"""Anybody reports goods whose stamp is missing or cannot be read, found by their names or in words
alone (R53)."""

import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.scan.desk.reporting import SEARCHES, SENT_AN_HOUR
from services.scan.domain.complaint import form_token
from services.scan.store import sought
from shared.contracts.registry import FacilityPublished, ProductPublished
from shared.contracts.scan import ComplaintFiled
from shared.ids import new_id, now
from shared.mongo import transact
from tests.scan.desk import Desk
from tests.scan.desk_fixtures import desk, goods
from tests.scan.reports import REPORT, WORDS, given, look, photo_with_secrets
from tests.scan.world import Goods

HOME = f"{REPORT}/khong-tem"


__all__ = ["desk", "goods"]


async def send(
    desk: Desk, query: str = "", *, address: str = "203.0.113.7", about: str = "", **changes: Any
) -> httpx2.Response:
    browser = desk.browser()
    page = await browser.get(HOME + query)
    assert page.status_code == 200
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert csrf
    key = desk.app.state.web.keys.csrf
    token = form_token(key, f"goods/{about}", new_id(), now() - timedelta(seconds=60))
    body = {"csrf": csrf[1], "kind": "spoiled", "words": WORDS, "token": token, **changes}
    files: dict[str, Any] = {
        name: ("anh.jpg", body.pop(name), "image/jpeg")
        for name in ("photo", "label")
        if name in body
    }
    headers = {"Origin": desk.settings.public_origin, "X-Real-IP": address}
    return await browser.post(HOME + query, data=body, files=files or None, headers=headers)


async def told(desk: Desk, number: str) -> ComplaintFiled:
    filed: list[ComplaintFiled] = await desk.events(kind=ComplaintFiled)
    [found] = [one for one in filed if one.reference == number]
    return found


async def test_goods_are_found_without_marks_chosen_and_reported_with_both_photos(
    desk: Desk, goods: Goods
) -> None:
    row = await desk.db.collection(sought.SOUGHT).find_one({"_id": goods.product})
    assert row
    words = row["search"][:8]
    page = (await desk.browser().get(HOME, params={"q": words})).text
    assert f'value="product={goods.product}"' in page
    form = (await desk.browser().get(f"{HOME}?product={goods.product}")).text
    assert '<option value="07090"' in form, "the commune can be chosen"
    answer = await send(
        desk,
        f"?product={goods.product}",
        about=goods.product,
        commune="07090",
        printed="L01, HSD 12/2026",
        photo=photo_with_secrets(),
        label=photo_with_secrets(),
    )
    number, code = given(answer)
    found = await told(desk, number)
    assert (found.origin, found.batch, found.product_id, found.facility_id) == (
        *("no_stamp", 0, goods.product, goods.facility),
    )
    assert found.goods == "L01, HSD 12/2026"
    [label] = found.more_photos
    shown = await desk.browser(desk.approver()).get(label)
    assert shown.headers["content-type"] == "image/jpeg"
    assert b"MayAnhCuaToi" not in shown.content
    for token, status in (
        (desk.token("commune", "approve", communes=["07090"]), 200),
        (desk.token("commune", "approve", communes=["00004"]), 404),
        # The facility is known, so it is for its sector: its reporter's number too.
        (desk.token("department", "check", sector="agriculture"), 200),
        (desk.token("department", "check", sector="health"), 404),
    ):
        assert (await desk.browser(token).get(label)).status_code == status
        private = f"/console/scan/complaints/{found.subject}"
        assert (await desk.browser(token).get(private)).status_code == status
    assert (await look(desk, desk.browser(), number, code)).status_code == 200


async def test_choosing_goods_after_typing_keeps_what_was_typed(desk: Desk, goods: Goods) -> None:
    row = await desk.db.collection(sought.SOUGHT).find_one({"_id": goods.product})
    assert row
    text = row["search"][:8]
    typed = {"place": "Chợ Cái Dăm", "printed": "L07", "address": "203.0.113.77"}
    found = await send(desk, step="seek", q=text, **typed)
    chosen = await send(desk, step=f"product={goods.product}", q=text, **typed)
    other = await send(desk, f"?product={goods.product}", step="other", **typed)
    by_enter = await send(desk, q=text, kind="", **typed)
    for page in (found, chosen, other, by_enter):
        assert page.status_code == 200
        for words in (WORDS, "Chợ Cái Dăm", "L07"):
            assert words in page.text
    assert f'action="{HOME}?product={goods.product}"' in chosen.text
    assert f'action="{HOME}"' in other.text
    for page in (found, by_enter):
        assert f'value="product={goods.product}"' in page.text
    assert not [one for one in await desk.events(kind=ComplaintFiled) if one.place == "Chợ Cái Dăm"]


async def test_what_is_sent_is_sent_whatever_stands_unsought_in_the_search(
    desk: Desk, goods: Goods
) -> None:
    """Whoever presses the button to send has finished; Enter in the search only seeks."""
    typed = {"q": "na dai", "goods": "Na dai", "address": "198.51.100.72", "place": "Chợ Bãi Cháy"}
    page = await send(desk, **typed)
    assert page.status_code == 200
    assert 'name="step" value="send"' in page.text
    assert not [
        one for one in await desk.events(kind=ComplaintFiled) if one.place == typed["place"]
    ]
    given(await send(desk, step="send", **typed))
    [told] = [one for one in await desk.events(kind=ComplaintFiled) if one.place == typed["place"]]
    assert told.goods == "Na dai"


async def test_a_form_sent_at_once_after_goods_are_chosen_is_not_too_quick(
    desk: Desk, goods: Goods
) -> None:
    """It was begun before; but what was signed for other goods says nothing of that."""
    at: dict[str, Any] = {"address": "198.51.100.71"}
    choice = f"product={goods.product}"
    for about, status in (("", 200), ("others", 422)):
        chosen = await send(desk, about=about, step=choice, place=f"Chợ {status}", **at)
        token = re.search(r'name="token" value="([^"]+)"', chosen.text)
        assert token
        sent = await send(desk, f"?{choice}", token=token[1], place=f"Chợ {status}", **at)
        assert sent.status_code == status


async def test_words_alone_are_enough_and_without_any_it_is_said_what_is_missing(
    desk: Desk, goods: Goods
) -> None:
    refused = await send(desk)
    assert refused.status_code == 422
    assert "f-goods" in refused.text
    assert WORDS in refused.text, "nothing typed is lost"
    number, _ = given(await send(desk, goods="Giò lụa không rõ nơi làm", commune="07090"))
    found = await told(desk, number)
    assert (found.facility_id, found.product_id, found.commune) == ("", "", "07090")
    assert found.goods == "Giò lụa không rõ nơi làm"


async def test_the_same_words_about_other_goods_are_another_report_of_its_own_code(
    desk: Desk, goods: Goods
) -> None:
    """Two neighbours, or one buyer twice: nobody is answered for what somebody else bought."""
    at: dict[str, Any] = {"address": "198.51.100.40"}
    market = {**at, "goods": "Giò lụa A, chợ Hạ Long", "commune": "07090", "place": "Chợ Hạ Long"}
    first = given(await send(desk, **market))
    others: list[dict[str, Any]] = [
        {**market, "goods": "Sữa chua B, chợ Móng Cái"},
        {**market, "place": "Chợ Móng Cái"},
        {**market, "commune": ""},
        {**market, "label": photo_with_secrets()},
    ]
    numbers = {first[0]}
    for one in others:
        numbers.add(given(await send(desk, **one))[0])
    assert len(numbers) == 1 + len(others)
    assert {(await told(desk, number)).goods for number in numbers} == {
        *("Giò lụa A, chợ Hạ Long", "Sữa chua B, chợ Móng Cái"),
    }
    again = given(await send(desk, **{**market, "goods": " giò LỤA a,  chợ Hạ Long"}))
    assert again[0] == first[0], "the same goods, told once more, are the same report"
    assert again[1] != first[1], "which every reporter reads by a code of their own"
    chosen = f"?product={goods.product}"
    of_lots = [
        given(await send(desk, chosen, about=goods.product, printed=lot, **at))[0]
        for lot in ("L01", "L02")
    ]
    assert len(set(of_lots)) == 2


async def test_goods_that_are_not_there_have_no_form(desk: Desk, goods: Goods) -> None:
    for query in ("?product=none", "?facility=none", f"?facility={goods.product}"):
        assert (await desk.browser().get(HOME + query)).status_code == 404


async def test_a_form_for_other_goods_too_quick_or_by_a_program_is_not_taken(
    desk: Desk, goods: Goods
) -> None:
    named = {"goods": "Chả"}
    quick = form_token(desk.app.state.web.keys.csrf, "goods/", new_id(), now())
    assert "quá nhanh" in (await send(desk, token=quick, **named)).text
    assert (await send(desk, about=goods.product, **named)).status_code == 422
    assert (await send(desk, website="http://x", **named)).status_code == 422


async def test_one_neighbourhood_sends_and_seeks_only_so_often(desk: Desk, goods: Goods) -> None:
    address = "192.0.2.9"
    for one in range(SENT_AN_HOUR):
        given(await send(desk, goods=f"Món {one}", words=f"{WORDS} {one}", address=address))
    assert (await send(desk, goods="Món", address=address)).status_code == 429
    browser, headers = desk.browser(), {"X-Real-IP": "192.0.2.77"}
    for _ in range(SEARCHES):
        await browser.get(HOME, params={"q": "cha"}, headers=headers)
    page = await browser.get(HOME, params={"q": "cha"}, headers=headers)
    assert page.status_code == 200
    assert "Chưa tìm được" in page.text
    assert 'name="words"' in page.text, "what can be written can still be written"


async def test_the_newest_name_stays_told_twice_or_late(desk: Desk, goods: Goods) -> None:
    [facility] = [one for one in goods.events() if isinstance(one, FacilityPublished)]
    [product] = [one for one in goods.events() if isinstance(one, ProductPublished)]
    newer = product.model_copy(update={"version": 9, "name": "Chả mực giã tay"})

    async def work(tx: Any) -> None:
        await sought.note_products(tx, [newer, product])
        await sought.note_products(tx, [product, newer])
        await sought.note_facilities(tx, [facility, facility])

    await transact(desk.db, work)
    row = await desk.db.collection(sought.SOUGHT).find_one({"_id": goods.product})
    assert row
    assert (row["version"], row["name"]) == (9, "Chả mực giã tay")


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_its_page_speaks_three_languages(desk: Desk, goods: Goods, lang: str) -> None:
    headers = {"Accept-Language": lang, "X-Real-IP": "198.51.100.9"}
    page = await desk.browser().get(HOME, params={"q": "zzzz"}, headers=headers)
    assert page.status_code == 200
