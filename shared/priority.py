"""How a process makes way for those that people wait for."""

import os
from contextlib import suppress
from pathlib import Path


def give_way(niceness: int) -> None:
    """Lower this process's priority by `niceness` (1–19) among all processes of the machine.

    Linux with autogroups (sched(7)) weighs sessions against each other, and a process's own
    niceness only within its session; so where the session is its own, that is lowered too.
    """
    os.nice(niceness)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # Without autogroups, the first line was enough.
            Path("/proc/self/autogroup").write_text(str(niceness), encoding="ascii")
