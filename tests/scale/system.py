"""The servers of the scale bench, and the two systems on them: one large, one small."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from deploy.local.layout import ROOT, Layout
from deploy.local.ports import free_port
from deploy.local.secrets import create_missing
from deploy.local.server import tied_to_us
from deploy.local.servers import Mongod, RabbitMQ, start_together, stop_together
from services.scan.store import models
from shared.messaging import outbox
from shared.mongo import Database
from tests.polling import eventually
from tests.running import Running
from tests.scale import goods
from tests.tokens import trust

PUBLISHING = ("registry", "stamps", "projector")
REPLICA = "scan-1"
# Recall is there for its feed alone: it, too, is started once the stamps are issued.
ASKED = ("recall", "recorder", REPLICA)
# The driver answers so many at once in each process (its threads are five a core).
AT_ONCE = 12
CACHE_GB = 1.0
LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Progress:
    """How far each step of the way from an act to scan's database has come."""

    batches: int
    committed: int
    relayed: int
    projected: int

    @property
    def drained(self) -> bool:
        return self.committed == self.relayed == self.projected


class System:
    """One set of databases with its own processes, beside others on the same servers."""

    def __init__(self, name: str, folder: Path, mongod: Mongod, rabbitmq: RabbitMQ) -> None:
        self.name = name
        self.mongod, self.rabbitmq = mongod, rabbitmq
        self.running = Running(
            Layout.on_free_ports(
                folder / name,
                mongo_url=mongod.url,
                amqp_url=rabbitmq.url,
                db_prefix=name,
                bus_prefix=f"{name}.",
                secrets=folder / "secrets",
            )
        )
        settings = self.running.settings
        self.registry, self.stamps, self.recall, self.scan = (
            Database(settings.mongo_url, settings.database(service), service)
            for service in ("registry", "stamps", "recall", "scan")
        )

    async def start(self) -> None:
        """Everything that issuing needs, and the goods known to it."""
        secrets = self.running.settings.secrets_dir
        for db in (self.registry, self.stamps, self.recall):
            await trust(db, secrets)
        # The queues of services that are not started are not declared: nobody would empty them.
        for name in PUBLISHING:
            self.running.launch(name)
        await self.running.until_ready(*PUBLISHING)
        if not await self._goods_are_known():
            await goods.tell(self.registry)
            await eventually(self._goods_are_known, 60)

    async def start_replica(self) -> None:
        """The replica, and what it needs that issuing did not."""
        for name in ASKED:
            self.running.launch(name)
        await self.running.until_ready(*ASKED)

    async def issue(self, first: int, end: int, processes: int) -> tuple[int, float]:
        """Issue the batches from `first` up to `end`; how many acts and processor seconds."""
        bounds = [first + (end - first) * n // processes for n in range(processes + 1)]
        runs = [
            await asyncio.create_subprocess_exec(
                *tied_to_us([sys.executable, "-m", "tests.scale.issuing"]),
                *(str(low), str(high), str(AT_ONCE)),
                cwd=ROOT,
                env=self.running.layout.common_environment(),
                stdout=asyncio.subprocess.PIPE,
            )
            for low, high in pairwise(bounds)
        ]
        outputs = [(await run.communicate())[0] for run in runs]
        if any(run.returncode for run in runs):
            raise SystemExit("an issuing process failed (see above)")
        told = [json.loads(output) for output in outputs]
        return sum(one["acts"] for one in told), sum(one["cpu"] for one in told)

    async def progress(self) -> Progress:
        rows = self.stamps.collection(outbox.ROWS)
        head = await self.stamps.collection(outbox.COUNTER).find_one({"_id": outbox.HEAD})
        waiting = await rows.count_documents({"state": outbox.NUMBERED})
        return Progress(
            batches=await self.stamps.collection("batches").estimated_document_count(),
            committed=await rows.estimated_document_count(),
            relayed=(head["n"] if head else 0) - waiting,
            projected=(await models.projected(self.scan)).get("stamps", 0),
        )

    async def drained(self) -> None:
        """Wait until scan's database has all that was committed."""
        while not (await self.progress()).drained:
            await asyncio.sleep(LOOK_SECONDS)

    def cpu(self) -> dict[str, float]:
        """Processor seconds that each process has spent so far, but for the issuing ones."""
        pids = {name: self.running.pid(name) for name in PUBLISHING}
        pids |= {"mongod": _pid(self.mongod.process), "rabbitmq": _pid(self.rabbitmq.process)}
        return {name: cpu_seconds(pid) for name, pid in pids.items()}

    async def close(self) -> None:
        self.running.stop()
        for db in (self.registry, self.stamps, self.recall, self.scan):
            await db.close()

    async def _goods_are_known(self) -> bool:
        lots = [lot for one in goods.all_goods() for lot in one.lots]
        known = [
            await db.collection("lots").count_documents({"_id": {"$in": lots}})
            for db in (self.stamps, self.scan)
        ]
        return known == [len(lots), len(lots)]


@contextmanager
def servers(folder: Path) -> Iterator[tuple[Mongod, RabbitMQ]]:
    """Database and broker below `folder`, on the ports they had before: a broker's node keeps its
    name, and so its queues, only with its port."""
    kept = folder / "ports.json"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps([free_port() for _ in range(4)]))
    mongo_port, amqp_port, dist_port, epmd_port = json.loads(kept.read_text())
    mongod = Mongod(folder / "mongo", mongo_port, cache_gb=CACHE_GB)
    rabbitmq = RabbitMQ(folder / "rabbitmq", amqp_port, dist_port=dist_port, epmd_port=epmd_port)
    create_missing(folder / "secrets")
    start_together([mongod, rabbitmq])
    try:
        yield mongod, rabbitmq
    finally:
        stop_together([mongod, rabbitmq])


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far, its ended children included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _pid(process: Any) -> int:
    assert process is not None
    return int(process.pid)
