"""Products, lots and notices are spoken when published, and never say what is not there."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import pytest_asyncio
import structlog

from services.scan.answering.spoken import heard_of
from services.scan.desk.main import build
from services.scan.domain import speeches
from services.scan.domain.aggregates import FACILITIES, LOTS, NOTICES, PARTS, PRODUCTS
from services.scan.speech import voice, worker
from services.scan.speech.making import MOST_TRIES, step
from services.scan.speech.wanting import SPEECHES
from services.scan.store import models
from services.scan.store import speeches as store
from shared.contracts.event import Event
from shared.ids import now
from shared.mongo import Database, Tx, transact
from shared.settings import Settings
from tests import in_process
from tests.polling import eventually
from tests.scan.desk import Desk
from tests.scan.test_desk import desk_settings
from tests.scan.test_every_verdict import full
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World, facility, lot, name, notice, product

TODAY = date(2026, 11, 26)
_ADDRESS = re.compile(r'<audio controls preload="none" src="(/nghe/[0-9a-f]{24}\.mp3)"')


@pytest_asyncio.fixture(scope="module")
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    made = desk_settings(settings)
    async with in_process.running(build(made), Desk, made) as found:
        yield found


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    made = Database(settings.mongo_url, settings.database("scan"), "scan")
    await store.prepare(made)
    yield made
    await made.close()


def passports(goods: Goods) -> list[Event]:
    """Of a facility, a product and a lot that nothing else says the same of."""
    made_by, made, of_it = goods.passports()
    return [
        made_by,
        made.model_copy(update={"name": f"Na {goods.product}"}),
        of_it.model_copy(update={"code": f"LOT-{goods.batch}"}),
    ]


class Speaking:
    """The worker's own act, one after another; it counts what the engine was given."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.said: list[str] = []

    async def hears(self, *events: Event, kept: bool = True) -> None:
        """The read models and the queue are told; `kept` false: only the queue."""

        async def work(tx: Tx) -> None:
            for event in events:
                if kept:
                    await models.keep_newest(tx, PARTS[event.type], [event])
                await SPEECHES.subscriptions[event.type].handle(tx, [event])

        await transact(self.db, work)

    async def until_done(self, today: date = TODAY) -> None:
        while await step(self.db, speak=self._speak, now=now(), today=today):
            pass

    async def of(self, collection: str, thing: str) -> dict[str, Any]:
        row = await self.db.collection(store.ROWS).find_one({"_id": f"{collection}/{thing}"})
        return row or {}

    async def file(self, of_name: str) -> dict[str, Any]:
        return await self.db.collection(store.FILES).find_one({"_id": of_name}) or {}

    async def _speak(self, text: str) -> bytes:
        self.said.append(text)
        return await voice.spoken(text)


@contextmanager
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture
async def speaking(db: Database) -> Speaking:
    return Speaking(db)


async def test_what_was_published_can_be_heard_on_the_stamps_page(
    world: World, scans: Scans, desk: Desk
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "genuine")
    before = await scans.http.get(
        f"/{scans.code(goods.batch, 7)}", headers={"Accept-Language": "vi"}
    )
    assert "/nghe/" not in before.text
    warned = notice(name("notice"), lots=(goods.lot,), kind="warning")
    await world.tell(warned)
    await becomes(scans, goods.batch, 7, "warning")
    async with world.speaking():

        async def three() -> list[str]:
            page = await scans.page(goods.batch, 7, **{"Accept-Language": "vi"})
            found = _ADDRESS.findall(page)
            assert len(found) == 3, page
            return found

        addresses: list[str] = await eventually(three, 60)
    for address in addresses:
        answer = await desk.client.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "audio/mpeg"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.content[:2] in (b"\xff\xf3", b"ID")
        assert len(answer.content) <= voice.MOST_BYTES
    page = await scans.http.get(f"/{scans.code(goods.batch, 7)}", headers={"Accept-Language": "vi"})
    assert "media-src 'self'" in page.headers["content-security-policy"]
    english = await scans.page(goods.batch, 7, **{"Accept-Language": "en"})
    assert "/nghe/" not in english


