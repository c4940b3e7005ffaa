"""The PDF as a printer sees it: rendered at 600 dpi, decoded by two decoders, and read as text."""

import io
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from unicodedata import is_normalized, normalize

import numpy as np
import numpy.typing as npt
import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from pyzbar import pyzbar

from services.stamps.printing.carriers import TooMuchForASymbol, payload_prefix, which_version
from services.stamps.printing.jobs import Job, Stamp, sheet_count
from services.stamps.printing.labels import dots
from services.stamps.printing.layouts import PAGE_HEIGHT, PAGE_WIDTH, grid
from services.stamps.printing.sheets import WrongCount, write_sheets
from services.stamps.printing.symbols import symbol_maker
from services.stamps.printing.templates import (
    SIX,
    SIX_FINE,
    TEMPLATES,
    TWELVE,
)
from shared import gs1
from shared.stampcode import Keyring, SlotKeys, encode

RING = Keyring(0, {0: SlotKeys(bytes(range(32)), bytes(range(32, 64)))})
PRODUCT = "Chả mực Hạ Long giã tay, đậm đà hương vị biển (gói 500 g)"
FACILITY = "Hợp tác xã Chế biến Thủy sản Nguyễn Thị Thoa, phường Hồng Gai"
QR_CODE = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
GTIN = "9506000134352"
JOB = Job("TXNG.TEST", SIX, "QN-2026-000123", PRODUCT, FACILITY)
CODE_IN_TEXT = re.compile(r"([0-9A-Z]{5})-([0-9A-Z]{5})[-\s]+([0-9A-Z]{5})-([0-9A-Z]{5})")

# Light modules around a symbol that ISO/IEC 18004 asks for, whatever the code under test thinks.
LIGHT = 4

Pixels = npt.NDArray[np.uint8]


def stamps_of(count: int, first: int = 1) -> list[Stamp]:
    return [(serial, encode(RING, 123, serial)) for serial in range(first, first + count)]


def printed(job: Job, stamps: list[Stamp], first: int = 1, last: int | None = None) -> bytes:
    out = io.BytesIO()
    write_sheets(out, job, stamps, len(stamps), first_sheet=first, last_sheet=last)
    return out.getvalue()


def text_of(document: pypdfium2.PdfDocument, page: int) -> str:
    return str(document[page].get_textpage().get_text_range())


def codes_in(text: str) -> list[str]:
    return ["".join(groups) for groups in CODE_IN_TEXT.findall(text)]


def pixels_of(document: pypdfium2.PdfDocument, page: int) -> Pixels:
    """What a printer of 600 dpi puts on the paper: 0 is black."""
    bitmap = document[page].render(scale=600 / 72, grayscale=True)
    pixels: Pixels = bitmap.to_numpy().reshape(bitmap.height, -1)[:, : bitmap.width].copy()
    return pixels


@dataclass(frozen=True)
class Sheet:
    """The first, full sheet of a job, as pixels, and what should be on it."""

    job: Job
    stamps: list[Stamp]
    document: pypdfium2.PdfDocument
    pixels: Pixels

    def cells(self) -> Iterator[tuple[str, Pixels]]:
        """The code of each label and the pixels of its area."""
        places = grid(self.job.template)
        for place, (_, code) in enumerate(self.stamps[: places.count]):
            x, y = places.corner(place)
            top = PAGE_HEIGHT - y - places.height
            yield code, self.pixels[top : top + places.height, x : x + places.width]


KINDS = [(key, None, None) for key in TEMPLATES] + [
    (key, GTIN, lot)
    for key, template in TEMPLATES.items()
    if template.takes_link
    for lot in (None, "Lo-2611/A")
]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: "-".join(filter(None, kind)))
def sheet(request: pytest.FixtureRequest) -> Iterator[Sheet]:
    key, gtin, lot = request.param
    job = replace(JOB, template=TEMPLATES[key], gtin=gtin, lot=lot)
    stamps = stamps_of(grid(job.template).count + 3)
    document = pypdfium2.PdfDocument(printed(job, stamps))
    yield Sheet(job, stamps, document, pixels_of(document, 0))
    document.close()


