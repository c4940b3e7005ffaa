"""Pallets and crates of a shipment have an SSCC each: given or made, once, told and printed."""

import asyncio
import io
import re
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from axe_playwright_python.async_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from playwright.async_api import Browser

from services.registry.domain.logistic_units import (
    MorePackedThanSent,
    SsccInvalid,
    checked_sscc,
    made_from,
    with_contents,
)
from services.registry.domain.records import Author, Owner
from services.registry.domain.shipment import End, Line, Shipment, Status
from services.registry.printing import unit_label
from services.registry.printing.unit_label import Said
from shared.contracts.registry import ShipmentPublished
from shared.gs1 import check_digit, is_sscc
from shared.ids import new_id, now
from tests.answers import ok, refused
from tests.chromium import page_of
from tests.gs1 import vectors
from tests.registry.conftest import Registry
from tests.registry.test_product_labels import read, seen

C = "/console/registry/shipments"
PREFIX = "8935001"
World = dict[str, Any]


def sscc_of(number: int) -> str:
    digits = f"1952010{number:010d}"
    return digits + check_digit(digits)


@given(st.integers(10**6, 10**10 - 1), st.integers(0, 10**6 - 1))
def test_what_is_made_is_an_sscc_of_its_prefix(prefix: int, serial: int) -> None:
    made = made_from(str(prefix), serial)
    assert is_sscc(made)
    assert made[1:].startswith(str(prefix))
    assert checked_sscc(f"(00) {made[:3]} {made[3:]}") == made


@given(st.text("0123456789", min_size=17, max_size=19))
def test_digits_that_are_no_sscc_are_refused(text: str) -> None:
    try:
        assert is_sscc(checked_sscc(text))
    except SsccInvalid:
        assert not is_sscc(text)


@vectors.needs_standards
def test_the_numbers_of_gs1_s_own_vectors_are_printed_and_read_back() -> None:
    told = vectors.standard("digital-link-uri-vectors.json")
    found = {one for one in re.findall(r"/00/(\d{18})\b", told) if is_sscc(one)}
    assert found >= {"006141411234567890", "952012345678912345"}
    for sscc in found:
        assert checked_sscc(f"(00){sscc}") == sscc
        address = f"https://txng.test/00/{sscc}"
        label = unit_label.drawn(sscc, address, Said("Nơi gửi", "", "CH-1"))
        assert sorted(read(label)) == sorted([f"(00){sscc}", address])


def test_a_label_names_ten_lots_and_how_many_more_there_are() -> None:
    lots = [f"Lô {n}" for n in range(100)]
    assert unit_label.told_inside(lots) == [*lots[:10], "và 90 lô khác: quét mã QR"]
    assert unit_label.told_inside(lots[:10]) == lots[:10]
    assert unit_label.told_inside([]) == []
    sscc = "006141411234567890"
    many = unit_label.drawn(sscc, "https://txng.test/00/1", Said("Nơi gửi", "", "CH-1", lots))
    eleven = Said("Nơi gửi", "", "CH-1", [*lots[:10], "x"])
    # Nothing shrinks further than with eleven.
    assert len(many) < 1.05 * len(unit_label.drawn(sscc, "https://txng.test/00/1", eleven))


@pytest.fixture(scope="module")
async def world(registry: Registry) -> World:
    gln = f"{PREFIX}00001"
    sender = await registry.a_facility(gln=gln + check_digit(gln))
    receiver = await registry.a_facility()
    product = await registry.a_product(sender["id"])
    lot = await registry.a_lot(sender["id"], product["id"])
    other = await registry.a_lot(sender["id"], product["id"])
    return {
        **{"from": sender, "to": receiver, "lot": lot, "other": other},
        "product": product["id"],
    }


