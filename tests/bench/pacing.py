"""Scans at a fixed rate, from wrk: it costs two cores a tenth of what a generator in Python would.

Every request waits for its own moment, so they come evenly, not in bursts. One that is due finds a
free connection as long as fewer than `CONNECTIONS` are unanswered; if ever none is free, fewer are
sent than were asked for, and the report says so.
"""

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

CONNECTIONS = 256
LONGEST_SECONDS = 3600
HEADERS = ("Accept: application/json", "Accept-Language: vi-VN,vi;q=0.9", "X-Real-IP: 203.0.113.7")

# wrk waits for whole milliseconds, so what is due within the next half goes out at once.
PACED = """
local ffi = require('ffi')
ffi.cdef('typedef struct { long s; long ns; } moment; int clock_gettime(int, moment *);')
local moment, started, sent = ffi.new('moment'), nil, 0
function delay()
  ffi.C.clock_gettime(1, moment)
  local now = tonumber(moment.s) * 1000 + tonumber(moment.ns) / 1e6
  started = started or now
  sent = sent + 1
  return math.max(0, math.floor(started + sent * 1000 / %f - now + 0.5))
end
"""

CODES = """
local made, at = {}, 0
function init(args)
  for code in io.lines('%s') do made[#made + 1] = wrk.format('GET', '/v1/verdicts/' .. code) end
end
function request()
  at = at %% #made + 1
  return made[at]
end
"""


class Paced(NamedTuple):
    """What became of the scans of one run; the latencies are the worst replica's."""

    answered_per_second: float
    failed: int
    p50_ms: float
    p99_ms: float


class Load:
    """wrk on each of some ports: as fast as they answer, or `rate` requests a second in all."""

    def __init__(
        self, codes: Path, ports: list[int], folder: Path, *, rate: float = 0, seconds: int = 0
    ) -> None:
        script = folder / ("paced.lua" if rate else "codes.lua")
        paced = PACED % (rate / len(ports)) if rate else ""
        script.write_text(CODES % codes + paced, encoding="ascii")
        connections = CONNECTIONS if rate else 32
        options = ["-t1", f"-c{connections}", f"-d{seconds or LONGEST_SECONDS}s", "--latency"]
        options += ["-s", str(script), *(part for header in HEADERS for part in ("-H", header))]
        self._runs = [
            subprocess.Popen(
                ["wrk", *options, f"http://127.0.0.1:{port}"], stdout=subprocess.PIPE, text=True
            )
            for port in ports
        ]

    def wait(self) -> Paced:
        """What wrk tells when its seconds are over."""
        return _read([run.communicate()[0] for run in self._runs])

    def end(self) -> Paced:
        """Ends the scans now."""
        for run in self._runs:
            run.send_signal(signal.SIGINT)
        return self.wait()

    def kill(self) -> None:
        for run in self._runs:
            run.kill()
            run.wait()


@contextmanager
def scans(
    codes: Path, ports: list[int], folder: Path, *, rate: float = 0, seconds: int = 0
) -> Iterator[Load]:
    """Scans in the background, until they are ended or the block is left."""
    load = Load(codes, ports, folder, rate=rate, seconds=seconds)
    try:
        yield load
    finally:
        load.kill()


def _read(outputs: list[str]) -> Paced:
    return Paced(
        answered_per_second=sum(_number(r"Requests/sec:\s+([\d.]+)", output) for output in outputs),
        failed=int(sum(_number(r"Non-2xx or 3xx responses: (\d+)", output) for output in outputs)),
        p50_ms=max(_milliseconds("50%", output) for output in outputs),
        p99_ms=max(_milliseconds("99%", output) for output in outputs),
    )


def _number(pattern: str, output: str) -> float:
    found = re.search(pattern, output)
    return float(found[1]) if found else 0.0


def _milliseconds(part: str, output: str) -> float:
    found = re.search(rf"{part}\s+([\d.]+)(us|ms|s)\b", output)
    if found is None:
        raise SystemExit(f"wrk told no latencies:\n{output}")
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]
