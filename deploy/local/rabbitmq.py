"""A RabbitMQ node of our own, from Debian's package but apart from Debian's own broker."""

import hashlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from deploy.local.server import Server, ServerStartError, Tell, silent, terminate, tied_to_us

RABBITMQ_BIN = Path("/usr/lib/rabbitmq/bin")
AMQP_GREETING = b"AMQP\x00\x00\x09\x01"


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
        self._home = state
        self._epmd: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    @property
    def node_name(self) -> str:
        """The name that the data lies under: a node moved to another port keeps it, and them."""
        kept = max((self.state / "mnesia").glob("n*@localhost"), key=changed, default=None)
        return kept.name if kept else f"n{self.port}@localhost"

    def launch(self, output: IO[bytes] | int | None = None) -> subprocess.Popen[bytes]:
        if not is_rabbitmq_installed():
            raise ServerStartError(
                "RabbitMQ is not installed. Run ./txng up as root, which installs it,"
                " or set TXNG_AMQP_URL to a broker of yours."
            )
        self._write_configuration()
        self._home = plain_path(self.state)
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
            "HOME": str(self._home),
            # The start script then execs the runtime instead of staying between us and it.
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_NODENAME": self.node_name,
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_MNESIA_BASE": str(self._home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self._home / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(self._home / "node.pid"),
            "RABBITMQ_CONFIG_FILE": str(self._home / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._home / "enabled_plugins"),
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


def changed(path: Path) -> float:
    return path.stat().st_mtime


def plain_path(folder: Path) -> Path:
    """A path to the folder in plain ASCII: itself, or a link in a folder that is only ours.

    A node whose path holds other letters starts, but on its next start its quorum queues are
    gone (seen with RabbitMQ 3.10), and with them every message in them.
    """
    folder = folder.absolute()
    if re.fullmatch(r"[A-Za-z0-9/._-]+", str(folder)):
        return folder
    ours = Path(tempfile.gettempdir()) / f"txng-{os.getuid()}"
    ours.mkdir(mode=0o700, exist_ok=True)
    owner = ours.lstat()
    if ours.is_symlink() or owner.st_uid != os.getuid() or owner.st_mode & 0o077:
        raise ServerStartError(f"{ours} belongs to somebody else. Remove it, or set TMPDIR.")
    link = ours / hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    if not link.is_symlink():
        link.symlink_to(folder, target_is_directory=True)
    return link


def is_rabbitmq_installed() -> bool:
    return (RABBITMQ_BIN / "rabbitmq-server").exists()
