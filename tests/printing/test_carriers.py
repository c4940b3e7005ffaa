"""Data Matrix in place of QR codes, read by a decoder that had no hand in making them."""

import io
import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from services.stamps.domain.printing import Carrier
from services.stamps.printing import jobs, labels, sheets
from services.stamps.printing.carriers import (
    Concern,
    NeedsGtin,
    TooMuchForASymbol,
    maker_of,
    which_version,
)
from services.stamps.printing.formats import FORMATS
from services.stamps.printing.labels import dots
from services.stamps.printing.layouts import PAGE_HEIGHT, grid
from services.stamps.printing.looks import Look
from services.stamps.printing.outputs import PdfOutput
from services.stamps.printing.reading import Unreadable
from services.stamps.printing.symbols import NotPrintable
from services.stamps.printing.templates import SIX, SIX_FINE, TEMPLATES, TWENTY
from services.stamps.printing.zpl import RESOLUTIONS, ZplOutput
from shared.gs1_elements import bracketed, of_product, readable, serial_in
from shared.printing.encoding import CannotEncode, data_matrix, gs1_data_matrix
from shared.stampcode import ALPHABET, LENGTH
from tests.gs1.vectors import needs_standards, standard
from tests.printing.test_outputs import assembled
from tests.printing.test_sheets import (
    GTIN,
    JOB,
    Pixels,
    codes_in,
    pixels_of,
    printed,
    stamps_of,
    text_of,
)
from tests.printing.test_zpl import printed as sent_to_printer
from tests.printing.test_zpl import rows

DATA_MATRIX = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.DataMatrix)
MATRICES: tuple[Carrier, ...] = ("datamatrix", "gs1-datamatrix")
# Light modules around a symbol that ISO/IEC 16022 asks for, whatever the code under test thinks.
LIGHT = 1
HOSTS = ("TXNG.TEST", "TXNG.TESTS", "TXNG.QUANGNINH.GOV.VN", "A.VN", "TRUYXUAT.TINH.EXAMPLE:8443")

codes = st.text(st.sampled_from(ALPHABET), min_size=LENGTH, max_size=LENGTH)
either = pytest.mark.parametrize("carrier", MATRICES)


def read(symbol: Pixels, light: int = LIGHT) -> Any:
    """The one symbol that these modules are."""
    image = np.where(np.pad(symbol, light), 0, 255).astype(np.uint8).repeat(4, 0).repeat(4, 1)
    (found,) = zxingcpp.read_barcodes(image, formats=DATA_MATRIX)
    return found


@given(
    st.lists(codes, min_size=1, max_size=3), st.sampled_from(HOSTS), st.sampled_from([None, GTIN])
)
def test_any_code_is_read_as_it_was_given_in_a_symbol_of_one_size(
    some: list[str], host: str, gtin: str | None
) -> None:
    job = replace(JOB, host=host, template=TWENTY, gtin=gtin, carrier="datamatrix")
    made = job.maker.matrices(some)
    assert made.shape == (len(some), job.fit.modules, job.fit.modules)
    for code, symbol in zip(some, made, strict=True):
        found = read(symbol)
        assert (found.text, found.symbology_identifier) == (job.prefix + code, "]d1")


@given(codes)
def test_any_code_is_read_from_a_gs1_datamatrix_as_the_serial_of_its_gtin(code: str) -> None:
    job = replace(JOB, gtin=GTIN, carrier="gs1-datamatrix")
    found = read(job.maker.matrices([code])[0])
    assert found.text == f"(01)0{GTIN}(21){code}" == job.prefix + code
    assert (found.symbology_identifier, found.content_type) == ("]d2", zxingcpp.ContentType.GS1)
    assert serial_in(found.text) == code


def test_the_smallest_size_has_comfortable_modules_where_a_qr_code_has_not() -> None:
    qr = which_version("TXNG.TEST", SIX_FINE)
    assert Concern.BELOW_COMFORTABLE in qr.concerns
    for carrier in MATRICES:
        fit = which_version("TXNG.TEST", SIX_FINE, GTIN, carrier=carrier)
        assert (fit.version, fit.modules, fit.dots) == (0, 22, 6)
        assert fit.module_mm == pytest.approx(0.254)
        assert fit.concerns == (Concern.BELOW_RETAIL,)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("gtin", [None, GTIN])
