"""The product's barcode beside its stamps: read by two decoders, in whole dots, or refused."""

import io
import re
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pyzbar import pyzbar

from services.stamps.domain.printing import Barcode
from services.stamps.printing import bars as drawn
from services.stamps.printing.bars import BarsTooWide, NoEan, NoGtin, bars_of
from services.stamps.printing.formats import FORMATS
from services.stamps.printing.jobs import Job
from services.stamps.printing.labels import dots
from services.stamps.printing.layouts import PAGE_HEIGHT, fits, grid
from services.stamps.printing.looks import Look
from services.stamps.printing.outputs import PdfOutput
from services.stamps.printing.reading import Unreadable
from services.stamps.printing.templates import DPI, TEMPLATES
from services.stamps.printing.zpl import RESOLUTIONS, ZplOutput
from shared.gs1 import check_digit, gtin14
from shared.gs1_elements import ean_digits
from tests.printing.test_sheets import GTIN, JOB, Pixels, pixels_of, printed, stamps_of, text_of
from tests.printing.test_zpl import printed as sent_to_printer
from tests.printing.test_zpl import rows

GTIN_8, GTIN_14 = "96385074", "19506000134359"
CASES: list[tuple[str, Barcode, str, str]] = [
    ("20mm-wide", "ean", GTIN, GTIN),
    ("30mm-wide", "ean", GTIN, GTIN),
    ("30mm-wide", "ean", GTIN_8, GTIN_8),
    ("30mm-wide", "ean", "614141123452", "0614141123452"),
    ("30mm-wide", "gs1-128", GTIN, f"(01)0{GTIN}"),
    ("30mm-wide", "gs1-128", GTIN_14, f"(01){GTIN_14}"),
]


def job_of(size: str, barcode: Barcode, gtin: str) -> Job:
    return replace(JOB, template=TEMPLATES[size], barcode=barcode, gtin=gtin)


def linear(image: Pixels) -> list[str]:
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.AllLinear))
    return [one.text for one in found]


@pytest.mark.parametrize(("size", "barcode", "gtin", "said"), CASES)
@pytest.mark.parametrize("pattern", ["none", "mesh"])
def test_every_label_has_a_barcode_that_two_decoders_read(
    size: str, barcode: Barcode, gtin: str, said: str, pattern: str
) -> None:
    job = replace(job_of(size, barcode, gtin), look=Look(pattern, "green", "green", seed="HTX"))
    places = grid(job.template)
    document = pypdfium2.PdfDocument(printed(job, stamps_of(places.count)))
    pixels = pixels_of(document, 0)
    for place in range(places.count):
        x, y = places.corner(place)
        cell = pixels[PAGE_HEIGHT - y - places.height : PAGE_HEIGHT - y, x : x + places.width]
        assert linear(cell.copy()) == [said]
        seen = pyzbar.decode(Image.fromarray(cell), symbols=ZBAR)
        digits = re.sub(r"[^0-9]", "", said)
        assert [re.sub(r"[^0-9]", "", one.data.decode()) for one in seen] == [digits]
    shown = re.sub(r"\s", "", text_of(document, 0))
    assert shown.count(said) == places.count


ZBAR = [pyzbar.ZBarSymbol.EAN13, pyzbar.ZBarSymbol.EAN8, pyzbar.ZBarSymbol.CODE128]


@given(st.text("0123456789", min_size=12, max_size=12))
def test_any_gtin_of_thirteen_digits_is_read_from_its_bars(digits: str) -> None:
    gtin = digits + check_digit(digits)
    # One that begins with five zeros is a GTIN-8 filled up.
    for barcode, said in (("ean", ean_digits(gtin)), ("gs1-128", f"(01){gtin14(gtin)}")):
        bars = bars_of(barcode, gtin)  # type: ignore[arg-type]
        assert bars
        assert bars.read == said
        row = np.pad(bars.row, bars.quiet)
        image = np.where(np.tile(row, (60, 1)), 0, 255).astype(np.uint8).repeat(3, 1)
        assert linear(image) == [said]