async def shipment(registry: Registry, world: World, *, lots: tuple[str, ...] = ("lot",)) -> str:
    body = {
        "end": "transfer",
        "place": "Kho Đồi Nắng",
        "receiver": world["to"]["code"],
        "lines": [{"lot": world[one]["id"], "quantity": "1", "unit": "kg"} for one in lots],
        "carrier": "HTX vận tải",
        "vehicle": "14C-123.45",
    }
    operator = registry.operator(world["from"]["id"])
    return str(ok(await registry.post("/shipments", body, operator), 201)["id"])


async def add(registry: Registry, world: World, one: str, **more: Any) -> Any:
    operator = registry.operator(world["from"]["id"])
    return await registry.post(f"/shipments/{one}/units", {"id": new_id(), **more}, operator)


def ssccs(answer: Any) -> list[str]:
    return [unit["sscc"] for unit in answer["items"]]


async def test_a_unit_s_number_is_typed_or_made_and_told_to_the_other_services(
    registry: Registry, world: World
) -> None:
    one = await shipment(registry, world)
    typed = sscc_of(1)
    found = ok(await add(registry, world, one, sscc=f"(00) {typed[:9]} {typed[9:]}"))
    assert ssccs(found) == [typed]
    assert found["items"][0]["address"].endswith(f"/00/{typed}")
    made = ssccs(ok(await add(registry, world, one, prefix=PREFIX)))[-1]
    again = ssccs(ok(await add(registry, world, one, prefix=PREFIX)))[-1]
    assert is_sscc(made)
    assert made[1:].startswith(PREFIX)
    assert len({typed, made, again}) == 3
    told = (await registry.events(one, ShipmentPublished))[-1]
    assert told.ssccs == (typed, made, again)
    receiver = registry.operator(world["to"]["id"])
    assert ssccs(ok(await registry.get(f"/shipments/{one}/units", receiver))) == [*told.ssccs]


