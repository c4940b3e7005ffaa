"""Hidden numbers on labels: each in the field of its own stamp, read from the finished file."""

import csv
import io
import re
from dataclasses import replace
from zlib import crc32

import pypdfium2
import pytest

from services.stamps.printing.formats import FORMATS
from services.stamps.printing.hiding import FIELDS, HINT, NOTE, Numbers, takes_number, with_field
from services.stamps.printing.labels import DOTS_PER_POINT, dots
from services.stamps.printing.lists import CsvOutput, XlsxOutput
from services.stamps.printing.looks import Look, Picture, with_room
from services.stamps.printing.outputs import PdfOutput
from services.stamps.printing.sheets import write_sheets
from services.stamps.printing.templates import TEMPLATES
from services.stamps.printing.zpl import ZplOutput
from tests.printing.test_sheets import JOB, stamps_of
from tests.printing.test_zpl import printed, rows, seen


def number(code: str) -> str:
    return f"{crc32(code.encode()) % 1000:03d}-{crc32(code[::-1].encode()) % 1000:03d}"


NUMBERS = Numbers(number)
LOGO = Picture(40, 20, bytes(40 * 20 * 3))
LOOKS = [
    Look(),
    Look(pattern="waves", seed="x", caption="Cào lớp bạc rồi quét", logo=LOGO),
]


@pytest.mark.parametrize("look", LOOKS, ids=["plain", "designed"])
@pytest.mark.parametrize("size", FIELDS)
def test_every_field_holds_the_number_of_its_own_stamp(size: str, look: Look) -> None:
    job = replace(JOB, template=TEMPLATES[size], numbers=NUMBERS, look=look, shift=(7, -4))
    stamps = stamps_of(job.layout.places.count + 2)
    pdf = io.BytesIO()
    assert write_sheets(pdf, job, stamps, len(stamps)) == 2
    document = pypdfium2.PdfDocument(pdf.getvalue())
    field, places = FIELDS[size], job.layout.places
    at = 0
    for page in document:
        text = page.get_textpage()
        assert NOTE in text.get_text_range()
        for place in range(min(places.count, len(stamps) - at)):
            x, y = places.corner(place)
            left, bottom = x + dots(field.x) + dots(0.7), y + dots(field.y) - dots(0.4)
            box = left, bottom, left + dots(field.width), bottom + dots(field.height)
            held = text.get_text_bounded(*(edge / DOTS_PER_POINT for edge in box))
            assert held.strip() == NUMBERS.of(stamps[at][1])
            at += 1
        text.close()
    assert at == len(stamps)
    document.close()


@pytest.mark.parametrize("size", FIELDS)
def test_symbols_are_still_read_back_beside_the_fields(size: str) -> None:
    """The same reading that keeps an unreadable file from being handed out."""
    job = replace(JOB, template=TEMPLATES[size], numbers=NUMBERS, look=LOOKS[1])
    stamps = stamps_of(job.layout.places.count)
    output = PdfOutput(job, len(stamps))
    output.part(io.BytesIO(), 0, stamps, lambda _: None)


@pytest.mark.parametrize("look", LOOKS, ids=["plain", "designed"])
@pytest.mark.parametrize("size", FIELDS)
def test_no_text_and_no_symbol_lies_in_a_field(size: str, look: Look) -> None:
    template, field = TEMPLATES[size], FIELDS[size]
    moved = with_field(with_room(template, look))
    boxes = [(one.x, one.y, one.width, one.height) for one in moved.columns]
    boxes.append((template.room_x, template.room_y, template.room, template.room))
    boxes.append((template.code.x, template.code.top - 2, template.code.width, 2))
    for x, y, width, height in boxes:
        assert width > 5
        assert height >= 2
        apart = (
            x >= field.x + field.width
            or x + width <= field.x
            or y >= field.top
            or y + height <= field.y
        )
        assert apart, (x, y, width, height)
    assert field.x + field.width <= template.width - 0.4
    assert field.y >= 0.4
    assert field.height * 72 / 25.4 > 1.5 * field.size


def test_the_smallest_sizes_and_those_with_a_barcode_have_no_room() -> None:
    without = {"6mm-fine", "6mm", "12mm", "20mm-wide", "30mm-wide"}
    assert {key for key in TEMPLATES if not takes_number(key)} == without


