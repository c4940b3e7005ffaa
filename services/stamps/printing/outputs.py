"""What a print job comes to: a file made in parts, each of which is read back before it counts."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from io import BytesIO
from typing import BinaryIO, Final, Protocol

from services.stamps.printing.carriers import READ_AS
from services.stamps.printing.jobs import Job, Sheets, Stamp, parts_of
from services.stamps.printing.pdf import Fragment
from services.stamps.printing.reading import READ_ALL, Reader, picked
from services.stamps.printing.sheets import Drawing

Tell = Callable[[int], None]
# Raised when the same job would be drawn in other bytes: parts of before are then drawn again.
_RELEASE: Final = 1


class Output(Protocol):
    """A file of stamps in the making.

    `recipe` changes with everything that the bytes of a part hang on; `parts` are what it is cut
    into. `part` writes one; raises Unreadable where its symbols do not say what they should.
    """

    recipe: str
    parts: Sequence[Sheets]

    def part(self, out: BinaryIO, number: int, stamps: list[Stamp], tell: Tell) -> Fragment: ...

    def ends(self, fragments: Sequence[Fragment]) -> tuple[bytes, bytes]:
        """What stands before and behind all parts."""


class PdfOutput:
    """Sheets as a PDF."""

    def __init__(self, job: Job, total: int) -> None:
        self.parts: Sequence[Sheets] = parts_of(job, total)
        self._job = job
        self._drawing = Drawing(job, total)
        self._everything = total <= READ_ALL
        head = self.ends([])[0]
        self.recipe = recipe(repr((_RELEASE, job, total)), head)

    def part(self, out: BinaryIO, number: int, stamps: list[Stamp], tell: Tell) -> Fragment:
        pages = BytesIO()
        fragment = self._drawing.part(pages, self.parts[number], iter(stamps), tell=tell)
        self._read_back(pages.getvalue(), fragment, self.parts[number], stamps)
        out.write(pages.getbuffer())
        return fragment

    def ends(self, fragments: Sequence[Fragment]) -> tuple[bytes, bytes]:
        head, tail = BytesIO(), BytesIO()
        self._drawing.head(head)
        self._drawing.tail(tail, fragments)
        return head.getvalue(), tail.getvalue()

    def _read_back(
        self, pages: bytes, fragment: Fragment, part: Sheets, stamps: list[Stamp]
    ) -> None:
        """The very bytes of the part, put between head and tail, rendered and decoded."""
        document = BytesIO()
        self._drawing.head(document)
        document.write(pages)
        self._drawing.tail(document, [fragment], before=part.first - 1)
        rest = iter(stamps)
        fit = self._drawing.fit
        with Reader(
            document.getvalue(), kind=READ_AS[fit.carrier], dots_of_module=fit.dots
        ) as reader:
            for page, number in enumerate(range(part.first, part.last + 1)):
                codes = [code for _, code in self._drawing.taken(rest, part, number)]
                everything = self._everything or page == 0
                chosen = picked(len(codes), everything, f"{codes[0]}{number}")
                reader.must_say(page, self._expected(number, codes, chosen))
        if bars := self._job.bars:
            wide = self._drawing.dots_of_bars
            with Reader(document.getvalue(), kind=bars.kind, dots_of_module=wide) as reader:
                for page, number in enumerate(range(part.first, part.last + 1)):
                    place = self._job.used if number == 1 else 0
                    reader.must_say(page, iter([(self._drawing.bars_box(place), bars.read)]))

    def _expected(
        self, number: int, codes: list[str], chosen: Sequence[int]
    ) -> Iterator[tuple[tuple[int, int, int, int], str]]:
        used = self._job.used if number == 1 else 0
        for place in chosen:
            yield self._drawing.symbol_box(used + place), self._job.prefix + codes[place]


def recipe(said: str, head: bytes) -> str:
    return blake2b(said.encode("utf-8") + head, digest_size=16).hexdigest()