def test_every_symbol_decodes_with_two_independent_decoders(sheet: Sheet) -> None:
    job = sheet.job
    prefix = payload_prefix(job.host, job.template, job.gtin, job.lot)
    for code, cell in sheet.cells():
        image = Image.fromarray(cell)
        found = zxingcpp.read_barcodes(image, formats=QR_CODE)
        assert [symbol.text for symbol in found] == [prefix + code]
        seen = pyzbar.decode(image, symbols=[pyzbar.ZBarSymbol.QRCODE])
        assert [symbol.data.decode() for symbol in seen] == [prefix + code]


def test_every_module_is_whole_printer_dots_and_the_quiet_zone_is_white(sheet: Sheet) -> None:
    job = sheet.job
    fit = which_version(job.host, job.template, job.gtin, job.lot)
    prefix = payload_prefix(job.host, job.template, job.gtin, job.lot)
    symbols = symbol_maker(prefix).matrices([code for code, _ in sheet.cells()])
    room = dots(job.template.room)
    for (code, cell), symbol in zip(sheet.cells(), symbols, strict=True):
        expected = np.pad(symbol, LIGHT).repeat(fit.dots, 0).repeat(fit.dots, 1)
        edge = expected.shape[0]
        spare = (room - fit.modules * fit.dots) // 2 - LIGHT * fit.dots
        left = dots(job.template.room_x) + spare
        bottom = cell.shape[0] - dots(job.template.room_y) - spare
        seen = cell[bottom - edge : bottom, left : left + edge]
        assert np.array_equal(seen, np.where(expected, 0, 255)), code


def test_the_codes_in_text_are_the_codes_in_their_order(sheet: Sheet) -> None:
    read = [codes_in(text_of(sheet.document, page)) for page in range(len(sheet.document))]
    assert len(read) == 2
    assert read[0] + read[1] == [code for _, code in sheet.stamps]
    assert len(read[0]) == grid(sheet.job.template).count


def test_no_text_leaves_its_label_or_touches_a_quiet_zone(sheet: Sheet) -> None:
    """Around every label there is a white frame but for the crosses at its corners."""
    for code, cell in sheet.cells():
        corner = dots(0.7)
        frame = 4
        assert (cell[:frame, corner:-corner] == 255).all(), code
        assert (cell[-frame:, corner:-corner] == 255).all(), code
        assert (cell[corner:-corner, :frame] == 255).all(), code
        assert (cell[corner:-corner, -frame:] == 255).all(), code


def test_cut_marks_stand_at_every_edge_of_every_label(sheet: Sheet) -> None:
    places = grid(sheet.job.template)
    dark = sheet.pixels < 128
    outside = dots(2.3)
    top = PAGE_HEIGHT - places.top - outside
    bottom = PAGE_HEIGHT - (places.top - places.rows * places.height) + outside
    for column in range(places.columns + 1):
        x = places.left + column * places.width
        assert dark[top, x - 2 : x + 2].any()
        assert dark[bottom, x - 2 : x + 2].any()
    left = places.left - outside
    right = places.left + places.columns * places.width + outside
    for row in range(places.rows + 1):
        y = PAGE_HEIGHT - places.top + row * places.height
        assert dark[y - 2 : y + 2, left].any()
        assert dark[y - 2 : y + 2, right].any()


def test_vietnamese_text_is_intact_and_composed(sheet: Sheet) -> None:
    text = " ".join(text_of(sheet.document, 0).split())
    assert is_normalized("NFC", text)
    assert f"Tem truy xuất nguồn gốc · {PRODUCT}" in text
    assert FACILITY in text
    assert "Tờ 1/2" in text
    assert "In đúng 100 %, không co giãn, máy in từ 600 dpi" in text
    count = grid(sheet.job.template).count
    assert f"Lô tem QN-2026-000123 · số 1–{count} · {count} tem" in text
    if sheet.job.template.columns:
        assert text.count("Chả mực Hạ Long giã tay") == 1 + count


