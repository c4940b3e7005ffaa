"""A process that can open nothing more: no file, no connection."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_more_descriptors(pid: int) -> Iterator[None]:
    """What is open stays so; every further one is refused, until the limit is as it was."""
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    highest = max(int(one) for one in os.listdir(f"/proc/{pid}/fd"))
    # The limit is of the numbers: gaps below the highest can be filled still, so close to none.
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (min(highest, 20), before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
