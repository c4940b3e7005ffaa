"""One server process with its state in a folder of its own: start, wait, stop, kill, freeze."""

import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from deploy.local.ports import is_taken

READY_SECONDS = 90.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.05

Tell = Callable[[str], None]


class ServerStartError(Exception):
    """A server could not be started; the message says why, with the end of its log."""


def silent(_: str) -> None:
    """The default for those who want no progress lines."""


def tied_to_us(command: Sequence[str]) -> list[str]:
    """The command, ended by the kernel (SIGTERM) when the thread that starts it ends.

    Start such processes from the main thread only: a worker thread that finishes would take
    them along.
    """
    return ["setpriv", "--pdeathsig", "TERM", "--", *command]


class Server(ABC):
    """One server process with its state in a folder of its own."""

    name: str

    def __init__(self, state: Path, port: int, *, tell: Tell = silent) -> None:
        self.state = state
        self.port = port
        self.tell = tell
        self.process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address a client connects to."""

    @property
    def log(self) -> Path:
        return self.state / f"{self.name}.log"

    @abstractmethod
    def launch(self, output: IO[bytes] | int | None = None) -> subprocess.Popen[bytes]:
        """Starts the process and returns at once; its output goes to `log` unless told."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether the server answers; does what a fresh server still needs on the way."""

    def await_ready(self, seconds: float = READY_SECONDS) -> None:
        began = time.monotonic()
        while not self.is_ready():
            if self.process is None or self.process.poll() is not None:
                raise ServerStartError(f"{self.name} ended while starting.\n{self.last_lines()}")
            if time.monotonic() - began > seconds:
                self.stop()
                raise ServerStartError(
                    f"{self.name} did not answer within {seconds:.0f} s.\n{self.last_lines()}"
                )
            time.sleep(POLL_SECONDS)
        self.tell(f"{self.name} ready on port {self.port} ({time.monotonic() - began:.1f} s)")

    def start(self, seconds: float = READY_SECONDS) -> None:
        self.launch()
        self.await_ready(seconds)

    def stop(self) -> None:
        """Asks the process to end (SIGTERM), and after 20 s makes it (SIGKILL)."""
        if self.process is not None:
            terminate(self.process)
            self.process = None

    def kill(self) -> None:
        """kill -9, as a power cut would: for fault tests."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        """Stops the process from running without closing its sockets: for fault tests."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def last_lines(self, count: int = 15) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])

    def _run(
        self, command: Sequence[str], output: IO[bytes] | int | None, env: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        if is_taken(self.port):
            raise ServerStartError(f"{self.name} cannot start: port {self.port} is in use")
        self.state.mkdir(parents=True, exist_ok=True)
        opened = self.log.open("ab") if output is None else output
        try:
            self.process = subprocess.Popen(
                tied_to_us(command),
                stdin=subprocess.DEVNULL,
                stdout=opened,
                stderr=subprocess.STDOUT,
                cwd=self.state,
                env=env,
                start_new_session=True,
            )
        except FileNotFoundError as missing:
            raise ServerStartError(f"{missing.filename} is missing on this machine") from missing
        finally:
            if output is None:
                assert not isinstance(opened, int)
                opened.close()
        return self.process


def terminate(process: subprocess.Popen[bytes], seconds: float = STOP_SECONDS) -> None:
    """SIGTERM, a bounded wait, then SIGKILL; a frozen process is thawed so that it can end."""
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
