"""Be Vietnam Pro in a PDF: measures text, breaks it into lines, embeds only the letters used."""

from collections.abc import Iterable
from functools import cache
from threading import Lock
from unicodedata import normalize

from reportlab.pdfbase.ttfonts import TTFontFace, makeToUnicodeCMap

from services.stamps.printing.pdf import PdfFile
from shared.fonts import font_file

# A simple PDF font has 256 codes. ASCII keeps its own, so that codes of stamps can be read in the
# file; all Vietnamese letters find room among the others (0 is for what is missing).
_ASCII = "".join(map(chr, range(32, 127)))
_OTHER_CODES = (*range(127, 256), *range(1, 32))
_FALLBACK = "?"
_ELLIPSIS = "…"
_reading_fonts = Lock()


class TooManyLetters(ValueError):
    """The texts of one job use more different characters than one embedded font can hold."""


@cache
def _face(weight: str) -> TTFontFace:
    return TTFontFace(str(font_file(weight)))


class Typeface:
    """One weight of the font, for the characters of the texts that one document will hold.

    Texts are measured and encoded as they come out of `clean`. A character that the font lacks is
    printed as a question mark.
    """

    def __init__(self, weight: str, texts: Iterable[str]) -> None:
        self.weight = weight
        self._face = _face(weight)
        widths = self._face.charWidths
        wanted = set("".join(texts)) | set(_ASCII) | {_ELLIPSIS}
        printed = {letter: letter if ord(letter) in widths else _FALLBACK for letter in wanted}
        others = sorted(set(printed.values()) - set(_ASCII))
        if len(others) > len(_OTHER_CODES):
            raise TooManyLetters(f"{len(others)} beyond ASCII, {len(_OTHER_CODES)} are possible")
        self._points = [ord(letter) for letter in " " * 32 + _ASCII + " " * 129]
        codes = {letter: ord(letter) for letter in _ASCII}
        for letter, code in zip(others, _OTHER_CODES, strict=False):
            codes[letter] = code
            self._points[code] = ord(letter)
        self._codes = {letter: codes[shown] for letter, shown in printed.items()}
        self._widths: dict[str, float] = {
            letter: widths[ord(shown)] / 1000 for letter, shown in printed.items()
        }

    def width(self, text: str, size: float) -> float:
        """The width of a text, in the unit of `size`."""
        return size * sum([self._widths[letter] for letter in text])

    def cap_height(self, size: float) -> float:
        return size * float(self._face.capHeight) / 1000

    def encoded(self, text: str) -> str:
        """The text as a PDF string in the codes of the embedded font."""
        return f"<{bytes([self._codes[letter] for letter in text]).hex()}>"

    def embed(self, pdf: PdfFile) -> int:
        """Write the font with its used letters; returns the number of the font object."""
        face = self._face
        points = self._points
        with _reading_fonts:  # A face keeps a reading position, and jobs may run side by side.
            program = face.makeSubset(points)
        name = f"TXNG{self.weight[:2].upper()}+{face.name.decode('ascii')}"
        file = pdf.add_stream(program, f"/Length1 {len(program)} ")
        box = " ".join(f"{value:g}" for value in face.bbox)
        descriptor = pdf.add(
            f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{box}]"
            f" /ItalicAngle 0 /Ascent {face.ascent:g} /Descent {face.descent:g}"
            f" /CapHeight {face.capHeight:g} /StemV {face.stemV:g}"
            f" /FontFile2 {file} 0 R >>".encode()
        )
        meanings = pdf.add_stream(makeToUnicodeCMap(name, points).encode("ascii"))
        widths = " ".join(f"{face.charWidths[point]:g}" for point in points)
        return pdf.add(
            f"<< /Type /Font /Subtype /TrueType /BaseFont /{name} /FirstChar 0"
            f" /LastChar {len(points) - 1} /Widths [{widths}]"
            f" /FontDescriptor {descriptor} 0 R /ToUnicode {meanings} 0 R >>".encode()
        )


def clean(text: str) -> str:
    """Composed letters, as the font has them, and single spaces."""
    return " ".join(normalize("NFC", text).split())


def lines(typeface: Typeface, text: str, size: float, width: float) -> list[str]:
    """The text broken at spaces into lines no wider than `width`; a longer word is cut."""
    broken: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if typeface.width(joined, size) <= width:
            line = joined
            continue
        if line:
            broken.append(line)
        line = word
        while typeface.width(line, size) > width and len(line) > 1:
            fitting = _longest_start(typeface, line, size, width)
            broken.append(line[:fitting])
            line = line[fitting:]
    return [*broken, line] if line else broken


def shortened(typeface: Typeface, text: str, size: float, width: float) -> str:
    """The text, or as much of its start as fits with an ellipsis behind it."""
    if typeface.width(text, size) <= width:
        return text
    room = width - typeface.width(_ELLIPSIS, size)
    return text[: _longest_start(typeface, text, size, room)].rstrip() + _ELLIPSIS


def _longest_start(typeface: Typeface, text: str, size: float, width: float) -> int:
    """How many characters fit, at least one."""
    end = 1
    while end < len(text) and typeface.width(text[: end + 1], size) <= width:
        end += 1
    return end
