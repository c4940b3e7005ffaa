"""Anybody reports a problem with a stamp; officials in scope learn of it, spam does not get far."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
import pytest_asyncio
from PIL import Image

from services.scan.desk.main import build
from services.scan.desk.reporting import SENT_AN_HOUR
from services.scan.domain.complaint import About, form_token
from services.scan.store.complaints import COMPLAINTS, PRIVATE
from shared.contracts.acts import ScanActRecorded
from shared.contracts.recall import ComplaintAnswered
from shared.contracts.scan import ComplaintFiled
from shared.ids import new_id, now
from shared.settings import Settings
from shared.stampcode import decode, encode, group
from tests import in_process
from tests.polling import eventually
from tests.scan.desk import Desk
from tests.scan.reports import (
    REPORT,
    WORDS,
    code_of,
    given,
    look,
    photo_with_secrets,
    send,
    token_of,
)
from tests.scan.test_desk import desk_settings
from tests.scan.world import Goods
from tests.tokens import bearer


@pytest_asyncio.fixture(scope="module")
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    made = desk_settings(settings)
    async with in_process.running(build(made), Desk, made) as found:
        yield found


@pytest_asyncio.fixture(scope="module")
async def goods(desk: Desk) -> Goods:
    return await desk.goods()


async def _told(desk: Desk, serial: int) -> list[ComplaintFiled]:
    return [one for one in await desk.events(kind=ComplaintFiled) if one.serial == serial]


async def _row(desk: Desk, number: str) -> dict[str, Any]:
    row = await desk.db.collection(COMPLAINTS).find_one({"number": number})
    assert row
    return dict(row)


async def test_a_report_is_kept_told_without_the_phone_and_found_again_by_its_code(
    desk: Desk, goods: Goods
) -> None:
    browser = desk.browser()
    answer = await send(
        desk,
        browser,
        goods,
        1,
        photo=photo_with_secrets(),
        phone="0912 345 678",
        commune="07090",
        place="Chợ Mạo Khê",
        verdict="genuine",
    )
    number, code = given(answer)
    [told] = await _told(desk, 1)
    assert told.reference == number
    assert (told.batch, told.facility_id, told.product_id, told.lot_id) == (
        *(goods.batch, goods.facility, goods.product, goods.lot),
    )
    assert (told.kind, told.words, told.commune, told.place) == (
        *("spoiled", WORDS, "07090", "Chợ Mạo Khê"),
    )
    assert (told.verdict, told.has_phone) == ("genuine", True)
    # The whole number in the forms it may take: three digits of it are in an identifier by chance.
    assert "912345678" not in told.model_dump_json().replace(" ", "")
    assert code not in told.model_dump_json()
    state = await look(desk, browser, number, code.lower().replace("-", " "))
    assert state.status_code == 200
    assert "Đã nhận, chờ xem" in state.text
    acts = await desk.events(kind=ScanActRecorded)
    assert ("complaint.file", "accepted") in {(one.action, one.outcome) for one in acts}


async def test_a_photo_is_drawn_anew_and_seen_by_officials_in_scope_alone(
    desk: Desk, goods: Goods
) -> None:
    number, _ = given(await send(desk, desk.browser(), goods, 2, photo=photo_with_secrets()))
    [told] = await _told(desk, 2)
    api = f"/api/scan/v1/complaints/{told.subject}/photo"
    assert (await desk.client.get(api)).status_code == 401
    for token, status in (
        (desk.token("commune", "approve", communes=["00004"]), 404),
        (desk.token("department", "check", sector="health"), 404),
        (desk.token("facility", "operate", facility=goods.facility, communes=[]), 403),
    ):
        got = await desk.client.get(api, headers=bearer(token))
        assert got.status_code in (status, 404)
        assert (await desk.browser(token).get(told.photo)).status_code in (status, 404)
    got = await desk.browser(desk.approver()).get(told.photo)
    assert got.headers["content-type"] == "image/jpeg"
    assert b"MayAnhCuaToi" not in got.content
    assert b"bi mat" not in got.content
    with Image.open(io.BytesIO(got.content)) as shown:
        assert shown.size == (800, 400)
    assert (await _row(desk, number))["has_photo"]


@pytest.mark.parametrize("photo", [b"<script>alert(1)</script>" * 40, b"\xff\xd8\xff" + b"x" * 99])
async def test_what_is_no_picture_is_refused_at_its_field_and_the_words_stay(
    desk: Desk, goods: Goods, photo: bytes
) -> None:
    answer = await send(desk, desk.browser(), goods, 3, photo=photo)
    assert answer.status_code == 422
    assert WORDS in answer.text
    assert "f-photo" in answer.text
    assert not await _told(desk, 3)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"words": "ngắn"}, "f-words"),
        ({"kind": "nonsense"}, "f-kind"),
        ({"phone": "gọi tôi"}, "f-phone"),
        ({"commune": "99999"}, "xã, phường trong danh sách"),
        ({"website": "http://spam.example"}, "chặn thư rác"),
    ],
)
async def test_a_wrong_answer_is_told_at_its_field_and_nothing_is_lost(
    desk: Desk, goods: Goods, changes: dict[str, Any], said: str
) -> None:
    answer = await send(desk, desk.browser(), goods, 4, place="Chợ Cái Dăm", **changes)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Chợ Cái Dăm" in answer.text
    assert not await _told(desk, 4)


async def test_a_form_sent_at_once_too_late_or_forged_is_not_taken_but_kept_to_be_sent_again(
    desk: Desk, goods: Goods
) -> None:
    for token, words in (
        (token_of(desk, goods, 5, seconds=0), "quá nhanh"),
        (token_of(desk, goods, 5, seconds=13 * 3600), "đã quá lâu"),
        (token_of(desk, goods, 6), "đã quá lâu"),
        ("9999999999.x.0000", "đã quá lâu"),
        ("", "đã quá lâu"),
    ):
        answer = await send(desk, desk.browser(), goods, 5, token=token)
        assert answer.status_code == 422, token
        assert words in answer.text
        assert WORDS in answer.text
    assert not await _told(desk, 5)


async def test_the_same_words_of_one_source_are_one_report_whose_every_sender_reads_the_answer(
    desk: Desk, goods: Goods
) -> None:
    first = given(await send(desk, desk.browser(), goods, 7))
    browsers = [desk.browser() for _ in range(3)]
    sent = await asyncio.gather(
        *(
            send(desk, one, goods, 7, words=WORDS.upper(), address="203.0.113.99")
            for one in browsers
        )
    )
    others = [given(answer) for answer in sent]
    assert {number for number, _ in others} == {first[0]}
    assert len({code for _, code in (first, *others)}) == 4
    for number, code in (first, *others):
        assert (await look(desk, desk.browser(), number, code)).status_code == 200
    assert len(await _told(desk, 7)) == 1
    assert (await _row(desk, first[0]))["repeats"] == 3
    other = given(await send(desk, desk.browser(), goods, 7, address="198.51.100.1"))
    assert other[0] != first[0]


async def test_one_neighbourhood_sends_only_so_many_an_hour_and_others_still_can(
    desk: Desk, goods: Goods
) -> None:
    browser = desk.browser()
    for number in range(SENT_AN_HOUR):
        words = f"{WORDS} Lần {number}."
        given(await send(desk, browser, goods, 8, words=words, address=f"192.0.2.{number}"))
    answer = await send(desk, browser, goods, 8, words=WORDS, address="192.0.2.200")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert WORDS in answer.text
    given(await send(desk, desk.browser(), goods, 8, words=WORDS, address="198.51.100.77"))


async def test_neither_number_nor_code_alone_opens_a_report_and_guessing_ends_soon(
    desk: Desk, goods: Goods
) -> None:
    number, code = given(await send(desk, desk.browser(), goods, 9, address="198.18.0.1"))
    for typed in ((number, "0000-0000-0000"), ("0000000000", code)):
        answer = await look(desk, desk.browser(), *typed, address="198.18.1.1")
        assert answer.status_code == 404
        assert WORDS not in answer.text
    statuses = [
        (await look(desk, desk.browser(), number, "1111-1111-1111", f"10.9.{n}.1")).status_code
        for n in range(22)
    ]
    assert statuses[-1] == 429
    assert set(statuses) == {404, 429}


async def test_a_report_that_a_newer_program_kept_is_read_by_this_one(
    desk: Desk, goods: Goods
) -> None:
    number, code = given(await send(desk, desk.browser(), goods, 22, address="198.19.22.1"))
    newer = {"$set": {"of_2030": "unheard of"}}
    await desk.db.collection(COMPLAINTS).update_one({"number": number}, newer)
    page = await look(desk, desk.browser(), number, code, address="198.19.22.1")
    assert page.status_code == 200
    again = await send(desk, desk.browser(), goods, 22, address="198.19.22.1")
    assert given(again)[0] == number


async def test_the_newest_word_of_officials_is_shown_whatever_order_it_comes_in(
    desk: Desk, goods: Goods
) -> None:
    number, code = given(await send(desk, desk.browser(), goods, 10, address="198.19.0.1"))
    [told] = await _told(desk, 10)
    seen, closed = (
        ComplaintAnswered(
            subject=told.subject,
            version=version,
            time=now(),
            state=state,
            answer=answer,
            authority="Chi cục Chất lượng",
        )
        for version, state, answer in ((1, "seen", ""), (2, "closed", "Đã lấy mẫu, lô bị giữ lại."))
    )
    await desk.tell(closed, closed, seen)

    async def heard() -> bool:
        row = await _row(desk, number)
        return bool(row["answer_version"] == 2)

    await eventually(heard)
    last = ComplaintAnswered(
        subject="nobody-knows", version=1, time=now(), state="seen", answer="", authority=""
    )
    await desk.tell(last, seen)
    page = await look(desk, desk.browser(), number, code, address="198.19.0.1")
    assert "Đã lấy mẫu, lô bị giữ lại." in page.text
    assert "Chi cục Chất lượng" in page.text
    assert (await _row(desk, number))["state"] == "closed"


async def test_phone_and_photo_lie_apart_and_end_before_the_rest(desk: Desk, goods: Goods) -> None:
    sent = await send(
        desk,
        desk.browser(),
        goods,
        11,
        phone="0912345678",
        photo=photo_with_secrets(),
        address="198.20.0.1",
    )
    row = await _row(desk, given(sent)[0])
    assert "0912345678" not in repr(row)
    ends = await desk.db.collection(PRIVATE).index_information()
    assert ends["private_until_1"]["expireAfterSeconds"] == 0
    assert row["private_until"] < row["kept_until"]
    page = f"/console/scan/complaints/{row['_id']}"
    browser = desk.browser(desk.approver())
    assert "0912345678" in (await browser.get(page)).text
    # The server's own sweep comes once a minute; what is due is shown to nobody even before.
    past = {"$set": {"private_until": now() - timedelta(seconds=1)}}
    await desk.db.collection(PRIVATE).update_one({"_id": row["_id"]}, past)
    assert "0912345678" not in (await browser.get(page)).text
    assert (await browser.get(f"{page}/photo")).status_code == 404


async def report_of(
    desk: Desk, typed: str, *, address: str, **changes: Any
) -> tuple[httpx2.Response, httpx2.Response]:
    """The form for a code as typed, and the answer to it filled in."""
    browser, path = desk.browser(), f"{REPORT}/{quote(typed, safe='')}"
    page = await browser.get(path)
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert csrf
    about = About.of(decode(desk.app.state.stamp_keys.ring, typed), typed)
    token = form_token(
        desk.app.state.web.keys.csrf, about.key, new_id(), now() - timedelta(seconds=60)
    )
    body = {"csrf": csrf[1], "kind": "looks_fake", "words": WORDS, "token": token, **changes}
    headers = {"Origin": desk.settings.public_origin, "X-Real-IP": address}
    return page, await browser.post(path, data=body, headers=headers)


def forged_from(code: str) -> str:
    return code[:-1] + ("0" if code[-1] != "0" else "1")


async def test_a_code_of_no_stamp_is_reported_as_it_was_typed_and_told(
    desk: Desk, goods: Goods
) -> None:
    forged = forged_from(code_of(desk, goods, 1))
    for number, typed in enumerate((forged, "TEM GIẢ 123", "0" * 20)):
        _, answer = await report_of(
            desk, typed, address=f"100.64.{number}.1", commune="07090", verdict="unknown"
        )
        reference, code = given(answer)
        [told] = [
            one for one in await desk.events(kind=ComplaintFiled) if one.reference == reference
        ]
        assert (told.batch, told.serial, told.facility_id, told.lot_id) == (0, 0, "", "")
        assert told.typed == typed
        assert (told.commune, told.verdict) == ("07090", "unknown")
        state = await look(desk, desk.browser(), reference, code, f"100.64.{number}.1")
        assert "Đã nhận, chờ xem" in state.text
    acts = [one.subject for one in await desk.events(kind=ScanActRecorded)]
    assert not any(forged in subject for subject in acts)


async def test_the_form_does_not_tell_a_forged_code_from_one_that_was_never_issued(
    desk: Desk, goods: Goods
) -> None:
    never_issued = encode(desk.app.state.stamp_keys.ring, goods.batch + 900_000, 3)
    forged = forged_from(never_issued)
    plain = []
    for number, typed in enumerate((forged, never_issued)):
        page, answer = await report_of(desk, typed, address=f"100.65.{number}.1")
        assert (page.status_code, answer.status_code) == (200, 200)
        text = page.text + answer.text
        for said in (typed, group(typed)):
            text = text.replace(said, "CODE")
        plain.append(
            re.sub(r"[0-9a-f]{64}|[0-9.]+[0-9a-f-]{30,}[.0-9a-f]*|[0-9A-Z-]{10,14}", "", text)
        )
    assert plain[0] == plain[1]


async def test_the_same_words_about_ever_new_codes_are_one_report_and_limits_hold(
    desk: Desk,
) -> None:
    numbers = set()
    for serial in range(3):
        _, answer = await report_of(desk, f"KHONG CO {serial}", address="100.66.1.1")
        numbers.add(given(answer)[0])
    assert len(numbers) == 1
    for serial in range(SENT_AN_HOUR - 3):
        await report_of(desk, f"KHONG CO {serial}", address="100.66.1.1")
    _, answer = await report_of(desk, "KHONG CO 99", address="100.66.1.1")
    assert answer.status_code == 429


async def test_officials_of_the_place_and_of_the_province_see_its_phone_and_nobody_else(
    desk: Desk,
) -> None:
    _, answer = await report_of(
        desk, "KHONG CO 7", address="100.67.1.1", commune="07090", phone="0912 345 678"
    )
    row = await _row(desk, given(answer)[0])
    path = f"/console/scan/complaints/{row['_id']}"
    for token, status in (
        (desk.approver(), 200),
        (desk.token("commune", "approve", communes=["07090"]), 200),
        (desk.token("commune", "approve", communes=["00004"]), 404),
        # As every department has it: nobody's goods have no sector.
        (desk.token("department", "approve", sector="agriculture"), 200),
        (desk.token("department", "check", sector="health"), 200),
        (desk.token("commune", "check", communes=["07090"], sector="health"), 200),
        (desk.token("commune", "check", communes=["00004"], sector="health"), 404),
        (desk.token("facility", "operate", facility="f", communes=[]), 403),
    ):
        got = await desk.browser(token).get(path)
        assert got.status_code in {status, 404 if status == 403 else status}


async def test_a_report_from_no_place_is_for_those_who_answer_for_the_whole_province(
    desk: Desk,
) -> None:
    _, answer = await report_of(desk, "KHONG CO 8", address="100.68.1.1", phone="0912 345 678")
    row = await _row(desk, given(answer)[0])
    path = f"/console/scan/complaints/{row['_id']}"
    for token, status in (
        (desk.token("department", "approve", sector="agriculture"), 200),
        (desk.token("unit", "check", sector="industry_trade"), 200),
        (desk.token("commune", "approve", communes=["07090"]), 404),
        (desk.token("commune", "approve", communes=["07090"], sector="health"), 404),
    ):
        assert (await desk.browser(token).get(path)).status_code == status


@pytest.mark.parametrize(
    ("lang", "words"), [("vi", "tự xóa sau 180"), ("en", "after 180 days"), ("zh", "180天后")]
)
async def test_the_form_says_in_three_languages_when_personal_data_goes(
    desk: Desk, goods: Goods, lang: str, words: str
) -> None:
    browser = desk.browser(**{"Accept-Language": lang})
    page = await browser.get(f"{REPORT}/{code_of(desk, goods, 1)}?v=genuine")
    assert words in page.text
    assert 'name="verdict" value="genuine"' in page.text


async def test_browsers_send_the_forms_with_their_origin(desk: Desk, goods: Goods) -> None:
    """Under `no-referrer` they would send "null", and the form be refused as another site's."""
    for path in (REPORT, f"{REPORT}/{code_of(desk, goods, 1)}"):
        page = await desk.browser().get(path)
        assert page.headers["referrer-policy"] != "no-referrer"
        assert "no-store" in page.headers["cache-control"]
