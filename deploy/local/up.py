"""`./txng up` and `./txng down`: the system of this machine, started, filled and ended."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from deploy.local import checks, foreground, logfiles, packages, status
from deploy.local.layout import PROCESSES, ROOT, Layout
from deploy.local.status import Status

READY_SECONDS = 180.0
DOWN_SECONDS = 60.0
POLL_SECONDS = 0.15
HOPELESS_RESTARTS = 4


class UpError(Exception):
    """The system could not be brought up; the message says why."""


def up(layout: Layout, *, with_demo: bool = True) -> int:
    """Brings everything up, or finds that it is; prints addresses and log-ins."""
    began = time.monotonic()
    with one_at_a_time(layout):
        living = status.read_living(layout.run)
        if living is None:
            layout.prepare_folders()
            install_packages(layout)
            checks.check(layout)
            start_supervisor(layout)
        else:
            say("running already")
        follow_start(layout)
        await_ready(layout)
        if with_demo:
            load_demo(layout)
        say(f"everything is ready ({time.monotonic() - began:.0f} s)")
        print_addresses(layout)
    return 0


def down(layout: Layout) -> int:
    """Ends everything that `up` started, and waits until it has."""
    living = status.read_living(layout.run)
    if living is None:
        say("nothing is running")
        return 0
    say("stopping …")
    os.kill(living.pid, signal.SIGTERM)
    deadline = time.monotonic() + DOWN_SECONDS
    while living.is_alive:
        if time.monotonic() > deadline:
            say("the supervisor does not end and is killed; the kernel ends its processes")
            os.kill(living.pid, signal.SIGKILL)
            break
        time.sleep(POLL_SECONDS)
    say(f"stopped; the data stays in {layout.state}")
    return 0


@contextmanager
def one_at_a_time(layout: Layout) -> Iterator[None]:
    """Two `up` at once: the second waits and then finds everything running."""
    layout.run.mkdir(parents=True, exist_ok=True)
    with (layout.run / "up.lock").open("w") as guard:
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another ./txng up is at work here; waiting for it")
            fcntl.flock(guard, fcntl.LOCK_EX)
        yield


def install_packages(layout: Layout) -> None:
    wanted = dict(packages.RUNTIME)
    if layout.given_mongo_url:
        del wanted["libcurl4"]
    if layout.given_amqp_url:
        del wanted["rabbitmq-server"]
    lacking = packages.missing(wanted)
    if lacking:
        began = time.monotonic()
        say(f"installing {', '.join(lacking)} …")
        instead = "Or set TXNG_AMQP_URL to a RabbitMQ of yours."
        packages.install(lacking, instead=instead if "rabbitmq-server" in lacking else "")
        say(f"installed ({time.monotonic() - began:.0f} s)")


def start_supervisor(layout: Layout) -> None:
    """Starts it in a session of its own, so that it outlives this command and its terminal."""
    (layout.run / "status.json").unlink(missing_ok=True)
    with (layout.logs / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.supervisor"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + 20
    while status.read(layout.run) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            tail = logfiles.last_lines(layout.logs / "supervisor.log", 15)
            raise UpError(f"the supervisor did not start:\n{tail}")
        time.sleep(POLL_SECONDS)


def follow_start(layout: Layout) -> None:
    """Prints the supervisor's progress until it has started everything."""
    shown = 0
    fresh = read_or_fail(layout).phase == "starting"
    while True:
        now = read_or_fail(layout)
        for line in now.steps[shown:] if fresh else []:
            say(line)
        shown = len(now.steps)
        if now.phase == "running":
            return
        time.sleep(POLL_SECONDS)


def read_or_fail(layout: Layout) -> Status:
    current = status.read(layout.run)
    if current is None or current.phase in {"failed", "stopped", "stopping"}:
        interrupted = "the start was interrupted; ./txng up begins it again"
        raise UpError(current.error if current and current.error else interrupted)
    if not current.is_alive:
        raise UpError(f"the supervisor has ended; see {layout.logs / 'supervisor.log'}")
    return current


def await_ready(layout: Layout) -> None:
    """Waits for every process's own word that it is ready.

    A process that waits for an index of a large collection waits as long as that takes.
    """
    began = last = time.monotonic()
    waiting = [process.name for process in PROCESSES]
    answers: dict[str, str] = {}
    told: set[str] = set()
    while waiting:
        for name in list(waiting):
            is_ready, answers[name] = ask_ready(layout, name)
            if is_ready:
                waiting.remove(name)
        if not waiting:
            break
        if under_way := building(answers[name] for name in waiting):
            for line in under_way - told:
                say(line)
            told, last = told | under_way, time.monotonic()
        if time.monotonic() - last > READY_SECONDS:
            lines = [f"  {name}: {answers[name]}" for name in waiting]
            raise UpError(
                f"not ready after {READY_SECONDS:.0f} s:\n"
                + "\n".join(lines)
                + f"\nSee ./txng logs {waiting[0]}"
            )
        fail_if_crashing(layout, waiting)
        time.sleep(POLL_SECONDS)
    say(f"{len(PROCESSES)} processes ready ({time.monotonic() - began:.1f} s)")


def building(answers: Iterable[str]) -> set[str]:
    """The indexes that processes say they wait for, a line each."""
    found = set()
    for answer in answers:
        with suppress(ValueError, AttributeError):
            for one in json.loads(answer).get("building", ()):
                found.add(f"building {one['collection']}: {', '.join(one['indexes'])} …")
    return found


def fail_if_crashing(layout: Layout, waiting: list[str]) -> None:
    """Gives up early on a process that has never become ready and ends again and again."""
    current = read_or_fail(layout)
    for name in waiting:
        if current.children[name].restarts >= HOPELESS_RESTARTS:
            tail = logfiles.last_lines(layout.logs / f"{name}.log", 15)
            raise UpError(f"{name} ends again and again; the end of its log:\n{tail}")


def ask_ready(layout: Layout, name: str) -> tuple[bool, str]:
    """Whether the process answers 200 on /readyz, and what it says."""
    try:
        with urllib.request.urlopen(f"{layout.url(name)}/readyz", timeout=3) as answer:
            return True, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as refusal:
        return False, refusal.read().decode(errors="replace")
    except OSError as failure:
        return False, f"no answer ({failure})"


def load_demo(layout: Layout) -> None:
    """Fills the system; goes on where an earlier `up` was broken off."""
    began = time.monotonic()
    say("demo province …")
    command = [sys.executable, "-m", "deploy.demo.load"]
    if foreground.run(command, cwd=ROOT, env=layout.common_environment()):
        raise UpError("the demo province could not be loaded (see above); ./txng up goes on")
    say(f"demo province ready ({time.monotonic() - began:.1f} s)")


def print_addresses(layout: Layout) -> None:
    print(f"\n  {layout.public_origin}/          trang chủ · home page")
    print(f"  {layout.public_origin}/sign-in   đăng nhập · sign in\n", flush=True)


def say(line: str) -> None:
    print(f"txng: {line}", flush=True)
