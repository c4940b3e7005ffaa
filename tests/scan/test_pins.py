"""Hidden numbers: five wrong tries however they come, no more told than the verdict allows."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from services.scan.desk.main import build
from services.scan.domain import copies
from services.scan.domain.copies import Rules
from services.scan.domain.pin import MOST_WRONG, RIGHTS_KEPT, WRONG_OF_SOURCE, Tries
from services.scan.domain.suspicion import Suspicion, may_be_suspected, pin_locked, suspect
from services.scan.store import pins
from shared import turns
from shared.contracts.scan import Finding, SuspicionPublished
from shared.contracts.stamps import PinsOrdered
from shared.ids import new_id, now
from shared.mongo import Tx, transact
from shared.settings import Settings
from shared.stampcode import StampId, decode, encode
from shared.stampkeys import PIN_FILE
from shared.stamppins import PinKeys, grouped
from tests import in_process
from tests.polling import eventually
from tests.scan.desk import CONSOLE, Desk
from tests.scan.reports import code_of
from tests.scan.test_desk import desk_settings
from tests.scan.world import Goods, World, name, notice
from tests.tokens import bearer

PIN = "/pin"
RIGHT, WRONG = "Đây là số ẩn được tạo riêng", "Không phải số ẩn của con tem này"
LOCKED, NONE = "nên số ẩn này không kiểm tra được nữa", "được cấp mà không in số ẩn"
NO_STAMP = "Không có tem nào mang mã này"
ALL = "abcdefghijklmnopqrstuvwxyz"


@pytest_asyncio.fixture(scope="module")
async def desk(world: World) -> AsyncIterator[Desk]:
    """Beside running publishers, whose feeds it asks."""
    made = desk_settings(world.settings)
    async with in_process.running(build(made), Desk, made) as found:
        yield found


@pytest_asyncio.fixture(scope="module")
async def goods(desk: Desk) -> Goods:
    made = await desk.goods()
    await printed(desk, made, 0, 400)
    return made


def ordered(goods: Goods, first: int, last: int, job: str = "") -> PinsOrdered:
    return PinsOrdered(
        subject=job or new_id(),
        version=1,
        time=now(),
        batch=goods.batch,
        facility_id=goods.facility,
        product_id=goods.product,
        first=first,
        last=last,
    )


async def printed(desk: Desk, goods: Goods, first: int, last: int, job: str = "") -> None:
    await told(desk, ordered(goods, first, last, job))


async def told(desk: Desk, event: PinsOrdered) -> None:
    async def work(tx: Tx) -> None:
        await pins.note_ordered(tx, event)

    await transact(desk.db, work)


def number_of(desk: Desk, goods: Goods, serial: int) -> str:
    keys = PinKeys.load(desk.settings.secrets_dir / PIN_FILE)
    stamp = decode(desk.app.state.stamp_keys.ring, code_of(desk, goods, serial))
    assert stamp
    return keys.pin_of(stamp)


def wrong_for(desk: Desk, goods: Goods, serial: int, n: int = 1) -> str:
    return f"{(int(number_of(desk, goods, serial)) + n) % 10**6:06d}"


async def csrf_of(browser: httpx2.AsyncClient) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', (await browser.get(PIN)).text)
    assert found
    return found[1]


async def tried(
    desk: Desk,
    code: str,
    pin: str,
    *,
    address: str = "203.0.113.7",
    browser: httpx2.AsyncClient | None = None,
    lang: str = "vi",
    csrf: str = "",
    **more: str,
) -> httpx2.Response:
    browser = browser or desk.browser()
    body = {"csrf": csrf or await csrf_of(browser), "code": code, "pin": pin, "once": new_id()}
    body |= more
    headers = {"Origin": desk.settings.public_origin, "X-Real-IP": address}
    return await browser.post(f"{PIN}?lang={lang}", data=body, headers=headers)


def said(answer: httpx2.Response) -> str:
    for words in (RIGHT, WRONG, LOCKED, NONE, NO_STAMP):
        if words in answer.text:
            return words
    return f"{answer.status_code} " + re.sub(r"<[^>]+>|\s+", " ", answer.text)[-700:]


async def row_of(desk: Desk, goods: Goods, serial: int) -> dict[str, Any]:
    wanted = {"batch": goods.batch, "serial": serial}
    return dict(await desk.db.collection(pins.TRIES).find_one(wanted) or {})


async def test_the_right_number_is_right_and_its_first_day_is_told(
    desk: Desk, goods: Goods
) -> None:
    code, number = code_of(desk, goods, 1), number_of(desk, goods, 1)
    first = await tried(desk, code, grouped(number))
    assert first.status_code == 200
    assert RIGHT in first.text
    assert "lần đầu tiên số ẩn của tem này được nhập đúng" in first.text
    assert first.headers["cache-control"] == "private, no-store"
    second = await tried(desk, code.lower(), f" {number[:2]} {number[2:]} ")
    assert "đến nay đã 2 lần" in second.text
    assert "đã bị chép sang tem khác" in second.text
    for lang, words in (("en", "was made for this stamp"), ("zh", "专门生成的隐藏号码")):
        assert words in (await tried(desk, code, number, lang=lang)).text


async def test_the_verdict_stands_first_and_a_right_number_takes_no_recall_away(
    desk: Desk, world: World
) -> None:
    """It is read from the feeds, though the desk hears no event of it."""
    goods = Goods()
    await world.tell(*goods.events())
    async with world.projecting():
        await printed(desk, goods, 0, 9)
        await _known(desk, goods)
        fine = await tried(desk, code_of(desk, goods, 1), number_of(desk, goods, 1))
        assert said(fine) == RIGHT
        assert "Tem hợp lệ, không bị thu hồi" in fine.text
    # The projection is down now: nothing but the feeds can know of the recall.
    desk.app.state.standing._asked = float("-inf")
    await world.tell(notice(name("case"), lots=(goods.lot,)))
    bad = await tried(desk, code_of(desk, goods, 1), number_of(desk, goods, 1))
    assert said(bad) == RIGHT
    assert "Tem hợp lệ" not in bad.text
    content = bad.text.partition("<main")[2]
    assert content
    # Not even the heading praises before it.
    assert "đúng" not in content[: content.index("Đang bị thu hồi")]
    assert content.index("Đang bị thu hồi") < content.index(RIGHT)
    assert "không làm thay đổi kết luận ở trên" in bad.text


async def _known(desk: Desk, goods: Goods) -> None:
    """Everything of these goods is in the read models."""

    async def here() -> bool:
        segment = await desk.db.collection("segments").find_one({"_id": f"{goods.batch}/0"})
        lot = await desk.db.collection("lots").find_one({"_id": goods.lot})
        return segment is not None and lot is not None

    await eventually(here)


async def test_without_the_feeds_nothing_good_is_said(settings: Settings) -> None:
    made = desk_settings(settings)
    async with in_process.running(build(made), Desk, made) as alone:
        goods = await alone.goods()
        await printed(alone, goods, 0, 9)
        answer = await tried(alone, code_of(alone, goods, 1), number_of(alone, goods, 1))
        assert said(answer) == RIGHT
        assert "Chưa xác nhận được vào lúc này" in answer.text
        assert "Tem hợp lệ" not in answer.text


async def test_five_wrong_ones_lock_it_for_good_also_for_the_right_one(
    desk: Desk, goods: Goods
) -> None:
    code = code_of(desk, goods, 2)
    for n in range(1, MOST_WRONG):
        answer = await tried(desk, code, wrong_for(desk, goods, 2, n), address="203.0.114.1")
        assert said(answer) == WRONG
        assert f"Còn {MOST_WRONG - n} trong 5 lần" in answer.text
        assert f"/bao-van-de/{code}" in answer.text
    fifth = await tried(desk, code, wrong_for(desk, goods, 2, 5), address="203.0.114.1")
    assert said(fifth) == LOCKED
    assert "chưa nói hàng là giả" in fifth.text
    assert said(await tried(desk, code, number_of(desk, goods, 2))) == LOCKED
    assert (await row_of(desk, goods, 2))["rights"] == 0


async def test_of_a_hundred_numbers_sent_at_once_no_more_than_five_are_judged(
    desk: Desk, goods: Goods
) -> None:
    """From as many places, to two processes: they meet in the database alone."""
    code = code_of(desk, goods, 3)
    made = desk_settings(desk.settings)
    async with in_process.running(build(made), Desk, made) as other:
        both = [(one, one.browser()) for one in (desk, other)]
        csrfs = [await csrf_of(browser) for _, browser in both]
        answers = await asyncio.gather(
            *(
                tried(
                    both[n % 2][0],
                    code,
                    wrong_for(desk, goods, 3, n),
                    address=f"198.{18 + n % 2}.{n}.7",
                    browser=both[n % 2][1],
                    csrf=csrfs[n % 2],
                    once=new_id(),
                )
                for n in range(1, 101)
            )
        )
    outcomes = Counter(said(one) for one in answers)
    assert outcomes == {WRONG: MOST_WRONG - 1, LOCKED: 100 - MOST_WRONG + 1}
    row = await row_of(desk, goods, 3)
    assert (row["wrong"], len(row["forms"])) == (MOST_WRONG, MOST_WRONG)
    assert said(await tried(desk, code, number_of(desk, goods, 3))) == LOCKED


async def test_a_crowd_at_one_stamp_keeps_nobody_from_another_and_waits_no_longer_than_it_may(
    desk: Desk, goods: Goods, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put off as in an outage, without a try."""
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0.2)
    stamp = decode(desk.app.state.stamp_keys.ring, code_of(desk, goods, 13))
    async with turns.turn(desk.db.name, f"pin {stamp}"):
        waiting = asyncio.create_task(
            tried(desk, code_of(desk, goods, 13), number_of(desk, goods, 13))
        )
        other = await tried(
            desk, code_of(desk, goods, 14), number_of(desk, goods, 14), address="203.0.126.1"
        )
        assert said(other) == RIGHT
        assert (await waiting).status_code == 503
    row = await row_of(desk, goods, 13)
    assert (row["wrong"], row["rights"]) == (0, 0)


