"""Officials enter what people tell them of some goods, in their name, and hand out a slip (R53)."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.scan.store import complaints, sought
from services.scan.store.complaints import COMPLAINTS, PRIVATE
from shared.contracts.acts import ScanActRecorded
from shared.contracts.scan import ComplaintFiled
from shared.days import today
from shared.ids import new_id, now
from tests.roles import sent
from tests.scan.desk import CONSOLE, HOME_COMMUNE, Desk
from tests.scan.desk_fixtures import desk, goods
from tests.scan.reports import WORDS, code_of, given, look, photo_with_secrets, send
from tests.scan.world import Goods

NEW = f"{CONSOLE}/complaints/new"


__all__ = ["desk", "goods"]


def body(**changes: Any) -> dict[str, Any]:
    return {
        **{"channel": "phone", "heard_on": str(today()), "kind": "made_ill", "words": WORDS},
        **{"key": new_id(), **changes},
    }


def clerk(desk: Desk, *communes: str) -> str:
    return desk.token("commune", "operate", communes=list(communes or (HOME_COMMUNE,)), unit="u-xa")


async def enter(desk: Desk, query: str = "", *, token: str = "", **changes: Any) -> httpx2.Response:
    files: dict[str, Any] = {
        name: (f"{name}.jpg", changes.pop(name), "image/jpeg")
        for name in ("photo", "label")
        if name in changes
    }
    return await sent(desk, token or clerk(desk), f"POST {NEW}{query}", body(**changes), files)


async def told(desk: Desk, number: str) -> ComplaintFiled:
    filed: list[ComplaintFiled] = await desk.events(kind=ComplaintFiled)
    [found] = [one for one in filed if one.reference == number]
    return found


async def records(desk: Desk, *, accepted: bool) -> list[ScanActRecorded]:
    acts: list[ScanActRecorded] = await desk.events(kind=ScanActRecorded)
    entered = [one for one in acts if one.action == "complaint.enter"]
    return [one for one in entered if (one.outcome == "accepted") is accepted]


async def test_goods_are_found_entered_and_the_slip_opens_the_report(
    desk: Desk, goods: Goods
) -> None:
    browser = desk.browser(clerk(desk))
    row = await desk.db.collection(sought.SOUGHT).find_one({"_id": goods.product})
    assert row
    page = (await browser.get(NEW, params={"q": row["search"][:8]})).text
    assert f'value="product={goods.product}"' in page
    chosen = (await browser.get(f"{NEW}?product={goods.product}")).text
    assert 'name="words"' in chosen
    yesterday = today() - timedelta(days=1)
    answer = await enter(
        desk,
        f"?product={goods.product}",
        heard_on=str(yesterday),
        printed="L01",
        name="Bà Tư",
        phone="0912 345 678",
        photo=photo_with_secrets(),
        label=photo_with_secrets(),
    )
    number, code = given(answer)
    assert answer.headers["cache-control"] == "private, no-store"
    found = await told(desk, number)
    assert (found.origin, found.channel, found.heard_on) == ("official", "phone", yesterday)
    assert (found.product_id, found.facility_id, found.goods) == (
        *(goods.product, goods.facility, "L01"),
    )
    assert (found.entered_by, found.has_phone) == ("u-xa", True)
    assert len(found.more_photos) == 1
    assert (await look(desk, desk.browser(), number, code)).status_code == 200
    [act] = [one for one in await records(desk, accepted=True) if one.subject == found.subject]
    assert act.facts["channel"] == "phone"


async def test_what_one_official_entered_is_told_as_of_one_and_not_of_whom(
    desk: Desk, goods: Goods
) -> None:
    one, other = clerk(desk), clerk(desk)
    clerks = []
    for token in (one, one, other):
        answer = await enter(desk, f"?product={goods.product}", token=token)
        clerks.append((await told(desk, given(answer)[0])).clerk)
    assert all(clerks)
    assert clerks[0] == clerks[1] != clerks[2]
    acts = await records(desk, accepted=True)
    assert not set(clerks) & {act.actor for act in acts}


async def test_choosing_goods_after_typing_keeps_what_was_typed(desk: Desk, goods: Goods) -> None:
    row = await desk.db.collection(sought.SOUGHT).find_one({"_id": goods.product})
    assert row
    typed = {"words": WORDS, "place": "Chợ Cái Dăm", "name": "Bà Tư"}
    sought_ = await enter(desk, step="seek", q=row["search"][:8], photo=b"x", **typed)
    assert sought_.status_code == 200
    assert "Hãy chọn lại tệp" in sought_.text
    assert f'value="product={goods.product}"' in sought_.text
    chosen = await enter(desk, step=f"product={goods.product}", q=row["search"][:8], **typed)
    assert f'action="{NEW}?product={goods.product}"' in chosen.text
    other = await enter(desk, f"?product={goods.product}", step="other", **typed)
    assert f'action="{NEW}"' in other.text
    for page in (sought_, chosen, other):
        for text in typed.values():
            assert text in page.text
        assert 'role="alert"' not in page.text or page is sought_
    entered = await enter(desk, q=row["search"][:8], kind="", words="")
    assert f'value="product={goods.product}"' in entered.text, "Enter in the search seeks first"
    given(
        await enter(desk, step="send", q="chưa tìm", goods="Giò lụa", commune=HOME_COMMUNE, **typed)
    )
    foreign = await enter(desk, step=f"product={goods.product}", token=clerk(desk, "07001"))
    assert foreign.status_code in (403, 404)


async def test_name_and_number_are_told_to_nobody_and_shown_to_those_of_the_area_until_their_day(
    desk: Desk, goods: Goods
) -> None:
    answer = await enter(desk, f"?lot={goods.lot}", name="Bà Tư", phone="0912 345 678")
    found = await told(desk, given(answer)[0])
    assert found.lot_id == goods.lot
    for kind in (ComplaintFiled, ScanActRecorded):
        for event in await desk.events(kind=kind):
            assert "Bà Tư" not in event.model_dump_json()
            assert "345 678" not in event.model_dump_json()
    page = f"{CONSOLE}/complaints/{found.subject}"
    shown = (await desk.browser(clerk(desk)).get(page)).text
    assert "Bà Tư" in shown
    assert "0912 345 678" in shown
    assert (await desk.browser(clerk(desk, "07001")).get(page)).status_code == 404
    kept = await desk.db.collection(COMPLAINTS).find_one({"_id": found.subject})
    assert kept
    assert "name" not in kept
    await desk.db.collection(PRIVATE).update_one(
        {"_id": found.subject}, {"$set": {"private_until": now() - timedelta(seconds=1)}}
    )
    assert "Bà Tư" not in (await desk.browser(clerk(desk)).get(page)).text


async def test_a_form_sent_twice_is_one_report_with_one_code(desk: Desk, goods: Goods) -> None:
    key, token = new_id(), clerk(desk)
    first = given(await enter(desk, f"?lot={goods.lot}", token=token, key=key))
    assert given(await enter(desk, f"?lot={goods.lot}", token=token, key=key)) == first
    again = given(await enter(desk, f"?lot={goods.lot}"))
    assert again[0] != first[0], "another person told the same"
    assert again[1] != first[1]
    row = await desk.db.collection(COMPLAINTS).find_one({"number": first[0]})
    assert row
    assert row["repeats"] == 0


async def test_what_is_corrected_after_saving_is_neither_lost_silently_nor_kept_twice(
    desk: Desk, goods: Goods
) -> None:
    key, token, query = new_id(), clerk(desk), f"?lot={goods.lot}"
    number, _ = given(await enter(desk, query, token=token, key=key))
    kept = await desk.db.collection(COMPLAINTS).count_documents({})
    for changes in ({"phone": "0912345678"}, {"words": WORDS + " hai lần"}, {"kind": "spoiled"}):
        answer = await enter(desk, query, token=token, key=key, **changes)
        assert answer.status_code == 409
        assert number in answer.text, "which report it became is told"
    assert await desk.db.collection(COMPLAINTS).count_documents({}) == kept
    row = await desk.db.collection(COMPLAINTS).find_one({"number": number})
    assert row
    assert row["repeats"] == 0


async def test_programs_before_and_after_this_one_read_each_others_reports(
    desk: Desk, goods: Goods
) -> None:
    number, code = given(await send(desk, desk.browser(), goods, 3))
    rows = desk.db.collection(COMPLAINTS)
    row = await rows.find_one({"number": number})
    assert row
    assert not {"channel", "heard_on", "entered_by", "entry", "questions"} & set(row)
    await rows.update_one({"number": number}, {"$set": {"known_only_later": 1}})
    assert (await look(desk, desk.browser(), number, code)).status_code == 200


async def test_a_stamp_may_be_anybodys_and_a_code_of_no_stamp_is_kept_as_it_was_read(
    desk: Desk, goods: Goods
) -> None:
    away = clerk(desk, "07001")
    code = code_of(desk, goods, 7)
    page = (await desk.browser(away).get(NEW, params={"q": code})).text
    bare = code.replace("-", "")
    assert f'value="stamp={bare}"' in page
    found = await told(desk, given(await enter(desk, f"?stamp={code}", token=away))[0])
    assert (found.batch, found.serial, found.facility_id) == (goods.batch, 7, goods.facility)
    strange = await enter(desk, "?stamp=KHONG-PHAI-TEM", goods="Giò", commune=HOME_COMMUNE)
    found = await told(desk, given(strange)[0])
    assert (found.batch, found.facility_id) == (0, "")
    assert found.typed


async def test_goods_of_others_are_neither_found_nor_chosen_and_the_try_is_on_record(
    desk: Desk, goods: Goods
) -> None:
    away = clerk(desk, "07001")
    row = await desk.db.collection(sought.SOUGHT).find_one({"_id": goods.product})
    assert row
    page = (await desk.browser(away).get(NEW, params={"q": row["search"][:8]})).text
    assert goods.product not in page
    for query in (f"?product={goods.product}", f"?facility={goods.facility}", f"?lot={goods.lot}"):
        assert (await desk.browser(away).get(NEW + query)).status_code == 404
        before = len(await records(desk, accepted=False))
        assert (await enter(desk, query, token=away)).status_code == 404
        assert len(await records(desk, accepted=False)) > before
    for query in ("?product=none", "?lot=none"):
        assert (await desk.browser(clerk(desk)).get(NEW + query)).status_code == 404


async def test_nobodys_goods_need_a_name_and_a_place_in_ones_own_area(
    desk: Desk, goods: Goods
) -> None:
    unnamed = await enter(desk, commune=HOME_COMMUNE)
    assert unnamed.status_code == 422
    assert "f-goods" in unnamed.text
    assert WORDS in unnamed.text, "nothing typed is lost"
    for commune in ("", "07093"):
        refused = await enter(desk, goods="Giò lụa", commune=commune)
        assert refused.status_code == 422
        assert "địa bàn của bạn" in refused.text
    found = await told(desk, given(await enter(desk, goods="Giò lụa", commune=HOME_COMMUNE))[0])
    assert (found.facility_id, found.commune, found.goods) == ("", HOME_COMMUNE, "Giò lụa")


@pytest.mark.parametrize("days", [-1, 366])
async def test_it_was_heard_neither_tomorrow_nor_more_than_a_year_ago(
    desk: Desk, goods: Goods, days: int
) -> None:
    day = today() - timedelta(days=days)
    refused = await enter(desk, f"?lot={goods.lot}", heard_on=str(day))
    assert refused.status_code == 422
    assert "f-heard_on" in refused.text


async def test_what_is_not_asked_for_is_refused(desk: Desk, goods: Goods) -> None:
    for changes in (
        *({"channel": "pigeon"}, {"heard_on": "x"}, {"commune": "99999"}, {"phone": "abc"}),
        *({"words": "ngắn"}, {"strange": "x"}, {"key": "../x"}),
        {"photo": b"MZ\x90 not a picture"},
    ):
        refused = await enter(desk, f"?lot={goods.lot}", **changes)
        assert refused.status_code == 422, changes


async def test_facilities_and_those_who_only_read_enter_nothing(desk: Desk, goods: Goods) -> None:
    for token in (
        desk.token("facility", "operate", facility=goods.facility, communes=[]),
        desk.token("commune", "read", communes=[HOME_COMMUNE]),
    ):
        assert (await desk.browser(token).get(NEW)).status_code in (403, 404)
        assert (await enter(desk, f"?lot={goods.lot}", token=token)).status_code in (403, 404)
    assert "forbidden" in {one.outcome for one in await records(desk, accepted=False)}


async def test_a_photo_named_like_another_report_is_no_way_to_it(desk: Desk, goods: Goods) -> None:
    """Further photos lie under the report's own id."""
    answer = await enter(desk, f"?lot={goods.lot}", label=photo_with_secrets())
    found = await told(desk, given(answer)[0])
    kept = await complaints.private(desk.db, f"{found.subject}/{complaints.LABEL}", now())
    assert kept.photo
    page = f"{CONSOLE}/complaints/{found.subject}/photos"
    assert (await desk.browser(clerk(desk)).get(f"{page}/q1")).status_code == 404
    assert (await desk.browser(clerk(desk)).get(f"{page}/label")).status_code == 200


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_its_pages_speak_three_languages(desk: Desk, goods: Goods, lang: str) -> None:
    browser = desk.browser(clerk(desk), **{"Accept-Language": lang})
    for query in ("", "?q=zzzz", f"?lot={goods.lot}"):
        assert (await browser.get(NEW + query)).status_code == 200
