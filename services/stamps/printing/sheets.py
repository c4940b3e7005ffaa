"""Print-ready A4 sheets of stamps: from serials and codes to a PDF, sheet by sheet."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from services.stamps.printing.furniture import (
    KIND,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RULER_NOTE,
    Grid,
    counted,
    cut_marks,
    footing,
    grid,
    heading,
    sheet_heading,
    symbol_note,
)
from services.stamps.printing.labels import DOTS_PER_POINT, Fonts, Label, hex_rows
from services.stamps.printing.pdf import RESOURCES, PdfFile
from services.stamps.printing.symbols import symbol_maker
from services.stamps.printing.templates import Part, Template, payload_prefix, which_version
from services.stamps.printing.typeface import Typeface, clean

Stamp = tuple[int, str]  # serial and code
Progress = Callable[[int, int], None]  # stamps done, stamps to do

_CAPTION = "Quét mã để truy xuất nguồn gốc"
_WORDS = (KIND, RULER_NOTE, _CAPTION, "Lô tem Tờ số · × –")


class WrongCount(ValueError):
    """Fewer or more stamps came than were said to."""


@dataclass(frozen=True)
class Job:
    """What is printed: all texts as people read them, in Vietnamese."""

    host: str
    template: Template
    batch: str
    product: str
    facility: str
    gtin: str | None = None
    lot: str | None = None


def sheet_count(template: Template, stamps: int) -> int:
    """How many sheets so many stamps take."""
    return -(-stamps // grid(template).count)


def write_sheets(
    out: BinaryIO,
    job: Job,
    stamps: Iterable[Stamp],
    total: int,
    *,
    first_sheet: int = 1,
    last_sheet: int | None = None,
    progress: Progress | None = None,
) -> int:
    """Write the sheets of all `total` stamps, or some of them, as one PDF; returns their number.

    `stamps` gives serial and code of all stamps of the job, also of sheets that are left out, so
    that a sheet has the same stamps and the same number whenever it is printed. Never more than one
    sheet is held in memory. Raises TooMuchForASymbol or a gs1.Gs1Error before anything is written;
    after a WrongCount, what is in `out` is no PDF.
    """
    places = grid(job.template)
    sheets = sheet_count(job.template, total)
    last = sheets if last_sheet is None else min(last_sheet, sheets)
    if total < 1 or not 1 <= first_sheet <= last:
        raise ValueError(f"no sheet between {first_sheet} and {last_sheet} of {sheets}")
    drawing = _Drawing(out, job, places)
    done, to_do = 0, min(total, last * places.count) - (first_sheet - 1) * places.count
    for number, sheet in _sheets(stamps, total, places.count, first_sheet, last):
        drawing.sheet(sheet, number, sheets)
        done += len(sheet)
        if progress:
            progress(done, to_do)
    drawing.finish()
    return last - first_sheet + 1


def _sheets(
    stamps: Iterable[Stamp], total: int, per_sheet: int, first: int, last: int
) -> Iterator[tuple[int, list[Stamp]]]:
    """The stamps of each sheet from the first to the last asked for, with the sheet's number."""
    rest = iter(stamps)
    skipped = (first - 1) * per_sheet
    if sum(1 for _ in islice(rest, skipped)) != skipped:
        raise WrongCount(f"fewer than {total} stamps")
    for number in range(first, last + 1):
        expected = min(per_sheet, total - (number - 1) * per_sheet)
        sheet = list(islice(rest, expected))
        if len(sheet) != expected:
            raise WrongCount(f"fewer than {total} stamps")
        yield number, sheet
    if last * per_sheet >= total and next(rest, None) is not None:
        raise WrongCount(f"more than {total} stamps")


class _Drawing:
    """The PDF of one job: fonts and everything that repeats once, then sheet after sheet."""

    def __init__(self, out: BinaryIO, job: Job, places: Grid) -> None:
        self._places = places
        self._batch = clean(job.batch)
        self._maker = symbol_maker(payload_prefix(job.host, job.template, job.gtin, job.lot))
        fit = which_version(job.host, job.template, job.gtin, job.lot)
        texts = _label_texts(job)
        title = clean(f"{KIND} · {job.product}")
        self._fonts = _fonts([title, self._batch, symbol_note(fit), *texts.values(), *_WORDS])
        self._label = Label(job.template, fit, self._fonts)
        self._title = f"{title} · {self._batch}"
        # Only now, when nothing of the job can be refused any more.
        self._pdf = PdfFile(out)
        around = (
            heading(self._fonts, title, texts[Part.FACILITY])
            + footing(self._fonts, symbol_note(fit))
            + cut_marks(places)
        )
        self._around = self._form(around)
        shared = self._label.shared_texts(texts)
        self._shared = self._form(shared) if shared else None

    def sheet(self, stamps: list[Stamp], number: int, of: int) -> None:
        content = f"{_serials(stamps)} · {counted(len(stamps))} tem"
        drawn = [
            f"q {1 / DOTS_PER_POINT:.2f} 0 0 {1 / DOTS_PER_POINT:.2f} 0 0 cm\n/Around Do\n",
            sheet_heading(self._fonts, f"Tờ {counted(number)}/{counted(of)}", self._batch, content),
        ]
        symbols = hex_rows(self._maker.matrices([code for _, code in stamps]))
        for place, ((_, code), rows) in enumerate(zip(stamps, symbols, strict=True)):
            x, y = self._places.corner(place)
            if self._shared:
                drawn.append(f"q 1 0 0 1 {x} {y} cm /Shared Do Q\n")
            drawn.append(self._label.draw(x, y, code, rows))
        drawn.append("Q\n")
        # Renderers round the page up to whole dots; a hair less keeps them from adding one.
        width, height = (edge / DOTS_PER_POINT - 0.0005 for edge in (PAGE_WIDTH, PAGE_HEIGHT))
        self._pdf.add_page("".join(drawn).encode("ascii"), width, height)

    def finish(self) -> None:
        bold, regular = self._fonts.bold.embed(self._pdf), self._fonts.regular.embed(self._pdf)
        shared = f" /Shared {self._shared} 0 R" if self._shared else ""
        resources = (
            f"<< /Font << /B {bold} 0 R /R {regular} 0 R >>"
            f" /XObject << /Around {self._around} 0 R{shared} >> >>"
        )
        self._pdf.finish(title=self._title, language="vi-VN", resources=resources)

    def _form(self, drawn: str) -> int:
        entries = (
            f"/Type /XObject /Subtype /Form /BBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}]"
            f" /Resources {RESOURCES} 0 R "
        )
        return self._pdf.add_stream(drawn.encode("ascii"), entries)


def _serials(stamps: list[Stamp]) -> str:
    first, last = stamps[0][0], stamps[-1][0]
    return f"số {counted(first)}" + (f"–{counted(last)}" if last != first else "")


def _label_texts(job: Job) -> dict[Part, str]:
    return {
        Part.CAPTION: _CAPTION,
        Part.PRODUCT: clean(job.product),
        Part.FACILITY: clean(job.facility),
        Part.LOT: clean(f"Lô: {job.lot}") if job.lot else "",
    }


def _fonts(texts: list[str]) -> Fonts:
    return Fonts(bold=Typeface("SemiBold", texts), regular=Typeface("Regular", texts))