async def test_a_form_that_comes_twice_or_ten_times_at_once_numbers_one_unit(
    registry: Registry, world: World
) -> None:
    one, form = await shipment(registry, world), new_id()
    answers = await asyncio.gather(
        *(add(registry, world, one, id=form, prefix=PREFIX) for _ in range(10))
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len(ssccs(ok(await add(registry, world, one, id=form, prefix=PREFIX)))) == 1


async def test_no_number_is_given_twice_even_after_it_was_taken_off(
    registry: Registry, world: World
) -> None:
    one, other = await shipment(registry, world), await shipment(registry, world)
    sscc, operator = sscc_of(2), registry.operator(world["from"]["id"])
    ok(await add(registry, world, one, sscc=sscc))
    refused(await add(registry, world, other, sscc=sscc), 409, "sscc_taken")
    left = ok(await registry.post(f"/shipments/{one}/units/{sscc}/remove", {}, operator))
    assert ssccs(left) == []
    assert (await registry.events(one, ShipmentPublished))[-1].ssccs == ()
    refused(await add(registry, world, other, sscc=sscc), 409, "sscc_taken")
    gone = await registry.post(f"/shipments/{one}/units/{sscc}/remove", {}, operator)
    assert gone.status_code == 404


async def test_what_is_no_number_of_one_s_own_is_refused_with_its_field(
    registry: Registry, world: World
) -> None:
    one = await shipment(registry, world)
    wrong = sscc_of(3)[:-1] + str((int(sscc_of(3)[-1]) + 1) % 10)
    for body, code in (
        ({"sscc": wrong}, "sscc_invalid"),
        ({"sscc": "1234"}, "sscc_invalid"),
        ({"prefix": "8930000"}, "prefix_not_yours"),
        ({"prefix": "89"}, "prefix_not_yours"),
        ({}, "sscc_or_prefix"),
        ({"sscc": sscc_of(3), "prefix": PREFIX}, "sscc_or_prefix"),
        ({"sscc": sscc_of(3), "colour": "red"}, "invalid_input"),
    ):
        refused(await add(registry, world, one, **body), 422, code)
    operator = registry.operator(world["from"]["id"])
    ok(await registry.post(f"/shipments/{one}/cancel", {"reason": "Nhầm"}, operator))
    refused(await add(registry, world, one, sscc=sscc_of(3)), 409, "shipment_over")


async def test_only_the_sender_numbers_and_strangers_find_nothing(
    registry: Registry, world: World
) -> None:
    one, sscc = await shipment(registry, world), sscc_of(4)
    ok(await add(registry, world, one, sscc=sscc))
    receiver = registry.operator(world["to"]["id"])
    stranger = registry.operator(str((await registry.a_facility())["id"]))
    body = {"id": new_id(), "sscc": sscc_of(5)}
    units = f"/shipments/{one}/units"
    for token, statuses in ((receiver, {403, 404}), (stranger, {404})):
        for path in (units, f"{units}/{sscc}/remove", f"{units}/{sscc}/contents"):
            sent = body if path.endswith("units") else {}
            assert (await registry.post(path, sent, token)).status_code in statuses
    ends = ("label", f"label/{sscc}.svg", f"label/{sscc}.pdf", f"label/{sscc}/contents")
    for end in ends:
        page = await registry.browser(stranger).get(f"{C}/{one}/{end}")
        assert page.status_code == 404
    foreign = await registry.browser(receiver).get(f"{C}/{one}/label/{sscc_of(6)}.svg")
    assert foreign.status_code == 404


async def test_the_label_reads_back_and_its_page_fits_a_phone(
    registry: Registry, world: World, chromium: Browser, address: str
) -> None:
    one, sscc = await shipment(registry, world), sscc_of(7)
    found = ok(await add(registry, world, one, sscc=sscc))
    token = registry.operator(world["from"]["id"])
    browser = registry.browser(token)
    assert f"{C}/{one}/label" in (await browser.get(f"{C}/{one}")).text
    symbol = await browser.get(f"{C}/{one}/label/{sscc}.svg")
    assert symbol.headers["content-type"] == "image/svg+xml"
    page = await chromium.new_page(viewport={"width": 600, "height": 600})
    await page.set_content(symbol.text)
    seen = Image.open(io.BytesIO(await page.screenshot())).convert("L")
    await page.close()
    read = [one.text for one in zxingcpp.read_barcodes(seen)]
    assert read == [found["items"][0]["address"]]
    for lang in ("vi", "en", "zh"):
        narrow = {"width": 360, "height": 800}
        async with page_of(chromium, address, token, lang=lang, viewport=narrow) as (shown, heard):
            await shown.goto(f"{C}/{one}/label")
            assert (await Axe().run(shown)).violations_count == 0
            assert await shown.evaluate("document.documentElement.scrollWidth") == 360
            assert heard == []


async def test_by_page_a_wrong_number_comes_back_as_typed_and_a_right_one_is_shown(
    registry: Registry, world: World
) -> None:
    one = await shipment(registry, world)
    async with registry.browser(registry.operator(world["from"]["id"])) as browser:
        csrf = await registry.csrf(browser)
        origin = {"Origin": registry.settings.public_origin}
        sent = {"csrf": csrf, "id": new_id(), "sscc": "123", "prefix": ""}
        wrong = await browser.post(f"{C}/{one}/label", data=sent, headers=origin)
        assert wrong.status_code == 422
        assert 'value="123"' in wrong.text
        sent["sscc"] = sscc_of(8)
        done = await browser.post(f"{C}/{one}/label", data=sent, headers=origin)
        assert done.status_code == 303
        assert sscc_of(8) in (await browser.get(f"{C}/{one}/label")).text
        removed = await browser.post(
            f"{C}/{one}/label/{sscc_of(8)}/remove", data={"csrf": csrf}, headers=origin
        )
        assert removed.status_code == 303
        assert sscc_of(8) not in (await browser.get(f"{C}/{one}/label")).text


async def packs(
    registry: Registry, world: World, one: str, sscc: str, *inside: tuple[str, str]
) -> Any:
    operator = registry.operator(world["from"]["id"])
    contents = [{"lot_id": world[lot]["id"], "quantity": kg} for lot, kg in inside]
    path = f"/shipments/{one}/units/{sscc}/contents"
    return await registry.post(path, {"contents": contents}, operator)


async def test_the_sender_says_what_is_in_a_unit_and_the_other_services_are_told(
    registry: Registry, world: World
) -> None:
    one = await shipment(registry, world, lots=("lot", "other"))
    first, second = sscc_of(11), sscc_of(12)
    for sscc in (first, second):
        ok(await add(registry, world, one, sscc=sscc))
    before = (await registry.events(one, ShipmentPublished))[-1]
    assert before.packed == ()
    found = ok(await packs(registry, world, one, first, ("lot", "0.75"), ("other", "0")))
    told = {unit["sscc"]: unit["contents"] for unit in found["items"]}
    assert told[first] == [{"lot_id": world["lot"]["id"], "quantity": "0.75"}]
    assert told[second] == []
    after = (await registry.events(one, ShipmentPublished))[-1]
    assert [(p.sscc, p.lot_id, str(p.quantity), p.unit) for p in after.packed] == [
        (first, world["lot"]["id"], "0.75", "kg")
    ]
    # Said again, also by many at once, it is told once.
    many = (packs(registry, world, one, first, ("lot", "0.75")) for _ in range(5))
    assert {answer.status_code for answer in await asyncio.gather(*many)} == {200}
    assert (await registry.events(one, ShipmentPublished))[-1].version == after.version
    # Not more than was sent, over all units.
    refused(await packs(registry, world, one, second, ("lot", "0.5")), 422, "more_packed_than_sent")
    ok(await packs(registry, world, one, second, ("lot", "0.25"), ("other", "1")))
    ok(await packs(registry, world, one, first))
    last = (await registry.events(one, ShipmentPublished))[-1]
    assert {p.sscc for p in last.packed} == {second}
    operator = registry.operator(world["from"]["id"])
    ok(await registry.post(f"/shipments/{one}/units/{second}/remove", {}, operator))
    assert (await registry.events(one, ShipmentPublished))[-1].packed == ()


async def test_what_cannot_be_in_a_unit_is_refused_with_its_field(
    registry: Registry, world: World
) -> None:
    one, sscc = await shipment(registry, world), sscc_of(13)
    ok(await add(registry, world, one, sscc=sscc))
    refused(
        await packs(registry, world, one, sscc, ("lot", "0.5"), ("other", "1")),
        *(422, "lot_not_in_shipment"),
    )
    refused(await packs(registry, world, one, sscc, ("lot", "1.5")), 422, "more_packed_than_sent")
    refused(await packs(registry, world, one, sscc, ("lot", "-1")), 422, "invalid_input")
    refused(await packs(registry, world, one, sscc_of(14), ("lot", "1")), 404, "not_found")
    operator = registry.operator(world["from"]["id"])
    ok(await registry.post(f"/shipments/{one}/cancel", {"reason": "Nhầm"}, operator))
    refused(await packs(registry, world, one, sscc, ("lot", "1")), 409, "shipment_over")


async def test_a_shipment_kept_before_contents_were_told_is_read_as_ever(
    registry: Registry, world: World
) -> None:
    one, sscc = await shipment(registry, world), sscc_of(15)
    ok(await add(registry, world, one, sscc=sscc))
    rows = registry.db.collection("shipments")
    await rows.update_one({"_id": one}, {"$unset": {"packed": ""}})
    operator = registry.operator(world["from"]["id"])
    [unit] = ok(await registry.get(f"/shipments/{one}/units", operator))["items"]
    assert unit["contents"] == []
    ok(await packs(registry, world, one, sscc, ("lot", "1")))


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 6)), max_size=4))
def test_units_together_never_hold_more_than_was_sent(inside: list[tuple[str, int]]) -> None:
    sent = shipment_of(a=10, b=4)
    for sscc in ("1", "2", "3"):
        contents = [(lot, Decimal(quantity)) for lot, quantity in inside]
        with suppress(MorePackedThanSent):
            sent = with_contents(sent, sscc, contents, sent.created_at)
    for line in sent.lines:
        packed = sum(one.quantity for one in sent.packed if one.lot_id == line.lot_id)
        assert packed <= line.quantity
    assert all(one.quantity > 0 for one in sent.packed)