def test_a_page_is_a4_in_whole_printer_dots() -> None:
    document = pypdfium2.PdfDocument(printed(JOB, stamps_of(1)))
    width, height = document[0].get_size()
    assert (width * 600 / 72, height * 600 / 72) == pytest.approx((PAGE_WIDTH, PAGE_HEIGHT), 1e-6)
    assert (width / 72 * 25.4, height / 72 * 25.4) == pytest.approx((210, 297), abs=0.05)


VIETNAMESE = "àáảãạ ăằắẳẵặ âầấẩẫậ èéẻẽẹ êềếểễệ ìíỉĩị òóỏõọ ôồốổỗộ ơờớởỡợ ùúủũụ ưừứửữự ỳýỷỹỵ đ"


def test_every_vietnamese_letter_prints_and_is_read_back_composed() -> None:
    """Every document embeds all of them, given decomposed as some keyboards send them."""
    letters = f"{VIETNAMESE} {VIETNAMESE.upper()}"
    said: set[str] = set()
    for start in range(0, len(letters), 30):
        shown = normalize("NFD", letters[start : start + 30])
        job = replace(JOB, product=shown, facility=letters)
        said |= set(text_of(pypdfium2.PdfDocument(printed(job, stamps_of(1))), 0))
    assert set(letters) <= said


def test_long_names_neither_overlap_nor_leave_the_heading() -> None:
    long = "Lô tem của Hợp tác xã Nông nghiệp Đông Triều " * 5
    job = replace(JOB, product=long, facility=long, batch=long)
    document = pypdfium2.PdfDocument(printed(job, stamps_of(1_000)))
    text = document[0].get_textpage()
    heading = [line for line in str(text.get_text_range()).splitlines() if "…" in line]
    assert len(heading) == 3
    pixels = pixels_of(document, 0)[dots(8) : dots(16)]
    assert (pixels[:, : dots(9.9)] == 255).all()
    assert (pixels[:, -dots(9.9) :] == 255).all()
    assert (pixels[dots(4.6) :, dots(115.5) : dots(116.5)] == 255).all()


def test_a_character_that_the_font_lacks_prints_as_a_question_mark() -> None:
    document = pypdfium2.PdfDocument(printed(replace(JOB, product="Trà 茶\x00"), stamps_of(1)))
    assert "Trà ??" in text_of(document, 0)


def test_the_widest_codes_stay_within_their_labels() -> None:
    for template in TEMPLATES.values():
        document = pypdfium2.PdfDocument(
            printed(replace(JOB, template=template), [(1, "W" * 20), (2, "M" * 20)])
        )
        assert codes_in(text_of(document, 0)) == ["W" * 20, "M" * 20]
        places = grid(template)
        pixels = pixels_of(document, 0)
        x, y = places.corner(0)
        row = pixels[PAGE_HEIGHT - y - places.height : PAGE_HEIGHT - y]
        corner = dots(0.7)
        for edge in (x, x + places.width, x + 2 * places.width):
            assert (row[corner:-corner, edge - 3 : edge + 3] == 255).all()


def test_a_sheet_is_the_same_whenever_it_is_printed() -> None:
    stamps = stamps_of(3 * grid(SIX).count + 7)
    whole = pypdfium2.PdfDocument(printed(JOB, stamps))
    later = pypdfium2.PdfDocument(printed(JOB, stamps, first=3))
    one = pypdfium2.PdfDocument(printed(JOB, stamps, first=4, last=4))
    assert (len(whole), len(later), len(one)) == (4, 2, 1)
    assert text_of(later, 0) == text_of(whole, 2)
    assert text_of(later, 1) == text_of(one, 0) == text_of(whole, 3)
    assert "Tờ 4/4" in text_of(one, 0)
    assert np.array_equal(pixels_of(one, 0), pixels_of(whole, 3))


