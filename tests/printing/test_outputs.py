"""A file in parts is the same file; what cannot be read back is not handed out."""

import io
from dataclasses import replace

import pypdfium2
import pytest

from services.stamps.printing import jobs, labels, sheets
from services.stamps.printing.formats import FORMATS
from services.stamps.printing.jobs import Job, Stamp
from services.stamps.printing.masks import Modules
from services.stamps.printing.outputs import PdfOutput
from services.stamps.printing.reading import READ_ALL, Unreadable, picked
from services.stamps.printing.templates import TEMPLATES, TWENTY
from tests.printing.test_sheets import GTIN, JOB, codes_in, printed, stamps_of, text_of


def assembled(output: PdfOutput, stamps: list[Stamp]) -> bytes:
    """Every part apart, the last one first."""
    pages, fragments = {}, {}
    for number, part in reversed(list(enumerate(output.parts))):
        out = io.BytesIO()
        taken = stamps[part.before : part.before + part.stamps]
        fragments[number] = output.part(out, number, taken, lambda _: None)
        pages[number] = out.getvalue()
    head, tail = output.ends([fragments[number] for number in sorted(fragments)])
    return head + b"".join(pages[number] for number in sorted(pages)) + tail


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PART_STAMPS", 900)


@pytest.mark.parametrize(
    "job",
    [
        JOB,
        replace(JOB, used=400),
        replace(JOB, template=TWENTY, gtin=GTIN, paper=FORMATS["a4-21"], shift=(30, -30)),
        replace(JOB, template=TEMPLATES["40mm"], paper=FORMATS["roll-100x75"]),
    ],
    ids=["a4", "half-used", "precut", "roll"],
)
def test_parts_drawn_apart_are_the_file_drawn_at_once(job: Job) -> None:
    count = 2_500 if job.template is JOB.template else 40
    stamps = stamps_of(count)
    content = assembled(PdfOutput(job, count), stamps)
    assert content == printed(job, stamps)
    document = pypdfium2.PdfDocument(content)
    last = codes_in(text_of(document, len(document) - 1))
    assert last == [code for _, code in stamps][-len(last) :]


def test_the_recipe_is_of_all_that_is_drawn() -> None:
    recipes = {
        PdfOutput(job, total).recipe
        for job, total in (
            (JOB, 10),
            (JOB, 11),
            (replace(JOB, product="Na dai"), 10),
            (replace(JOB, host="TXNG.VN"), 10),
            (replace(JOB, shift=(1, 0)), 10),
        )
    }
    assert len(recipes) == 5
    assert PdfOutput(JOB, 10).recipe in recipes


def read(stamps: list[Stamp], total: int) -> None:
    PdfOutput(JOB, total).part(io.BytesIO(), 0, stamps[:840], lambda _: None)


@pytest.mark.parametrize("place", [0, 419, 420, 839])
@pytest.mark.parametrize("total", [840, 5_000], ids=["all", "sampled"])
def test_a_symbol_of_another_stamp_is_noticed(
    monkeypatch: pytest.MonkeyPatch, place: int, total: int
) -> None:
    """As if the drawing mixed stamps up: the code in text is one, the symbol another."""
    monkeypatch.setattr(jobs, "PART_STAMPS", 5_000)
    right = labels.hex_rows
    stamps = stamps_of(total)

    def wrong(symbols: Modules) -> list[str]:
        rows = right(symbols)
        on_sheet, sheet = place % 420, place // 420
        if wrong.sheet == sheet:  # type: ignore[attr-defined]
            rows[on_sheet] = rows[(on_sheet + 1) % 420]
        wrong.sheet += 1  # type: ignore[attr-defined]
        return rows

    wrong.sheet = 0  # type: ignore[attr-defined]
    monkeypatch.setattr(sheets, "hex_rows", wrong)
    output = PdfOutput(JOB, total)
    with pytest.raises(Unreadable):
        output.part(io.BytesIO(), 0, stamps[: output.parts[0].stamps], lambda _: None)


def test_what_covers_a_symbol_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = labels.Label.draw

    def covered(self: labels.Label, x: int, y: int, code: str, rows: str) -> str:
        return right(self, x, y, code, rows) + f"0 g {x} {y + 120} 200 60 re f\n"

    monkeypatch.setattr(labels.Label, "draw", covered)
    with pytest.raises(Unreadable):
        read(stamps_of(840), 840)


def test_of_large_jobs_some_of_every_sheet_are_read() -> None:
    assert list(picked(420, True, "a")) == list(range(420))
    some = picked(420, False, "a")
    assert len(some) == 6
    assert {0, 419} < set(some)
    assert list(picked(5, False, "a")) == [0, 1, 2, 3, 4]
    assert READ_ALL == 2_000
