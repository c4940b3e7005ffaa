"""Requests as fast as they are answered, or at a fixed pace, from wrk, with the ids nginx adds."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench.pacing import PACED

ID_HOLE = "hole" * 8
# At a pace, one that is due finds a free connection unless very many are unanswered.
CONNECTIONS, PACED_CONNECTIONS = 64, 256
# What nginx sends along; the request id is added to each request.
PROXY_HEADERS = {
    "Accept-Language": "vi-VN,vi;q=0.9,en-US;q=0.8,en;q=0.7",
    "User-Agent": "Mozilla/5.0 (Linux; Android 13; SM-A146P) AppleWebKit/537.36 Mobile Safari/537",
    "X-Real-IP": "203.0.113.7",
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Host": "localhost:8080",
    "X-Forwarded-Proto": "http",
}


class Subject(NamedTuple):
    """Something to be measured: what it is, where, and with which paths and headers.

    Several ports are several processes, asked at once. `refuses`: not all of it is answered well.
    `met_once`: what is asked for again is another thing, so each run gets a part of its own.
    """

    name: str
    ports: tuple[int, ...]
    pids: tuple[int, ...]
    paths: Sequence[str]
    headers: dict[str, str]
    refuses: bool = False
    met_once: bool = False

    def part(self, number: int, of: int) -> "Subject":
        """What the run of this number asks for, of so many runs."""
        if not self.met_once:
            return self
        size = len(self.paths) // of
        return self._replace(paths=self.paths[number * size : (number + 1) * size])


class Figures(NamedTuple):
    """Requests a second; latencies in milliseconds; the servers' CPU in µs per request."""

    per_second: float
    p50: float
    p99: float
    cpu: float


def load(folder: Path, subject: Subject, seconds: int, rate: float = 0) -> Figures:
    """One run; the latencies are the worst process's. `rate` are requests a second in all; as fast
    as they are answered if it is 0."""
    share = len(subject.ports)
    script, paths = folder / "requests.lua", folder / "paths"
    paths.write_text("\n".join(subject.paths))
    script.write_text(lua(subject, paths) + (PACED % (rate / share) if rate else ""))
    connections = PACED_CONNECTIONS if rate else CONNECTIONS // share
    before = sum(map(cpu_seconds, subject.pids))
    runs = [
        subprocess.Popen(
            [
                # With two threads the first sends while the second still reads its paths, and
                # what is answered before wrk looks at the clock would be counted too.
                *("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"),
                *("-s", str(script), f"http://127.0.0.1:{port}"),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        for port in subject.ports
    ]
    told = [run.communicate()[0] for run in runs]
    cpu = sum(map(cpu_seconds, subject.pids)) - before
    for run, text in zip(runs, told, strict=True):
        if run.returncode or ("Non-2xx" in text and not subject.refuses):
            raise SystemExit(f"{subject.name} failed:\n{text}")
    return Figures(
        per_second=sum(number(text, r"Requests/sec:\s+([\d.]+)") for text in told),
        p50=max(latency(text, "50%") for text in told),
        p99=max(latency(text, "99%") for text in told),
        cpu=cpu / sum(number(text, r"(\d+) requests in") for text in told) * 1e6,
    )


def number(output: str, pattern: str) -> float:
    found = re.search(pattern, output)
    assert found is not None, output
    return float(found[1])


def latency(output: str, share: str) -> float:
    """A percentile of wrk's in milliseconds."""
    found = re.search(rf"^\s*{share}\s+([\d.]+)(us|ms|s)", output, re.MULTILINE)
    assert found is not None, output
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def lua(subject: Subject, paths: Path) -> str:
    """Requests are made once but for their ids, then sent by turns from a random place on."""
    headers = {**PROXY_HEADERS, **subject.headers, "X-Request-ID": ID_HOLE}
    set_headers = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items())
    return (
        f"{set_headers}\nlocal made, at = {{}}, 0\n"
        "function init(args)\n"
        "  math.randomseed(os.time() + (tonumber(tostring(made):sub(8)) or 0) % 100000)\n"
        f"  for path in io.lines('{paths}') do\n"
        f"    local head, tail = wrk.format('GET', path):match('^(.*){ID_HOLE}(.*)$')\n"
        "    made[#made + 1] = {head, tail}\n"
        "  end\n"
        "  at = math.random(#made)\n  asked = math.random(2 ^ 30) * 2 ^ 20\nend\n"
        "function request()\n"
        "  at = at % #made + 1\n  asked = asked + 1\n"
        "  return made[at][1] .. string.format('%032x', asked) .. made[at][2]\nend\n"
    )