def shipment_of(**lots: int) -> Shipment:
    owner = Owner("f", "Cơ sở", "F-1", "07090", "agriculture")
    return Shipment(
        id="s",
        code="CH-1",
        version=1,
        end=End.TRANSFER,
        status=Status.PLANNED,
        sender=owner,
        receiver=owner,
        lines=tuple(Line(lot, Decimal(quantity), "kg") for lot, quantity in lots.items()),
        by=Author("a", "Người gửi", "facility", "", "f"),
        created_at=now(),
        updated_at=now(),
        units=tuple((sscc, sscc) for sscc in ("1", "2", "3")),
    )


async def test_the_barcode_and_the_a6_label_read_back(
    registry: Registry, world: World, chromium: Browser
) -> None:
    one, sscc = await shipment(registry, world), sscc_of(16)
    found = ok(await add(registry, world, one, sscc=sscc))
    address = found["items"][0]["address"]
    ok(await packs(registry, world, one, sscc, ("lot", "0.75")))
    browser = registry.browser(registry.operator(world["from"]["id"]))
    picture = await browser.get(f"{C}/{one}/label/{sscc}.svg?symbol=gs1-128")
    assert await seen(chromium, picture.text) == [f"(00){sscc}"]
    label = await browser.get(f"{C}/{one}/label/{sscc}.pdf")
    assert label.headers["content-type"] == "application/pdf"
    assert label.headers["cache-control"] == "no-store"
    assert sorted(read(label.content)) == sorted([f"(00){sscc}", address])
    document = pypdfium2.PdfDocument(label.content)
    width, height = document[0].get_size()
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (105, 148)
    assert f"(00){sscc}" in text
    assert world["lot"]["code"] in text
    assert "0,75 kg" in text