async def test_the_lots_own_page_can_be_heard_too(world: World, scans: Scans) -> None:
    goods = Goods()
    gtin = "09521234543213"
    await world.tell(
        facility(goods.facility),
        product(goods.product, goods.facility, gtin=gtin[1:]),
        lot(goods.lot, goods.product, goods.facility, code="HEARD-1"),
    )
    address = f"/01/{gtin}/10/HEARD-1"
    async with world.speaking():

        async def heard() -> bool:
            answer = await scans.http.get(address, headers={"Accept-Language": "vi"})
            policy = answer.headers["content-security-policy"]
            return len(_ADDRESS.findall(answer.text)) == 2 and "media-src 'self'" in policy

        await eventually(heard, 60)


async def test_what_is_told_twice_is_spoken_once(speaking: Speaking) -> None:
    goods = Goods()
    await speaking.hears(*passports(goods))
    await speaking.until_done()
    once = await speaking.of(PRODUCTS, goods.product)
    assert len(speaking.said) == 2
    await speaking.hears(*passports(goods))
    await speaking.until_done()
    assert len(speaking.said) == 2
    assert await speaking.of(PRODUCTS, goods.product) | {"asked": 0, "after": 0} == once | {
        "asked": 0,
        "after": 0,
    }


async def test_what_comes_late_is_not_spoken(speaking: Speaking) -> None:
    goods = Goods()
    await speaking.hears(passports(goods)[0])
    await speaking.hears(product(goods.product, goods.facility, 3, name=f"Na bở {goods.product}"))
    await speaking.hears(product(goods.product, goods.facility, 2, name="Na dai"))
    await speaking.until_done()
    assert [said.partition("-")[0] for said in speaking.said] == ["Sản phẩm: Na bở product"]


async def test_what_the_read_models_do_not_hold_yet_is_waited_for(speaking: Speaking) -> None:
    goods = Goods()
    await speaking.hears(*passports(goods)[:2])
    await speaking.until_done()
    newer = product(goods.product, goods.facility, 2, name=f"Na bở {goods.product}")
    await speaking.hears(newer, kept=False)
    await speaking.until_done()
    assert len(speaking.said) == 1
    assert (await speaking.of(PRODUCTS, goods.product))["due"]
    await speaking.hears(newer)
    await speaking.until_done()
    assert "Na bở" in speaking.said[-1]
    assert "due" not in await speaking.of(PRODUCTS, goods.product)


async def test_notices_go_first_and_nothing_loses_its_place_by_being_asked_for_again(
    speaking: Speaking,
) -> None:
    first, second, warned = Goods(), Goods(), notice(name("notice"))
    await speaking.hears(*passports(first)[:2])
    await speaking.hears(*passports(second)[:2])
    await speaking.hears(warned.model_copy(update={"title": warned.subject}))
    await speaking.hears(passports(first)[1])
    await speaking.until_done()
    said = [one.replace(" ", "") for one in speaking.said]
    assert warned.case_id in said[0]
    assert first.product in said[1]
    assert second.product in said[2]


async def test_a_product_whose_facility_is_not_known_yet_waits_for_it(speaking: Speaking) -> None:
    goods = Goods()
    await speaking.hears(passports(goods)[1])
    await speaking.until_done()
    assert speaking.said == []
    await speaking.hears(passports(goods)[0])
    await speaking.until_done()
    assert len(speaking.said) == 1


async def test_a_facility_with_another_name_has_its_products_spoken_anew_and_lets_the_old_go(
    speaking: Speaking,
) -> None:
    goods = Goods()
    await speaking.hears(*passports(goods)[:2])
    await speaking.until_done()
    old = (await speaking.of(PRODUCTS, goods.product))["made"]
    assert "unused_at" not in await speaking.file(old)
    await speaking.hears(facility(goods.facility, 2, name=f"Hợp tác xã {goods.facility}"))
    await speaking.until_done()
    new = (await speaking.of(PRODUCTS, goods.product))["made"]
    assert new != old
    assert "data" in await speaking.file(new)
    assert await speaking.of(FACILITIES, goods.facility) == {}


async def test_a_file_is_deleted_once_nothing_is_spoken_by_it_and_comes_back_if_it_is(
    speaking: Speaking, db: Database
) -> None:
    case = name("notice")
    one = notice(case).model_copy(update={"title": f"Thu hồi {case}"})
    two = one.model_copy(update={"subject": f"{case}/2", "part": 2})
    await speaking.hears(one, two)
    await speaking.until_done()
    assert len(speaking.said) == 1, "parts of one notice say the same"
    made = (await speaking.of(NOTICES, one.subject))["made"]
    lifted = [e.model_copy(update={"active": False, "version": 2}) for e in (one, two)]
    await speaking.hears(lifted[0])
    await speaking.until_done()
    assert "unused_at" not in await speaking.file(made), "the other part still says it"
    await speaking.hears(lifted[1])
    await speaking.until_done()
    assert (await speaking.of(NOTICES, two.subject))["made"] == ""
    assert "unused_at" in await speaking.file(made)
    indexes = await db.collection(store.FILES).index_information()
    assert indexes["unused_at_1"]["expireAfterSeconds"] == store.KEPT_UNUSED.total_seconds()
    await speaking.hears(one.model_copy(update={"version": 3}))
    await speaking.until_done()
    assert "unused_at" not in await speaking.file(made)
    assert len(speaking.said) == 1