def test_the_same_job_gives_the_same_bytes() -> None:
    assert printed(JOB, stamps_of(5)) == printed(JOB, stamps_of(5))


def test_serials_with_gaps_are_printed_as_they_are() -> None:
    stamps = stamps_of(2, first=7) + stamps_of(1, first=999_999)
    text = text_of(pypdfium2.PdfDocument(printed(JOB, stamps)), 0)
    assert "số 7–999.999 · 3 tem" in text
    assert codes_in(text) == [code for _, code in stamps]


@pytest.mark.parametrize(("stamps", "sheets"), [(1, 1), (419, 1), (420, 1), (421, 2), (8400, 20)])
def test_sheets_are_counted(stamps: int, sheets: int) -> None:
    assert sheet_count(SIX, stamps) == sheets


def test_progress_is_told_after_every_sheet() -> None:
    told: list[tuple[int, int]] = []
    stamps = stamps_of(1000)
    written = write_sheets(
        io.BytesIO(), JOB, stamps, 1000, progress=lambda done, total: told.append((done, total))
    )
    assert written == 3
    assert told == [(420, 1000), (840, 1000), (1000, 1000)]
    told.clear()
    write_sheets(
        io.BytesIO(), JOB, stamps, 1000, first_sheet=2, last_sheet=2,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told == [(420, 420)]


class Sink(io.RawIOBase):
    """A file that can only be written to, like a socket, and forgets."""

    def __init__(self) -> None:
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        assert isinstance(data, bytes)
        self.size += len(data)
        return len(data)


def peak_of(count: int) -> int:
    stamps = ((serial, f"{serial:020}") for serial in range(1, count + 1))
    tracemalloc.start()
    try:
        write_sheets(Sink(), JOB, stamps, count)  # type: ignore[arg-type]
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_number_of_sheets() -> None:
    peak_of(420)
    few, many = peak_of(2 * 420), peak_of(40 * 420)
    assert many < few + 1_000_000


@pytest.mark.parametrize(("given", "total"), [(4, 5), (6, 5), (419, 421), (422, 421)])
def test_too_few_or_too_many_stamps_are_noticed(given: int, total: int) -> None:
    with pytest.raises(WrongCount):
        write_sheets(io.BytesIO(), JOB, stamps_of(given), total)


@pytest.mark.parametrize(("first", "last"), [(0, None), (3, None), (2, 1), (1, 0)])
def test_sheets_that_do_not_exist_are_refused(first: int, last: int | None) -> None:
    with pytest.raises(ValueError, match="no sheet"):
        write_sheets(io.BytesIO(), JOB, stamps_of(500), 500, first_sheet=first, last_sheet=last)


@pytest.mark.parametrize(
    ("job", "error"),
    [
        (replace(JOB, host="no host"), gs1.NotAHost),
        (replace(JOB, host="A" * 300), TooMuchForASymbol),
        (replace(JOB, template=TWELVE, gtin="123"), gs1.WrongLength),
        (replace(JOB, template=TWELVE, gtin=GTIN, lot="lô 1"), gs1.ForbiddenCharacter),
    ],
)
def test_a_job_that_cannot_be_printed_writes_nothing(job: Job, error: type[Exception]) -> None:
    out = io.BytesIO()
    with pytest.raises(error):
        write_sheets(out, job, stamps_of(5), 5)
    assert out.getvalue() == b""


def test_the_print_dialogue_is_asked_not_to_scale_the_page() -> None:
    content = printed(replace(JOB, template=SIX_FINE), stamps_of(1))
    assert b"/PrintScaling /None" in content
    assert b"/Lang (vi-VN)" in content
    assert pypdfium2.PdfDocument(content).get_metadata_value("Title").startswith("Tem truy xuất")