def test_modules_of_the_same_address_are_never_smaller_than_those_of_a_qr_code(
    host: str, gtin: str | None
) -> None:
    for template in TEMPLATES.values():
        qr = which_version(host, template, gtin)
        assert which_version(host, template, gtin, carrier="datamatrix").dots >= qr.dots


KINDS = [(key, carrier, GTIN) for key in TEMPLATES for carrier in MATRICES] + [
    ("6mm", "datamatrix", None),
    ("20mm", "datamatrix", None),
]


@pytest.mark.parametrize(("size", "carrier", "gtin"), KINDS)
def test_every_symbol_of_a_sheet_is_whole_dots_in_white_and_is_read(
    size: str, carrier: Carrier, gtin: str | None
) -> None:
    job = replace(JOB, template=TEMPLATES[size], gtin=gtin, carrier=carrier)
    places = grid(job.template)
    stamps = stamps_of(places.count)
    document = pypdfium2.PdfDocument(printed(job, stamps))
    pixels = pixels_of(document, 0)
    assert codes_in(text_of(document, 0)) == [code for _, code in stamps]
    document.close()
    made = job.maker.matrices([code for _, code in stamps])
    spare = (dots(job.template.room) - job.fit.modules * job.fit.dots) // 2
    for place, (_, code) in enumerate(stamps):
        x, y = places.corner(place)
        left = x + dots(job.template.room_x) + spare - LIGHT * job.fit.dots
        bottom = PAGE_HEIGHT - y - dots(job.template.room_y) - spare + LIGHT * job.fit.dots
        expected = np.pad(made[place], LIGHT).repeat(job.fit.dots, 0).repeat(job.fit.dots, 1)
        edge = expected.shape[0]
        seen = pixels[bottom - edge : bottom, left : left + edge]
        assert np.array_equal(seen, np.where(expected, 0, 255)), code
        cell = pixels[PAGE_HEIGHT - y - places.height : PAGE_HEIGHT - y, x : x + places.width]
        found = zxingcpp.read_barcodes(cell.copy(), formats=DATA_MATRIX)
        assert [one.text for one in found] == [job.prefix + code]


