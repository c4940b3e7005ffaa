"""How fast stamps become print-ready sheets: `python -m tests.bench.printing [STAMPS]`.

More than 100,000 stamps (1000000, say) are made once, and the highest memory is told.
"""

import io
import resource
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median

import segno

from services.stamps.printing.jobs import Job, Stamp
from services.stamps.printing.layouts import grid
from services.stamps.printing.looks import Look
from services.stamps.printing.outputs import PdfOutput
from services.stamps.printing.sheets import write_sheets
from services.stamps.printing.symbols import symbol_maker
from services.stamps.printing.templates import TEMPLATES
from shared.stampcode import Keyring, SlotKeys, decode, encode

RING = Keyring(0, {0: SlotKeys(bytes(range(32)), bytes(range(32, 64)))})
HOST = "TXNG.TEST"
PRODUCT = "Chả mực Hạ Long giã tay"
FACILITY = "Hợp tác xã Chế biến Thủy sản Hồng Gai"
ROUNDS = 3
MEASURED_AT_MOST = 100_000


class Counter(io.BytesIO):
    """Counts the bytes written to it and forgets them."""

    size = 0

    def write(self, data: object) -> int:
        assert isinstance(data, bytes | memoryview)
        self.size += len(data)
        return len(data)


def seconds(work: Callable[[], object]) -> float:
    """The median of some rounds, in processor time: the machine may have other things to do."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        rounds.append(time.process_time() - start)
    return median(rounds)


def report(what: str, value: str) -> None:
    sys.stdout.write(f"{what:<44}{value}\n")


def measure_codes(count: int) -> list[str]:
    codes = [encode(RING, 1, serial) for serial in range(count)]
    encoding = seconds(lambda: [encode(RING, 1, serial) for serial in range(count)])
    decoding = seconds(lambda: [decode(RING, code) for code in codes])
    report("encode a code", f"{encoding / count * 1e6:.2f} µs")
    report("decode and verify a code", f"{decoding / count * 1e6:.2f} µs")
    return codes


def measure_symbols(codes: list[str]) -> None:
    prefix = f"HTTPS://{HOST}/"
    maker = symbol_maker(prefix)
    some = codes[:300]
    one_by_one = seconds(lambda: [segno.make_qr(prefix + c, error="M") for c in some])
    report("symbols a second, segno one by one", f"{len(some) / one_by_one:,.0f}")
    sheets = [codes[start : start + 420] for start in range(0, len(codes), 420)]
    together = seconds(lambda: [maker.matrices(sheet) for sheet in sheets])
    report("symbols a second, a sheet together", f"{len(codes) / together:,.0f}")


def measure_sheets(codes: list[str]) -> None:
    stamps = list(enumerate(codes, start=1))
    for key, template in TEMPLATES.items():
        job = Job(HOST, template, "QN-2026-000123", PRODUCT, FACILITY)
        out = Counter()
        spent = seconds(partial(write_sheets, Counter(), job, stamps, len(stamps)))
        write_sheets(out, job, stamps, len(stamps))
        megabytes = out.size / len(stamps) * 10_000 / 1e6
        report(
            f"{key}, {grid(template).count} a sheet",
            f"{len(stamps) / spent:,.0f} stamps/s, {megabytes:.2f} MB per 10,000",
        )


def measure_jobs(codes: list[str]) -> None:
    """As the worker makes them: in parts, each read back; plain, and with a design."""
    stamps = list(enumerate(codes))
    look = Look("waves", "green", "green", "Chuỗi thực phẩm an toàn", "facility")
    for what, chosen in (("plain", Look()), ("with a design", look)):
        for key in ("6mm", "20mm"):
            job = Job(HOST, TEMPLATES[key], "123", PRODUCT, FACILITY, look=chosen)
            spent = seconds(partial(make, job, stamps))
            report(f"{key} {what}, read back", f"{len(stamps) / spent:,.0f} stamps/s")


def make(job: Job, stamps: Sequence[Stamp]) -> None:
    output = PdfOutput(job, len(stamps))
    fragments = []
    for number, part in enumerate(output.parts):
        taken = list(stamps[part.before : part.before + part.stamps])
        fragments.append(output.part(Counter(), number, taken, lambda _: None))
    output.ends(fragments)


def measure_memory(count: int) -> None:
    """The highest memory of a process that makes so many stamps, code by code."""
    job = Job(HOST, TEMPLATES["6mm"], "123", PRODUCT, FACILITY)
    output = PdfOutput(job, count)
    fragments, start = [], time.process_time()
    for number, part in enumerate(output.parts):
        serials = range(part.before, part.before + part.stamps)
        taken = [(serial, encode(RING, 1, serial)) for serial in serials]
        fragments.append(output.part(Counter(), number, taken, lambda _: None))
    output.ends(fragments)
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report(f"{count:,} stamps, codes and reading back included", f"{count / spent:,.0f} stamps/s")
    report("highest memory of this process", f"{peak:.0f} MB")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    if count > MEASURED_AT_MOST:
        measure_memory(count)
        return
    codes = measure_codes(count)
    measure_symbols(codes)
    measure_sheets(codes)
    measure_jobs(codes)


if __name__ == "__main__":
    main()
