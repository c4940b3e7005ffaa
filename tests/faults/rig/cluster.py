"""Three RabbitMQ nodes as one cluster, any of which may be killed; and alarms of the broker."""

import json
import os
import subprocess
import time
from pathlib import Path

from deploy.local.ports import free_port
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.server import terminate, tied_to_us
from deploy.local.servers import start_together, stop_together

NODES = 3
FORMED_SECONDS = 60.0


class Node(RabbitMQ):
    """A node that knows the others by name and joins whoever of them is there."""

    def __init__(self, state: Path, port: int, *, epmd_port: int, cookie: str) -> None:
        super().__init__(state, port, dist_port=free_port(), epmd_port=epmd_port)
        self.others: list[str] = []
        self._cookie = cookie

    def _write_configuration(self) -> None:
        cookie = self.state / ".erlang.cookie"
        if not cookie.exists():
            self.state.mkdir(parents=True, exist_ok=True)
            cookie.write_text(self._cookie)
            cookie.chmod(0o400)
        super()._write_configuration()
        told = [
            "cluster_formation.peer_discovery_backend = classic_config",
            *(
                f"cluster_formation.classic_config.nodes.{n} = {name}"
                for n, name in enumerate([self.node_name, *self.others], start=1)
            ),
        ]
        with (self.state / "rabbitmq.conf").open("a") as file:
            file.write("\n".join(told) + "\n")

    def _launch_epmd(self) -> None:
        """One for all nodes, which outlives each of them: see Cluster."""

    def _stop_epmd(self) -> None:
        pass


class Cluster:
    def __init__(self, state: Path) -> None:
        self._epmd_port = free_port()
        cookie = os.urandom(16).hex()
        self.nodes = [
            Node(state / f"rabbit-{n}", free_port(), epmd_port=self._epmd_port, cookie=cookie)
            for n in range(NODES)
        ]
        for node in self.nodes:
            node.others = sorted(other.node_name for other in self.nodes if other is not node)
        self._epmd: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """All addresses, as TXNG_AMQP_URL takes them."""
        return ",".join(node.url for node in self.nodes)

    def launch(self) -> None:
        """Begins with the first node, which is there when the others look for whom to join."""
        self._epmd = subprocess.Popen(
            tied_to_us(["epmd", "-address", "127.0.0.1", "-port", str(self._epmd_port)]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.nodes[0].launch()

    def start(self) -> None:
        """Goes on from `launch` until all nodes are one cluster."""
        self.nodes[0].await_ready()
        start_together(self.nodes[1:])
        self.await_formed()

    def stop(self) -> None:
        stop_together(self.nodes)
        if self._epmd is not None:
            terminate(self._epmd)

    def await_formed(self, nodes: int = NODES) -> None:
        """Until so many nodes run as one cluster."""
        deadline = time.monotonic() + FORMED_SECONDS
        while self._running() != nodes:
            if time.monotonic() > deadline:
                raise AssertionError(f"the cluster has {self._running()} nodes, not {nodes}")
            time.sleep(0.2)

    def leader(self, queue: str) -> Node:
        """The node whose replica of a quorum queue leads."""
        listed = self.one_alive().ctl("list_queues", "name", "leader", "--formatter", "json")
        by_name = {row["name"]: row["leader"] for row in json.loads(listed)}
        return next(node for node in self.nodes if node.node_name == by_name[queue])

    def used_by(self, connection: str) -> Node:
        """The node that a process's connection of this name goes to."""
        listed = self.one_alive().ctl(
            *("list_connections", "client_properties", "port", "--formatter", "json")
        )
        port = next(row["port"] for row in json.loads(listed) if connection in json.dumps(row))
        return next(node for node in self.nodes if node.port == port)

    def one_alive(self) -> Node:
        return next(n for n in self.nodes if n.process is not None and n.process.poll() is None)

    def _running(self) -> int:
        return int(self.one_alive().ctl("eval", "length(rabbit_nodes:all_running())."))
