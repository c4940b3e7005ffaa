"""How fast stamps become print-ready sheets: `python -m tests.bench.printing [STAMPS]`."""

import io
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import segno

from services.stamps.printing.jobs import Job
from services.stamps.printing.layouts import grid
from services.stamps.printing.sheets import write_sheets
from services.stamps.printing.symbols import symbol_maker
from services.stamps.printing.templates import TEMPLATES
from shared.stampcode import Keyring, SlotKeys, decode, encode

RING = Keyring(0, {0: SlotKeys(bytes(range(32)), bytes(range(32, 64)))})
HOST = "TXNG.TEST"
PRODUCT = "Chả mực Hạ Long giã tay"
FACILITY = "Hợp tác xã Chế biến Thủy sản Hồng Gai"
ROUNDS = 3


class Counter(io.BytesIO):
    """Counts the bytes written to it and forgets them."""

    size = 0

    def write(self, data: object) -> int:
        assert isinstance(data, bytes)
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


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    codes = measure_codes(count)
    measure_symbols(codes)
    measure_sheets(codes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report("highest memory of this process", f"{peak:.0f} MB")


if __name__ == "__main__":
    main()