def test_without_numbers_nothing_is_drawn_of_them() -> None:
    job = replace(JOB, template=TEMPLATES["20mm"])
    pdf = io.BytesIO()
    write_sheets(pdf, job, stamps_of(3), 3)
    document = pypdfium2.PdfDocument(pdf.getvalue())
    text = document[0].get_textpage().get_text_range()
    assert HINT not in text
    assert NOTE not in text
    document.close()


def test_a_recipe_tells_whether_there_are_numbers_and_nothing_of_them() -> None:
    job = replace(JOB, template=TEMPLATES["20mm"])
    hiding = replace(job, numbers=NUMBERS)
    assert repr(NUMBERS) == "Numbers()"
    for output in (CsvOutput, XlsxOutput, PdfOutput):
        assert output(job, 5).recipe != output(hiding, 5).recipe
        assert output(hiding, 5).recipe == output(replace(hiding, numbers=NUMBERS), 5).recipe


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize(
    ("size", "paper"),
    [("12mm-wide", "roll-35x22"), ("20mm", "roll-50x50"), ("30mm", "roll-100x75"),
     ("40mm", "roll-100x150")],
)  # fmt: skip
def test_a_roll_has_a_frame_on_every_label_and_the_number_in_its_middle(
    size: str, paper: str, dpi: int
) -> None:
    job = replace(JOB, template=TEMPLATES[size], paper=FORMATS[paper], numbers=NUMBERS)
    stamps = stamps_of(job.layout.places.count)
    text = printed(job, stamps, dpi)
    found = re.findall(r"\^FD(\d{3}-\d{3})\^FS", text)
    assert found == [NUMBERS.of(code) for _, code in stamps]
    (page,) = rows(text)
    assert seen(page) == [job.prefix + code for _, code in stamps]
    field = FIELDS[size]
    for x, y, high, wide in re.findall(
        r"\^FO(\d+),(\d+)\^A0N,(\d+),\d+\^FB(\d+),1,0,C\^FD\d{3}-", text
    ):
        middle = int(y) + int(high) // 2
        half = round(field.height / 2 / 25.4 * dpi)
        inside = page[middle - half + 4 : middle + half - 4, int(x) + 4 : int(x) + int(wide) - 4]
        assert (inside == 255).all(), "nothing is printed where the number stands"
        for edge in (middle - half, middle + half):
            line = page[edge - 3 : edge + 4, int(x) : int(x) + int(wide)].min(axis=0)
            assert (line == 0).mean() > 0.95, "the frame is there, above and below"


@pytest.mark.parametrize("kind", [CsvOutput, XlsxOutput])
def test_a_list_has_the_numbers_in_a_column_that_spreadsheets_leave_alone(
    kind: type[CsvOutput] | type[XlsxOutput],
) -> None:
    job = replace(JOB, template=TEMPLATES["6mm"], numbers=NUMBERS)
    stamps, out = stamps_of(50), io.BytesIO()
    output = kind(job, 50)
    fragment = output.part(out, 0, stamps, lambda _: None)
    head, _ = output.ends([fragment])
    if kind is XlsxOutput:
        return  # Read back by another program before it is written, or it is not written.
    read = list(csv.reader(io.StringIO((head + out.getvalue()).decode("utf-8-sig"), newline="")))
    assert read[0] == ["serial", "code", "symbol", "pin"]
    assert [row[3] for row in read[1:]] == [NUMBERS.of(code) for _, code in stamps]
    assert all(re.fullmatch(r"\d{3}-\d{3}", row[3]) for row in read[1:])


def test_a_roll_without_numbers_is_what_it_was() -> None:
    job = replace(JOB, template=TEMPLATES["20mm"], paper=FORMATS["roll-50x50"])
    assert ZplOutput(job, 3, 203).recipe != ZplOutput(replace(job, numbers=NUMBERS), 3, 203).recipe
    assert "-" in printed(job, stamps_of(1), 203)
    assert not re.findall(r"\^FD\d{3}-\d{3}\^FS", printed(job, stamps_of(1), 203))