async def test_right_ones_among_wrong_ones_at_once_are_judged_only_while_tries_are_left(
    desk: Desk, goods: Goods
) -> None:
    code, browser = code_of(desk, goods, 4), desk.browser()
    csrf = await csrf_of(browser)
    sent = [number_of(desk, goods, 4) if n % 2 else wrong_for(desk, goods, 4, n) for n in range(40)]
    answers = await asyncio.gather(
        *(
            tried(desk, code, one, address=f"198.51.{n}.7", browser=browser, csrf=csrf, once=str(n))
            for n, one in enumerate(sent, 100)
        )
    )
    row = await row_of(desk, goods, 4)
    outcomes = Counter(said(one) for one in answers)
    assert row["wrong"] == MOST_WRONG
    assert outcomes[RIGHT] == row["rights"]
    assert outcomes[WRONG] == MOST_WRONG - 1
    assert sum(outcomes.values()) == outcomes[RIGHT] + outcomes[WRONG] + outcomes[LOCKED] == 40


async def test_a_form_that_is_sent_twice_is_one_try_and_one_try_for_each_number(
    desk: Desk, goods: Goods
) -> None:
    """Who goes back to the form that was sent, and mends a digit, has it looked at."""
    code, once, number = code_of(desk, goods, 5), new_id(), number_of(desk, goods, 5)
    address = "203.0.115.1"

    async def told(pin: str) -> tuple[str, int, int]:
        answer = await tried(desk, code, pin, once=once, address=address)
        row = await row_of(desk, goods, 5)
        return said(answer), row["wrong"], row["rights"]

    for _ in range(3):
        assert await told(wrong_for(desk, goods, 5)) == (WRONG, 1, 0)
    for _ in range(2):
        assert await told(number) == (RIGHT, 1, 1)
    # Not right because the right one came with it before, nor free because a wrong one did.
    for _ in range(2):
        assert await told(wrong_for(desk, goods, 5, 2)) == (WRONG, 2, 1)
    assert await told(number) == (RIGHT, 2, 1)


