"""The servers of a fault test, and a whole system over them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.layout import Layout
from deploy.local.mongodb import Mongod
from deploy.local.rabbitmq import RabbitMQ
from tests.faults.rig.cluster import Cluster
from tests.faults.rig.replica_set import ReplicaSet
from tests.running import Running


@dataclass
class Machine:
    """One of each."""

    mongod: Mongod
    rabbitmq: RabbitMQ


@dataclass
class Machines:
    """Three of each."""

    mongod: ReplicaSet
    rabbitmq: Cluster

    @classmethod
    def below(cls, folder: Path) -> "Machines":
        return cls(ReplicaSet(folder), Cluster(folder))

    def start(self) -> None:
        """The brokers begin while the databases do."""
        self.rabbitmq.launch()
        self.mongod.start()
        self.rabbitmq.start()

    def stop(self) -> None:
        self.rabbitmq.stop()
        self.mongod.stop()


@asynccontextmanager
async def whole_system(
    machine: Machine | Machines, secrets_dir: Path, folder: Path, *, mark: str = ""
) -> AsyncIterator[Running]:
    """All processes and nginx; `mark` keeps their databases and queues apart from others'."""
    layout = Layout.on_free_ports(
        folder,
        mongo_url=machine.mongod.url,
        amqp_url=machine.rabbitmq.url,
        db_prefix=f"faults{mark}",
        bus_prefix=f"{mark}." if mark else "",
        secrets=secrets_dir,
    )
    system = Running(layout)
    try:
        await system.start()
        await system.start_nginx()
        yield system
    finally:
        system.stop()
