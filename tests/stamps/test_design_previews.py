"""Previews show what will be printed: the carrier chosen, the barcode, a sample hidden number."""

import io
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from services.stamps.domain.printing import Carrier
from services.stamps.previewing import SPECIMEN, SPECIMEN_GTIN, AsPrinted, _drawn, label
from services.stamps.printing.hiding import (
    FIELDS,
    HINT,
    SAMPLE,
    SAMPLE_HINT,
    SAMPLE_NUMBER,
)
from services.stamps.printing.jobs import Job
from services.stamps.printing.labels import DOTS_PER_POINT, dots
from services.stamps.printing.looks import Look
from services.stamps.printing.sheets import write_sheets
from services.stamps.printing.templates import TEMPLATES
from services.stamps.printing.typeface import Typeface
from tests.answers import refused
from tests.printing.test_sheets import JOB, stamps_of, text_of
from tests.stamps.conftest import CONSOLE, Farm, Stamps
from tests.stamps.test_designs import written

SHORT = f"HTTPS://TXNG.TEST/{SPECIMEN}"
LINK = f"HTTPS://TXNG.TEST/01/{SPECIMEN_GTIN.zfill(14)}/21/{SPECIMEN}"
KINDS = {
    "qr": ("QRCode", LINK),
    "datamatrix": ("DataMatrix", LINK),
    "gs1-datamatrix": ("DataMatrix", f"01{SPECIMEN_GTIN.zfill(14)}21{SPECIMEN}"),
}


def read(png: bytes) -> dict[str, str]:
    """Kind and content of every symbol in a picture; content of GS1 ones without separators."""
    picture = Image.open(io.BytesIO(png)).convert("L")
    picture = picture.resize((picture.width * 2, picture.height * 2))
    found = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
    return {one.format.name: one.text.replace("\x1d", "").lstrip("]d2") for one in found}


@pytest.mark.parametrize("carrier", KINDS)
async def test_a_design_is_shown_with_the_carrier_that_was_chosen(
    stamps: Stamps, farm: Farm, carrier: str
) -> None:
    who = stamps.operator(farm.facility)
    design = (await written(stamps, who, size="30mm"))["id"]
    page = await stamps.page(f"/designs/{design}?carrier={carrier}", who)
    assert f'<option value="{carrier}" selected' in page.text
    assert f"carrier={carrier}&amp;barcode=none" in page.text
    kind, content = KINDS[carrier]
    for answer in (
        await stamps.page(f"/designs/{design}/preview.png?carrier={carrier}", who),
        await stamps.get(f"/designs/{design}/preview?carrier={carrier}", who),
    ):
        assert read(answer.content)[kind].upper() == content


async def test_a_barcode_stands_beside_where_the_size_has_room(stamps: Stamps, farm: Farm) -> None:
    who = stamps.operator(farm.facility)
    design = (await written(stamps, who, size="30mm-wide"))["id"]
    answer = await stamps.page(f"/designs/{design}/preview.png?barcode=ean", who)
    assert read(answer.content)["EAN13"] == SPECIMEN_GTIN
    other = (await written(stamps, who, size="20mm"))["id"]
    refused(
        await stamps.get(f"/designs/{other}/preview?barcode=ean", who), 422, "barcode_does_not_fit"
    )
    page = await stamps.page(f"/designs/{other}?barcode=ean", who)
    assert page.status_code == 200
    assert "Không in được như đã chọn" in page.text
    assert "không đủ chỗ cho mã vạch" in page.text
    assert "<img" not in page.text.partition("<main")[2].partition("<form")[0]
    gone = await stamps.page(f"/designs/{other}/preview.png?barcode=ean", who)
    assert gone.status_code == 404


async def test_a_hidden_number_is_drawn_where_there_is_room_and_only_as_a_sample(
    stamps: Stamps, farm: Farm
) -> None:
    who = stamps.operator(farm.facility)
    design = (await written(stamps, who, size="30mm"))["id"]
    without = await stamps.get(f"/designs/{design}/preview", who)
    with_one = await stamps.get(f"/designs/{design}/preview?pin=true", who)
    assert without.content != with_one.content
    assert f'href="{CONSOLE}' in (page := (await stamps.page(f"/designs/{design}?pin=1", who)).text)
    assert "&amp;pin=1" in page
    assert 'name="pin" value="1" checked' in page
    small = (await written(stamps, who, size="6mm"))["id"]
    refused(await stamps.get(f"/designs/{small}/preview?pin=true", who), 422, "no_room_for_pin")
    page = (await stamps.page(f"/designs/{small}?pin=1", who)).text
    assert "không có chỗ cho số ẩn" in page


