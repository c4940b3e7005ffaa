"""Every paper: labels in the middle of their places, half-used sheets, shifts, cut marks, bleed."""

import io
import itertools
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from services.stamps.printing.calibration import write_calibration
from services.stamps.printing.formats import FORMATS, Format
from services.stamps.printing.jobs import Job, parts_of
from services.stamps.printing.labels import dots
from services.stamps.printing.layouts import DoesNotFit, fits, layout
from services.stamps.printing.sheets import write_sheets
from services.stamps.printing.templates import SIX, TEMPLATES, TWENTY, Template
from tests.printing.test_sheets import (
    JOB,
    QR_CODE,
    Pixels,
    codes_in,
    pixels_of,
    printed,
    stamps_of,
    text_of,
)


def largest_on(paper: Format) -> Template:
    fitting = [one for one in TEMPLATES.values() if fits(one, paper)]
    return max(fitting, key=lambda one: one.width * one.height)


def read(pixels: Pixels, job: Job, place: int) -> list[str]:
    """What a decoder reads within a place of a rendered page."""
    x, y = job.layout.places.corner(place)
    top = job.layout.page_height - y - job.layout.places.height
    cell = pixels[top : top + job.layout.places.height, x : x + job.layout.places.width]
    return [one.text for one in zxingcpp.read_barcodes(cell, formats=QR_CODE)]


every_paper = pytest.mark.parametrize("paper", FORMATS.values(), ids=FORMATS.keys())


