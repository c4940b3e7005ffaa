"""The embedded MongoDB: `mongod` from a Python wheel, as a replica set of one."""

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.server import Server, ServerStartError, Tell, silent

TRANSACTION_SECONDS = 8
ALREADY_INITIALIZED = 23
SMALLEST_CACHE_GB, LARGEST_CACHE_GB = 0.25, 1.0
MOST_EVICTING = 4
# The thread of mongod that writes checkpoints, as the kernel knows it.
CHECKPOINTS = "Checkpointer"
CHECKPOINT_NICENESS = 10


class Mongod(Server):
    """`mongod` from the Python wheel, as a replica set of one, so that transactions work."""

    name = "mongod"

    def __init__(
        self,
        state: Path,
        port: int,
        *,
        cache_gb: float | None = None,
        parameters: Sequence[str] = (),
        tell: Tell = silent,
    ) -> None:
        """`cache_gb`: of its storage engine; by default a sixteenth of the machine's memory,
        within limits. `parameters`: further ones of the server, as `name=value`."""
        super().__init__(state, port, tell=tell)
        self.cache_gb = usual_cache_gb() if cache_gb is None else cache_gb
        self.parameters = parameters

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet=rs0"

    def launch(self, output: IO[bytes] | int | None = None) -> subprocess.Popen[bytes]:
        data = self.state / "db"
        data.mkdir(parents=True, exist_ok=True)
        command = [
            *(str(mongod_binary()), "--replSet", "rs0", "--dbpath", str(data)),
            *("--port", str(self.port), "--bind_ip", "127.0.0.1", "--nounixsocket"),
            *("--wiredTigerCacheSizeGB", str(self.cache_gb), "--oplogSize", "128", "--quiet"),
            *("--wiredTigerEngineConfigString", evicting(os.cpu_count() or 1)),
            # A process that dies inside a transaction leaves its locks behind until this limit
            # (a minute by default); whoever repeats the act waits for them.
            *("--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_SECONDS}"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *(part for one in self.parameters for part in ("--setParameter", one)),
        ]
        return self._run(command, output, dict(os.environ))

    def is_ready(self) -> bool:
        client: MongoClient[dict[str, object]] = MongoClient(
            "127.0.0.1", self.port, directConnection=True, serverSelectionTimeoutMS=300
        )
        try:
            hello = client.admin.command("hello")
            if not hello.get("setName"):
                self._initiate(client)
            if not hello.get("isWritablePrimary"):
                return False
            self._checkpoints_make_way()
            return True
        except PyMongoError:
            return False
        finally:
            client.close()

    def _checkpoints_make_way(self) -> None:
        """Every minute a checkpoint takes a core for about a second, which held up the order of a
        recall on two cores. It may take longer; on Linux a thread has a niceness of its own."""
        if self.process is None:
            return
        for thread in Path(f"/proc/{self.process.pid}/task").glob("*"):
            with suppress(OSError):
                if (thread / "comm").read_text().strip() == CHECKPOINTS:
                    os.setpriority(os.PRIO_PROCESS, int(thread.name), CHECKPOINT_NICENESS)

    def _initiate(self, client: "MongoClient[dict[str, object]]") -> None:
        members = [{"_id": 0, "host": f"127.0.0.1:{self.port}"}]
        settings = {"electionTimeoutMillis": 5000}
        config = {"_id": "rs0", "members": members, "settings": settings}
        try:
            client.admin.command("replSetInitiate", config)
        except OperationFailure as refusal:
            if refusal.code != ALREADY_INITIALIZED:
                raise
            self._adopt_port(client)

    def _adopt_port(self, client: "MongoClient[dict[str, object]]") -> None:
        """A node that was moved to another port no longer finds itself in its own set."""
        config = client.admin.command("replSetGetConfig")["config"]
        address = f"127.0.0.1:{self.port}"
        if config["members"][0]["host"] != address:
            config["members"][0]["host"] = address
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)


def usual_cache_gb() -> float:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return round(min(max(memory / 16, SMALLEST_CACHE_GB), LARGEST_CACHE_GB), 2)


def evicting(cores: int) -> str:
    """How many threads make room in the cache: at most one for two cores.

    By default there are four, which wake together. On two cores they held up every other step for
    100 ms at a time while scans were counted, the order of a recall among them.
    """
    threads = min(max(cores // 2, 1), MOST_EVICTING)
    return f"eviction=(threads_min=1,threads_max={threads})"


def mongod_binary() -> Path:
    """Where the wheel has put the server."""
    spec = find_spec("fiftyone")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(folder) / "db" / "bin" / "mongod"
        if binary.exists():
            return binary
    raise ServerStartError(
        "The environment holds no mongod. Run ./txng up, which installs it,"
        " or set TXNG_MONGO_URL to a server of yours."
    )
