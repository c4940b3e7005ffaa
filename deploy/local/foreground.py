"""Runs a program in the foreground; Ctrl-C reaches it as well, and it may tidy up."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

TIDY_SECONDS = 15.0


def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> int:
    """Its exit status. After Ctrl-C it has 15 s to end by itself; a second Ctrl-C kills it.

    `subprocess.run` would kill it after a quarter of a second, and leave its children behind.
    """
    with subprocess.Popen(command, cwd=cwd, env=env) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            try:
                process.wait(TIDY_SECONDS)
            except (KeyboardInterrupt, subprocess.TimeoutExpired):
                process.kill()
            raise
