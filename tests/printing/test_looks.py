"""Backgrounds, logos and inks: the same from the same seed, and never in a symbol's way."""

import io
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest

from services.stamps.printing.formats import FORMATS
from services.stamps.printing.guilloche import PATTERNS, background
from services.stamps.printing.jobs import Job
from services.stamps.printing.labels import dots
from services.stamps.printing.looks import Look, Picture, takes_logo
from services.stamps.printing.outputs import PdfOutput
from services.stamps.printing.templates import TEMPLATES, Template
from tests.printing.test_sheets import JOB, pixels_of, printed, stamps_of

LOGO = Picture(30, 20, bytes([200, 20, 20] * 600))
LOOK = Look("mesh", "rose", "red", "Chuỗi thực phẩm an toàn", "facility", LOGO)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES.keys())
@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_look_is_read_back_in_every_size(template: Template, pattern: str) -> None:
    look = replace(LOOK, pattern=pattern)
    job = replace(JOB, template=template, look=look, paper=FORMATS["a4-bleed"])
    stamps = stamps_of(3)
    output = PdfOutput(job, 3)
    output.part(io.BytesIO(), 0, stamps, lambda _: None)
    plain = pixels_of(pypdfium2.PdfDocument(printed(replace(job, look=Look()), stamps)), 0)
    seen = pixels_of(pypdfium2.PdfDocument(printed(job, stamps)), 0)
    for place in range(3):
        left, bottom, width, height = symbol_box(job, place)
        top = seen.shape[0] - bottom - height
        room = slice(top, top + height), slice(left, left + width)
        assert np.array_equal(seen[room], plain[room])


def symbol_box(job: Job, place: int) -> tuple[int, int, int, int]:
    return PdfOutput(job, 3)._drawing.symbol_box(place)


def test_a_background_bleeds_beyond_the_cut_and_not_into_the_next_label() -> None:
    job = replace(JOB, template=TEMPLATES["20mm"], look=LOOK, paper=FORMATS["a4-bleed"])
    pixels = pixels_of(pypdfium2.PdfDocument(printed(job, stamps_of(1))), 0)
    places = job.layout.places
    x, y = places.corner(0)
    rows = slice(pixels.shape[0] - y - places.height, pixels.shape[0] - y)
    beyond = pixels[rows, x + places.width + 5 : x + places.width + job.layout.bleed - 2]
    assert (beyond < 255).any()
    past = x + places.width + job.layout.bleed
    assert (pixels[rows, past + 15 : past + dots(1)] == 255).all()


@pytest.mark.parametrize("pattern", [one for one in PATTERNS if one != "none"])
def test_each_facility_has_a_pattern_of_its_own_and_always_the_same(pattern: str) -> None:
    drawn = {seed: background(pattern, seed, "#BFE3C5", 1000, 700) for seed in ("a", "b", "c")}
    assert len(set(drawn.values())) == 3
    assert drawn["a"] == background(pattern, "a", "#BFE3C5", 1000, 700)
    assert len(drawn["a"]) < 100_000


def test_logos_stand_where_there_is_room() -> None:
    assert [key for key in TEMPLATES if takes_logo(key)] == ["20mm", "30mm", "40mm"]
    job = replace(JOB, template=TEMPLATES["6mm"], look=LOOK)
    assert b"/Logo Do" not in printed(job, stamps_of(1))