async def test_right_ones_sent_again_are_not_counted_again_while_four_others_came_between(
    desk: Desk, goods: Goods
) -> None:
    code, number = code_of(desk, goods, 9), number_of(desk, goods, 9)
    forms = [new_id() for _ in range(RIGHTS_KEPT)]
    for once in (*forms, *forms):
        assert said(await tried(desk, code, number, once=once)) == RIGHT
    row = await row_of(desk, goods, 9)
    assert (row["rights"], len(row["right_forms"])) == (RIGHTS_KEPT, RIGHTS_KEPT)


async def test_no_number_is_looked_at_that_comes_without_a_form(desk: Desk, goods: Goods) -> None:
    """Sent twice, it would be two tries."""
    code, wrong = code_of(desk, goods, 10), wrong_for(desk, goods, 10)
    answer = await tried(desk, code, wrong, once="")
    assert answer.status_code == 422
    assert "Những điều đã viết vẫn còn" in answer.text
    assert await row_of(desk, goods, 10) == {}
    # Pressed again, it is taken: the page has given it a name, and every page does.
    shown = [answer.text, (await desk.browser().get(PIN)).text]
    shown.append((await desk.browser().get(f"{PIN}/{code}")).text)
    shown.append((await tried(desk, code, wrong)).text)
    assert len({re.search(r'name="once" value="([^"]{36})"', one)[1] for one in shown}) == 4  # type: ignore[index]