async def test_a_lot_that_was_sold_out_long_ago_is_spoken_no_longer(
    speaking: Speaking, db: Database
) -> None:
    goods = Goods(expires_on=date(2026, 12, 1))
    await speaking.hears(*passports(goods))
    await speaking.until_done()
    assert (await speaking.of(LOTS, goods.lot))["made"]
    later = date(2026, 12, 1) + speeches.AFTER_EXPIRY + timedelta(days=1)
    await store.want_what_is_over(db, later, now())
    await speaking.until_done(later)
    row = await speaking.of(LOTS, goods.lot)
    assert row["made"] == ""
    assert "until" not in row


async def test_a_lot_that_never_expires_is_spoken_too(speaking: Speaking) -> None:
    goods = Goods(expires_on=date.max)
    await speaking.hears(*passports(goods))
    await speaking.until_done()
    row = await speaking.of(LOTS, goods.lot)
    assert (row["until"], "due" in row) == ("9999-12-31", False)
    assert row["made"]


async def test_what_cannot_be_read_keeps_nothing_behind_it_from_being_spoken(
    speaking: Speaking, db: Database
) -> None:
    broken, goods = name("product"), Goods()
    products = db.collection(PRODUCTS)
    await products.insert_one({"_id": broken, "published": {"version": 1}})
    try:
        # It has waited for longer than all else.
        await store.want(db, PRODUCTS, [(broken, 1)], now() - timedelta(days=400))
        await speaking.hears(*passports(goods)[:2])
        with structlog.testing.capture_logs() as logs:
            await speaking.until_done()
        assert len(speaking.said) == 1
        row = await speaking.of(PRODUCTS, broken)
        assert row["due"]
        assert row["tries"] >= 1
        assert row["after"] > now() - timedelta(minutes=1)
        assert {one["of"] for one in logs if one["log_level"] == "error"} == {row["_id"]}
    finally:
        await products.delete_one({"_id": broken})
        await db.collection(store.ROWS).delete_one({"_id": f"{PRODUCTS}/{broken}"})


async def test_what_was_published_before_there_was_a_worker_is_spoken_too(
    speaking: Speaking, db: Database
) -> None:
    goods = Goods()

    async def work(tx: Tx) -> None:
        for event in passports(goods):
            await models.keep_newest(tx, PARTS[event.type], [event])

    await transact(db, work)
    assert await store.want_what_is_not_known(db, now()) >= 2
    await speaking.until_done()
    assert (await speaking.of(PRODUCTS, goods.product))["made"]
    assert await store.want_what_is_not_known(db, now()) == 0


def test_a_page_offers_only_what_says_just_what_stands_on_it() -> None:
    case = full("recalled")
    shown, made_by = case.published_product, case.published_facility
    assert shown is not None
    assert made_by is not None
    said = speeches.name_of(speeches.of_product(shown, made_by))
    assert heard_of(replace(case, spoken=(said,)), "vi").product == f"/nghe/{said}.mp3"
    assert not heard_of(replace(case, spoken=(said,)), "en")
    renamed = shown.model_copy(update={"name": "Na bở"})
    assert not heard_of(replace(case, product={"published": renamed}, spoken=(said,)), "vi")


async def test_a_player_gets_the_part_it_asks_for_and_strangers_names_nothing(
    desk: Desk, speaking: Speaking
) -> None:
    goods = Goods()
    await speaking.hears(*passports(goods)[:2])
    await speaking.until_done()
    address = f"/nghe/{(await speaking.of(PRODUCTS, goods.product))['made']}.mp3"
    whole = (await desk.client.get(address)).content
    part = await desk.client.get(address, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == whole[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole)}"
    same = {"If-None-Match": part.headers["etag"]}
    assert (await desk.client.get(address, headers=same)).status_code == 304
    behind = await desk.client.get(address, headers={"Range": f"bytes={len(whole)}-"})
    assert behind.status_code == 416
    for unknown in (f"{'0' * 24}.mp3", "x.mp3", "..%2f..%2fetc%2fpasswd", address[6:-4]):
        assert (await desk.client.get(f"/nghe/{unknown}")).status_code == 404, unknown


