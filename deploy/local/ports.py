"""Asks about TCP ports on the loopback interface."""

import random
import socket

# Below the range from which the kernel takes ports for outgoing connections: a server that is
# stopped and started again finds its port still free.
RANGE = range(12_000, 32_000)

_given: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on now, never the same twice. It is not reserved: use it soon."""
    while True:
        port = random.choice(RANGE)  # noqa: S311 (nobody's secret)
        if port not in _given and not is_taken(port):
            _given.add(port)
            return port


def is_taken(port: int, host: str = "127.0.0.1") -> bool:
    """Whether binding the port would fail, because somebody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
        return False