@either
def test_parts_drawn_apart_are_read_back_and_are_the_file_drawn_at_once(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PART_STAMPS", 900)
    look = Look("rosette", "green", "green", seed="HTX")
    job = replace(JOB, gtin=GTIN, carrier=carrier, used=17, shift=(20, -20), look=look)
    stamps = stamps_of(1_500)
    output = PdfOutput(job, len(stamps))
    assert len(output.parts) == 2
    assert assembled(output, stamps) == printed(job, stamps)
    assert output.recipe != PdfOutput(replace(job, carrier="qr"), len(stamps)).recipe


@either
def test_symbols_that_were_mixed_up_are_noticed(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = labels.hex_rows
    monkeypatch.setattr(sheets, "hex_rows", lambda symbols: right(symbols)[::-1])
    with pytest.raises(Unreadable):
        PdfOutput(replace(JOB, gtin=GTIN, carrier=carrier), 9).part(
            io.BytesIO(), 0, stamps_of(9), lambda _: None
        )


def test_a_symbol_without_the_mark_of_gs1_is_not_taken_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same characters without FNC1: a scanner would take the whole for a text."""
    job = replace(JOB, gtin=GTIN, carrier="gs1-datamatrix")
    content = f"010{GTIN}21"

    def plain(codes: list[str]) -> Pixels:
        return np.stack([data_matrix(content + code, job.maker.edge) for code in codes])

    monkeypatch.setattr(job.maker, "matrices", plain)
    with pytest.raises(Unreadable):
        PdfOutput(job, 3).part(io.BytesIO(), 0, stamps_of(3), lambda _: None)


@either
@pytest.mark.parametrize("dpi", RESOLUTIONS)
@pytest.mark.parametrize(("size", "paper"), [("6mm", "roll-25x15"), ("20mm", "roll-50x50")])
def test_a_label_printer_prints_them_in_whole_dots(
    carrier: Carrier, dpi: int, size: str, paper: str
) -> None:
    template, roll = TEMPLATES[size], FORMATS[paper]
    job = replace(JOB, template=template, paper=roll, gtin=GTIN, carrier=carrier)
    stamps = stamps_of(2 * job.layout.places.count)
    found = []
    for row in rows(sent_to_printer(job, stamps, dpi)):
        symbols = zxingcpp.read_barcodes(row.repeat(3, 0).repeat(3, 1), formats=DATA_MATRIX)
        found += [one.text for one in sorted(symbols, key=lambda one: one.position.top_left.x)]
    assert found == [job.prefix + code for _, code in stamps]


def test_a_mixed_up_symbol_for_a_label_printer_is_noticed() -> None:
    roll = replace(JOB, paper=FORMATS["roll-25x15"], gtin=GTIN, carrier="gs1-datamatrix")
    output, stamps = ZplOutput(roll, 2, 300), stamps_of(2)
    right = output._maker.matrices
    output._maker = type("Wrong", (), {"matrices": lambda _, codes: right(codes)[::-1]})()
    output._maker.edge = roll.maker.edge
    with pytest.raises(Unreadable):
        output.part(io.BytesIO(), 0, stamps, lambda _: None)


def test_without_a_gtin_there_is_no_gs1_datamatrix() -> None:
    for gtin in (None, ""):
        with pytest.raises(NeedsGtin):
            which_version("TXNG.TEST", SIX, gtin, carrier="gs1-datamatrix")


@pytest.mark.parametrize("length", [300, 4_000])
def test_an_address_too_long_for_the_symbol_is_refused(length: int) -> None:
    with pytest.raises(TooMuchForASymbol):
        which_version("A" * length, SIX_FINE, carrier="datamatrix")


@pytest.mark.parametrize("code", ["", "0" * 19, "0" * 21, "é" * 20, "a" * 20, "!" + "0" * 19])
@either
def test_codes_that_the_symbols_cannot_hold_are_refused(carrier: Carrier, code: str) -> None:
    with pytest.raises(NotPrintable):
        maker_of("TXNG.TEST", SIX, GTIN, carrier=carrier).matrices(["0" * LENGTH, code])


def test_a_content_beyond_any_symbol_is_refused() -> None:
    with pytest.raises(CannotEncode):
        data_matrix("A" * 4_000)
    with pytest.raises(CannotEncode):
        data_matrix("A" * 100, 22)


# Character set 82, GS1 General Specifications 7.11.
set_82 = st.text(
    st.sampled_from("!\"%&'()*+,-./0123456789:;<=>?ABCYZ_abcyz"), min_size=1, max_size=20
)


@given(set_82, set_82)
def test_brackets_in_a_lot_or_serial_are_no_elements(lot: str, serial: str) -> None:
    elements = of_product(GTIN, lot, serial=serial)
    found = read(gs1_data_matrix(elements))
    assert found.text == readable(elements)
    sent = found.bytes.decode("ascii")
    assert sent == f"010{GTIN}10{lot}\x1d21{serial}"
    assert serial_in(f"]d2{sent}") == serial


@needs_standards
def test_the_official_element_strings_are_read_from_a_gs1_datamatrix() -> None:
    seen = 0
    for vector in json.loads(standard("digital-link-uri-vectors.json")):
        found = re.fullmatch(r"\^01(\d{14})(?:21([^^]+))?", vector["ai"])
        if not vector["valid"] or not found:
            continue
        gtin = found[1]
        elements = of_product(gtin, serial=found[2] or "")
        symbol = read(gs1_data_matrix(elements))
        assert "^" + symbol.bytes.decode("ascii").replace("\x1d", "^") == vector["ai"]
        assert bracketed(elements).startswith(f"[01]{gtin}")
        seen += 1
    assert seen > 5


@pytest.mark.parametrize(
    "sent",
    [
        "0109506000134352211234567890ABCDEFGHJK",
        "]d20109506000134352211234567890ABCDEFGHJK",
        "\x1d0109506000134352211234567890ABCDEFGHJK\r\n",
        "]C1010950600013435210L-1\x1d211234567890ABCDEFGHJK",
        "01095060001343521726123110L-1\x1d211234567890ABCDEFGHJK",
        "(01)09506000134352(21)1234567890ABCDEFGHJK",
        "(01)09506000134352(17)261231(10)L-1(21)1234567890ABCDEFGHJK",
    ],
)
def test_a_serial_is_found_in_what_a_scanner_sends(sent: str) -> None:
    assert serial_in(sent) == "1234567890ABCDEFGHJK"


@pytest.mark.parametrize(
    "sent", ["", "21", "(21)1234", "010950600013435221", "0109506000134352211\x1d", "01" * 400]
)
def test_what_is_no_element_string_of_a_product_has_no_serial(sent: str) -> None:
    assert serial_in(sent) is None