@pytest.mark.parametrize(("size", "barcode", "gtin", "said"), CASES)
def test_bars_are_whole_dots_between_light_sides_of_a_size_that_scanners_take(
    size: str, barcode: Barcode, gtin: str, said: str
) -> None:
    job = job_of(size, barcode, gtin)
    bars, place = job.bars, job.template.bars
    assert bars
    assert place
    found = bars.dots_in(place, DPI)
    least = 0.264 if barcode == "ean" else 0.495
    assert least <= found * 25.4 / DPI <= 0.66
    pixels = pixels_of(pypdfium2.PdfDocument(printed(job, stamps_of(1))), 0)
    x, y = grid(job.template).corner(0)
    left, bottom, width, height = drawn.bars_box(bars, place, found)
    middle = PAGE_HEIGHT - y - bottom - height // 2
    seen = pixels[middle, x + left : x + left + width]
    assert np.array_equal(seen, np.where(np.pad(bars.row, bars.quiet).repeat(found), 0, 255))
    assert left >= dots(place.x)
    assert left + width <= dots(place.x + place.width)


@pytest.mark.parametrize("dpi", RESOLUTIONS)
@pytest.mark.parametrize(("barcode", "gtin", "said"), [case[1:] for case in CASES[1:]])
def test_a_label_printer_prints_it_in_its_own_dots(
    barcode: Barcode, gtin: str, said: str, dpi: int
) -> None:
    job = replace(job_of("30mm-wide", barcode, gtin), paper=FORMATS["roll-100x75"])
    for row in rows(sent_to_printer(job, stamps_of(2), dpi)):
        assert linear(row.repeat(2, 0).repeat(2, 1)) == [said]


def test_where_it_has_no_room_it_is_refused_and_not_made_too_small() -> None:
    for size, template in TEMPLATES.items():
        bars = bars_of("gs1-128", GTIN)
        assert bars
        if size == "30mm-wide":
            assert [bars.dots_in(template.bars, dpi) for dpi in (203, 300, 600)] == [4, 6, 12]
            continue
        with pytest.raises(BarsTooWide):
            bars.dots_in(template.bars, DPI)
    bars = bars_of("ean", GTIN)
    assert bars
    for dpi in RESOLUTIONS:
        with pytest.raises(BarsTooWide):
            bars.dots_in(TEMPLATES["20mm-wide"].bars, dpi)


def test_what_has_no_barcode_is_told_apart() -> None:
    assert bars_of("none", None) is None
    for gtin in (None, ""):
        with pytest.raises(NoGtin):
            bars_of("ean", gtin)
    with pytest.raises(NoEan):
        bars_of("ean", GTIN_14)
    assert ean_digits("00000096385074") == ean_digits(GTIN_8) == GTIN_8


def test_a_wrong_barcode_is_noticed_before_the_file_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = bars_of("ean", "8935049501503")
    assert other
    job = job_of("20mm-wide", "ean", GTIN)
    assert job.bars
    monkeypatch.setitem(job.__dict__, "bars", replace(job.bars, row=other.row))
    with pytest.raises(Unreadable):
        PdfOutput(job, 1).part(io.BytesIO(), 0, stamps_of(1), lambda _: None)
    roll = replace(job_of("30mm-wide", "ean", GTIN), paper=FORMATS["roll-100x75"])
    monkeypatch.setitem(roll.__dict__, "bars", replace(job.bars, row=other.row))
    with pytest.raises(Unreadable):
        ZplOutput(roll, 1, 203)


def test_a_half_used_shifted_sheet_of_a_precut_paper_is_read_back() -> None:
    job = replace(job_of("20mm-wide", "ean", GTIN), paper=FORMATS["a4-21"], used=5, shift=(15, -15))
    assert fits(job.template, FORMATS["a4-24"])
    out = io.BytesIO()
    PdfOutput(job, 20).part(out, 0, stamps_of(20), lambda _: None)
    assert out.getvalue()
