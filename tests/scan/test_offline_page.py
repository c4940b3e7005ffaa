"""The page for places without signal, in a real browser: kept whole, open without network, and
never saying more than it knows."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.async_api import BrowserContext, Page, Route, async_playwright, expect

from services.scan.desk import offline_pages
from services.scan.desk.main import build
from services.scan.domain.code_filter import filled, pairs_of
from services.scan.domain.offline import (
    Ground,
    ListedFacility,
    ListedLot,
    ListedProduct,
    Listing,
    Missing,
    Snapshot,
)
from services.scan.offline import signing
from services.scan.offline.wording import worded
from services.scan.store import offline as store
from shared.ids import now
from shared.settings import Settings
from shared.stampcode import group
from tests import in_process
from tests.chromium import ARGUMENTS
from tests.in_process import served
from tests.polling import eventually
from tests.scan.desk import Desk
from tests.scan.test_desk import desk_settings

PATH = offline_pages.PATH
BAD, GOOD = "7K3MQ9RT2WXY5ABCDEFG", "0123456789ABCDEFGHJK"
GTIN, LOT = "09520101000118", "NA-261118"
# Online such goods are suspended, and those withdrawn (services/scan/domain/verdict.py).
HELD = ("held", "facility_stopped", "lot_unfit", "lot_source_unfit", "lot_examining")
WITHDRAWN = ("product_withdrawn", "lot_withdrawn")
LISTING = Listing(
    grounds=(
        Ground(
            "recall",
            ("Thu hồi na dai", "Recall of custard apples", "召回番荔枝"),
            ("Ngừng sử dụng.", "Stop using it.", "停止食用。"),
            "Chi cục Chất lượng",
        ),
        Ground("warning", ("Cảnh báo mực", "Warning about squid", "鱿鱼预警")),
        *(Ground(kind) for kind in (*HELD, *WITHDRAWN)),
    ),
    lots=(
        ListedLot(
            LOT, "Na dai Đông Triều", "Custard apple", "9520101000118", "Đồi Nắng", None, (0,)
        ),
        *(
            ListedLot(kind, "Chả mực", "Squid cake", "9520101000132", "Hạ Long", None, (place,))
            for place, kind in enumerate((*HELD, *WITHDRAWN), 2)
        ),
    ),
    products=(ListedProduct("Mực một nắng", "Squid", "SP-2", "9520101000125", "Vân Đồn", (1,)),),
    facilities=(ListedFacility("Xưởng Hạ Long", "", "QN-9", "9520101900012", (0,)),),
)


def snapshot(**changes: Any) -> Snapshot:
    made = filled(pairs_of([BAD]))
    as_of = changes.pop("as_of", now())
    given: dict[str, Any] = {"number": int(as_of.timestamp()), "hours": 24, "hosts": ("txng.test",)}
    given |= {"codes": 1, "listing": LISTING, **changes}
    return Snapshot(as_of=as_of, filter_bits=made.size, filter_data=made.data, **given)


class Stand:
    """The desk on a port of its own, and telephones that visit it."""

    def __init__(self, desk: Desk, origin: str, folder: Path) -> None:
        self.desk, self.origin, self.folder = desk, origin, folder
        self.secrets = desk.settings.secrets_dir

    def file(self, **changes: Any) -> bytes:
        return signing.signed(signing.key_of(self.secrets), snapshot(**changes))

    async def publish(self, **changes: Any) -> Snapshot:
        made = snapshot(**changes)
        await self.desk.db.collection(store.SNAPSHOTS).delete_many({})
        file = signing.signed(signing.key_of(self.secrets), made)
        assert await store.put(self.desk.db, made.number, made.as_of, file)
        self.desk.app.state.snapshots._ready = None
        return made

    @asynccontextmanager
    async def phone(
        self, name: str, *arguments: str, **options: Any
    ) -> AsyncIterator[BrowserContext]:
        """A browser whose memory outlives it, by name."""
        given = {"locale": "vi-VN", "viewport": {"width": 360, "height": 740}, **options}
        async with async_playwright() as playwright:
            context = await playwright.chromium.launch_persistent_context(
                str(self.folder / name),
                executable_path="/usr/bin/chromium",
                args=[*ARGUMENTS, *arguments],
                base_url=self.origin,
                **given,
            )
            try:
                yield context
            finally:
                await context.close()


@pytest_asyncio.fixture(scope="module")
async def stand(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stand]:
    made = desk_settings(settings)
    folder = tmp_path_factory.mktemp("phones")
    async with (
        in_process.running(build(made), Desk, made) as desk,
        served(desk.app) as address,
    ):
        yield Stand(desk, address.replace("127.0.0.1", "localhost"), folder)


def heard(page: Page) -> list[str]:
    """What its console complains of, that the network is away apart."""
    told: list[str] = []
    page.on(
        "console",
        lambda one: (
            told.append(one.text)
            if one.type == "error" and "Failed to load" not in one.text
            else None
        ),
    )
    page.on("pageerror", lambda error: told.append(str(error)))
    return told


async def visited(context: BrowserContext, path: str = PATH) -> Page:
    """The page, once it is kept and has its data."""
    page = await context.new_page()
    await page.goto(path)
    await page.locator('[data-part="kept"]').wait_for(timeout=30_000)
    await page.locator('[data-part="age"]').wait_for(timeout=30_000)
    return page


async def answer(page: Page, text: str) -> str:
    await page.locator('[data-part="code"]').fill(text)
    await page.locator('[data-part="code"]').press("Enter")
    await page.locator('[data-part="answer"]:focus').wait_for(timeout=10_000)
    return await page.locator('[data-part="answer"]').inner_text()


async def test_after_one_visit_it_answers_without_network_also_when_started_anew(
    stand: Stand,
) -> None:
    await stand.publish()
    async with stand.phone("kept") as context:
        page = await visited(context)
    async with stand.phone("kept") as context:
        await context.set_offline(True)
        page = await context.new_page()
        complaints = heard(page)
        await page.goto(PATH)
        await page.locator('[data-part="age"]').wait_for()
        said = await answer(page, group(BAD).lower())
        assert "Phải kiểm tra lại khi có mạng" in said
        assert group(BAD) in said
        said = await answer(page, GOOD)
        assert "Chưa biết điều gì xấu" in said
        assert "không phải là xác nhận tem thật" in said
        said = await answer(page, f"HTTPS://TXNG.TEST/01/{GTIN}/10/{LOT}/21/{GOOD}")
        assert "Hàng đã biết là xấu" in said
        assert "Thu hồi na dai" in said
        assert "Ngừng sử dụng." in said
        assert "Có cảnh báo" in await answer(page, f"https://txng.test/01/09520101000125/21/{GOOD}")
        foreign = await answer(page, f"https://txng.test.example/{GOOD}")
        assert "Địa chỉ không phải của hệ thống này" in foreign
        assert "txng.test.example" in foreign
        assert "Đây không phải mã tem" in await answer(page, "0123")
        assert complaints == []


async def test_it_never_says_that_a_stamp_is_genuine(stand: Stand) -> None:
    await stand.publish()
    async with stand.phone("never") as context:
        page = await visited(context)
        states = await page.locator("template[data-state]").evaluate_all(
            "all => all.map(one => [one.dataset.state, one.content.textContent])"
        )
        names = {name for name, _ in states}
        assert names == {
            *("known_bad", "held", "warned", "check_online", "check_label", "not_known_bad"),
            *("too_old", "foreign", "none", "no_data"),
        }
        assert not [name for name, told in states if "hợp lệ" in told]
        assert await page.locator("template .verdict.good").count() == 0


async def test_goods_are_found_by_the_words_on_their_label_without_marks(stand: Stand) -> None:
    await stand.publish()
    async with stand.phone("words") as context:
        page = await visited(context)
        await context.set_offline(True)
        found = page.locator('[data-part="found"]')
        for words, wanted in (
            ("na dai dong trieu", LOT),
            ("9520101000118", LOT),
            (LOT.lower(), "Thu hồi na dai"),
            ("xuong ha long", "QN-9"),
        ):
            # What the search before found is no answer to this one.
            await found.evaluate("one => one.replaceChildren()")
            await page.locator('[data-part="words"]').fill(words)
            await page.locator('[data-part="words"]').press("Enter")
            await expect(found).to_contain_text(wanted)
            await expect(found).to_contain_text("Hàng đã biết là xấu")
        await page.locator('[data-part="words"]').fill("nothing such")
        await page.locator('[data-part="words"]').press("Enter")
        await expect(found).to_contain_text("chưa có nghĩa là hàng tốt")


async def test_no_answer_on_one_stamp_or_label_is_left_to_be_read_as_that_on_the_next(
    stand: Stand,
) -> None:
    await stand.publish()
    async with stand.phone("next") as context:
        page = await visited(context)
        await context.set_offline(True)
        said = await answer(page, f"https://txng.test/01/{GTIN}/10/{LOT}/21/{GOOD}")
        assert group(GOOD) in said
        assert "Hàng đã biết là xấu" in said
        shown, found = (page.locator(f'[data-part="{one}"]') for one in ("answer", "found"))
        await page.locator('[data-part="words"]').fill("muc")
        await page.locator('[data-part="words"]').press("Enter")
        await found.get_by_text("Có cảnh báo về hàng này").wait_for()
        # The label of the stamp is compared beside its answer.
        assert await shown.inner_text() == said
        await page.locator('[data-part="code"]').fill("0")
        assert await shown.inner_text() == ""
        await answer(page, GOOD)
        assert await found.inner_text() == ""


async def test_too_old_is_said_and_what_is_bad_stays_bad(stand: Stand) -> None:
    await stand.publish(as_of=now() - timedelta(hours=25))
    async with stand.phone("old") as context:
        page = await visited(context)
        await context.set_offline(True)
        await page.locator('[data-part="is-old"]').wait_for()
        assert "Dữ liệu quá cũ để trả lời" in await answer(page, GOOD)
        await page.locator('[data-part="words"]').fill("nothing such")
        await page.locator('[data-part="words"]').press("Enter")
        found = page.locator('[data-part="found"]')
        await found.get_by_text("nên điều đó không nói lên điều gì").wait_for()
        assert "Phải kiểm tra lại" in await answer(page, BAD)
        assert "Hàng đã biết là xấu" in await answer(
            page, f"https://txng.test/01/{GTIN}/10/{LOT}/21/{GOOD}"
        )


@pytest.mark.parametrize("hours", [0, 25])
async def test_goods_that_are_suspended_online_are_not_called_bad_offline(
    stand: Stand, hours: int
) -> None:
    """Also in data that are too old, and for a code that the filter has, as it has all of them."""
    await stand.publish(as_of=now() - timedelta(hours=hours))
    async with stand.phone(f"held-{hours}") as context:
        page = await visited(context)
        await context.set_offline(True)
        link = "https://txng.test/01/09520101000132/10/{}/21/{}".format
        for kind in HELD:
            said = await answer(page, link(kind, BAD))
            assert "Hàng đang bị tạm ngừng" in said, kind
            assert "chưa bị thu hồi" in said
            assert "đã biết là xấu" not in said
        shown = page.locator('[data-part="answer"] .verdict')
        assert await shown.get_attribute("class") == "verdict caution"
        assert await shown.locator('use[href*="#pause"]').count() == 1
        for kind in WITHDRAWN:
            assert "Hàng đã biết là xấu" in await answer(page, link(kind, GOOD)), kind


async def test_a_clock_that_was_set_back_is_noticed(stand: Stand) -> None:
    await stand.publish(as_of=now() - timedelta(hours=2))
    async with stand.phone("clock") as context:
        page = await visited(context)
        await context.set_offline(True)
        await page.clock.set_fixed_time(now() - timedelta(hours=1))
        await page.reload()
        await page.locator('[data-part="is-clock"]').wait_for()
        assert "đồng hồ sai" in await answer(page, GOOD)


async def given_file(page: Page, content: bytes) -> str:
    await page.locator('[data-part="told"]').evaluate("one => { one.textContent = ''; }")
    await page.locator('[data-part="file"]').set_input_files(
        {"name": "a.txng", "mimeType": "application/octet-stream", "buffer": content}
    )
    told = page.locator('[data-part="told"]')

    async def said() -> str:
        return await told.inner_text()

    await eventually(said)
    return await told.inner_text()


async def test_a_changed_file_and_an_older_one_are_refused_and_a_newer_is_taken(
    stand: Stand, tmp_path: Path
) -> None:
    made = await stand.publish()
    async with stand.phone("files") as context:
        page = await visited(context)
        await context.set_offline(True)
        newer = stand.file(as_of=made.as_of + timedelta(seconds=60))
        for place in (20, 100, len(newer) - 1):
            changed = bytearray(newer)
            changed[place] ^= 1
            assert "không đúng chữ ký" in await given_file(page, bytes(changed))
        assert "không đúng chữ ký" in await given_file(page, b"nothing")
        older = stand.file(as_of=made.as_of - timedelta(seconds=60))
        assert "cũ hơn" in await given_file(page, older)
        assert "Đã tải: dữ liệu lúc" in await given_file(page, newer)
        assert "cũ hơn" in await given_file(page, stand.file(as_of=made.as_of))
        await page.reload()
        assert "Phải kiểm tra lại" in await answer(page, BAD)


async def test_data_are_handed_on_where_there_is_no_network(stand: Stand) -> None:
    made = await stand.publish()
    kept = await store.file_of(stand.desk.db, made.number)
    async with stand.phone("giver") as context:
        page = await visited(context)
        await context.set_offline(True)
        async with page.expect_download() as coming:
            await page.locator('[data-part="save"]').click()
        download = await coming.value
        assert download.suggested_filename == "kiem-tra-ngoai-tuyen.txng"
        assert Path(await download.path()).read_bytes() == kept


async def test_a_server_that_hands_out_an_older_one_is_not_believed(stand: Stand) -> None:
    await stand.publish()
    async with stand.phone("older") as context:
        page = await visited(context)
        await stand.publish(as_of=now() - timedelta(hours=3), listing=Listing())
        await page.locator('[data-part="load"]').click()
        await page.get_by_text("Tệp này cũ hơn dữ liệu đang có").wait_for()
        said = await answer(page, f"https://txng.test/01/{GTIN}/10/{LOT}/21/{GOOD}")
        assert "Hàng đã biết là xấu" in said


async def test_data_of_another_key_are_not_taken_and_the_page_says_so(stand: Stand) -> None:
    made = await stand.publish()
    other = signing.signed(Ed25519PrivateKey.generate(), snapshot(as_of=now() + timedelta(hours=1)))
    rows = stand.desk.db.collection(store.SNAPSHOTS)
    await rows.update_one({"_id": made.number}, {"$set": {"file": other}})
    stand.desk.app.state.snapshots._ready = None
    async with stand.phone("another-key") as context:
        page = await context.new_page()
        await page.goto(PATH)
        await page.locator('[data-part="why"]:not(:empty)').wait_for()
        for place in ("why", "told"):
            told = await page.locator(f'[data-part="{place}"]').inner_text()
            assert "không đúng chữ ký mà trang này tin" in told
        assert await page.locator('[data-part="is-nothing"]').is_visible()
        assert "Chưa có dữ liệu" in await answer(page, GOOD)


async def test_before_the_first_snapshot_it_says_that_the_server_has_none(stand: Stand) -> None:
    await stand.desk.db.collection(store.SNAPSHOTS).delete_many({})
    stand.desk.app.state.snapshots._ready = None
    async with stand.phone("none-yet") as context:
        page = await context.new_page()
        await page.goto(PATH)
        await page.get_by_text("Máy chủ chưa có dữ liệu").first.wait_for()
        await stand.publish()
        await page.locator('[data-part="load"]').click()
        await page.locator('[data-part="is-fresh"]').wait_for()
        assert await page.locator('[data-part="why"]').inner_text() == ""


async def test_only_a_server_that_says_so_has_none_yet(stand: Stand) -> None:
    """A busy one answers 503 too, and so does a proxy with none behind it."""
    await stand.publish()
    async with stand.phone("busy") as context:
        page = await visited(context)

        async def busy(route: Route) -> None:
            await route.fulfill(status=503, body="<h1>503</h1>")

        await context.route("**/api/scan/v1/snapshot", busy)
        await page.locator('[data-part="load"]').click()
        await page.get_by_text("Chưa tải được").wait_for()
        assert not await page.get_by_text("Máy chủ chưa có dữ liệu").count()


async def test_a_telephone_that_lost_its_data_and_is_given_older_ones_says_that(
    stand: Stand,
) -> None:
    await stand.publish()
    async with stand.phone("lost") as context:
        page = await visited(context)
        await page.evaluate(
            "async (module) => (await import(module)).put('snapshot', null)",
            f"{offline_pages._files(stand.desk.settings)}/store.js",
        )
        await stand.publish(as_of=now() - timedelta(hours=3))
        await page.reload()
        await page.get_by_text("Tệp này cũ hơn dữ liệu đang có").wait_for()
        assert await page.locator('[data-part="is-nothing"]').is_visible()


async def test_where_the_camera_is_refused_only_the_words_are_left(stand: Stand) -> None:
    await stand.publish()
    given = ("--use-fake-device-for-media-stream", "--deny-permission-prompts")
    async with stand.phone("refused", *given) as context:
        page = await visited(context)
        await page.locator('[data-part="camera"]').press("Enter")
        await page.get_by_text("Chưa được phép dùng máy ảnh").last.wait_for()
        assert not await page.locator("video").is_visible()
        assert not await page.locator('[data-part="stop"]').is_visible()
        assert await page.locator('[data-part="camera"]:focus').count() == 1


async def test_what_is_missing_in_it_is_told(stand: Stand) -> None:
    left = [Missing("lots", 12), Missing("codes_revoked", 100_000, at_least=True)]
    # As data of a release before tell it, and as one to come may.
    bare, other = Missing("codes_lots", 3), Missing("anything", 1, said=("Thứ khác: 1", "", ""))
    await stand.publish(listing=Listing(incomplete=(*worded(left), bare, other)))
    async with stand.phone("missing") as context:
        page = await visited(context)
        listed = await page.locator('[data-part="missing"] li').all_inner_texts()
        assert listed == [
            "Lô có lệnh, cảnh báo hoặc bị tạm ngừng, không tìm được theo nhãn: 12",
            "Tem đã bị thu hồi, máy không có mã: ít nhất 100.000",
            "một số hàng hoặc mã tem",
            "Thứ khác: 1",
        ]
        # Where somebody reads an answer it is said too.
        said = await answer(page, GOOD)
        assert "Chưa biết điều gì xấu" in said
        assert "Máy không mang hết những gì đã biết là xấu" in said
        assert "Tem đã bị thu hồi, máy không có mã: ít nhất 100.000" in said
        await page.locator('[data-part="words"]').fill("nothing such")
        await page.locator('[data-part="words"]').press("Enter")
        found = page.locator('[data-part="found"]')
        await expect(found).to_contain_text(listed[0])
        await page.goto(f"{PATH}?lang=en")
        english = await page.locator('[data-part="missing"] li').nth(1).inner_text()
        assert english == "Revoked stamps whose codes are not on this phone: at least 100,000"


async def test_of_goods_whose_codes_are_not_carried_it_asks_to_compare_the_label(
    stand: Stand,
) -> None:
    large = ListedProduct("Nước mắm", "Fish sauce", "SP-9", "9520101000149", "", (0,), codes=False)
    await stand.publish(listing=replace(LISTING, products=(*LISTING.products, large)))
    async with stand.phone("large") as context:
        page = await visited(context)
        await context.set_offline(True)
        said = await answer(page, GOOD)
        assert "Phải so nhãn hàng" in said
        assert "Nước mắm" in said
        # Its address names other goods, or itself, and the filter comes first.
        said = await answer(page, f"https://txng.test/01/09520101000156/21/{GOOD}")
        assert "Chưa biết điều gì xấu" in said
        said = await answer(page, f"https://txng.test/01/09520101000149/21/{GOOD}")
        assert "Hàng đã biết là xấu" in said
        assert "mã của hàng này không có trong máy" in said
        assert "Phải kiểm tra lại khi có mạng" in await answer(page, BAD)


async def test_of_many_goods_to_compare_it_says_how_many_and_warnings_of_these_goods_come_first(
    stand: Stand,
) -> None:
    made = ("Nước mắm", "Fish sauce", "SP-9", "9520101000149", "Cái Rồng", (0,))
    large = ListedProduct(*made, codes=False)
    factory = ListedFacility("Nhà máy lớn", "", "QN-8", "9520101900029", (2,), codes=False)
    # Their product tells of the first; the others are another producer's.
    of_large = ListedLot(
        "L-LARGE", "Nước mắm", "Fish sauce", "9520101000149", "Cái Rồng", None, (0,), codes=False
    )
    others = [
        ListedLot(f"L-{n}", "Nước mắm", "Fish sauce", "", f"Xưởng {n}", None, (0,), codes=False)
        for n in range(60)
    ]
    listing = replace(
        LISTING,
        products=(*LISTING.products, large),
        facilities=(*LISTING.facilities, factory),
        lots=(*LISTING.lots, of_large, *others),
        incomplete=(Missing("codes_lots", 61),),
    )
    await stand.publish(listing=listing)
    async with stand.phone("many") as context:
        page = await visited(context)
        await context.set_offline(True)
        said = await answer(page, GOOD)
        assert "Phải so nhãn hàng" in said
        assert "50 trong 62 hàng" in said
        assert "không mang hết những gì đã biết là xấu" in said
        assert "Hàng đã biết là xấu" not in said
        assert "như ghi dưới từng hàng" in said
        assert "Nhà máy lớn" in said
        assert "L-LARGE" not in said
        cards = page.locator('[data-part="answer"] .card')
        assert await cards.count() == 50
        # A warning of exactly these goods is not hidden by what they may be.
        squid = f"https://txng.test/01/09520101000125/21/{GOOD}"
        said = await answer(page, squid)
        assert "Phải so nhãn hàng" in said
        assert "Mực một nắng" in await cards.first.inner_text()
        assert "Cảnh báo mực" in said
        assert "Nhà máy lớn" in said
        said = await answer(page, f"https://txng.test/01/09520101000125/21/{BAD}")
        assert "Phải kiểm tra lại khi có mạng" in said
        assert "Cảnh báo mực" in said
    few = replace(LISTING, products=(large,))
    await stand.publish(listing=few, as_of=now() + timedelta(seconds=1))
    async with stand.phone("few") as context:
        page = await visited(context)
        assert "Phải so nhãn hàng" in await answer(page, GOOD)
        assert not await page.locator('[data-part="answer"] [data-more]').is_visible()
        assert not await page.locator('[data-part="answer"] [data-incomplete]').is_visible()


async def test_a_product_is_not_called_bad_for_a_batch_that_is_too_large_for_the_filter(
    stand: Stand,
) -> None:
    of_batch = ListedProduct("Trà hoa vàng", "Tea", "SP-7", "9520101000163", "Ba Chẽ", codes=False)
    await stand.publish(listing=replace(LISTING, products=(*LISTING.products, of_batch)))
    async with stand.phone("batch") as context:
        page = await visited(context)
        await context.set_offline(True)
        label = "https://txng.test/01/09520101000163"
        said = await answer(page, f"{label}/21/{GOOD}")
        assert "Phải so nhãn hàng" in said
        assert "Một đợt tem của sản phẩm này" in said
        said = await answer(page, f"{label}/10/A")
        assert "Chưa biết điều gì xấu" in said


@pytest.mark.parametrize(
    ("lang", "words", "bad"),
    [("en", "Check without signal", "Recall of custard apples"), ("zh", "离线", "召回番荔枝")],
)
async def test_it_speaks_the_chosen_language_without_network(
    stand: Stand, lang: str, words: str, bad: str
) -> None:
    await stand.publish()
    async with stand.phone(f"speaks-{lang}") as context:
        page = await visited(context)
        await context.set_offline(True)
        await page.goto(f"{PATH}?lang={lang}")
        assert words in await page.locator("h1").inner_text()
        await page.goto(PATH)
        assert words in await page.locator("h1").inner_text()
        assert bad in await answer(page, f"https://txng.test/01/{GTIN}/10/{LOT}/21/{GOOD}")


async def test_it_needs_no_mouse_and_nothing_is_wider_than_the_telephone(stand: Stand) -> None:
    await stand.publish()
    async with stand.phone("narrow") as context:
        page = await visited(context)
        await answer(page, f"https://txng.test/01/{GTIN}/10/{LOT}/21/{GOOD}")
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360
        await page.locator('[data-part="load"]').focus()
        await page.keyboard.press("Enter")
        await page.get_by_text("Đã tải: dữ liệu lúc").wait_for()


async def test_without_script_it_says_what_it_needs_and_where_to_go(stand: Stand) -> None:
    async with stand.phone("script", java_script_enabled=False) as context:
        page = await context.new_page()
        await page.goto(PATH)
        assert await page.get_by_text("Trang này cần JavaScript").is_visible()
        assert await page.locator('main a[href="/kiem-tra-tem"]').first.is_visible()
        assert not await page.locator('[data-part="code-form"]').is_visible()


async def test_a_browser_that_cannot_keep_the_page_is_told_so_before_anybody_sets_out(
    stand: Stand,
) -> None:
    await stand.publish()
    async with stand.phone("no-worker") as context:
        page = await context.new_page()
        await page.add_init_script("delete Navigator.prototype.serviceWorker")
        await page.goto(PATH)
        await page.get_by_text("Trang chưa được lưu trong máy").wait_for()
        assert not await page.locator('[data-part="kept"]').is_visible()
        assert "Phải kiểm tra lại khi có mạng" in await answer(page, BAD)


async def test_the_page_and_python_read_codes_and_filters_alike(stand: Stand) -> None:
    codes = [f"{n:020d}" for n in range(3000)]
    made = filled(pairs_of(codes[:1000]))
    async with stand.phone("alike") as context:
        page = await context.new_page()
        await page.goto(PATH)
        files = offline_pages._files(stand.desk.settings)
        found = await page.evaluate(
            """async ([module, bits, bytes, codes]) => {
              const check = await import(module);
              const snapshot = {head: {filter: {bits}}, filter: new Uint8Array(bytes)};
              return Promise.all(codes.map((code) => check.hits(snapshot, code)));
            }""",
            [f"{files}/check.js", made.size, list(made.data), codes],
        )
    assert found == [code in made for code in codes]
    assert all(found[:1000])


async def test_it_can_be_installed(stand: Stand) -> None:
    client = stand.desk.client
    page = (await client.get(PATH, headers={"Accept-Language": "en"})).text
    assert f'<link rel="manifest" href="{PATH}/en.webmanifest">' in page
    told = (await client.get(f"{PATH}/en.webmanifest")).json()
    assert (told["start_url"], told["scope"], told["display"]) == (PATH, PATH, "standalone")
    for icon in told["icons"]:
        assert (await client.get(icon["src"])).headers["content-type"] == "image/png"
    worker = await client.get(f"{PATH}/worker.js")
    assert worker.headers["service-worker-allowed"] == PATH
    assert worker.headers["cache-control"] == "no-cache"
    kept = json.loads(worker.text.partition("self.KEPT = ")[2].partition(";\n")[0])
    for path, integrity in kept["files"]:
        answer_ = await client.get(path)
        assert answer_.status_code == 200, path
        digest = b64encode(sha256(answer_.content).digest()).decode()
        assert integrity in (f"sha256-{digest}", "" if path.endswith(".webmanifest") else None)


@pytest.mark.parametrize(
    "name", ["worker.js", "%2e%2e%2foffline_pages.py", "vendor/README.md", "nothing.js", "vendor"]
)
async def test_only_the_files_of_this_version_are_handed_out(stand: Stand, name: str) -> None:
    files = offline_pages._files(stand.desk.settings)
    assert (await stand.desk.client.get(f"{files}/{name}")).status_code == 404
    other = files.replace(offline_pages.version(stand.desk.settings), "0" * 16)
    assert (await stand.desk.client.get(f"{other}/check.js")).status_code == 404
