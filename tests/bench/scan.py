"""How fast replicas answer, beside a bare ASGI callable, nginx and a database read per request.

Run as `python -m tests.bench.scan`.

The replicas run as in production: processes of their own, spool, limits, metrics, headers and
confirmation on, over a real MongoDB and RabbitMQ that are started for them. The recorder, which
counts at its leisure what a replica has sent, does not run: it would take the two cores from those
that are compared. All servers are asked by turns, forwards and backwards, so that what else the
machine does meets them alike; the figures are medians of rounds. At the end some are asked at half
of what they answered, at a fixed pace.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from pymongo import MongoClient

from tests.bench import database_each
from tests.bench.mixture import forged, mixed
from tests.bench.processes import await_answer, fetch, nginx, process, servers
from tests.bench.saying import say
from tests.bench.wrk import Figures, Subject, load
from tests.scan.world import free_port

HOT_CODES = 2_000
REPLICAS = 2
JSON, PAGE, BARE, EACH = "JSON", "page", "bare ASGI", "database read each"
JSON_HEADERS = {"Accept": "application/json"}
PAGE_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
}
KINDS = ((JSON, "/v1/verdicts/", JSON_HEADERS), (PAGE, "/", PAGE_HEADERS))


class Bench:
    """What runs, until the stack is left."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        self.environment = stack.enter_context(servers(folder))
        module = [sys.executable, "-m", "tests.bench.surroundings", str(folder)]
        surroundings = stack.enter_context(process(module, self.environment))
        assert surroundings.stdout is not None
        told = json.loads(surroundings.stdout.readline())
        self.codes: list[str] = told["codes"]
        self.new_batches: list[str] = told["new_batches"]
        self.new_lots: list[str] = told["new_lots"]
        self.environment |= {"TXNG_FEEDS": json.dumps(told["feeds"])}
        self.ports = tuple(free_port() for _ in range(REPLICAS))
        self.pids = tuple(self._replica(number) for number in range(REPLICAS))
        for port in self.ports:
            await_answer(port, "/readyz")

    def start(self, command: list[str], port: int, **more: str) -> int:
        """A server on a port; its process id, once it answers."""
        environment = {**self.environment, "TXNG_PORT": str(port), **more}
        return self.stack.enter_context(process(command, environment)).pid

    def _replica(self, number: int) -> int:
        spool, name = str(self.folder / "spool"), f"bench-{number + 1}"
        command = [sys.executable, "-m", "services.scan.main"]
        return self.start(command, self.ports[number], TXNG_SPOOL_DIR=spool, TXNG_REPLICA=name)

    def subjects(self) -> list[Subject]:
        """What is compared, the yardsticks of each kind with as many bytes as its answers have."""
        port, pid = self.ports[:1], self.pids[:1]
        found = []
        for kind, prefix, headers in KINDS:
            every = [prefix + code for code in self.codes]
            hot = every[:HOT_CODES]
            size = len(fetch(port[0], hot[0], headers))
            bare, file = free_port(), free_port()
            bare_pid = self.start([sys.executable, "-m", "tests.bench.bare", str(size)], bare)
            folder = self.folder / f"nginx-{kind}"
            nginx_pid = self.stack.enter_context(nginx(folder, file, size))
            of = f"{kind}: 1 replica,"
            found += [
                Subject(f"{of} {len(hot)} codes", port, pid, hot, headers),
                Subject(f"{of} {len(every)} codes", port, pid, every, headers),
                Subject(f"{kind}: {BARE}, {size} bytes", (bare,), (bare_pid,), hot, headers),
                Subject(
                    f"{kind}: {BARE}, {len(every)} addresses", (bare,), (bare_pid,), every, headers
                ),
                Subject(f"{kind}: nginx file", (file,), (nginx_pid,), ["/file"], headers),
            ]
        return found + self._more()

    def _more(self) -> list[Subject]:
        one, both, headers = (self.ports[:1], self.pids[:1]), (self.ports, self.pids), JSON_HEADERS
        hot = self.codes[:HOT_CODES]
        wrong = [forged(code) for code in hot]
        each = self._database_each(hot)
        # Whoever has met a batch has met it: each of these has batches of its own.
        third = len(self.new_lots) // 3
        lots = [self.new_lots[start : start + third] for start in (0, third, 2 * third)]

        def paths(codes: list[str], prefix: str = "/v1/verdicts/") -> list[str]:
            return [prefix + code for code in codes]

        def mixture(others: list[str], prefix: str = "/v1/verdicts/") -> list[str]:
            return paths(list(mixed(hot, others)), prefix)

        of_batches, of_lots = mixture(self.new_batches), mixture(lots[0])
        pages, twice = mixture(lots[1], "/"), mixture(lots[2])
        return [
            Subject("JSON: 1 replica, forged codes", *one, paths(wrong), headers, True),
            Subject("JSON: 1 replica, 70/20/10 new batches", *one, of_batches, headers, True, True),
            Subject("JSON: 1 replica, 70/20/10 new lots", *one, of_lots, headers, True, True),
            Subject("page: 1 replica, 70/20/10 new lots", *one, pages, PAGE_HEADERS, True, True),
            Subject(f"JSON: 2 replicas, {len(hot)} codes", *both, paths(hot), headers),
            Subject("JSON: 2 replicas, 70/20/10 new lots", *both, twice, headers, True, True),
            Subject(f"JSON: {EACH}", *each, paths(hot), headers),
        ]

    def _database_each(self, codes: list[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The other design, over the verdicts that the replica gave."""
        with MongoClient[dict[str, object]](self.environment["TXNG_MONGO_URL"]) as client:
            client[database_each.DATABASE][database_each.VERDICTS].insert_many(
                {"_id": code, "body": fetch(self.ports[0], f"/v1/verdicts/{code}", JSON_HEADERS)}
                for code in codes
            )
        port = free_port()
        pid = self.start([sys.executable, "-m", "tests.bench.database_each", str(port)], port)
        return (port,), (pid,)


def main() -> int:
    arguments = _arguments()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="txng-bench-")))
        bench = Bench(stack, folder)
        subjects = bench.subjects()
        for subject in subjects:
            for port in subject.ports:
                await_answer(port, subject.paths[0])
        say(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before")
        rounds = measure(folder, subjects, arguments)
        report(subjects, rounds)
        report_paced(folder, subjects, rounds, arguments)
        print_counts(bench.ports[0])
        say(f"load average {os.getloadavg()[0]:.1f} at the end")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--paced", type=int, default=2, help="seconds at half of the capacity")
    parser.add_argument("--only", default="", help="subjects with these words in their names")
    return parser.parse_args()


def measure(
    folder: Path, subjects: list[Subject], arguments: argparse.Namespace
) -> dict[str, list[Figures]]:
    """Every subject once a round, after a short warm-up of all."""
    found: dict[str, list[Figures]] = defaultdict(list)
    asked = [
        one
        for one in subjects
        if arguments.only in one.name or BARE in one.name or EACH in one.name
    ]
    for subject in asked:
        load(folder, subject.part(0, arguments.rounds + 2), 1)
    for number in range(arguments.rounds):
        for subject in asked if number % 2 else reversed(asked):
            part = subject.part(number + 1, arguments.rounds + 2)
            figures = load(folder, part, arguments.seconds)
            found[subject.name].append(figures)
            again = part.met_once and figures.per_second * arguments.seconds > len(part.paths)
            more = ": some of it was asked for again" if again else ""
            say(f"round {number + 1}  {figures.per_second:9.0f}/s  {subject.name}{more}")
    return found


def report(subjects: list[Subject], rounds: dict[str, list[Figures]]) -> None:
    """Medians, and medians of each round's ratios to the bare callable of the same kind.

    `CPU ×` is the bare callable's CPU per request over the subject's: on a machine that has
    other things to do it says more than requests a second. `each ×` is the ratio to the design
    with a database read per request, by requests a second.
    """
    say(
        f"\n{'':38}{'req/s':>8}{'p50 ms':>8}{'p99 ms':>8}{'CPU µs':>8}"
        f"{'bare ×':>8}{'CPU ×':>7}{'each ×':>8}"
    )
    each = next(found for name, found in rounds.items() if EACH in name)
    for subject in subjects:
        if subject.name not in rounds:
            continue
        own = rounds[subject.name]
        kind = subject.name.split(":")[0]
        bare = next(rounds[s.name] for s in subjects if s.name.startswith(f"{kind}: {BARE}"))
        by_rate = statistics.median(
            [a.per_second / b.per_second for a, b in zip(own, bare, strict=True)]
        )
        by_cpu = statistics.median([b.cpu / a.cpu for a, b in zip(own, bare, strict=True)])
        by_each = statistics.median(
            [a.per_second / b.per_second for a, b in zip(own, each, strict=True)]
        )
        rate, p50, p99, cpu = map(statistics.median, zip(*own, strict=True))
        say(
            f"{subject.name:38}{rate:8.0f}{p50:8.2f}{p99:8.2f}{cpu:8.1f}"
            f"{by_rate:8.2f}{by_cpu:7.2f}{by_each:8.1f}"
        )


def report_paced(
    folder: Path,
    subjects: list[Subject],
    rounds: dict[str, list[Figures]],
    arguments: argparse.Namespace,
) -> None:
    """Latencies at half of the capacity: each request at its own time, whatever the answers do."""
    if not arguments.paced:
        return
    say(f"\n{'at half of its own capacity':38}{'asked/s':>8}{'req/s':>8}{'p50 ms':>8}{'p99 ms':>8}")
    for subject in subjects:
        if subject.name not in rounds or "file" in subject.name:
            continue
        rate = statistics.median(one.per_second for one in rounds[subject.name]) / 2
        last = subject.part(arguments.rounds + 1, arguments.rounds + 2)
        told = load(folder, last, arguments.paced, rate)
        say(f"{subject.name:38}{rate:8.0f}{told.per_second:8.0f}{told.p50:8.2f}{told.p99:8.2f}")


def print_counts(port: int) -> None:
    """What the first replica itself counted, for the claim that every answer was."""
    text = fetch(port, "/metrics", {}).decode()
    lines = [line for line in text.splitlines() if line.startswith("txng_scan")]
    say("\n" + "\n".join(line for line in lines if not line.endswith(" 0.0")))


if __name__ == "__main__":
    sys.exit(main())
