"""Print-ready A4 sheets of stamps: from serials and codes to a PDF, sheet by sheet."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from io import BytesIO
from itertools import islice
from typing import BinaryIO

from services.stamps.printing.bars import bars_box, draw_bars
from services.stamps.printing.furniture import (
    KIND,
    RULER_NOTE,
    counted,
    cut_marks,
    footing,
    heading,
    margin_note,
    sheet_heading,
    symbol_note,
)
from services.stamps.printing.hiding import (
    FIELDS,
    HINT,
    NOTE,
    field_drawn,
    number_drawn,
    with_field,
)
from services.stamps.printing.jobs import Job, Sheets, Stamp, parts_of
from services.stamps.printing.labels import DOTS_PER_POINT, Box, Fonts, Label, dots, hex_rows
from services.stamps.printing.looks import add_picture, backdrop, inked, logo_drawn, with_room
from services.stamps.printing.pdf import OF_PAGE, RESOURCES, Fragment, FragmentWriter, PdfFile
from services.stamps.printing.templates import DPI, Part
from services.stamps.printing.typeface import Typeface, clean

Progress = Callable[[int, int], None]  # stamps done, stamps to do

_CAPTION = "Quét mã để truy xuất nguồn gốc"
_WORDS = (KIND, RULER_NOTE, _CAPTION, HINT, NOTE, "Lô tem Tờ số · × –")


class WrongCount(ValueError):
    """Fewer or more stamps came than were said to."""


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
    sheet is held in memory. Raises TooMuchForASymbol, DoesNotFit or a gs1.Gs1Error before anything
    is written; after a WrongCount, what is in `out` is no PDF.
    """
    sheets = job.layout.sheets(total, job.used)
    last = sheets if last_sheet is None else min(last_sheet, sheets)
    if total < 1 or not 1 <= first_sheet <= last:
        raise ValueError(f"no sheet between {first_sheet} and {last_sheet} of {sheets}")
    drawing = Drawing(job, total)
    parts = parts_of(job, total, first_sheet, last)
    to_do, done = sum(part.stamps for part in parts), 0
    drawing.head(out)
    fragments = []
    rest = iter(stamps)
    skipped = parts[0].before
    if sum(1 for _ in islice(rest, skipped)) != skipped:
        raise WrongCount(f"fewer than {total} stamps")
    for part in parts:
        told = _counting(progress, done, to_do)
        fragments.append(drawing.part(out, part, rest, first_sheet, told))
        done += part.stamps
    if last == sheets and next(rest, None) is not None:
        raise WrongCount(f"more than {total} stamps")
    drawing.tail(out, fragments)
    return last - first_sheet + 1


def _counting(progress: Progress | None, before: int, to_do: int) -> Callable[[int], None]:
    def tell(done: int) -> None:
        if progress:
            progress(before + done, to_do)

    return tell


