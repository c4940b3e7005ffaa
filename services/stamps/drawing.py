"""The drawing process: takes an order, then draws one part of the file after another as it is told.

Drawing is work for a processor, and the process that answers requests and the feed must not be
kept from it. Standard input brings an order, then a request a line; standard output gives an
answer a line (`Answer`), how far it has come among them. If nobody reads them any more, whoever
wanted the file is gone, and the process ends.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from services.stamps import logos
from services.stamps.domain.designs import Face
from services.stamps.domain.printing import Barcode, Carrier
from services.stamps.printing.formats import FORMATS
from services.stamps.printing.hiding import Numbers
from services.stamps.printing.jobs import Job
from services.stamps.printing.lists import CsvOutput, XlsxOutput
from services.stamps.printing.looks import Look
from services.stamps.printing.outputs import Output, PdfOutput
from services.stamps.printing.pdf import Fragment
from services.stamps.printing.reading import Unreadable
from services.stamps.printing.templates import TEMPLATES
from services.stamps.printing.zpl import ZplOutput
from shared import stampcode
from shared.stamppins import PinKeys, grouped

# Exit statuses: the order cannot be drawn at all; what was drawn cannot be read; nobody waits.
IMPOSSIBLE, UNREADABLE, ABANDONED = 2, 4, 3
_NICENESS: Final = 10
_OUTPUTS: Final[dict[str, Callable[[Job, int], Output]]] = {
    "pdf": PdfOutput,
    "zpl-203": partial(ZplOutput, dpi=203),
    "zpl-300": partial(ZplOutput, dpi=300),
    "csv": CsvOutput,
    "xlsx": XlsxOutput,
}


@dataclass(frozen=True)
class Order:
    """The sheets of serials first…last of a batch; `keys` is the file of the stamp keys, `pin_keys`
    that of hidden numbers, "" where none are printed."""

    keys: str
    host: str
    size: str
    batch: int
    first: int
    last: int
    product: str
    facility: str
    gtin: str
    format: str = "a4"
    used: int = 0
    shift: tuple[int, int] = (0, 0)
    first_number: int = 1
    of: int = 0
    face: Face | None = None
    logo: bytes = b""
    seed: str = ""
    output: str = "pdf"
    pin_keys: str = ""
    carrier: Carrier = "qr"
    barcode: Barcode = "none"
    slot: int | None = None

    def slot_in(self, ring: stampcode.Keyring) -> int:
        """The key slot of its codes: the one told, else that of new codes."""
        return ring.current if self.slot is None else self.slot


class Wanted(msgspec.Struct):
    """Draw a part into the file `path`; with `fragments`, what stands before and behind all."""

    path: str
    part: int = 0
    fragments: list[Fragment] | None = None


class Answer(msgspec.Struct, omit_defaults=True):
    """First `recipe` and the stamps of each of the `parts`; then `done` of the present part, and
    its `fragment` at the end; or how many bytes stand `before` and `behind` all parts."""

    recipe: str = ""
    parts: list[int] = []
    done: int = 0
    fragment: Fragment | None = None
    before: int = 0
    behind: int = 0


def output(order: Order) -> Output:
    """Raises ValueError for an order that cannot be drawn."""
    job = Job(
        host=order.host,
        template=TEMPLATES[order.size],
        batch=str(order.batch),
        product=order.product,
        facility=order.facility,
        gtin=order.gtin or None,
        paper=FORMATS[order.format],
        used=order.used,
        shift=order.shift,
        first_number=order.first_number,
        of=order.of,
        look=_look(order),
        numbers=_numbers(order),
        carrier=order.carrier,
        barcode=order.barcode,
    )
    return _OUTPUTS[order.output](job, order.last - order.first + 1)


def _numbers(order: Order) -> Numbers | None:
    if not order.pin_keys:
        return None
    ring = stampcode.Keyring.load(Path(order.keys))
    pins = PinKeys.load(Path(order.pin_keys))
    if (slot := order.slot_in(ring)) not in pins.slots:
        raise ValueError(f"slot {slot} has no key for hidden numbers")

    def of(code: str) -> str:
        stamp = stampcode.decode(ring, code)
        assert stamp is not None
        return grouped(pins.pin_of(stamp))

    return Numbers(of)


def _look(order: Order) -> Look:
    face = order.face
    if face is None:
        return Look()
    logo = logos.picture(order.logo) if order.logo else None
    return Look(face.pattern, face.tint, face.ink, face.caption, order.seed, logo)


def draw(order: Order, asked: Sequence[bytes] | BinaryIO, tell: Callable[[Answer], None]) -> None:
    """Answer every request. Raises ValueError for an order that cannot be drawn, Unreadable."""
    ring = stampcode.Keyring.load(Path(order.keys))
    made = output(order)
    tell(Answer(recipe=made.recipe, parts=[part.stamps for part in made.parts]))
    for line in asked:
        wanted = msgspec.json.decode(line, type=Wanted)
        # Told only when the file is closed: whoever is told reads it at once.
        if wanted.fragments is not None:
            head, tail = made.ends(wanted.fragments)
            Path(wanted.path).write_bytes(head + tail)
            tell(Answer(before=len(head), behind=len(tail)))
            continue
        part = made.parts[wanted.part]
        first = order.first + part.before
        stamps = [
            (serial, stampcode.encode(ring, order.batch, serial, order.slot))
            for serial in range(first, first + part.stamps)
        ]
        with open(wanted.path, "wb") as file:
            fragment = made.part(file, wanted.part, stamps, lambda done: tell(Answer(done=done)))
        tell(Answer(fragment=fragment))


def _tell(answer: Answer) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.flush()


def main() -> int:
    os.nice(_NICENESS)
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    try:
        draw(order, sys.stdin.buffer, _tell)
    except BrokenPipeError:
        os._exit(ABANDONED)  # An orderly end would try to write once more.
    except ValueError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return UNREADABLE if isinstance(error, Unreadable) else IMPOSSIBLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