@every_paper
def test_every_place_of_a_page_holds_its_stamp(paper: Format) -> None:
    job = replace(JOB, template=largest_on(paper), paper=paper)
    count = job.layout.places.count
    stamps = stamps_of(count)
    document = pypdfium2.PdfDocument(printed(job, stamps))
    assert document[0].get_size() == pytest.approx(
        tuple(edge / 25.4 * 72 for edge in paper.page), abs=0.1
    )
    pixels = pixels_of(document, 0)
    for place in sorted({0, count // 2, count - 1}):
        assert read(pixels, job, place) == [job.prefix + stamps[place][1]]
    assert codes_in(text_of(document, 0)) == [code for _, code in stamps]


@every_paper
def test_places_lie_on_the_page_and_do_not_overlap(paper: Format) -> None:
    found = layout(largest_on(paper), paper)
    places = found.places
    assert places.across > places.width - 1
    assert places.down > places.height - 1
    last_x, last_y = places.corner(places.count - 1)
    assert places.left >= 0
    assert places.top <= found.page_height
    # A dot more or less is the rounding.
    assert last_x + places.width <= found.page_width + 1
    assert last_y >= -1
    assert min(found.inset) >= 0


def test_the_first_sheet_begins_at_the_first_unused_label() -> None:
    paper = FORMATS["a4-65"]
    job = replace(JOB, paper=paper, used=60)
    stamps = stamps_of(8)
    document = pypdfium2.PdfDocument(printed(job, stamps))
    assert len(document) == 2
    first, second = pixels_of(document, 0), pixels_of(document, 1)
    assert [read(first, job, place) for place in (0, 59)] == [[], []]
    assert read(first, job, 60) == [job.prefix + stamps[0][1]]
    assert read(first, job, 64) == [job.prefix + stamps[4][1]]
    assert read(second, job, 0) == [job.prefix + stamps[5][1]]
    assert read(second, job, 3) == []


def test_a_shift_moves_the_picture_by_whole_dots() -> None:
    paper = FORMATS["a4-65"]
    plain = pixels_of(pypdfium2.PdfDocument(printed(replace(JOB, paper=paper), stamps_of(3))), 0)
    job = replace(JOB, paper=paper, shift=(15, -20))
    moved = pixels_of(pypdfium2.PdfDocument(printed(job, stamps_of(3))), 0)
    expected = np.roll(plain, (dots(2.0), dots(1.5)), (0, 1))
    x, y = job.layout.places.corner(0)
    x, y = x + job.layout.inset[0] + dots(1.5), y + job.layout.inset[1] - dots(2.0)
    room = slice(7016 - y - dots(12), 7016 - y - dots(4)), slice(x, x + dots(9))
    assert (moved[room] == 0).any()
    assert np.array_equal(expected[room], moved[room])


def test_sheets_that_are_printed_again_keep_their_numbers() -> None:
    job = replace(JOB, first_number=3, of=7)
    assert "Tờ 3/7" in text_of(pypdfium2.PdfDocument(printed(job, stamps_of(5))), 0)


def test_a_pre_cut_sheet_says_in_its_margin_which_it_is() -> None:
    job = replace(JOB, paper=FORMATS["a4-65"], template=SIX)
    text = text_of(pypdfium2.PdfDocument(printed(job, stamps_of(2))), 0)
    assert "Tờ 1/1 · Lô tem QN-2026-000123 · số 1–2 · 2 tem" in text
    job = replace(JOB, paper=FORMATS["a4-40"])
    assert "Tờ" not in text_of(pypdfium2.PdfDocument(printed(job, stamps_of(2))), 0)


def test_with_bleed_every_label_has_marks_at_both_its_edges() -> None:
    job = replace(JOB, template=TWENTY, paper=FORMATS["a4-bleed"])
    places = job.layout.places
    assert (places.across - places.width, places.down - places.height) == (dots(2) * 2,) * 2
    pixels = pixels_of(pypdfium2.PdfDocument(printed(job, stamps_of(1))), 0)
    above = job.layout.page_height - places.top - job.layout.bleed - dots(2)
    for column in range(places.columns):
        left = places.left + column * places.across
        for x in (left, left + places.width):
            assert (pixels[above, x - 2 : x + 2] < 128).any()
        assert (pixels[above, left + 3 : left + places.width - 3] == 255).all()


def test_a_label_larger_than_the_paper_s_is_refused() -> None:
    with pytest.raises(DoesNotFit):
        layout(TEMPLATES["40mm"], FORMATS["a4-65"])


@given(
    total=st.integers(1, 30_000),
    used=st.integers(0, 419),
    first=st.integers(1, 4),
    key=st.sampled_from(["a4", "a4-65", "roll-35x22"]),
)
def test_parts_hold_every_stamp_of_their_sheets_once(
    total: int, used: int, first: int, key: str
) -> None:
    paper = FORMATS[key]
    count = layout(SIX, paper).places.count
    job = replace(JOB, paper=paper, used=used % count)
    first = min(first, job.layout.sheets(total, job.used))
    parts = parts_of(job, total, first)
    assert parts[0].before == (max(0, (first - 1) * count - job.used))
    for one, after in itertools.pairwise(parts):
        assert one.last + 1 == after.first
        assert one.before + one.stamps == after.before
    assert parts[-1].before + parts[-1].stamps == total


@every_paper
def test_the_calibration_page_is_a_page_of_the_paper_with_scales_at_its_labels(
    paper: Format,
) -> None:
    out = io.BytesIO()
    write_calibration(out, paper, (5, -5))
    document = pypdfium2.PdfDocument(out.getvalue())
    assert len(document) == 1
    text = text_of(document, 0)
    assert text.count("-5") >= 2
    if paper.page[1] >= 297:
        assert "TỜ CĂN CHỈNH" in text


def test_the_outline_on_the_calibration_page_is_where_the_labels_are() -> None:
    out = io.BytesIO()
    paper = FORMATS["a4-65"]
    write_calibration(out, paper)
    pixels = pixels_of(pypdfium2.PdfDocument(out.getvalue()), 0)
    places = layout(SIX, paper).places
    x, y = places.corner(places.count - 1)
    row = pixels[pixels.shape[0] - y - places.height // 4]
    for edge in (x, x + places.width):
        assert (row[edge - 3 : edge + 3] < 200).any()


def test_writing_makes_the_same_file_whatever_its_parts_are_written_to() -> None:
    job = replace(JOB, paper=FORMATS["a4-24"], template=TWENTY)
    stamps = stamps_of(30)
    out = io.BytesIO()
    assert write_sheets(out, job, stamps, 30) == 2
    assert out.getvalue() == printed(job, stamps)