async def test_by_page_the_contents_are_recorded_and_come_back_as_typed_where_they_are_wrong(
    registry: Registry, world: World, chromium: Browser, address: str
) -> None:
    one, sscc = await shipment(registry, world, lots=("lot", "other")), sscc_of(17)
    ok(await add(registry, world, one, sscc=sscc))
    token = registry.operator(world["from"]["id"])
    here = f"{C}/{one}/label/{sscc}/contents"
    async with registry.browser(token) as browser:
        csrf = await registry.csrf(browser)
        origin = {"Origin": registry.settings.public_origin}
        sent = {
            "csrf": csrf,
            "contents.0.lot_id": world["lot"]["id"],
            "contents.0.quantity": "7",
            "contents.1.lot_id": world["other"]["id"],
            "contents.1.quantity": "",
        }
        wrong = await browser.post(here, data=sent, headers=origin)
        assert wrong.status_code == 422
        assert 'value="7"' in wrong.text
        assert "nhiều hơn số đã gửi" in wrong.text
        sent["contents.0.quantity"] = "0,5"
        assert (await browser.post(here, data=sent, headers=origin)).status_code == 303
        page = (await browser.get(f"{C}/{one}/label")).text
        assert "0,5 kg" in page
    for lang in ("vi", "en", "zh"):
        narrow = {"width": 360, "height": 800}
        async with page_of(chromium, address, token, lang=lang, viewport=narrow) as (shown, heard):
            await shown.goto(here)
            assert (await Axe().run(shown)).violations_count == 0
            assert await shown.evaluate("document.documentElement.scrollWidth") == 360
            assert heard == []
