"""Starts everything in order, restarts what crashes, ends all of it when told.

Run as `python -m deploy.local.supervisor`, by `./txng up`. One thread, one loop: the kernel ends
the children (SIGTERM) should this process die, so nothing is ever left behind.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from deploy.local import logfiles, status
from deploy.local.layout import PROCESSES, ROOT, Layout, Process
from deploy.local.secrets import create_missing
from deploy.local.server import Server, ServerStartError, terminate, tied_to_us
from deploy.local.servers import Mongod, RabbitMQ
from deploy.local.status import ChildStatus
from deploy.nginx import render

TICK_SECONDS = 0.2
ROTATE_SECONDS = 20.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 20.0
STEADY_SECONDS = 30.0

Launch = Callable[[IO[bytes]], subprocess.Popen[bytes]]


class StopRequested(Exception):
    """SIGTERM came while something was being waited for."""


@dataclass
class Child:
    """A process kept running: when it ends, it is started again after a growing pause."""

    name: str
    launch: Launch
    before_restart: Callable[[], None] = lambda: None
    process: subprocess.Popen[bytes] | None = None
    shown: ChildStatus = field(default_factory=ChildStatus)
    pause: float = FIRST_PAUSE
    due: float = 0.0

    def start(self, output: IO[bytes]) -> None:
        self.process = self.launch(output)
        self.shown.pid = self.process.pid
        self.shown.state = "running"
        self.shown.since = time.time()

    def watch(self, now: float) -> str | None:
        """Notices an end and plans the restart; returns what is worth a line."""
        if self.process is None or self.process.poll() is None:
            return None
        lived = time.time() - self.shown.since
        self.pause = FIRST_PAUSE if lived > STEADY_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
        self.due = now + self.pause
        ended, self.process = self.process.returncode, None
        self.shown.pid = None
        self.shown.state = "waiting to restart"
        return f"{self.name} ended ({describe_exit(ended)}); again in {self.pause:.1f} s"


class Supervisor:
    """All children of one system, its status file and its logs."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.status = status.own()
        self.children: list[Child] = []
        self.servers: list[Server] = []
        self.stop_asked = False
        self.rotated = time.monotonic()
        layout.prepare_folders()

    def run(self) -> int:
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        code = 0
        try:
            self._start_servers()
            self._prepare()
            self._start_processes()
            self.status.phase = "running"
            self._show()
            while True:
                self._watch()
                self._wait()
        except StopRequested:
            self.status.phase = "stopping"
        except (ServerStartError, subprocess.CalledProcessError, OSError) as failure:
            self.status.error = str(failure)
            self._say(f"failed: {failure}")
            code = 1
        finally:
            self._end_all()
            self.status.phase = "failed" if code else "stopped"
            self._show()
        return code

    def _start_servers(self) -> None:
        began = time.monotonic()
        ports = self.layout.ports
        if not self.layout.given_mongo_url:
            self.servers.append(Mongod(self.layout.state / "mongo", ports["mongod"]))
        if not self.layout.given_amqp_url:
            node = RabbitMQ(
                self.layout.state / "rabbitmq",
                ports["rabbitmq"],
                dist_port=ports["rabbitmq-dist"],
                epmd_port=ports["epmd"],
            )
            self.servers.append(node)
        for server in self.servers:
            self._add(Child(server.name, server.launch, before_restart=server.stop))
        for server in self.servers:
            self._until_ready(server)
            self._step(f"{server.name} ready on port {server.port}", began)

    def _until_ready(self, server: Server, seconds: float = 90.0) -> None:
        deadline = time.monotonic() + seconds
        while not server.is_ready():
            ended = server.process is None or server.process.poll() is not None
            if ended or time.monotonic() > deadline:
                log = logfiles.last_lines(self.layout.logs / f"{server.name}.log", 12)
                raise ServerStartError(f"{server.name} does not start; the end of its log:\n{log}")
            self._wait()

    def _prepare(self) -> None:
        began = time.monotonic()
        if create_missing(self.layout.secrets):
            self._step(f"keys created in {self.layout.secrets}", began)
        began = time.monotonic()
        self._run_once("deploy.topology")
        self._step("queues declared", began)

    def _run_once(self, module: str) -> None:
        """A step that must succeed before the next; its output is in its own log."""
        command = [sys.executable, "-m", module]
        with self._log(module) as log:
            process = subprocess.Popen(
                tied_to_us(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=self.layout.common_environment(),
            )
        try:
            while process.poll() is None:
                self._wait()
        finally:
            terminate(process)
        if process.returncode:
            tail = logfiles.last_lines(self.layout.logs / f"{module}.log", 12)
            raise ServerStartError(f"{module} failed:\n{tail}")

    def _start_processes(self) -> None:
        began = time.monotonic()
        for process in PROCESSES:
            self._add(Child(process.name, self._launcher(process)))
        self._add(Child("nginx", self._launch_nginx))
        self._step(f"{len(PROCESSES)} processes and nginx started", began)

    def _launcher(self, process: Process) -> Launch:
        def launch(output: IO[bytes]) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", process.module]
            return self._spawn(command, output, self.layout.environment(process))

        return launch

    def _launch_nginx(self, output: IO[bytes]) -> subprocess.Popen[bytes]:
        ports = self.layout.ports
        configuration = render.write_local(
            self.layout.run / "nginx",
            listen=[f"{self.layout.http_bind}:{ports['nginx']}"],
            upstreams=self.layout.upstreams(),
            access_log=self.layout.logs / "nginx-access.log",
        )
        return self._spawn(render.command(configuration), output, dict(os.environ))

    def _spawn(
        self, command: list[str], output: IO[bytes], env: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            tied_to_us(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=env,
            start_new_session=True,
        )

    def _add(self, child: Child) -> None:
        self.children.append(child)
        self.status.children[child.name] = child.shown
        with self._log(child.name) as output:
            child.start(output)
        self._show()

    def _watch(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if line := child.watch(now):
                self._say(line)
                self._show()
            if child.process is None and now >= child.due:
                self._restart(child, now)
        if now - self.rotated > ROTATE_SECONDS:
            self.rotated = now
            logfiles.rotate_large(self.layout.logs)

    def _restart(self, child: Child, now: float) -> None:
        child.before_restart()
        try:
            with self._log(child.name) as output:
                child.start(output)
            child.shown.restarts += 1
        except (ServerStartError, OSError) as failure:
            child.pause = min(child.pause * 2, LONGEST_PAUSE)
            child.due = now + child.pause
            self._say(f"{child.name} could not be started: {failure}")
        self._show()

    def _end_all(self) -> None:
        """First nginx, so that no request is cut off, then the services, then the servers."""
        self._show()
        by_name = {child.name: child for child in self.children}
        servers = {server.name for server in self.servers}
        front = [by_name["nginx"]] if "nginx" in by_name else []
        services = [c for c in self.children if c.name not in servers and c.name != "nginx"]
        for child in front:
            self._signal(child, signal.SIGQUIT)
        self._end(front, seconds=5)
        for child in services:
            self._signal(child, signal.SIGTERM)
        self._end(services, seconds=20)
        for server in reversed(self.servers):
            server.stop()
            by_name[server.name].shown.state = "stopped"

    def _end(self, children: list[Child], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for child in children:
            if child.process is not None:
                try:
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    self._say(f"{child.name} did not end in time and is killed")
                    child.process.kill()
                    child.process.wait()
            child.shown.state, child.shown.pid = "stopped", None

    def _signal(self, child: Child, number: int) -> None:
        if child.process is not None and child.process.poll() is None:
            child.process.send_signal(number)

    def _wait(self) -> None:
        if self.stop_asked:
            raise StopRequested
        time.sleep(TICK_SECONDS)

    def _ask_to_stop(self, *_: object) -> None:
        self.stop_asked = True

    def _step(self, text: str, began: float) -> None:
        self.status.steps.append(f"{text} ({time.monotonic() - began:.1f} s)")
        self._say(self.status.steps[-1])
        self._show()

    def _show(self) -> None:
        self.status.write(self.layout.run)

    def _say(self, line: str) -> None:
        print(time.strftime("%Y-%m-%d %H:%M:%S"), line, flush=True)

    @contextmanager
    def _log(self, name: str) -> Iterator[IO[bytes]]:
        with (self.layout.logs / f"{name}.log").open("ab") as log:
            yield log


def describe_exit(code: int) -> str:
    """The exit status in words: which signal, or which number."""
    return signal.Signals(-code).name if code < 0 else f"status {code}"


if __name__ == "__main__":
    sys.exit(Supervisor(Layout.from_environment()).run())