async def test_without_an_engine_everything_else_works_and_the_log_says_so_once(
    db: Database, monkeypatch: pytest.MonkeyPatch, speaking: Speaking
) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with structlog.testing.capture_logs() as logs:
        await worker.work_off(db)
    assert [one["event"] for one in logs] == [
        "there is no speech engine: only the verdicts can be heard"
    ]
    goods = Goods()
    await speaking.hears(*passports(goods))
    assert (await speaking.of(LOTS, goods.lot))["due"], "it waits for a worker that can"


async def test_what_cannot_be_spoken_is_given_up_until_it_is_published_anew(
    db: Database, speaking: Speaking
) -> None:
    async def mute(_: str) -> bytes:
        raise voice.Unspeakable("no voice")

    goods = Goods()
    await speaking.hears(*passports(goods)[:2])
    while await step(db, speak=mute, now=now(), today=TODAY):
        pass
    row = await speaking.of(PRODUCTS, goods.product)
    assert row["made"] == ""
    assert "due" not in row


async def test_what_only_the_machine_did_not_manage_is_tried_again_but_not_for_ever(
    db: Database, speaking: Speaking
) -> None:
    goods, tries = Goods(), 0

    async def slow(text: str) -> bytes:
        nonlocal tries
        tries += goods.product in text.replace(" ", "")
        raise voice.Unspeakable("it took too long", passing=True)

    await speaking.hears(*passports(goods)[:2])
    at = now()
    while await step(db, speak=slow, now=at, today=TODAY):
        pass
    assert tries == 1
    assert (await speaking.of(PRODUCTS, goods.product))["due"]
    while (await speaking.of(PRODUCTS, goods.product)).get("due"):
        at += timedelta(minutes=5)
        while await step(db, speak=slow, now=at, today=TODAY):
            pass
    assert tries == MOST_TRIES
    assert (await speaking.of(PRODUCTS, goods.product))["made"] == ""
    await speaking.hears(product(goods.product, goods.facility, 2, name=f"Na {goods.product}"))
    await speaking.until_done()
    assert (await speaking.of(PRODUCTS, goods.product))["made"], "published anew, tried anew"


async def test_a_program_that_was_killed_or_too_slow_says_nothing_of_the_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fails(*command: str) -> voice.Unspeakable:
        with pytest.raises(voice.Unspeakable) as raised:
            await voice._through(command, b"")
        return raised.value

    assert (await fails("/bin/sh", "-c", "kill -9 $$")).passing
    assert not (await fails("/bin/sh", "-c", "exit 1")).passing
    assert not (await fails("/bin/true")).passing
    monkeypatch.setattr(voice, "SECONDS", 0.05)
    assert (await fails("/bin/sleep", "20")).passing


async def test_the_longest_text_makes_a_small_file() -> None:
    words = "Ngừng bán ngay, giữ lại sản phẩm, bao bì, hóa đơn và mang trả lại nơi đã mua hàng"
    said = speeches.of_notice(notice("c").model_copy(update={"instruction": f"{words}, " * 9}))
    assert len(await voice.spoken(said)) <= voice.MOST_BYTES


def test_the_engine_has_no_network_and_no_privileges_when_it_reads_a_text() -> None:
    """What it may do is taken from it before the first letter is read (ADR 12)."""
    program = (
        "import os, socket, sys\n"
        "from services.scan.speech.engine import spoken\n"
        "def read():\n"
        "    try: socket.socket().connect(('127.0.0.1', int(sys.argv[1]))); out = 'net '\n"
        "    except OSError: out = ''\n"
        "    sys.stderr.write(out + str(os.geteuid()))\n"
        "    return 'một'.encode()\n"
        "assert spoken(read)[:4] == b'RIFF'\n"
    )
    with listening() as port:
        done = subprocess.run(
            [sys.executable, "-c", program, str(port)],
            capture_output=True,
            text=True,
            cwd=voice.ROOT,
            check=True,
        )
    # Some hosts forbid a network of one's own (ADR 12); root never stays root.
    assert done.stderr.removeprefix("net ") != "0"
    assert os.geteuid() != 0 or not done.stderr.startswith("net")