async def test_tries_that_a_version_before_kept_are_read(desk: Desk, goods: Goods) -> None:
    code, number = code_of(desk, goods, 11), number_of(desk, goods, 11)
    row = {"_id": f"0/{goods.batch}/11", "batch": goods.batch, "serial": 11, "turns": 2}
    kept = {"wrong": 1, "rights": 1, "first_right": now(), "locked_at": None}
    marks = {"forms": ["0" * 32], "right_form": "1" * 32}
    await desk.db.collection(pins.TRIES).insert_one({**row, **kept, **marks})
    assert "đến nay đã 2 lần" in (await tried(desk, code, number)).text
    found = await row_of(desk, goods, 11)
    # That version reads them too, if it has to take over again.
    assert found["right_form"] == found["right_forms"][-1]
    assert found["forms"] == ["0" * 32]


@pytest.mark.parametrize("number", ["", "12345", "1234567", "12345a", "٣٣٣٣٣٣", "1" * 50, "$ne"])
async def test_what_is_no_number_is_no_try(desk: Desk, goods: Goods, number: str) -> None:
    answer = await tried(desk, code_of(desk, goods, 6), number)
    assert answer.status_code == 422
    assert await row_of(desk, goods, 6) == {}


async def test_forged_codes_and_codes_never_issued_are_answered_alike(
    desk: Desk, goods: Goods
) -> None:
    real = code_of(desk, goods, 7)
    forged = real[:-1] + ("0" if real[-1] != "0" else "1")
    never = encode(desk.app.state.stamp_keys.ring, 999_999, 5)
    texts = []
    for code in (forged, never):
        answer = await tried(desk, code, "123456", address="203.0.116.1")
        assert answer.status_code == 404
        assert NO_STAMP in answer.text
        texts.append(
            re.sub(r'name="(csrf|once|code)" value="[^"]*"|value="[^"]*"', "", answer.text)
        )
        page = await desk.browser().get(f"{PIN}/{code}")
        assert page.status_code == 404
    assert texts[0] == texts[1]


async def test_who_sends_too_many_codes_of_no_stamp_is_put_off(settings: Settings) -> None:
    made = desk_settings(settings).model_copy(update={"scan_invalid_per_prefix": 5})
    async with in_process.running(build(made), Desk, made) as alone:
        goods = await alone.goods()
        await printed(alone, goods, 0, 9)
        browser = alone.browser()
        csrf = await csrf_of(browser)
        forged = "0" * 20
        for _ in range(5):
            answer = await tried(alone, forged, "123456", browser=browser, csrf=csrf)
            assert answer.status_code == 404
        answer = await tried(alone, forged, "123456", browser=browser, csrf=csrf)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        page = await browser.get(f"{PIN}/{forged}", headers={"X-Real-IP": "203.0.113.7"})
        assert page.status_code == 429
        # Behind the same address others hold real stamps: those are looked at all the same.
        real, number = code_of(alone, goods, 1), number_of(alone, goods, 1)
        assert said(await tried(alone, real, number, browser=browser, csrf=csrf)) == RIGHT
        page = await browser.get(f"{PIN}/{real}", headers={"X-Real-IP": "203.0.113.7"})
        assert page.status_code == 200
        elsewhere = await tried(alone, forged, "123456", address="192.0.2.9")
        assert elsewhere.status_code == 404


