"""What a process may do that decodes strangers' files: little memory, no network, no privileges.

`python -m shared.pictures.confining PROGRAM …` confines itself and becomes PROGRAM.
Decoders are large and written in C: a file made to break one finds neither our database nor the
network, and whatever it takes ends with the process.
"""

import ctypes
import os
import resource
import sys
from contextlib import suppress
from typing import Final

MEMORY: Final = 1_500_000_000
CPU_SECONDS: Final = 900
FILE_BYTES: Final = 60_000_000
NOBODY: Final = 65_534
_NEW_USER, _NEW_NETWORK = 0x1000_0000, 0x4000_0000
_NO_NEW_PRIVILEGES: Final = 38


def confine() -> None:
    """Take from this process, and from all it becomes, what decoding does not need."""
    os.nice(19)
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(limit, (value, value))
    libc = ctypes.CDLL(None, use_errno=True)
    root = os.geteuid() == 0
    # A network of its own has no way out. Some hosts forbid even that; the protocols that the
    # program may open are limited besides.
    if libc.unshare(_NEW_NETWORK) != 0 and not root:
        libc.unshare(_NEW_USER | _NEW_NETWORK)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if root:
        with suppress(OSError):
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)


def main() -> None:
    # Opened before the privileges go: an environment below /root is closed to nobody.
    program = os.open(sys.argv[1], os.O_RDONLY)
    confine()
    surroundings = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    os.execve(program, sys.argv[1:], surroundings)  # noqa: S606 - no shell is the point of it


if __name__ == "__main__":
    main()
