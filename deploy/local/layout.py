"""What runs on one machine, on which ports, in which folders, told what by its environment."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy import keys
from deploy.local.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Process:
    """One Python process of the system."""

    name: str
    module: str
    port: int

    @property
    def upstream(self) -> str:
        """What nginx calls the processes of this kind: the folder of their `main`."""
        return self.module.split(".")[-2]

    @property
    def port_variable(self) -> str:
        return f"TXNG_{self.name.upper().replace('-', '_')}_PORT"


COURIER = "recall-courier"
PROCESSES = (
    Process("identity", "services.identity.main", 8101),
    Process("registry", "services.registry.main", 8102),
    Process("stamps", "services.stamps.main", 8103),
    Process("recall", "services.recall.main", 8104),
    Process(COURIER, "services.recall.courier.worker", 8106),
    Process("reporting", "services.reporting.main", 8105),
    Process("scan-1", "services.scan.main", 8111),
    Process("scan-2", "services.scan.main", 8112),
    Process("projector", "services.scan.projector", 8121),
    Process("recorder", "services.scan.recorder", 8122),
    Process("desk", "services.scan.desk.main", 8123),
    Process("speech", "services.scan.speech.worker", 8124),
    Process("snapshots", "services.scan.offline.worker", 8125),
)
# Listening on these is listening everywhere, so on the loopback interface too.
ANY_ADDRESS = {"0.0.0.0", "::", ""}  # noqa: S104
REPLICAS = tuple(p.name for p in PROCESSES if p.module == "services.scan.main")
FEEDS = ("recall", "stamps", "registry")
PORT_NUMBERS = range(1, 65536)

# Servers that are not ours but run here: name -> (variable, default port).
SERVER_PORTS = {
    "nginx": ("TXNG_HTTP_PORT", 8080),
    "mongod": ("TXNG_MONGO_PORT", 27117),
    "rabbitmq": ("TXNG_AMQP_PORT", 5772),
    "rabbitmq-dist": ("TXNG_AMQP_DIST_PORT", 25772),
    "epmd": ("TXNG_EPMD_PORT", 4772),
}


class SettingError(Exception):
    """A setting that cannot be meant; the message names it."""


@dataclass(frozen=True)
class Layout:
    """One running system: its ports, its folders and the servers it uses."""

    state: Path
    ports: Mapping[str, int]
    given_mongo_url: str = ""
    given_amqp_url: str = ""
    db_prefix: str = "txng"
    bus_prefix: str = ""
    stamp_host: str = "TXNG.TEST"
    origin: str = ""
    http_bind: str = "127.0.0.1"
    secrets_folder: Path | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    offset: int = 0

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = os.environ) -> "Layout":
        """The layout of `./txng up`; TXNG_PORT_OFFSET moves every default port at once."""
        offset = whole_number(env, "TXNG_PORT_OFFSET", 0)
        known = {p.name: (p.port_variable, p.port) for p in PROCESSES} | SERVER_PORTS
        ports = {
            name: whole_number(env, variable, default + offset)
            for name, (variable, default) in known.items()
        }
        for name, port in ports.items():
            if port not in PORT_NUMBERS:
                raise SettingError(
                    f"{port}, meant for {name}, is no port."
                    f" Look at TXNG_PORT_OFFSET and {known[name][0]}."
                )
        return cls(
            offset=offset,
            state=state_folder(env),
            ports=ports,
            given_mongo_url=env.get("TXNG_MONGO_URL", ""),
            given_amqp_url=env.get("TXNG_AMQP_URL", ""),
            db_prefix=env.get("TXNG_DB_PREFIX", "txng"),
            bus_prefix=env.get("TXNG_BUS_PREFIX", ""),
            stamp_host=env.get("TXNG_STAMP_HOST", "TXNG.TEST"),
            origin=env.get("TXNG_PUBLIC_ORIGIN", ""),
            http_bind=env.get("TXNG_HTTP_BIND", "127.0.0.1"),
        )

    @classmethod
    def on_free_ports(
        cls,
        state: Path,
        *,
        mongo_url: str,
        amqp_url: str,
        db_prefix: str,
        bus_prefix: str,
        secrets: Path,
    ) -> "Layout":
        """A system beside others, on servers that run already."""
        names = [process.name for process in PROCESSES] + ["nginx"]
        return cls(
            state=state,
            ports={name: free_port() for name in names},
            given_mongo_url=mongo_url,
            given_amqp_url=amqp_url,
            db_prefix=db_prefix,
            bus_prefix=bus_prefix,
            secrets_folder=secrets,
        )

    @property
    def mongo_url(self) -> str:
        own = f"mongodb://127.0.0.1:{self.ports.get('mongod')}/?replicaSet=rs0"
        return self.given_mongo_url or own

    @property
    def amqp_url(self) -> str:
        return self.given_amqp_url or f"amqp://guest:guest@127.0.0.1:{self.ports.get('rabbitmq')}/"

    @property
    def public_origin(self) -> str:
        return self.origin or f"http://localhost:{self.ports['nginx']}"

    @property
    def secrets(self) -> Path:
        return self.secrets_folder or self.state / "secrets"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def run(self) -> Path:
        return self.state / "run"

    def url(self, name: str) -> str:
        """The base URL of one process on its own port."""
        return f"http://127.0.0.1:{self.ports[name]}"

    @property
    def nginx_url(self) -> str:
        """Where nginx is reached from this machine, whatever the public origin is."""
        host = "127.0.0.1" if self.http_bind in ANY_ADDRESS else self.http_bind
        return f"http://{host}:{self.ports['nginx']}"

    def upstreams(self) -> dict[str, list[int]]:
        """Which ports nginx sends a service's requests to; scan has several replicas."""
        found: dict[str, list[int]] = {}
        for process in PROCESSES:
            if process.module.endswith(".main"):
                found.setdefault(process.upstream, []).append(self.ports[process.name])
        return found

    def common_environment(self) -> dict[str, str]:
        """What every process of the system is told, and every tool that speaks to it."""
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "TXNG_MONGO_URL": self.mongo_url,
            "TXNG_AMQP_URL": self.amqp_url,
            "TXNG_DB_PREFIX": self.db_prefix,
            "TXNG_BUS_PREFIX": self.bus_prefix,
            "TXNG_PUBLIC_ORIGIN": self.public_origin,
            "TXNG_DEMO_ORIGIN": self.nginx_url,
            "TXNG_SCAN_URLS": ",".join(self.url(name) for name in REPLICAS),
            "TXNG_STAMP_HOST": self.stamp_host,
            "TXNG_SECRETS_DIR": str(self.secrets),
            "TXNG_STATE_DIR": str(self.state),
            "TXNG_FEEDS": json.dumps({name: self.url(name) for name in FEEDS}),
            **self.extra,
        }

    def environment(self, process: Process) -> dict[str, str]:
        told = self.common_environment()
        if process.name != COURIER:
            # Nobody else signs in at the mail server.
            told.pop("TXNG_SMTP_PASSWORD", None)
        return {
            **told,
            "TXNG_BIND": "127.0.0.1",
            "TXNG_PORT": str(self.ports[process.name]),
            "TXNG_REPLICA": process.name,
            "TXNG_SECRETS_DIR": str(self.keys_of(process)),
            "TXNG_SPOOL_DIR": str(self.state / "spool" / process.name),
        }

    def keys_of(self, process: Process) -> Path:
        """The folder with the secrets of one process: links to those that it reads."""
        return self.run / "secrets" / process.name

    def prepare_folders(self) -> None:
        for folder in (self.logs, self.run):
            folder.mkdir(parents=True, exist_ok=True)
        for process in PROCESSES:
            self.prepare_for(process)

    def prepare_for(self, process: Process) -> None:
        """The folders of one process, and its secrets."""
        (self.state / "spool" / process.name).mkdir(parents=True, exist_ok=True)
        keys.hand_out(process.module, self.secrets, self.keys_of(process))


def state_folder(env: Mapping[str, str] = os.environ) -> Path:
    return Path(env.get("TXNG_STATE_DIR") or ROOT / ".txng").absolute()


def whole_number(env: Mapping[str, str], variable: str, default: int) -> int:
    """The variable's number, or the default where it is unset or empty."""
    told = env.get(variable, "").strip()
    try:
        return int(told) if told else default
    except ValueError:
        raise SettingError(f"{variable} must be a whole number, not {told!r}.") from None