async def test_a_stamp_without_a_number_says_so_and_counts_nothing(
    desk: Desk, goods: Goods
) -> None:
    code = code_of(desk, goods, 450)
    assert NONE in (await desk.browser().get(f"{PIN}/{code}")).text
    assert said(await tried(desk, code, number_of(desk, goods, 450))) == NONE
    assert await row_of(desk, goods, 450) == {}
    with_one = await desk.browser().get(f"{PIN}/{code_of(desk, goods, 8)}")
    assert 'name="pin"' in with_one.text
    assert "no-store" in with_one.headers["cache-control"]


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (1, 2, 1, 2), (2, 2, 1, 1)])
async def test_a_cancelled_print_leaves_no_numbers_in_whatever_order_it_is_heard(
    desk: Desk, order: tuple[int, ...]
) -> None:
    goods, job = await desk.goods(), new_id()
    first = ordered(goods, 0, 9, job)
    gone = first.model_copy(update={"id": new_id(), "version": 2, "cancelled": True})
    for version in order:
        await told(desk, (first, gone)[version - 1])
    code, number = code_of(desk, goods, 5), number_of(desk, goods, 5)
    assert said(await tried(desk, code, number)) == NONE
    # What is printed anew has a number again, and an old word on the old job takes it from nobody.
    await printed(desk, goods, 5, 9)
    await told(desk, gone)
    assert said(await tried(desk, code, number)) == RIGHT
    assert said(await tried(desk, code_of(desk, goods, 4), number_of(desk, goods, 4))) == NONE


async def test_what_was_told_before_versions_were_kept_is_taken_back_too(desk: Desk) -> None:
    goods, job = await desk.goods(), new_id()
    row = {"_id": job, "batch": goods.batch, "first": 0, "last": 9}
    await desk.db.collection(pins.PRINTED).insert_one(row)
    code, number = code_of(desk, goods, 5), number_of(desk, goods, 5)
    assert said(await tried(desk, code, number)) == RIGHT
    first = ordered(goods, 0, 9, job)
    await told(desk, first.model_copy(update={"version": 2, "cancelled": True}))
    await told(desk, first)
    assert NONE in (await desk.browser().get(f"{PIN}/{code}")).text


async def test_one_neighbourhood_closes_four_stamps_a_day_and_then_is_told_nothing(
    desk: Desk, goods: Goods
) -> None:
    """Sent at once, and also the right number: being put off does not tell what it was."""
    browser = desk.browser()
    csrf = await csrf_of(browser)
    answers = await asyncio.gather(
        *(
            tried(
                desk,
                code_of(desk, goods, serial),
                wrong_for(desk, goods, serial, n),
                address=f"203.0.117.{n}",
                browser=browser,
                csrf=csrf,
                once=new_id(),
            )
            for serial in range(20, 30)
            for n in range(1, MOST_WRONG + 1)
        )
    )
    judged = [one for one in answers if one.status_code == 200]
    assert len(judged) == WRONG_OF_SOURCE
    assert {one.status_code for one in answers} == {200, 429}
    rows = [await row_of(desk, goods, serial) for serial in range(20, 30)]
    assert sum(row.get("wrong", 0) for row in rows) == WRONG_OF_SOURCE
    assert sum(row.get("wrong", 0) == MOST_WRONG for row in rows) <= WRONG_OF_SOURCE // MOST_WRONG
    right = await tried(
        desk, code_of(desk, goods, 31), number_of(desk, goods, 31), address="203.0.117.200"
    )
    assert right.status_code == 429
    elsewhere = await tried(
        desk, code_of(desk, goods, 31), number_of(desk, goods, 31), address="203.0.118.1"
    )
    assert said(elsewhere) == RIGHT


