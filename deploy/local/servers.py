"""Starts and stops an embedded MongoDB (one-node replica set) and a RabbitMQ node of our own."""

import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.ports import free_port, is_taken

RABBITMQ_BIN = Path("/usr/lib/rabbitmq/bin")
READY_SECONDS = 90.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.05
AMQP_GREETING = b"AMQP\x00\x00\x09\x01"

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


class Mongod(Server):
    """`mongod` from the Python wheel, as a replica set of one, so that transactions work."""

    name = "mongod"

    def __init__(
        self, state: Path, port: int, *, cache_gb: float = 0.25, tell: Tell = silent
    ) -> None:
        super().__init__(state, port, tell=tell)
        self.cache_gb = cache_gb

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
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
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
            return bool(hello.get("isWritablePrimary"))
        except PyMongoError:
            return False
        finally:
            client.close()

    def _initiate(self, client: "MongoClient[dict[str, object]]") -> None:
        members = [{"_id": 0, "host": f"127.0.0.1:{self.port}"}]
        settings = {"electionTimeoutMillis": 5000}
        config = {"_id": "rs0", "members": members, "settings": settings}
        try:
            client.admin.command("replSetInitiate", config)
        except OperationFailure as refusal:
            if refusal.code != 23:  # AlreadyInitialized: a restart, still loading its config.
                raise


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


class RabbitMQ(Server):
    """A node of Debian's RabbitMQ on the loopback interface, run by whoever calls.

    The wrappers in /usr/sbin switch to the user `rabbitmq`; the scripts behind them do not.
    """

    name = "rabbitmq"

    def __init__(
        self, state: Path, port: int, *, dist_port: int, epmd_port: int, tell: Tell = silent
    ) -> None:
        super().__init__(state, port, tell=tell)
        self.dist_port = dist_port
        self.epmd_port = epmd_port
        self._epmd: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def launch(self, output: IO[bytes] | int | None = None) -> subprocess.Popen[bytes]:
        if not is_rabbitmq_installed():
            raise ServerStartError(
                "RabbitMQ is not installed. Run ./txng up as root, which installs it,"
                " or set TXNG_AMQP_URL to a broker of yours."
            )
        self._write_configuration()
        self._launch_epmd()
        return self._run([str(RABBITMQ_BIN / "rabbitmq-server")], output, self.environment())

    def is_ready(self) -> bool:
        """The node opens its listener last, so a protocol greeting proves that it has booted."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as peer:
                peer.sendall(AMQP_GREETING)
                return peer.recv(8)[:1] == b"\x01"  # a method frame: connection.start
        except OSError:
            return False

    def stop(self) -> None:
        super().stop()
        self._stop_epmd()

    def kill(self) -> None:
        super().kill()
        self._stop_epmd()

    def environment(self) -> dict[str, str]:
        """What the node and `rabbitmqctl` need to find each other, and nothing of the host's."""
        return {
            **os.environ,
            "HOME": str(self.state),
            # The start script then execs the runtime instead of staying between us and it.
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_NODENAME": f"n{self.port}@localhost",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_MNESIA_BASE": str(self.state / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.state / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(self.state / "node.pid"),
            "RABBITMQ_CONFIG_FILE": str(self.state / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.state / "enabled_plugins"),
            "RABBITMQ_DIST_PORT": str(self.dist_port),
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false"
            ),
            "ERL_CRASH_DUMP": "/dev/null",
        }

    def ctl(self, *arguments: str) -> str:
        """Runs `rabbitmqctl` against this node and returns what it prints."""
        command = [str(RABBITMQ_BIN / "rabbitmqctl"), "--quiet", *arguments]
        done = subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ServerStartError(f"rabbitmqctl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def _write_configuration(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        (self.state / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            "disk_free_limit.absolute = 100MB\n"
            "log.console.level = warning\n"
        )
        (self.state / "enabled_plugins").write_text("[].\n")
        cookie = self.state / ".erlang.cookie"
        if not cookie.exists():
            cookie.touch(mode=0o600)
            cookie.write_text(os.urandom(16).hex())
            cookie.chmod(0o400)  # Erlang refuses a cookie that others could read.

    def _launch_epmd(self) -> None:
        """The node's name service, started by us: left to itself it would outlive the node."""
        epmd = shutil.which("epmd") or "epmd"
        self._epmd = subprocess.Popen(
            tied_to_us([epmd, "-address", "127.0.0.1", "-port", str(self.epmd_port)]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _stop_epmd(self) -> None:
        if self._epmd is not None:
            terminate(self._epmd)
            self._epmd = None


def is_rabbitmq_installed() -> bool:
    return (RABBITMQ_BIN / "rabbitmq-server").exists()


def fresh_pair(state: Path, *, tell: Tell = silent) -> tuple[Mongod, RabbitMQ]:
    """Both servers on free ports below one folder, not yet started."""
    mongod = Mongod(state / "mongo", free_port(), tell=tell)
    rabbitmq = RabbitMQ(
        state / "rabbitmq", free_port(), dist_port=free_port(), epmd_port=free_port(), tell=tell
    )
    return mongod, rabbitmq


def start_together(servers: Sequence[Server]) -> None:
    """Starts all at once and waits for each; if one fails, none is left running."""
    try:
        for server in servers:
            server.launch()
        for server in servers:
            server.await_ready()
    except BaseException:
        stop_together(servers)
        raise


def stop_together(servers: Sequence[Server]) -> None:
    for server in servers:
        if server.process is not None and server.process.poll() is None:
            server.process.terminate()
    for server in servers:
        server.stop()
