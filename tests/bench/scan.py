"""How fast one replica answers, beside a bare ASGI callable and nginx.

Run as `python -m tests.bench.scan`.

The replica runs as in production: its own process, spool, limits, metrics, headers and
confirmation on, over a real MongoDB and RabbitMQ that are started for it. The recorder, which
counts at its leisure what a replica has sent, does not run: it would take the two cores from those
that are compared. All servers are asked by turns, forwards and backwards, so that what else the
machine does meets them alike; the figures are medians of rounds.
"""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from deploy.local.secrets import create_missing
from deploy.local.servers import fresh_pair, start_together, stop_together
from tests.bench.saying import say
from tests.scan.world import free_port

ROOT = Path(__file__).resolve().parents[2]
HOT_CODES = 2_000
ID_HOLE = "hole" * 8
JSON_HEADERS = {"Accept": "application/json"}
PAGE_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
}
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
    """Something to be measured: what it is, where, and with which paths and headers."""

    name: str
    port: int
    pid: int
    paths: list[str]
    headers: dict[str, str]


class Figures(NamedTuple):
    """Requests a second; latencies in milliseconds; the server's CPU in µs per request."""

    per_second: float
    p50: float
    p99: float
    cpu: float


def main() -> int:
    arguments = _arguments()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="txng-bench-")))
        environment = stack.enter_context(servers(folder))
        surroundings = stack.enter_context(
            process([sys.executable, "-m", "tests.bench.surroundings", str(folder)], environment)
        )
        assert surroundings.stdout is not None
        told = json.loads(surroundings.stdout.readline())
        port = free_port()
        environment |= {
            "TXNG_FEEDS": json.dumps(told["feeds"]),
            "TXNG_SPOOL_DIR": str(folder / "spool"),
            "TXNG_REPLICA": "bench",
            "TXNG_PORT": str(port),
        }
        replica = [sys.executable, "-m", "services.scan.main"]
        served = stack.enter_context(process(replica, environment))
        await_answer(port, "/readyz")
        subjects = stack.enter_context(
            compared(folder, port, served.pid, told["codes"], environment)
        )
        rounds = measure(folder, subjects, arguments.rounds, arguments.seconds)
        report(subjects, rounds)
        print_counts(port)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4)
    return parser.parse_args()


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, str]]:
    """A database and a broker of its own; yields the environment of the processes."""
    mongod, rabbitmq = fresh_pair(folder / "servers")
    start_together([mongod, rabbitmq])
    try:
        create_missing(folder / "secrets")
        yield {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "TXNG_MONGO_URL": mongod.url,
            "TXNG_AMQP_URL": rabbitmq.url,
            "TXNG_SECRETS_DIR": str(folder / "secrets"),
        }
    finally:
        stop_together([mongod, rabbitmq])


