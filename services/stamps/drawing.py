"""The drawing process: takes an order on standard input, gives the sheets on standard output.

Drawing is work for a processor, and the process that answers requests and the feed must not be
kept from it. How far it has come goes to standard error, a number a line; if nobody reads that
any more, whoever wanted the sheets is gone, and the process ends.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from services.stamps.printing.formats import FORMATS
from services.stamps.printing.sheets import Job, write_sheets
from services.stamps.printing.templates import TEMPLATES
from shared import stampcode

# Exit statuses: the order cannot be drawn at all; nobody waits for the sheets any more.
IMPOSSIBLE, ABANDONED = 2, 3
_NICENESS = 10


@dataclass(frozen=True)
class Order:
    """The sheets of serials first…last of a batch; `keys` is the file of the stamp keys."""

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


def draw(order: Order, out: BinaryIO, tell: Callable[[int], None]) -> None:
    """Write the PDF; `tell` hears how many stamps are done. Raises ValueError for an order that
    cannot be drawn."""
    ring = stampcode.Keyring.load(Path(order.keys))
    stamps = (
        (serial, stampcode.encode(ring, order.batch, serial))
        for serial in range(order.first, order.last + 1)
    )
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
    )
    write_sheets(
        out, job, stamps, order.last - order.first + 1, progress=lambda done, _: tell(done)
    )


def _tell(done: int) -> None:
    sys.stderr.write(f"{done}\n")
    sys.stderr.flush()


def main() -> int:
    os.nice(_NICENESS)
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    try:
        draw(order, sys.stdout.buffer, _tell)
    except BrokenPipeError:
        os._exit(ABANDONED)  # An orderly end would try to write once more.
    except ValueError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return IMPOSSIBLE
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
