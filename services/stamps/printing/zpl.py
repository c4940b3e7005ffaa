"""Rolls for label printers, in the printers' own language (ZPL II).

Symbols are sent as graphics, dot by dot: every printer prints the same modules, whatever it would
make of the content by itself. What is the same on all labels, Vietnamese letters and logo among
it, is drawn once, sent as one graphic and recalled; codes are set in the printer's own letters.
"""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt
import pypdfium2
import zxingcpp

from services.stamps.printing.bars import DIGITS_MM
from services.stamps.printing.carriers import QUIET, READ_AS, TooMuchForASymbol
from services.stamps.printing.formats import Format
from services.stamps.printing.hiding import FIELDS, Numbers
from services.stamps.printing.jobs import Job, Sheets, Stamp, parts_of
from services.stamps.printing.labels import LEADING
from services.stamps.printing.outputs import Tell, recipe
from services.stamps.printing.pdf import Fragment
from services.stamps.printing.reading import READ_ALL, Unreadable, picked
from services.stamps.printing.sheets import write_sheets
from services.stamps.printing.templates import MM_PER_INCH, Template

RESOLUTIONS: Final = (203, 300)
_MM_PER_POINT: Final = MM_PER_INCH / 72
_DARK: Final = 140  # Darker than this is printed; tints of a background are not.
_SPECIMEN: Final = "0" * 20
_NO_NUMBER: Final = Numbers(lambda _: "")
# The printer's own letters are about so much wider than high.
_NARROW: Final = 0.58

Bits = npt.NDArray[np.uint8]


def dots_of_module(template: Template, edge: int, dpi: int) -> int:
    """Whole printer dots of a module, as many as fit. Raises TooMuchForASymbol."""
    found = int(template.symbol_mm / MM_PER_INCH * dpi) // edge
    if found < 1:
        raise TooMuchForASymbol(f"{edge} modules at {dpi} dots an inch")
    return found