@contextmanager
def process(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process of the bench, ended with it."""
    started = subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(20)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


@contextmanager
def compared(
    folder: Path, port: int, pid: int, codes: list[str], environment: dict[str, str]
) -> Iterator[list[Subject]]:
    """The replica's answers, each with its yardsticks of as many bytes."""
    with ExitStack() as stack:
        subjects = []
        for kind, prefix, headers in (
            ("JSON", "/v1/verdicts/", JSON_HEADERS),
            ("page", "/", PAGE_HEADERS),
        ):
            hot = [prefix + code for code in codes[:HOT_CODES]]
            size = len(fetch(port, hot[0], headers))
            bare_port, nginx_port = free_port(), free_port()
            command = [sys.executable, "-m", "tests.bench.bare", str(size)]
            bare = stack.enter_context(
                process(command, environment | {"TXNG_PORT": str(bare_port)})
            )
            files = stack.enter_context(nginx(folder / f"nginx-{kind}", nginx_port, size))
            cold = [prefix + code for code in codes]
            subjects += [
                Subject(f"{kind}: replica, {len(hot)} codes", port, pid, hot, headers),
                Subject(f"{kind}: replica, {len(cold)} codes", port, pid, cold, headers),
                Subject(f"{kind}: bare ASGI, {size} bytes", bare_port, bare.pid, hot, headers),
                Subject(f"{kind}: nginx file, {size} bytes", nginx_port, files, ["/file"], headers),
            ]
        forged = [f"/v1/verdicts/{code[:-1]}{'0' if code[-1] != '0' else '1'}" for code in codes]
        subjects.append(
            Subject("JSON: replica, forged codes", port, pid, forged[:HOT_CODES], JSON_HEADERS)
        )
        for subject in subjects:
            await_answer(subject.port, subject.paths[0])
        yield subjects


@contextmanager
def nginx(folder: Path, port: int, size: int) -> Iterator[int]:
    """nginx with one process and one file; yields the process."""
    folder.mkdir()
    (folder / "file").write_bytes(b"x" * size)
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; server {{ listen 127.0.0.1:{port}; root {folder};\n"
        f"client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;\n"
        f"scgi_temp_path {folder}/s; }} }}\n"
    )
    folder.chmod(0o755)
    folder.parent.chmod(0o755)
    with process(["nginx", "-p", str(folder), "-c", "nginx.conf"], dict(os.environ)) as started:
        yield started.pid


def measure(
    folder: Path, subjects: list[Subject], rounds: int, seconds: int
) -> dict[str, list[Figures]]:
    """Every subject once a round, after a short warm-up of all."""
    found: dict[str, list[Figures]] = defaultdict(list)
    for subject in subjects:
        load(folder, subject, 1)
    for number in range(rounds):
        for subject in subjects if number % 2 else reversed(subjects):
            figures = load(folder, subject, seconds)
            found[subject.name].append(figures)
            say(f"round {number + 1}  {figures.per_second:9.0f}/s  {subject.name}")
    return found


def load(folder: Path, subject: Subject, seconds: int) -> Figures:
    """One run of wrk: two threads, 64 connections, as fast as they are answered."""
    script, paths = folder / "requests.lua", folder / "paths"
    paths.write_text("\n".join(subject.paths))
    script.write_text(lua(subject, paths))
    before = cpu_seconds(subject.pid)
    done = subprocess.run(
        [
            *("wrk", "-t2", "-c64", f"-d{seconds}s", "--latency"),
            *("-s", str(script), f"http://127.0.0.1:{subject.port}"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"wrk: {done.stdout}{done.stderr}")
    told = done.stdout
    if "Non-2xx" in told and "forged" not in subject.name:
        raise SystemExit(f"{subject.name} failed:\n{told}")
    per_second = re.search(r"Requests/sec:\s+([\d.]+)", told)
    assert per_second is not None
    requests = re.search(r"(\d+) requests in", told)
    assert requests is not None
    cpu = (cpu_seconds(subject.pid) - before) / int(requests[1]) * 1e6
    return Figures(float(per_second[1]), latency(told, "50%"), latency(told, "99%"), cpu)


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


def latency(output: str, share: str) -> float:
    """A percentile of wrk's in milliseconds."""
    found = re.search(rf"^\s*{share}\s+([\d.]+)(us|ms|s)", output, re.MULTILINE)
    assert found is not None
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def report(subjects: list[Subject], rounds: dict[str, list[Figures]]) -> None:
    """Medians, and medians of each round's ratios to the bare callable of the same kind.

    `CPU ×` is the bare callable's CPU per request over the subject's: on a machine that has
    other things to do it says more than requests a second.
    """
    say(f"\n{'':40}{'req/s':>8}{'p50 ms':>8}{'p99 ms':>8}{'CPU µs':>8}{'req/s ×':>9}{'CPU ×':>7}")
    for subject in subjects:
        kind = subject.name.split(":")[0]
        yardstick = next(s.name for s in subjects if s.name.startswith(f"{kind}: bare"))
        pairs = list(zip(rounds[subject.name], rounds[yardstick], strict=True))
        by_rate = statistics.median(own.per_second / bare.per_second for own, bare in pairs)
        by_cpu = statistics.median(bare.cpu / own.cpu for own, bare in pairs)
        rate, p50, p99, cpu = map(statistics.median, zip(*rounds[subject.name], strict=True))
        say(
            f"{subject.name:40}{rate:8.0f}{p50:8.2f}{p99:8.2f}{cpu:8.1f}{by_rate:9.2f}{by_cpu:7.2f}"
        )


def print_counts(port: int) -> None:
    """What the replica itself counted, for the claim that every answer was."""
    text = fetch(port, "/metrics", {}).decode()
    lines = [line for line in text.splitlines() if line.startswith("txng_scan")]
    say("\n" + "\n".join(line for line in lines if not line.endswith(" 0.0")))


def await_answer(port: int, path: str, seconds: float = 60) -> None:
    """Until it is answered well, as `/readyz` is once a replica is confirmed."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fetch(port, path, {})
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def fetch(port: int, path: str, headers: dict[str, str]) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return bytes(answer.read())


if __name__ == "__main__":
    sys.exit(main())
