"""Named places where a fault test may kill the process, as if the power went."""

import os
import signal

_ARMED = os.environ.get("TXNG_CRASH_AT", "")


def crash_point(name: str) -> None:
    """Do nothing, unless `TXNG_CRASH_AT` names this point: then SIGKILL, with no clean-up."""
    if name == _ARMED:
        os.kill(os.getpid(), signal.SIGKILL)
