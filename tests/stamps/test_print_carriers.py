"""Stamps that carry a Data Matrix: ordered, drawn, refused, and found again by what is scanned."""

import csv
import io

import pytest
import zxingcpp

from shared import stampcode
from tests.answers import ok, refused
from tests.stamps import builders
from tests.stamps.conftest import CONSOLE, Farm, Stamps
from tests.stamps.test_print_papers import codes_of, file_of
from tests.stamps.test_printing_jobs import done, order, ring

GTIN = "9506000134352"
DATA_MATRIX = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.DataMatrix)


async def with_gtin(stamps: Stamps) -> Farm:
    farm = await stamps.a_farm()
    await stamps.know(builders.product(farm.facility, farm.product, version=2, gtin=GTIN))
    return farm


@pytest.mark.parametrize(
    ("carrier", "before", "mark"),
    [
        ("datamatrix", f"HTTPS://TXNG.TEST/01/0{GTIN}/21/", "]d1"),
        ("gs1-datamatrix", f"(01)0{GTIN}(21)", "]d2"),
    ],
)
async def test_a_job_carries_what_was_asked_for_also_when_printed_again(
    stamps: Stamps, carrier: str, before: str, mark: str
) -> None:
    farm = await with_gtin(stamps)
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    asked = {"size": "20mm", "format": "a4-21", "carrier": carrier}
    job = await order(stamps, number, who, first=0, last=1, **asked)
    assert job["carrier"] == carrier
    path, body = f"/print-jobs/{job['id']}", {"first_sheet": 1, "last_sheet": 1}
    await done(stamps, job["id"], who)
    again = ok(await stamps.post(f"{path}/again", body, who), 202)
    for one in (job, again):
        document = await file_of(stamps, one, who)
        bitmap = document[0].render(scale=600 / 72, grayscale=True)
        pixels = bitmap.to_numpy().reshape(bitmap.height, -1)[:1200, : bitmap.width].copy()
        document.close()
        found = zxingcpp.read_barcodes(pixels, formats=DATA_MATRIX)
        expected = [before + code for code in codes_of(stamps, number, 0, 1)]
        assert sorted(symbol.text for symbol in found) == sorted(expected)
        assert {symbol.symbology_identifier for symbol in found} == {mark}


