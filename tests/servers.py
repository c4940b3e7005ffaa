"""The servers that all tests of a run share, started when first asked for."""

import os
import shutil
import tempfile
from pathlib import Path

from deploy.local.servers import Mongod, RabbitMQ, Server, fresh_pair, start_together, stop_together

PREFIX = f"txng-test-servers-{os.getpid()}-"
MEMORY = Path("/dev/shm")
ROOM_IN_MEMORY = 6 * 1024**3
# A dropped database's files stay open as long as anybody might ask how it was, five minutes by
# default. In these a run drops twenty thousand, and mongod may open no more than that at a time.
SHORT_HISTORY = "minSnapshotHistoryWindowInSeconds=5"
# A machine of many stands still at times, its servers with it. What a service does when its
# database is away is asked of databases that are away (tests/faults), not of this one.
PATIENCE = "serverSelectionTimeoutMS=90000"


def in_memory() -> Path | None:
    """Where servers may keep what they write in memory; None where there is too little of it.

    Every acknowledged write waits for the disk, thousands of times a run, and what is tested here
    survives a killed server either way. What a killed run left behind is taken away.
    """
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return None
    for left in MEMORY.glob("txng-test-servers-*-*"):
        if not Path(f"/proc/{left.name.split('-')[3]}").exists():
            shutil.rmtree(left, ignore_errors=True)
    free = min(shutil.disk_usage(MEMORY).free, available_memory())
    return MEMORY if free >= ROOM_IN_MEMORY else None


def available_memory() -> int:
    """Bytes; 0 where the system does not say."""
    told = Path("/proc/meminfo")
    lines = told.read_text(encoding="ascii").splitlines() if told.exists() else []
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(found[0]) * 1024 if found else 0


class TestServers:
    """The session's servers: those of the environment, else our own, started when first asked."""

    __test__ = False

    def __init__(self) -> None:
        self.given_mongo = os.environ.get("TXNG_TEST_MONGO_URL")
        self.given_amqp = os.environ.get("TXNG_TEST_AMQP_URL")
        self.folder: Path | None = None
        self.own: list[Server] = []

    def urls(self) -> tuple[str, str]:
        if self.folder is None and not (self.given_mongo and self.given_amqp):
            self._start()
        mongo = self.given_mongo or next(
            f"{s.url}&{PATIENCE}" for s in self.own if isinstance(s, Mongod)
        )
        amqp = self.given_amqp or next(s.url for s in self.own if isinstance(s, RabbitMQ))
        return mongo, amqp

    def _start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=in_memory()))
        mongod, rabbitmq = fresh_pair(self.folder, parameters=[SHORT_HISTORY])
        own = [(mongod, self.given_mongo), (rabbitmq, self.given_amqp)]
        self.own = [server for server, given in own if not given]
        start_together(self.own)

    def stop(self) -> None:
        stop_together(self.own)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
