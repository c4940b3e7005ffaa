"""Rolls in a label printer's own language, as the printer takes them."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
import zxingcpp

from services.stamps.printing import zpl
from services.stamps.printing.carriers import TooMuchForASymbol
from services.stamps.printing.formats import FORMATS
from services.stamps.printing.jobs import Job, Stamp
from services.stamps.printing.looks import Look, Picture
from services.stamps.printing.reading import Unreadable
from services.stamps.printing.templates import TEMPLATES
from services.stamps.printing.zpl import ZplOutput, dots_of_module
from tests.printing.test_sheets import JOB, QR_CODE, Pixels, stamps_of

ROLL = replace(JOB, template=TEMPLATES["12mm-wide"], paper=FORMATS["roll-35x22"])


def printed(job: Job, stamps: list[Stamp], dpi: int) -> str:
    output = ZplOutput(job, len(stamps), dpi)
    out = io.BytesIO()
    for number, part in enumerate(output.parts):
        taken = stamps[part.before : part.before + part.stamps]
        output.part(out, number, taken, lambda _: None)
    head, tail = output.ends([])
    return (head + out.getvalue() + tail).decode("ascii")


def rows(text: str) -> list[Pixels]:
    """Every label row as a printer would print it: graphics only, 0 is black."""
    shared = re.search(r"~DGR:TXNG\.GRF,(\d+),(\d+),([0-9A-F]+)", text)
    assert shared
    width = int(shared[2])
    background = np.unpackbits(
        np.frombuffer(bytes.fromhex(shared[3]), np.uint8).reshape(-1, width), axis=1
    )
    found = []
    for page in re.findall(r"\^XA(.*?)\^XZ", text):
        size = re.match(r"\^PW(\d+)\^LL(\d+)", page)
        assert size
        paper = np.full((int(size[2]) + 400, int(size[1]) + 400), 255, np.uint8)
        for x, y, command in re.findall(r"\^FO(\d+),(\d+)(\^XG|\^GFA,[^^]*)", page):
            dark = background if command == "^XG" else _graphic(command)
            place = slice(int(y), int(y) + dark.shape[0]), slice(int(x), int(x) + dark.shape[1])
            paper[place] = np.minimum(paper[place], np.where(dark, 0, 255))
        found.append(paper)
    return found


def _graphic(command: str) -> Pixels:
    """Apart from the code under test: lines of hexadecimal, `:` once more."""
    _, total, _, line, data = command.split(",", 4)
    lines: list[str] = []
    for token in re.findall(rf":|[0-9A-F]{{{2 * int(line)}}}", data):
        lines.append(lines[-1] if token == ":" else token)
    assert len(lines) * int(line) == int(total)
    packed = np.frombuffer(bytes.fromhex("".join(lines)), np.uint8)
    return np.unpackbits(packed.reshape(len(lines), -1), axis=1)


def seen(paper: Pixels) -> list[str]:
    symbols = zxingcpp.read_barcodes(paper.repeat(2, 0).repeat(2, 1), formats=QR_CODE)
    return [one.text for one in sorted(symbols, key=lambda one: one.position.top_left.x)]


@pytest.mark.parametrize("dpi", zpl.RESOLUTIONS)
@pytest.mark.parametrize(
    ("size", "paper"),
    [("6mm", "roll-25x15"), ("12mm-wide", "roll-35x22"), ("20mm", "roll-50x50"),
     ("30mm", "roll-100x75"), ("40mm", "roll-100x150")],
)  # fmt: skip
def test_every_label_of_a_roll_is_read_in_its_place(size: str, paper: str, dpi: int) -> None:
    job = replace(ROLL, template=TEMPLATES[size], paper=FORMATS[paper])
    lanes = job.layout.places.count
    stamps = stamps_of(2 * lanes + 1)
    text = printed(job, stamps, dpi)
    found = [code for paper in rows(text) for code in seen(paper)]
    assert found == [job.prefix + code for _, code in stamps]
    assert re.findall(r"\^FD([^^]+)\^FS", text)[0].startswith(stamps[0][1][:5])
    for x, y in re.findall(r"\^FO(\d+),(\d+)", text):
        assert int(x) < job.paper.page[0] / 25.4 * dpi
        assert int(y) < job.paper.page[1] / 25.4 * dpi


def test_a_half_used_row_begins_at_the_first_unused_label() -> None:
    stamps = stamps_of(3)
    first, second = rows(printed(replace(ROLL, used=2), stamps, 203))
    assert seen(first) == [ROLL.prefix + stamps[0][1]]
    assert len(seen(second)) == 2
    assert (first[:, : first.shape[1] // 3] == 255).all()


def test_vietnamese_letters_and_a_logo_are_in_the_graphic_and_tints_are_not() -> None:
    plain = ZplOutput(ROLL, 1, 203).ends([])[0]
    named = ZplOutput(replace(ROLL, product="Ổi Đông Dư"), 1, 203).ends([])[0]
    tinted = ZplOutput(replace(ROLL, look=Look("waves", "grey", "black")), 1, 203).ends([])[0]
    assert plain != named
    assert plain == tinted
    large = replace(ROLL, template=TEMPLATES["20mm"], paper=FORMATS["roll-50x50"])
    logo = Look(logo=Picture(2, 2, bytes(12)))
    assert ZplOutput(large, 1, 203).ends([]) != ZplOutput(replace(large, look=logo), 1, 203).ends(
        []
    )


def test_a_symbol_that_was_mixed_up_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = zpl._graphic
    first: list[str] = []

    def wrong(symbol: Pixels, repeat: int) -> str:
        first.append(right(symbol, repeat))
        return first[0]

    monkeypatch.setattr(zpl, "_graphic", wrong)
    with pytest.raises(Unreadable):
        printed(ROLL, stamps_of(2), 203)


def test_modules_are_whole_dots_or_the_printer_is_too_coarse() -> None:
    assert dots_of_module(TEMPLATES["6mm"], 25, 203) == 2
    assert dots_of_module(TEMPLATES["6mm"], 25, 300) == 3
    with pytest.raises(TooMuchForASymbol):
        dots_of_module(TEMPLATES["6mm"], 57, 203)
