"""Processes of the system born of one that has loaded their code already.

Loading modules is most of what a process does until it is ready, and tests start hundreds of them.
Here one process loads what all of them need, once, and each is forked off it: a process of its own
with its own environment, which is killed, frozen and ended like any other. What a program is at its
very start is tested where it is started as people start it (tests/deploy).
"""

import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, Final

from deploy.local.layout import ROOT
from deploy.local.server import tied_to_us

POLL_SECONDS: Final = 0.02
PR_SET_PDEATHSIG: Final = 1
# Read when modules are loaded, so a process that is to crash loads them itself.
READ_AT_IMPORT: Final = "TXNG_CRASH_AT"


class Child:
    """A process of the nursery, as tests use `subprocess.Popen`."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._nursery.ask({"poll": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        began = time.monotonic()
        while (code := self.poll()) is None:
            if timeout is not None and time.monotonic() - began > timeout:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(POLL_SECONDS)
        return code

    def send_signal(self, number: int, /) -> None:
        """Nothing happens to one that has ended: its number may be another's by now."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The process that has everything loaded; it and its children end with the one that began it.

    Begin it in the main thread (deploy.local.server.tied_to_us).
    """

    def __init__(self, modules: Iterable[str]) -> None:
        command = [sys.executable, "-u", "-m", "tests.nursery", *modules]
        self._process = subprocess.Popen(
            tied_to_us(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
        )

    def spawn(self, module: str, environment: Mapping[str, str], log: Path) -> Child:
        """`python -m module`, its output at the end of `log`."""
        asked = {"module": module, "environment": dict(environment), "log": str(log)}
        return Child(self, self.ask(asked))

    def ask(self, what: dict[str, Any]) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None  # noqa: PT018
        stdin.write(json.dumps(what) + "\n")
        stdin.flush()
        answer = stdout.readline()
        if not answer:
            raise RuntimeError("the nursery has ended")
        return json.loads(answer)


def main() -> None:
    """Load the modules, then fork, and tell who has ended, as told line by line."""
    for module in sys.argv[1:]:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        what = json.loads(line)
        if "poll" in what:
            _tell(sys.stdout, _ended(what["poll"]))
        elif (pid := os.fork()) > 0:
            _tell(sys.stdout, pid)
        else:
            _become(what["module"], what["environment"], what["log"])
            return


def _tell(output: IO[str], answer: Any) -> None:
    output.write(json.dumps(answer) + "\n")
    output.flush()


def _ended(pid: int) -> int | None:
    """The exit status as `subprocess` tells it; None while it lives."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _become(module: str, environment: Mapping[str, str], log: str) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module]
    sys.modules.pop(module, None)  # It runs anew, as what is called __main__.
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