async def test_officials_see_a_locked_number_as_a_sign_that_condemns_nobody(
    desk: Desk, goods: Goods
) -> None:
    code = code_of(desk, goods, 40)
    for n in range(1, MOST_WRONG + 1):
        await tried(desk, code, wrong_for(desk, goods, 40, n), address="203.0.119.1")
    (told,) = [one for one in await desk.events(kind=SuspicionPublished) if one.serial == 40]
    assert (told.state, told.points, told.findings[0].rule) == ("held_back", 0, "hidden_number")
    who = desk.browser(desk.approver())
    listed = await who.get(f"{CONSOLE}/suspicions?state=held_back")
    assert "Số ẩn bị khóa sau nhiều lần nhập sai" in listed.text
    path = f"{CONSOLE}/suspicions/{goods.batch}/40"
    page = await who.get(path)
    assert page.status_code == 200
    for words in ("Người quét chưa được báo", "Ai cũng có thể nhập sai", "nhập sai 5 lần"):
        assert words in page.text
    shown = await desk.client.post(
        f"/api/scan/v1/suspicions/{goods.batch}/40/judgement",
        json={"judgement": "confirm", "reason": "Đã thấy tem chép tay"},
        headers=bearer(desk.approver()),
    )
    assert shown.json()["state"] == "confirmed"


async def test_only_tries_are_kept(desk: Desk, goods: Goods) -> None:
    code, wrong = code_of(desk, goods, 50), wrong_for(desk, goods, 50)
    await tried(desk, code, wrong, address="203.0.120.1")
    await tried(desk, code, number_of(desk, goods, 50), address="203.0.120.1")
    found: list[Any] = []
    database = desk.db.client[desk.db.name]
    for one in await database.list_collection_names():
        found += [row async for row in database[one].find({})]
    everything = json.dumps(found, default=str)
    for secret in (wrong, number_of(desk, goods, 50), "203.0.120"):
        assert not re.search(rf"(?<![0-9a-f.]){secret}(?![0-9a-f])", everything)


async def test_a_slot_without_a_key_is_no_try(desk: Desk, goods: Goods) -> None:
    keys = desk.app.state.stamp_pins
    before, keys.ring = keys.ring, PinKeys({})
    try:
        answer = await tried(desk, code_of(desk, goods, 60), "123456", address="203.0.121.1")
        assert answer.status_code == 503
        assert await row_of(desk, goods, 60) == {}
    finally:
        keys.ring = before


async def test_what_is_ordered_is_heard_twice_and_in_any_order(desk: Desk, goods: Goods) -> None:
    late, early = new_id(), new_id()
    for job, first, last in ((late, 470, 479), (early, 460, 469), (late, 470, 479)):
        await printed(desk, goods, first, last, job)
    numbered = [
        await pins.is_printed(desk.db, StampId(0, goods.batch, serial))
        for serial in (459, 460, 469, 470, 479, 480)
    ]
    assert numbered == [False, True, True, True, True, False]
    assert await desk.db.collection(pins.PRINTED).count_documents({"_id": late}) == 1


async def test_an_order_is_heard_from_the_bus(desk: Desk, world: World) -> None:
    goods = Goods()
    await world.tell(ordered(goods, 3, 5))

    async def here() -> bool:
        return await pins.is_printed(desk.db, StampId(0, goods.batch, 4))

    await eventually(here)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abcdefgh")), max_size=40))