class ZplOutput:
    """One `^XA…^XZ` for each row of a roll."""

    def __init__(self, job: Job, total: int, dpi: int) -> None:
        self.parts: Sequence[Sheets] = parts_of(job, total)
        self._job = job
        self._dpi = dpi
        self._maker = job.maker
        self._dots = dots_of_module(job.template, self._maker.edge, dpi)
        bars = job.bars
        self._dots_of_bars = bars.dots_in(job.template.bars, dpi) if bars else 0
        self._everything = total <= READ_ALL
        background = self._background()
        self._read_bars(background)
        self._head = _download(background)
        self.recipe = recipe(f"zpl {dpi} {job!r} {total}", self._head)

    def part(self, out: BinaryIO, number: int, stamps: list[Stamp], tell: Tell) -> Fragment:
        part, count = self.parts[number], self._job.layout.places.count
        graphics = [
            _graphic(symbol.repeat(self._dots, axis=1), self._dots)
            for symbol in self._maker.matrices([code for _, code in stamps])
        ]
        self._read_back(graphics, stamps)
        content, at = bytearray(), 0
        for row in range(part.first, part.last + 1):
            used = self._job.used if row == 1 else 0
            taken = min(count - used, len(stamps) - at)
            labels = zip(stamps[at : at + taken], graphics[at : at + taken], strict=True)
            content += self._row([(code, graphic) for (_, code), graphic in labels], used)
            at += taken
        tell(at)
        out.write(content)
        return Fragment(len(content), [], "")

    def ends(self, fragments: Sequence[Fragment]) -> tuple[bytes, bytes]:
        return self._head, b""

    def _at(self, mm: float) -> int:
        return round(mm / MM_PER_INCH * self._dpi)

    def _row(self, labels: list[tuple[str, str]], used: int) -> bytes:
        paper, template = self._job.paper, self._job.template
        drawn = [f"^XA^PW{self._at(paper.page[0])}^LL{self._at(paper.page[1])}^LH0,0"]
        room = (self._at(template.room) - self._maker.edge * self._dots) // 2
        for lane, (code, graphic) in enumerate(labels, used):
            left, top = self._corner(lane)
            x = left + self._at(template.room_x) + room
            y = top + self._at(template.height - template.room_y - template.room) + room
            drawn.append(f"^FO{left},{top}^XGR:TXNG.GRF,1,1^FS^FO{x},{y}{graphic}^FS")
            drawn.append(self._code(left, top, code))
            if self._job.numbers:
                drawn.append(self._number(left, top, self._job.numbers.of(code)))
        return "".join([*drawn, "^XZ\n"]).encode("ascii")

    def _corner(self, lane: int) -> tuple[int, int]:
        """Upper left corner of the label in a lane, in the middle of its place."""
        paper, template = self._job.paper, self._job.template
        spare_x = (paper.label[0] - template.width) / 2
        spare_y = (paper.label[1] - template.height) / 2
        x = paper.left + lane * (paper.label[0] + paper.gap_x) + spare_x
        right, up = (tenths / 10 for tenths in self._job.shift)
        return max(0, self._at(x + right)), max(0, self._at(paper.top + spare_y - up))

    def _code(self, left: int, top: int, code: str) -> str:
        place, template = self._job.template.code, self._job.template
        groups = "-".join(code[at : at + 5] for at in range(0, 20, 5))
        lines = [groups] if place.lines == 1 else [groups[:11], groups[12:]]
        height = self._at(place.size * _MM_PER_POINT)
        width = min(height, int(self._at(place.width) / len(lines[0]) / _NARROW))
        drawn = ""
        y = top + self._at(template.height - place.top)
        for line in lines:
            drawn += f"^FO{left + self._at(place.x)},{y}^A0N,{height},{width}"
            drawn += f"^FB{self._at(place.width)},1,0,C^FD{line}^FS"
            y += round(height * LEADING)
        return drawn

    def _number(self, left: int, top: int, number: str) -> str:
        field, template = FIELDS[self._job.template.key], self._job.template
        height = self._at(field.size * _MM_PER_POINT)
        width = min(height, int(self._at(field.width) / (len(number) + 1) / _NARROW))
        above = (self._at(field.height) - height) // 2
        y = top + self._at(template.height - field.y - field.height) + above
        place = f"^FO{left + self._at(field.x)},{y}^A0N,{height},{width}"
        return f"{place}^FB{self._at(field.width)},1,0,C^FD{number}^FS"

    def _background(self) -> Bits:
        """What all labels share, in printer dots, 1 is black: symbol and code are left out."""
        template, pdf = self._job.template, BytesIO()
        label = template.width, template.height
        paper = Format("zpl", "roll", label, label, columns=1)
        one = Job(
            self._job.host,
            template,
            "0",
            self._job.product,
            self._job.facility,
            self._job.gtin,
            self._job.lot,
            paper=paper,
            barcode=self._job.barcode,
            carrier=self._job.carrier,
            # A printer of black and white has no tints.
            look=replace(self._job.look, pattern="none"),
            numbers=_NO_NUMBER if self._job.numbers else None,
        )
        write_sheets(pdf, one, [(0, _SPECIMEN)], 1)
        document = pypdfium2.PdfDocument(pdf.getvalue())
        bitmap = document[0].render(scale=self._dpi / 72, grayscale=True)
        grey = bitmap.to_numpy().reshape(bitmap.height, -1)[:, : bitmap.width].copy()
        document.close()
        code = template.code
        deep = code.lines * code.size * LEADING * _MM_PER_POINT
        self._blank(grey, template.room_x, template.room_y, template.room, template.room)
        self._blank(grey, code.x, code.top - deep, code.width, deep)
        self._paint_bars(grey)
        dark: Bits = (grey < _DARK).astype(np.uint8)
        return dark

    def _paint_bars(self, grey: Bits) -> None:
        """The barcode in whole dots of this printer, in place of what was drawn for sheets."""
        bars, place = self._job.bars, self._job.template.bars
        if bars is None or place is None:
            return
        high = place.height - DIGITS_MM
        self._blank(grey, place.x, place.y + DIGITS_MM, place.width, high)
        row = (1 - bars.row.repeat(self._dots_of_bars)) * np.uint8(255)
        bottom = grey.shape[0] - self._at(place.y + DIGITS_MM)
        spare = self._at(place.width) - bars.modules * self._dots_of_bars
        left = self._at(place.x) + spare // 2 + bars.quiet[0] * self._dots_of_bars
        grey[bottom - self._at(high) : bottom, left : left + len(row)] = row

    def _blank(self, grey: Bits, x: float, y: float, width: float, height: float) -> None:
        bottom = grey.shape[0] - self._at(y)
        top, left = max(0, bottom - self._at(height)), self._at(x)
        grey[top:bottom, left : left + self._at(width)] = 255

    def _read_bars(self, background: Bits) -> None:
        bars = self._job.bars
        if bars is None:
            return
        image = np.where(np.pad(background, 20), 0, 255).astype(np.uint8).repeat(2, 0).repeat(2, 1)
        formats = zxingcpp.BarcodeFormats(zxingcpp.barcode_format_from_str(bars.kind))
        found = [one.text for one in zxingcpp.read_barcodes(image, formats=formats)]
        if found != [bars.read]:
            raise Unreadable(f"{len(found)} barcodes, not the one expected")

    def _read_back(self, graphics: list[str], stamps: list[Stamp]) -> None:
        """What a printer would print of a symbol, read from what is sent to it."""
        carrier, seed = self._job.carrier, stamps[0][1]
        formats = zxingcpp.BarcodeFormats(zxingcpp.barcode_format_from_str(READ_AS[carrier]))
        sample = range(len(stamps)) if self._everything else picked(len(stamps), False, seed)
        for place in sample:
            dark = np.pad(read_graphic(graphics[place]), QUIET[carrier] * self._dots)
            image = np.where(dark, 0, 255).astype(np.uint8).repeat(2, 0).repeat(2, 1)
            found = zxingcpp.read_barcodes(image, formats=formats)
            expected = self._job.prefix + stamps[place][1]
            if [one.text for one in found] != [expected]:
                raise Unreadable(f"{len(found)} symbols, not the one expected")


def _graphic(rows: Bits, repeat: int) -> str:
    """A `^GF` command; `:` says that a line is the one before once more."""
    packed = np.packbits(rows, axis=1)
    line = packed.shape[1]
    total = line * packed.shape[0] * repeat
    again = ":" * (repeat - 1)
    data = "".join(row.tobytes().hex().upper() + again for row in packed)
    return f"^GFA,{total},{total},{line},{data}"


def read_graphic(command: str) -> Bits:
    """The dots of a `^GF` command, 1 is black: how a printer takes it."""
    _, total, _, line, data = command.split(",", 4)
    digits, rows, at = 2 * int(line), list[str](), 0
    while at < len(data):
        if data[at] == ":":
            rows.append(rows[-1])
            at += 1
        else:
            rows.append(data[at : at + digits])
            at += digits
    packed = np.frombuffer(bytes.fromhex("".join(rows)), np.uint8)
    if packed.size != int(total):
        raise Unreadable("a graphic is not as long as it says")
    return np.unpackbits(packed.reshape(len(rows), int(line)), axis=1)


def _download(dots: Bits) -> bytes:
    """The graphic that labels recall by its name."""
    packed = np.packbits(dots, axis=1)
    data = packed.tobytes().hex().upper()
    return f"~DGR:TXNG.GRF,{packed.size},{packed.shape[1]},{data}\n".encode("ascii")