async def test_without_a_gtin_gs1_is_refused_and_not_offered(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    path, body = f"/batches/{number}/print-jobs", {"size": "6mm", "first": 0, "last": 0}
    for carrier, code in (("gs1-datamatrix", "carrier_needs_gtin"), ("aztec", "invalid_input")):
        answer = await stamps.post(path, {**body, "carrier": carrier}, who)
        refused(answer, 422, code)
        assert [one["field"] for one in answer.json()["errors"]] == ["carrier"]
    page = (await stamps.page(f"/batches/{number}/print", who)).text
    assert 'value="datamatrix"' in page
    assert "gs1-datamatrix" not in page
    form = {"size": "6mm", "first": "0", "last": "0", "carrier": "gs1-datamatrix"}
    answer = await stamps.send_form(f"/batches/{number}/print", form, who)
    assert answer.status_code == 422
    assert "cần mã GTIN" in answer.text


@pytest.mark.parametrize(
    ("lang", "word"), [("vi", "Loại mã"), ("en", "Type of code"), ("zh", "码的类型")]
)
async def test_the_form_offers_all_three_with_their_modules(
    stamps: Stamps, lang: str, word: str
) -> None:
    farm = await with_gtin(stamps)
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    page = (await stamps.page(f"/batches/{number}/print", who, lang)).text
    assert word in page
    for carrier in ("qr", "datamatrix", "gs1-datamatrix"):
        assert f'value="{carrier}"' in page
    assert ("0.254" if lang != "vi" else "0,254") in page


async def test_a_form_orders_it_and_the_jobs_page_names_it(stamps: Stamps) -> None:
    farm = await with_gtin(stamps)
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    form = {"size": "6mm", "first": "0", "last": "3", "carrier": "gs1-datamatrix"}
    answer = await stamps.send_form(f"/batches/{number}/print", form, who)
    assert answer.status_code == 303
    path = answer.headers["location"].removeprefix(CONSOLE)
    await done(stamps, path.split("/")[-1].partition("?")[0], who)
    assert "GS1 DataMatrix 5,59 mm" in (await stamps.page(path, who)).text


async def test_the_same_key_with_another_carrier_is_another_order(stamps: Stamps) -> None:
    farm = await with_gtin(stamps)
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    path, body = f"/batches/{number}/print-jobs", {"size": "6mm", "first": 0, "last": 0}
    key = {"Idempotency-Key": "one and the same"}
    first = ok(await stamps.post(path, {**body, "carrier": "datamatrix"}, who, headers=key), 202)
    same = ok(await stamps.post(path, {**body, "carrier": "datamatrix"}, who, headers=key), 202)
    assert first["id"] == same["id"]
    await done(stamps, first["id"], who)
    refused(await stamps.post(path, body, who, headers=key), 409, "idempotency_key_reused")


async def test_a_list_for_print_houses_has_the_elements_in_brackets(stamps: Stamps) -> None:
    farm = await with_gtin(stamps)
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    asked = {"output": "csv", "carrier": "gs1-datamatrix"}
    job = await order(stamps, number, who, first=0, last=4, **asked)
    await done(stamps, job["id"], who)
    content = (await stamps.get(f"/print-jobs/{job['id']}/file", who)).content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    expected = [f"(01)0{GTIN}(21){code}" for code in codes_of(stamps, number, 0, 4)]
    assert [row[2] for row in rows[1:]] == expected


async def test_a_stamp_is_found_by_what_a_scanner_of_trade_sends(stamps: Stamps) -> None:
    farm = await with_gtin(stamps)
    number, who = await stamps.a_batch(farm, 10), stamps.operator(farm.facility)
    code = stampcode.encode(ring(stamps), number, 3)
    for sent in (f"]d2010{GTIN}21{code}", f"010{GTIN}21{code}", f"(01)0{GTIN}(21){code}"):
        found = ok(await stamps.post("/codes/lookup", {"code": sent}, who))
        assert found == {"batch": number, "serial": 3}
    forged = code[:-1] + ("0" if code[-1] != "0" else "1")
    answer = await stamps.post("/codes/lookup", {"code": f"010{GTIN}21{forged}"}, who)
    refused(answer, 422, "not_a_stamp_code")


async def test_a_barcode_is_ordered_where_it_has_room_and_else_refused(stamps: Stamps) -> None:
    farm = await with_gtin(stamps)
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    path, body = f"/batches/{number}/print-jobs", {"first": 0, "last": 0}
    for more, code in (
        ({"size": "6mm", "barcode": "ean"}, "barcode_does_not_fit"),
        ({"size": "20mm-wide", "barcode": "gs1-128"}, "barcode_does_not_fit"),
        (
            {"size": "20mm-wide", "barcode": "ean", "output": "zpl-203", "format": "roll-100x75"},
            "barcode_does_not_fit",
        ),
        ({"size": "20mm-wide", "barcode": "upc"}, "invalid_input"),
    ):
        refused(await stamps.post(path, {**body, **more}, who), 422, code)
    job = await order(stamps, number, who, size="20mm-wide", barcode="ean", format="a4-21")
    assert job["barcode"] == "ean"
    document = await file_of(stamps, job, who)
    bitmap = document[0].render(scale=600 / 72, grayscale=True)
    pixels = bitmap.to_numpy().reshape(bitmap.height, -1)[:1300, : bitmap.width].copy()
    ean = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.EAN13)
    assert [one.text for one in zxingcpp.read_barcodes(pixels, formats=ean)] == [GTIN] * 3
    assert "EAN-13" in (await stamps.page(f"/print-jobs/{job['id']}", who)).text


async def test_a_barcode_needs_a_gtin_that_it_can_hold(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    path = f"/batches/{number}/print-jobs"
    body = {"size": "30mm-wide", "first": 0, "last": 0, "barcode": "ean"}
    refused(await stamps.post(path, body, who), 422, "barcode_needs_gtin")
    assert 'name="barcode"' not in (await stamps.page(f"/batches/{number}/print", who)).text
    case = builders.product(farm.facility, farm.product, version=2, gtin="19506000134359")
    await stamps.know(case)
    refused(await stamps.post(path, body, who), 422, "gtin_not_for_ean")
    job = ok(await stamps.post(path, {**body, "barcode": "gs1-128"}, who), 202)
    await done(stamps, job["id"], who)
    page = (await stamps.page(f"/batches/{number}/print", who)).text
    assert 'value="gs1-128"' in page
    assert 'value="ean"' not in page