def test_whatever_is_sent_five_wrong_ones_are_the_most_and_the_first_right_stays(
    sent: list[tuple[int, str]],
) -> None:
    """Of four numbers the first is right; each try is marked by its number and its form."""
    tries, judged, moment = Tries(), set[str](), now()
    for number, form in sent:
        mark = f"{form}{number}"
        if tries.locked:
            break
        if tries.is_known(mark):
            assert mark in judged
            continue
        before, tries = tries, tries.tried(number == 0, mark, moment)
        assert tries.wrong == before.wrong + (number != 0)
        assert tries.first_right in (before.first_right, moment)
        judged.add(mark)
    assert tries.wrong == len([one for one in judged if not one.endswith("0")]) <= MOST_WRONG
    assert tries.left == MOST_WRONG - tries.wrong
    rights = len([one for one in judged if one.endswith("0")])
    assert tries.rights == rights if rights <= RIGHTS_KEPT else tries.rights >= rights
    assert len(tries.right_forms) == min(RIGHTS_KEPT, tries.rights)
    assert (tries.first_right is not None) == (tries.rights > 0)
    assert (tries.locked_at is not None) == tries.locked


STAMP, WHOSE, TODAY = (7, 9), ("f", "p", "l"), "2026-11-26"


def _rules() -> Rules:
    return copies.rules()


def test_a_locked_number_hides_no_copy_from_the_rules() -> None:
    """Or a forger would close the number of a stamp to keep its copies from being found."""
    sign = pin_locked(STAMP, WHOSE, None, wrong=5, day=TODAY, now=now())
    assert may_be_suspected(sign, TODAY)
    found = (Finding(rule="many_sources", points=150, sources=30),)
    made = suspect(STAMP, WHOSE, TODAY, found, sign, _rules(), room=True, now=now())
    assert made is not None
    assert (made.state, made.points, made.version) == ("suspected", 150, 2)
    assert [one.rule for one in made.findings] == ["many_sources", "hidden_number"]
    # A stamp that scans had held back that day stays as it is.
    held = replace(made, state="held_back")
    assert not may_be_suspected(held, TODAY)


@pytest.mark.parametrize("state", ["suspected", "held_back", "confirmed"])
def test_a_lock_changes_nothing_of_what_was_known_but_adds_its_sign(state: Any) -> None:
    found = (Finding(rule="many_sources", points=150, sources=30),)
    before = suspect(STAMP, WHOSE, TODAY, found, None, _rules(), room=True, now=now())
    assert before is not None
    before = replace(before, state=state)
    after = pin_locked(STAMP, WHOSE, before, wrong=5, day="2026-12-01", now=now())
    assert (after.state, after.day, after.points) == (state, TODAY, 150)
    assert after.version == before.version + 1
    assert [one.rule for one in after.findings] == ["many_sources", "hidden_number"]


def test_clearing_a_closed_number_hides_no_copy_from_the_rules() -> None:
    """Nothing was found about scans: those of that day count, and no more are needed than ever."""
    sign = pin_locked(STAMP, WHOSE, None, wrong=5, day=TODAY, now=now())
    cleared = _cleared(sign)
    assert (cleared.state, cleared.cleared, cleared.cleared_to) == ("cleared", 0, "")
    assert may_be_suspected(cleared, TODAY)
    found = (Finding(rule="many_sources", points=_rules().suspected_from, sources=30),)
    made = suspect(STAMP, WHOSE, TODAY, found, cleared, _rules(), room=True, now=now())
    assert made is not None
    assert (made.state, made.version) == ("suspected", cleared.version + 1)
    assert [one.rule for one in made.findings] == ["many_sources"]


def test_after_the_staff_cleared_a_stamp_a_lock_is_a_new_sign() -> None:
    found = (Finding(rule="many_sources", points=150, sources=30),)
    before = suspect(STAMP, WHOSE, TODAY, found, None, _rules(), room=True, now=now())
    assert before is not None
    again = pin_locked(STAMP, WHOSE, _cleared(before), wrong=5, day=TODAY, now=now())
    assert (again.state, again.cleared, again.cleared_to) == ("held_back", 1, TODAY)
    assert again.by_pin_alone
    assert not may_be_suspected(again, TODAY)
    assert may_be_suspected(again, "2026-11-27")
    # What was found about the scans before stays, and the sign adds nothing to it.
    twice = _cleared(again)
    assert (twice.state, twice.cleared, twice.cleared_to) == ("cleared", 1, TODAY)


def _cleared(one: Suspicion) -> Suspicion:
    return one.judged("clear", reason="x", by="a", by_name="A", today=TODAY, now=now())