@pytest.mark.parametrize("carrier", ["qr", "datamatrix"])
async def test_a_product_without_a_gtin_is_shown_with_the_shorter_address_it_is_printed_with(
    stamps: Stamps, farm: Farm, carrier: str
) -> None:
    who = stamps.operator(farm.facility)
    design = (await written(stamps, who, size="30mm"))["id"]
    page = await stamps.page(f"/designs/{design}?carrier={carrier}&gtin=0", who)
    assert '<option value="0" selected' in page.text
    assert "&amp;gtin=0" in page.text
    for answer in (
        await stamps.page(f"/designs/{design}/preview.png?carrier={carrier}&gtin=0", who),
        await stamps.get(f"/designs/{design}/preview?carrier={carrier}&gtin=false", who),
    ):
        assert read(answer.content)[KINDS[carrier][0]].upper() == SHORT
    for chosen, code in (
        ("carrier=gs1-datamatrix", "carrier_needs_gtin"),
        ("barcode=gs1-128", "barcode_needs_gtin"),
    ):
        none = await stamps.get(f"/designs/{design}/preview?{chosen}&gtin=false", who)
        refused(none, 422, code)


@pytest.mark.parametrize("size", TEMPLATES)
@pytest.mark.parametrize("gtin", [None, SPECIMEN_GTIN, "8934567890120"])
def test_a_preview_has_the_symbol_that_a_print_of_that_size_has(
    size: str, gtin: str | None
) -> None:
    carriers: list[Carrier] = ["qr", "datamatrix", *(["gs1-datamatrix"] if gtin else [])]  # type: ignore[list-item]
    for carrier in carriers:
        how = AsPrinted(carrier, has_gtin=gtin is not None)
        shown = label(Look(), size, "TXNG.TEST", "Na dai", "HTX Na dai", how)
        printed = Job("TXNG.TEST", TEMPLATES[size], "7", "Na", "HTX", gtin=gtin, carrier=carrier)
        assert shown.fit == printed.fit, carrier
        assert len(shown.prefix) == len(printed.prefix)


@pytest.mark.parametrize("query", ["carrier=aztec", "barcode=upc", "pin=perhaps", "gtin=perhaps"])
async def test_what_nobody_can_choose_is_refused(stamps: Stamps, farm: Farm, query: str) -> None:
    who = stamps.operator(farm.facility)
    design = (await written(stamps, who))["id"]
    refused(await stamps.get(f"/designs/{design}/preview?{query}", who), 422, "invalid_input")
    assert (await stamps.page(f"/designs/{design}?{query}", who)).status_code == 422


@pytest.mark.parametrize("size", FIELDS)
def test_a_sample_is_marked_as_one_and_a_stamp_is_not(size: str) -> None:
    template, field = TEMPLATES[size], FIELDS[size]
    for numbers, hint, other in ((SAMPLE, SAMPLE_HINT, HINT), (None, "", SAMPLE_HINT)):
        pdf = io.BytesIO()
        stamps = stamps_of(1)
        job = replace(JOB, template=template, numbers=numbers)
        write_sheets(pdf, job, stamps, 1)
        text = text_of(pypdfium2.PdfDocument(pdf.getvalue()), 0)
        assert (SAMPLE_NUMBER in text, hint in text) == (numbers is not None, True)
        assert other not in text
    # The mark has room above its field, and does not run over the label's edge or the symbol.
    typeface = Typeface("Regular", [SAMPLE_HINT])
    width = typeface.width(SAMPLE_HINT, 4.2 * DOTS_PER_POINT)
    assert width <= dots(field.width)


@pytest.mark.parametrize("size", ["12mm-wide", "20mm", "30mm", "40mm"])
def test_the_symbol_of_a_preview_is_read_beside_the_field(size: str) -> None:
    for carrier, (kind, content) in KINDS.items():
        how = AsPrinted(carrier, "none", True)  # type: ignore[arg-type]
        png = _drawn(label(Look(), size, "TXNG.TEST", "Na dai", "HTX Na dai", how))
        printed = content if TEMPLATES[size].takes_link or carrier == "gs1-datamatrix" else SHORT
        assert read(png)[kind].upper() == printed


@pytest.mark.parametrize("size", ["30mm", "40mm"])
async def test_the_calibration_page_shows_the_field_of_a_size_with_a_sample_number(
    stamps: Stamps, farm: Farm, size: str
) -> None:
    who = stamps.operator(farm.facility)
    plain = (await stamps.get("/print-formats/a4/calibration", who)).content
    assert SAMPLE_NUMBER not in text_of(pypdfium2.PdfDocument(plain), 0)
    for answer in (
        await stamps.get(f"/print-formats/a4/calibration?size={size}", who),
        await stamps.page(f"/formats/a4/calibration?size={size}", who),
    ):
        document = pypdfium2.PdfDocument(answer.content)
        assert len(document) == 1
        text = text_of(document, 0)
        assert SAMPLE_NUMBER in text
        assert SAMPLE_HINT in text
        assert size in answer.headers["content-disposition"]
    page = (await stamps.page("/formats", who)).text
    assert f"{CONSOLE}/formats/a4/calibration?size={size}" in page


async def test_a_size_that_the_paper_has_no_room_for_has_no_calibration_page(
    stamps: Stamps, farm: Farm
) -> None:
    who = stamps.operator(farm.facility)
    for size in ("40mm", "none"):
        answer = await stamps.get(f"/print-formats/a4-65/calibration?size={size}", who)
        refused(answer, 404, "not_found")