class Drawing:
    """The PDF of one job: head and fonts with everything that repeats, and the parts between.

    Making one costs a tenth of a second; raises TooMuchForASymbol, DoesNotFit or a gs1.Gs1Error.
    """

    def __init__(self, job: Job, total: int) -> None:
        self.job = job
        self._layout = job.layout
        self._places = job.layout.places
        self._total = total
        self._of = job.of or job.layout.sheets(total, job.used)
        self._batch = clean(job.batch)
        self._maker = job.maker
        self._shift = dots(job.shift[0] / 10), dots(job.shift[1] / 10)
        self.fit = fit = job.fit
        self._texts = _label_texts(job)
        title = clean(f"{KIND} · {job.product}")
        self._note = symbol_note(fit)
        words = [*_WORDS, job.numbers.hint] if job.numbers else _WORDS
        self._fonts = _fonts([title, self._batch, self._note, *self._texts.values(), *words])
        template = with_room(job.template, job.look, job.bars is not None)
        self._label = Label(with_field(template) if job.numbers else template, fit, self._fonts)
        self._title = title
        texts = inked(job.look, self._label.shared_texts(self._texts))
        self._shared = texts + logo_drawn(job.look, job.template.key) + self._bars()
        if job.numbers:
            self._shared += field_drawn(self._fonts, FIELDS[job.template.key], job.numbers.hint)
        size = self._places.width, self._places.height
        self._backdrop = backdrop(job.look, size, job.layout.bleed)

    def head(self, out: BinaryIO) -> None:
        self._begun(out)

    def part(
        self,
        out: BinaryIO,
        part: Sheets,
        stamps: Iterator[Stamp],
        first_sheet: int = 1,
        tell: Callable[[int], None] = lambda done: None,
    ) -> Fragment:
        """Write the pages of a part, taking its stamps; `first_sheet` is the document's first."""
        pdf, _ = self._begun(BytesIO())
        first = pdf.next_number + OF_PAGE * (part.first - first_sheet)
        writer = FragmentWriter(out, first)
        done = 0
        for number in range(part.first, part.last + 1):
            sheet = self.taken(stamps, part, number)
            self._sheet(writer, sheet, number, self.job.used if number == 1 else 0)
            done += len(sheet)
            tell(done)
        return writer.finished()

    def taken(self, stamps: Iterator[Stamp], part: Sheets, number: int) -> list[Stamp]:
        """The next stamps, as many as the sheet `number` of a part has."""
        count = self._places.count
        start = max(part.before, (number - 1) * count - self.job.used)
        end = min(part.before + part.stamps, number * count - self.job.used)
        sheet = list(islice(stamps, end - start))
        if len(sheet) != end - start:
            raise WrongCount(f"fewer than {self._total} stamps")
        return sheet

    def symbol_box(self, place: int) -> Box:
        """Where on a page the symbol in a place lies with its quiet zone, in dots."""
        x, y = self._places.corner(place)
        right, up = self._shift
        quiet, edge = self.fit.quiet * self.fit.dots, self._label.symbol_edge
        left = x + self._layout.inset[0] + self._label.symbol_place[0] + right - quiet
        bottom = y + self._layout.inset[1] + self._label.symbol_place[1] + up - quiet
        return left, bottom, edge + 2 * quiet, edge + 2 * quiet

    def bars_box(self, place: int) -> Box:
        """Where on a page the barcode of a label lies, if there is one."""
        assert self.job.bars
        assert self.job.template.bars
        x, y = self._places.corner(place)
        box = bars_box(self.job.bars, self.job.template.bars, self.dots_of_bars)
        left = x + self._layout.inset[0] + self._shift[0] + box[0]
        return left, y + self._layout.inset[1] + self._shift[1] + box[1], *box[2:]

    def _bars(self) -> str:
        if self.job.bars is None or self.job.template.bars is None:
            return ""
        return draw_bars(self.job.bars, self.job.template.bars, self.dots_of_bars, self._fonts)

    @cached_property
    def dots_of_bars(self) -> int:
        """Whole dots of a module; raises BarsTooWide."""
        return self.job.bars.dots_in(self.job.template.bars, DPI) if self.job.bars else 0

    def tail(self, out: BinaryIO, fragments: Sequence[Fragment], before: int = 0) -> None:
        """Write what stands behind all parts, given in their order.

        With `before`, the document lacks so many pages before those given.
        """
        pdf, forms = self._begun(BytesIO())
        pdf.leave_out(before)
        for fragment in fragments:
            pdf.adopt(fragment)
        pdf.write_to(out)
        bold, regular = self._fonts.bold.embed(pdf), self._fonts.regular.embed(pdf)
        named = " ".join(f"/{name} {number} 0 R" for name, number in forms.items())
        resources = f"<< /Font << /B {bold} 0 R /R {regular} 0 R >> /XObject << {named} >> >>"
        title = f"{self._title} · {self._batch}"
        pdf.finish(title=title, language="vi-VN", resources=resources)

    def _begun(self, out: BinaryIO) -> tuple[PdfFile, dict[str, int]]:
        """A document with what all sheets share, by its name."""
        pdf = PdfFile(out)
        drawn = {"Around": self._around(), "Back": self._backdrop, "Shared": self._shared}
        forms = {name: self._form(pdf, one) for name, one in drawn.items() if one}
        if self.job.look.logo:
            forms["Logo"] = add_picture(pdf, self.job.look.logo)
        return pdf, forms

    def _around(self) -> str:
        if not self._layout.is_cut:
            return ""
        under = self._texts[Part.FACILITY]
        if self.job.numbers:
            under = f"{NOTE} · {under}"
        return (
            heading(self._fonts, self._layout, self._title, under)
            + footing(self._fonts, self._layout, self._note)
            + cut_marks(self._layout)
        )

    def _sheet(self, pdf: FragmentWriter, stamps: list[Stamp], number: int, used: int) -> None:
        right, up = self._shift
        dot = 1 / DOTS_PER_POINT
        drawn = [f"q {dot:.2f} 0 0 {dot:.2f} {right * dot:.2f} {up * dot:.2f} cm\n"]
        drawn.append(self._on_top(stamps, number))
        symbols = hex_rows(self._maker.matrices([code for _, code in stamps]))
        inset_x, inset_y = self._layout.inset
        for place, ((_, code), rows) in enumerate(zip(stamps, symbols, strict=True), used):
            corner = self._places.corner(place)
            x, y = corner[0] + inset_x, corner[1] + inset_y
            if self._backdrop:
                drawn.append(f"q 1 0 0 1 {corner[0]} {corner[1]} cm /Back Do Q\n")
                drawn.append(self._label.clearing(x, y))
            if self._shared:
                drawn.append(f"q 1 0 0 1 {x} {y} cm /Shared Do Q\n")
            drawn.append(self._label.draw(x, y, code, rows))
            if numbers := self.job.numbers:
                field = FIELDS[self.job.template.key]
                drawn.append(number_drawn(self._fonts, field, x, y, numbers.of(code)))
        drawn.append("Q\n")
        # Renderers round the page up to whole dots; a hair less keeps them from adding one.
        edges = self._layout.page_width, self._layout.page_height
        width, height = (edge / DOTS_PER_POINT - 0.0005 for edge in edges)
        pdf.add_page("".join(drawn).encode("ascii"), width, height)

    def _on_top(self, stamps: list[Stamp], number: int) -> str:
        """What of the sheet is not its labels."""
        number += self.job.first_number - 1
        sheet = f"Tờ {counted(number)}/{counted(self._of)}"
        content = f"{_serials(stamps)} · {counted(len(stamps))} tem"
        if self.job.numbers and not self._layout.is_cut:
            content += f" · {NOTE}"
        if self._layout.is_cut:
            top = sheet_heading(self._fonts, self._layout, sheet, self._batch, content)
            return f"/Around Do\n{top}"
        if self._layout.paper.kind == "sheet":
            return margin_note(self._fonts, self._layout, sheet, self._batch, content)
        return ""

    def _form(self, pdf: PdfFile, drawn: str) -> int:
        beyond = self._layout.bleed
        entries = (
            "/Type /XObject /Subtype /Form"
            f" /BBox [{-beyond} {-beyond} {self._layout.page_width} {self._layout.page_height}]"
            f" /Resources {RESOURCES} 0 R "
        )
        return pdf.add_stream(drawn.encode("ascii"), entries)


def _serials(stamps: list[Stamp]) -> str:
    first, last = stamps[0][0], stamps[-1][0]
    return f"số {counted(first)}" + (f"–{counted(last)}" if last != first else "")


def _label_texts(job: Job) -> dict[Part, str]:
    return {
        Part.CAPTION: clean(job.look.caption) or _CAPTION,
        Part.PRODUCT: clean(job.product),
        Part.FACILITY: clean(job.facility),
        Part.LOT: clean(f"Lô: {job.lot}") if job.lot else "",
    }


def _fonts(texts: list[str]) -> Fonts:
    return Fonts(bold=Typeface("SemiBold", texts), regular=Typeface("Regular", texts))
