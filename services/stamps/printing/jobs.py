"""What is printed on what, and how it is cut into parts."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from services.stamps.domain.printing import Barcode, Carrier
from services.stamps.printing.bars import Bars, bars_of
from services.stamps.printing.carriers import Fit, Maker, maker_of, payload_prefix, which_version
from services.stamps.printing.formats import A4, Format
from services.stamps.printing.hiding import Numbers
from services.stamps.printing.layouts import Layout, grid, layout
from services.stamps.printing.looks import Look
from services.stamps.printing.templates import Template

PLAIN_LOOK: Final = Look()
Stamp = tuple[int, str]  # serial and code

# A part of a job has about so many stamps, in whole sheets.
PART_STAMPS: Final = 5_000


@dataclass(frozen=True)
class Job:
    """What is printed: all texts as people read them, in Vietnamese.

    `used` labels of the first sheet are gone already. `shift` moves the whole picture right and
    up, in tenths of a millimetre. `first_number` and `of` are what sheets are numbered from and to
    where they are a later print of some sheets of another job. `numbers` are the hidden ones.
    """

    host: str
    template: Template
    batch: str
    product: str
    facility: str
    gtin: str | None = None
    lot: str | None = None
    paper: Format = A4
    used: int = 0
    shift: tuple[int, int] = (0, 0)
    first_number: int = 1
    of: int = 0
    look: Look = PLAIN_LOOK
    numbers: Numbers | None = None
    carrier: Carrier = "qr"
    barcode: Barcode = "none"

    @cached_property
    def layout(self) -> Layout:
        return layout(self.template, self.paper)

    @property
    def prefix(self) -> str:
        """What every symbol holds before the stamp's code, as decoders tell it."""
        return payload_prefix(self.host, self.template, self.gtin, self.lot, self.carrier)

    @cached_property
    def bars(self) -> Bars | None:
        """Raises NoGtin, NoEan or a gs1.Gs1Error."""
        return bars_of(self.barcode, self.gtin)

    @cached_property
    def maker(self) -> Maker:
        return maker_of(self.host, self.template, self.gtin, self.lot, self.carrier)

    @cached_property
    def fit(self) -> Fit:
        """At the dots of sheets; raises TooMuchForASymbol, NeedsGtin or a gs1.Gs1Error."""
        return which_version(self.host, self.template, self.gtin, self.lot, self.carrier)


@dataclass(frozen=True)
class Sheets:
    """The sheets from `first` on that lie together in a part, and how many stamps are before."""

    first: int
    last: int
    before: int
    stamps: int


def sheet_count(template: Template, stamps: int) -> int:
    """How many A4 sheets so many stamps take."""
    return -(-stamps // grid(template).count)


def parts_of(job: Job, total: int, first_sheet: int = 1, last_sheet: int = 0) -> list[Sheets]:
    """A job of `total` stamps cut into parts, the same ones whenever it is asked."""
    count = job.layout.places.count
    last = last_sheet or job.layout.sheets(total, job.used)
    in_part = max(1, PART_STAMPS // count)
    parts = []
    for start in range(first_sheet, last + 1, in_part):
        end = min(start + in_part - 1, last)
        before = max(0, (start - 1) * count - job.used)
        parts.append(Sheets(start, end, before, min(total, end * count - job.used) - before))
    return parts
